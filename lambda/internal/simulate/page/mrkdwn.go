package page

import (
	"html/template"
	"strings"

	"trailkeeper/lambda/internal/simulate/render"
)

// mrkdwn renders Slack's markup as Slack does (docs.slack.dev/messaging/formatting-message-text): code, bold, italic,
// strike, links and dates. What is left is text: escaped, whoever wrote it.
func mrkdwn(s string) template.HTML {
	var b strings.Builder
	for s != "" {
		html, rest, ok := markup(s, b.String())
		if !ok {
			n := strings.IndexAny(s[1:], "`<*_~:") + 1
			if n == 0 {
				n = len(s)
			}
			html, rest = strings.ReplaceAll(plain(s[:n]), "\n", "<br>"), s[n:]
		}
		b.WriteString(html)
		s = rest
	}
	return template.HTML(b.String())
}

// markup renders what s begins with, if that is markup, behind what is written already.
func markup(s, written string) (html, rest string, ok bool) {
	switch s[0] {
	case '`':
		return code(s)
	case '<':
		token, rest, ok := strings.Cut(s[1:], ">")
		return reference(token), rest, ok
	case ':':
		name, rest, ok := strings.Cut(s[1:], ":")
		return render.Emoji(name), rest, ok && render.Emoji(name) != ""
	}
	tag := map[byte]string{'*': "strong", '_': "em", '~': "s"}[s[0]]
	if tag == "" {
		return "", s, false
	}
	inner, rest, ok := span(s, s[:1])
	if !ok || !begins(written) || !ends(rest) {
		return "", s, false
	}
	return "<" + tag + ">" + string(mrkdwn(inner)) + "</" + tag + ">", rest, true
}

// code renders a block of code, or a word of it.
func code(s string) (html, rest string, ok bool) {
	if block, found := strings.CutPrefix(s, "```"); found {
		if inner, rest, ok := strings.Cut(block, "```"); ok {
			return `<pre tabindex="0">` + plain(strings.Trim(inner, "\n")) + "</pre>", strings.TrimPrefix(rest, "\n"), true
		}
		return "", s, false
	}
	inner, rest, ok := span(s, "`")
	return "<code>" + plain(inner) + "</code>", rest, ok
}

// span is what stands between two marks on one line.
func span(s, mark string) (inner, rest string, ok bool) {
	inner, rest, ok = strings.Cut(s[1:], mark)
	return inner, rest, ok && inner != "" && !strings.Contains(inner, "\n") && inner[0] != ' '
}

// begins reports whether markup may begin behind what is written: not within a word.
func begins(written string) bool {
	return written == "" || strings.ContainsRune(" >(\n", rune(written[len(written)-1]))
}

func ends(rest string) bool { return rest == "" || strings.ContainsRune(" <.,:;)\n", rune(rest[0])) }

// reference renders what stands in angle brackets: a link or a date; anything else is shown as it is.
func reference(token string) string {
	target, label, named := strings.Cut(token, "|")
	switch {
	case strings.HasPrefix(target, "!date^"):
		return plain(label) // the browser's time zone is not Slack's
	case strings.HasPrefix(target, "https://"):
		if !named {
			label = target
		}
		return `<a href="` + plain(target) + `" rel="noreferrer">` + plain(label) + "</a>"
	}
	return plain("<" + token + ">")
}

// plain takes back Slack's escapes and makes HTML's.
func plain(s string) string {
	return template.HTMLEscapeString(strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s))
}
