package render

import (
	"fmt"
	"strings"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/message/request"
	"trailkeeper/lambda/internal/sanitize"

	blockkit "github.com/slack-go/slack"
)

// blocks lays a message out: title, status, what to do, changes, facts, request, links, the incident, and the
// deployment with the event's ID.
func blocks(m message.Message, f finding.Finding, s sizes) []block {
	all := []block{
		blockkit.NewHeaderBlock(plainText(m.State.Icon()+" "+m.Title, maxHeader)),
		section(status(m, s)),
	}
	if steps := stepsBlock(m, s); steps != "" {
		all = append(all, section(steps))
	}
	if c := changesBlock(m, s); c != "" {
		all = append(all, section(c))
	}
	if fields := fieldBlocks(m, s); len(fields) > 0 {
		all = append(all, blockkit.NewSectionBlock(nil, fields, nil))
	}
	if request := requestBlock(f, s); request != "" {
		all = append(all, section("*Request*\n"+request))
	}
	if l := links(m); l != "" {
		all = append(all, section(l))
	}
	if m.Incident != "" {
		all = append(all, contextLine("Incident "+m.Incident, s.value))
	}
	return append(all, contextLine(footer(m), s.value))
}

func status(m message.Message, s sizes) string {
	text := "*" + escape(m.Severity, 40) + "* · " + escape(m.Status, 200)
	if m.Detail != "" {
		text += "\n" + escape(unquoted(m.Detail), s.prose)
	}
	return text
}

// stepsBlock lists what to do, each command as code; "" where there is nothing.
func stepsBlock(m message.Message, s sizes) string {
	if len(m.Steps) == 0 {
		return ""
	}
	text := "*What to do*"
	for _, step := range m.Steps {
		text += "\n" + escape(unquoted(step.Text), s.prose/len(m.Steps))
		if step.Command != "" {
			text += "\n" + code(step.Command, maxCommand)
		}
	}
	return text
}

// maxCommand bounds a command, which is longer than its trail's ARN and must be whole.
const maxCommand = 500

// changesBlock lists how the subject differed from its baseline and what became of each change, or is "".
func changesBlock(m message.Message, s sizes) string {
	if len(m.Changes.Shown) == 0 {
		return ""
	}
	text, more := "*"+escape(m.Changes.Title, 200)+"*", m.Changes.More
	for i, c := range m.Changes.Shown {
		line := "\n• *" + c.Word + "* " + code(
			sanitize.Bound(c.Field, 40),
			60,
		) + " " + code(
			sanitize.Bound(c.Before, s.value/4),
			s.value,
		) + " → " +
			code(
				sanitize.Bound(c.After, s.value/4),
				s.value,
			) + "\n    " + escape(
			unquoted(sanitize.Bound(c.Text, s.value)),
			s.value,
		)
		if len(text)+len(line) > s.prose+1200 {
			more += len(m.Changes.Shown) - i
			break
		}
		text += line
	}
	if more > 0 {
		text += fmt.Sprintf("\n• and %d more", more)
	}
	return text
}

func fieldBlocks(m message.Message, s sizes) []*blockkit.TextBlockObject {
	fields := make([]*blockkit.TextBlockObject, 0, maxFields)
	for _, f := range m.Fields[:min(len(m.Fields), maxFields)] {
		text := "*" + f.Label + "*\n" + code(sanitize.Bound(f.Value, s.value), s.value+2)
		if more := code(sanitize.Bound(f.More, s.value), s.value+2); more != "" {
			text += "\n" + more
		}
		if f.Time.Unix() > 0 {
			text += "\n" + local(f)
		}
		fields = append(fields, mrkdwn(text))
	}
	return fields
}

// local shows a time in the reader's own zone, and in UTC where a client cannot. Only mrkdwn knows it
// (https://docs.slack.dev/messaging/formatting-message-text#date-formatting).
func local(f message.Field) string {
	return fmt.Sprintf("<!date^%d^{date_short_pretty}, {time_secs} local|%s>", f.Time.Unix(), escape(f.Value, maxLocal))
}

const maxLocal = 60

// requestBlock is the request's facts in a code block, or "".
func requestBlock(f finding.Finding, s sizes) string {
	text := escape(unquoted(request.Text(f.Request, s.request)), s.request)
	if text == "" {
		return ""
	}
	return "```\n" + text + "\n```"
}

// links are all on one line.
func links(m message.Message) string {
	var all []string
	for _, l := range m.Links {
		label := escape(l.Label, maxLabel)
		if l.URL != "" {
			label = "<" + escape(l.URL, maxSection/3) + "|" + label + ">"
		}
		all = append(all, label)
	}
	return strings.Join(all, "  ·  ")
}

// maxLabel bounds a link's label, which may name a section.
const maxLabel = 80

func footer(m message.Message) string {
	if m.ID.Value == "" {
		return m.Source
	}
	kind, _, _ := strings.Cut(strings.ToLower(m.ID.Label), " ")
	return m.Source + " · " + kind + " " + m.ID.Value
}

func contextLine(text string, limit int) *blockkit.ContextBlock {
	return blockkit.NewContextBlock("", plainText(text, limit))
}

func section(text string) *blockkit.SectionBlock {
	return blockkit.NewSectionBlock(mrkdwn(text), nil, nil)
}

// mrkdwn is verbatim: Slack then makes no link and no mention out of bare words.
func mrkdwn(text string) *blockkit.TextBlockObject {
	return &blockkit.TextBlockObject{Type: blockkit.MarkdownType, Text: text, Verbatim: true}
}

// plainText takes emoji names as they are written, so that no name of a user turns into a picture.
func plainText(text string, limit int) *blockkit.TextBlockObject {
	names := false
	return &blockkit.TextBlockObject{Type: blockkit.PlainTextType, Text: plain(text, max(1, limit)), Emoji: &names}
}
