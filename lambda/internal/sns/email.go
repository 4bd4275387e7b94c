package sns

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/message/request"
	"trailkeeper/lambda/internal/sanitize"
)

const (
	width  = 78 // of an e-mail's lines, in characters; a longer word, such as an ARN or a link, stays whole
	column = 16 // where values start
)

// lengths are the lengths to which an e-mail's and the JSON's parts are cut.
type lengths struct {
	value   int // runes of one fact
	prose   int // runes of what we say about it
	request int // runes of the request's text and bytes of its JSON
}

// email is the plain text for people; its first line is the title. SNS cannot style it (SNS developer guide, e-mail
// notifications).
func email(n finding.Finding, l lengths) string {
	var b strings.Builder
	m := message.Of(n)
	safe := func(s string) string { return unlinked(s, m.Subject) }
	b.WriteString(safe(m.Title) + "\n\n")
	row(&b, "Severity", m.Severity)
	row(&b, "Status", m.Status)
	row(&b, "", safe(sanitize.Bound(m.Detail, l.prose)))
	row(&b, "Incident", safe(m.Incident))
	steps(&b, m, l, safe)
	changes(&b, m, l, safe)
	if fields := append(m.Fields, m.ID); m.ID.Value != "" || len(m.Fields) > 0 {
		b.WriteByte('\n')
		for _, f := range fields {
			row(&b, f.Label, safe(sanitize.Bound(f.Value, l.value)))
			row(&b, "", safe(sanitize.Bound(f.More, l.value)))
		}
	}
	if request := request.Text(n.Request, l.request); request != "" {
		b.WriteString("\nRequest\n  " + strings.ReplaceAll(safe(request), "\n", "\n  ") + "\n")
	}
	for _, to := range m.Links {
		if to.URL == "" {
			b.WriteString("\n" + safe(to.Label) + "\n")
			continue
		}
		b.WriteString("\n" + to.Label + ":\n" + to.URL + "\n")
	}
	b.WriteString("\n" + m.Source + "\n")
	return b.String()
}

// steps lists what to do. A command has a line of its own, which is not wrapped.
func steps(b *strings.Builder, m message.Message, l lengths, safe func(string) string) {
	label := "What to do"
	for _, s := range m.Steps {
		row(b, label, safe(sanitize.Bound(s.Text, l.prose)))
		if label = ""; s.Command != "" {
			b.WriteString("  " + s.Command + "\n")
		}
	}
}

// changes lists how the trail differed from its baseline and what became of each change.
func changes(b *strings.Builder, m message.Message, l lengths, safe func(string) string) {
	if len(m.Changes.Shown) == 0 {
		return
	}
	b.WriteString("\n" + m.Changes.Title + "\n")
	for _, c := range m.Changes.Shown {
		row(
			b,
			c.Word,
			safe(sanitize.Bound(c.Field, 40)+": "+sanitize.Bound(c.Before, l.value/4)+" -> "+sanitize.Bound(c.After, l.value/4)),
		)
		row(b, "", safe(sanitize.Bound(c.Text, l.value)))
	}
	if m.Changes.More > 0 {
		row(b, "", fmt.Sprintf("and %d more", m.Changes.More))
	}
}

// row writes a label and its value in their columns, the value wrapped. A row without a value is left out.
func row(b *strings.Builder, label, value string) {
	if value == "" {
		return
	}
	at := max(column, len(label)+1)
	b.WriteString(label + strings.Repeat(" ", at-len(label)))
	for i, word := range strings.Fields(value) {
		size := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+size > width:
			b.WriteString("\n" + strings.Repeat(" ", column))
			at = column
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += size
	}
	b.WriteByte('\n')
}
