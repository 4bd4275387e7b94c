package render

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/simulate/result"
)

// writeMessages writes every message that a channel took, whole, as Slack and a mail client show it. Lines are broken
// between words; a longer word, such as a link, is kept whole.
func writeMessages(w io.Writer, r result.Result, width int) error {
	var b strings.Builder
	for _, e := range r.Timeline {
		if e.Err != "" || e.Kind != localcloud.KindSlack && e.Kind != localcloud.KindSNS {
			continue
		}
		who := Sender(e)
		if e.Kind == localcloud.KindSNS {
			fmt.Fprintf(&b, "%*s  e-mail, by %s\n", offsetWidth, Offset(e.At.Sub(r.Start)), who)
			quote(&b, width, "Subject: "+e.Subject)
			quote(&b, width, "")
			quote(&b, 0, strings.Split(strings.TrimRight(e.Text, "\n"), "\n")...)
		} else {
			fmt.Fprintf(&b, "%*s  %sSlack, by %s\n", offsetWidth, Offset(e.At.Sub(r.Start)), inThread(e), who)
			quote(&b, width, slackLines(Slack(e))...)
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// quoted is in front of each line of a message.
const quoted = "  │ "

// quote writes lines of a message, broken at a width; 0: not at all.
func quote(b *strings.Builder, width int, lines ...string) {
	for _, line := range lines {
		for _, part := range broken(sanitize.CleanLines(line), width-utf8.RuneCountInString(quoted)) {
			b.WriteString(strings.TrimRight(quoted+part, " ") + "\n")
		}
	}
}

// broken breaks a line between words. What is indented, and what fits, stays as it is.
func broken(line string, width int) []string {
	if width < minText || strings.HasPrefix(line, " ") || utf8.RuneCountInString(line) <= width {
		return []string{line}
	}
	var lines []string
	now := ""
	for _, word := range strings.Fields(line) {
		if now != "" && utf8.RuneCountInString(now)+1+utf8.RuneCountInString(word) > width {
			lines, now = append(lines, now), ""
		}
		now = strings.TrimPrefix(now+" "+word, " ")
	}
	return append(lines, now)
}

// slackLines are the lines of a message as Slack shows them: without marks, links by their names.
func slackLines(m SlackMessage) []string {
	if len(m.Blocks) == 0 {
		return unmarked(m.Text)
	}
	var lines []string
	for i, block := range m.Blocks {
		if i > 0 && block.Type != "context" {
			lines = append(lines, "")
		}
		if block.Text != nil {
			lines = append(lines, shownAs(*block.Text)...)
		}
		for _, f := range block.Fields {
			label, rest, _ := strings.Cut(f.Text, "\n")
			lines = append(lines, strings.Trim(label, "*")+": "+strings.Join(slices.Compact(unmarked(rest)), " · "))
		}
		for _, e := range block.Elements {
			lines = append(lines, shownAs(e)...)
		}
	}
	return lines
}

func shownAs(t SlackText) []string {
	if t.Plain() {
		return strings.Split(t.Text, "\n")
	}
	return unmarked(t.Text)
}

var marks = sync.OnceValue(func() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`<[^<>|]*\|([^<>]*)>`), // a link or a date, by its name
		regexp.MustCompile(`<([^<>|]*)>`),
		regexp.MustCompile("`([^`\n]*)`"),
		regexp.MustCompile(`\*([^*\n]+)\*`),
	}
})

// unescaped takes back Slack's escapes, and shows the emojis that have a name.
var unescaped = sync.OnceValue(func() *strings.Replacer {
	pairs := []string{"&lt;", "<", "&gt;", ">", "&amp;", "&"}
	for name, emoji := range emojis {
		pairs = append(pairs, ":"+name+":", emoji)
	}
	return strings.NewReplacer(pairs...)
})

// unmarked are the lines of a text in Slack's markup, without it. What is in a block of code is indented.
func unmarked(text string) []string {
	var lines []string
	code := false
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) == "```" {
			code = !code
			continue
		}
		if code {
			lines = append(lines, "  "+unescaped().Replace(line))
			continue
		}
		for _, m := range marks() {
			line = m.ReplaceAllString(line, "$1")
		}
		lines = append(lines, strings.TrimSpace(unescaped().Replace(line)))
	}
	return lines
}
