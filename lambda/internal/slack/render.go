package slack

import (
	"fmt"
	"strings"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/sanitize"

	blockkit "github.com/slack-go/slack"
)

// blocks lays the message out: headline, outcome, facts, request, links, the incident, and the deployment with the event's ID.
func blocks(n finding.Finding, s sizes) []block {
	all := []block{
		blockkit.NewHeaderBlock(plainText(emoji(n)+" "+headline(n), maxHeader)),
		section(outcome(n, s)),
	}
	if message.NextStep(n) != "" {
		all = append(all, section("*What to do*\n"+escape(unquoted(sanitize.Clean(message.NextStep(n))), s.prose)))
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

func outcome(n finding.Finding, s sizes) string {
	text := "*" + escape(message.SeverityWord(n.Severity), 40) + "* · " + escape(message.OutcomeText(n), 200)
	if detail := sanitize.Clean(message.Detail(n)); detail != "" {
		text += "\n" + escape(unquoted(detail), s.prose)
	}
	return text
}

// changesBlock lists how the trail differed from its baseline and what became of each change, or is "".
func changesBlock(n finding.Finding, s sizes) string {
	shown, more := message.ShownChanges(n)
	if len(shown) == 0 {
		return ""
	}
	text := "*" + escape(message.ChangesTitle(n), 200) + "*"
	for i, c := range shown {
		before, after := message.BeforeAfter(c, s.value/4)
		line := "\n• *" + message.ChangeWord(c) + "* " + code(sanitize.Bound(c.Field, 40), 60) + " " + code(before, s.value) + " → " + code(after, s.value) +
			"\n    " + escape(unquoted(sanitize.Bound(c.Sentence+" "+c.Reason, s.value)), s.value)
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

func fields(n finding.Finding, s sizes) []*blockkit.TextBlockObject {
	facts := message.Facts(n, s.value)
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
func requestBlock(n finding.Finding, s sizes) string {
	text := escape(unquoted(message.RequestText(n, s.request)), s.request)
	if text == "" {
		return ""
	}
	return "```\n" + text + "\n```"
}

func links(n finding.Finding) string {
	l := trailLink(n)
	if u := message.EventLink(n); u != "" {
		if l != "" {
			l += "  ·  "
		}
		l += "<" + escape(u, maxSection/3) + "|Event in the event history>"
	}
	if u := message.RunbookLink(n); u != "" {
		if l != "" {
			l += "  ·  "
		}
		l += "<" + escape(u, maxSection/3) + "|Runbook>"
	}
	return l
}

func trailLink(n finding.Finding) string {
	u := message.TrailLink(n)
	if u == "" {
		return ""
	}
	return "<" + escape(u, maxSection/3) + "|Trail in the console>"
}

func footer(n finding.Finding) string {
	text := deployment(n)
	if id := sanitize.Clean(n.EventID); id != "" {
		kind := "event"
		if n.Kind != "" {
			kind = "finding"
		}
		text += " · " + kind + " " + id
	}
	return text
}

func deployment(n finding.Finding) string {
	text := "Trailkeeper"
	if stack := sanitize.Bound(n.Stack, 128); stack != "" {
		text += ", stack " + stack
	}
	return text
}

// headline is the notification's, and that of a test alert says so in any case.
func headline(n finding.Finding) string {
	h := message.Headline(n)
	if n.Outcome == finding.OutcomeTest && !strings.Contains(h, "TEST") {
		return "TEST: " + h
	}
	return h
}

// emoji begins a header: what stands for the outcome where that says more than the severity.
func emoji(n finding.Finding) string {
	switch n.Outcome {
	case finding.OutcomeTest:
		return "🧪"
	case finding.OutcomeRepeated:
		return "🔁"
	}
	switch n.Severity {
	case finding.SeverityCritical:
		return "🚨"
	case finding.SeverityHigh:
		return "🔴"
	case finding.SeverityMedium:
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
