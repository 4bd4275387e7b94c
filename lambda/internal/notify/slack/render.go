package slack

import (
	"fmt"
	"strings"

	blockkit "github.com/slack-go/slack"

	"trailkeeper/lambda/internal/notify"
)

// blocks lays the message out: headline, outcome, facts, request, links, the incident, and the deployment with the event's ID.
func blocks(n notify.Notification, s sizes) []block {
	all := []block{
		blockkit.NewHeaderBlock(plainText(emoji(n)+" "+headline(n), maxHeader)),
		section(outcome(n, s)),
	}
	if n.NextStep != "" {
		all = append(all, section("*What to do*\n"+escape(unquoted(notify.Clean(n.NextStep)), s.prose)))
	}
	if c := changesBlock(n, s); c != "" {
		all = append(all, section(c))
	}
	if f := fields(n, s); len(f) > 0 {
		all = append(all, blockkit.NewSectionBlock(nil, f, nil))
	}
	if request := requestBlock(n, s); request != "" {
		all = append(all, section("*Request*\n"+request))
	}
	if l := links(n); l != "" {
		all = append(all, section(l))
	}
	if n.Incident != nil {
		all = append(all, contextLine(incidentLine(*n.Incident), s.value))
	}
	return append(all, contextLine(footer(n), s.value))
}

func outcome(n notify.Notification, s sizes) string {
	text := "*" + escape(n.Severity.Word(), 40) + "* · " + escape(n.OutcomeText(), 200)
	if detail := notify.Clean(n.Detail); detail != "" {
		text += "\n" + escape(unquoted(detail), s.prose)
	}
	return text
}

// changesBlock lists how the trail differed from its baseline and what became of each change, or is "".
func changesBlock(n notify.Notification, s sizes) string {
	shown, more := n.ShownChanges()
	if len(shown) == 0 {
		return ""
	}
	text := "*" + escape(n.ChangesTitle(), 200) + "*"
	for i, c := range shown {
		before, after := c.BeforeAfter(s.value / 4)
		line := "\n• *" + c.Word() + "* " + code(notify.Bound(c.Field, 40), 60) + " " + code(before, s.value) + " → " + code(after, s.value) +
			"\n    " + escape(unquoted(notify.Bound(c.Sentence+" "+c.Reason, s.value)), s.value)
		if len(text)+len(line) > s.prose+1200 {
			more += len(shown) - i
			break
		}
		text += line
	}
	if more > 0 {
		text += fmt.Sprintf("\n• and %d more", more)
	}
	return text
}

func fields(n notify.Notification, s sizes) []*blockkit.TextBlockObject {
	facts := n.Facts(s.value)
	fields := make([]*blockkit.TextBlockObject, 0, maxFields)
	for _, f := range facts[:min(len(facts), maxFields)] {
		text := "*" + f.Label + "*\n" + code(f.Value, s.value+2)
		if f.More != "" {
			text += "\n" + code(f.More, s.value+2)
		}
		fields = append(fields, mrkdwn(text))
	}
	return fields
}

// requestBlock is the request's facts in a code block, or "".
func requestBlock(n notify.Notification, s sizes) string {
	text := escape(unquoted(n.RequestText(s.request)), s.request)
	if text == "" {
		return ""
	}
	return "```\n" + text + "\n```"
}

func links(n notify.Notification) string {
	l := trailLink(n)
	if u := n.EventLink(); u != "" {
		if l != "" {
			l += "  ·  "
		}
		l += "<" + escape(u, maxSection/3) + "|Event in the event history>"
	}
	if u := n.RunbookLink(); u != "" {
		if l != "" {
			l += "  ·  "
		}
		l += "<" + escape(u, maxSection/3) + "|Runbook>"
	}
	return l
}

func trailLink(n notify.Notification) string {
	u := n.TrailLink()
	if u == "" {
		return ""
	}
	return "<" + escape(u, maxSection/3) + "|Trail in the console>"
}

func footer(n notify.Notification) string {
	text := deployment(n)
	if id := notify.Clean(n.EventID); id != "" {
		kind := "event"
		if n.Finding != "" {
			kind = "finding"
		}
		text += " · " + kind + " " + id
	}
	return text
}

func deployment(n notify.Notification) string {
	text := "Trailkeeper"
	if stack := notify.Bound(n.Stack, 128); stack != "" {
		text += ", stack " + stack
	}
	return text
}

// headline is the notification's, and that of a test alert says so in any case.
func headline(n notify.Notification) string {
	h := n.Headline()
	if n.Outcome == notify.OutcomeTest && !strings.Contains(h, "TEST") {
		return "TEST: " + h
	}
	return h
}

// emoji begins a header: what stands for the outcome where that says more than the severity.
func emoji(n notify.Notification) string {
	switch n.Outcome {
	case notify.OutcomeTest:
		return "🧪"
	case notify.OutcomeRepeated:
		return "🔁"
	}
	switch n.Severity {
	case notify.SeverityCritical:
		return "🚨"
	case notify.SeverityHigh:
		return "🔴"
	case notify.SeverityMedium:
		return "🟠"
	}
	return "🔵"
}

func contextLine(text string, most int) *blockkit.ContextBlock {
	return blockkit.NewContextBlock("", plainText(text, most))
}

func section(text string) *blockkit.SectionBlock {
	return blockkit.NewSectionBlock(mrkdwn(text), nil, nil)
}

// mrkdwn is verbatim: Slack then makes no link and no mention out of bare words.
func mrkdwn(text string) *blockkit.TextBlockObject {
	return &blockkit.TextBlockObject{Type: blockkit.MarkdownType, Text: text, Verbatim: true}
}

// plainText takes emoji names as they are written, so that no name of a user turns into a picture.
func plainText(text string, most int) *blockkit.TextBlockObject {
	names := false
	return &blockkit.TextBlockObject{Type: blockkit.PlainTextType, Text: plain(text, max(1, most)), Emoji: &names}
}
