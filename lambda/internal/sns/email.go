package sns

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
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

// email is the plain text for people; its first line is the headline. SNS cannot style it (SNS developer guide, e-mail notifications).
func email(n finding.Finding, l lengths) string {
	var b strings.Builder
	trail := trailARN(n)
	safe := func(s string) string { return unlinked(s, trail) }
	b.WriteString(safe(message.Headline(n)) + "\n\n")
	row(&b, "Severity", message.SeverityWord(n.Severity))
	row(&b, "Outcome", message.OutcomeText(n))
	row(&b, "", safe(sanitize.Bound(message.Detail(n), l.prose)))
	if n.Incident != nil {
		row(&b, "Incident", safe(message.IncidentLine(*n.Incident)))
	}
	row(&b, "What to do", safe(sanitize.Bound(message.NextStep(n), l.prose)))
	changes(&b, n, l, safe)
	if facts := message.Facts(n, l.value); len(facts) > 0 {
		b.WriteByte('\n')
		for _, f := range facts {
			row(&b, f.Label, safe(f.Value))
			row(&b, "", safe(f.More))
		}
	}
	if request := message.RequestText(n, l.request); request != "" {
		b.WriteString("\nRequest\n  " + strings.ReplaceAll(safe(request), "\n", "\n  ") + "\n")
	}
	link(&b, "Trail in the console", message.TrailLink(n))
	link(&b, "Event in the event history", message.EventLink(n))
	link(&b, "Runbook", message.RunbookLink(n))
	b.WriteString("\nTrailkeeper")
	if stack := sanitize.Bound(n.Stack, 128); stack != "" {
		b.WriteString(", stack " + stack)
	}
	b.WriteByte('\n')
	return b.String()
}

// changes lists how the trail differed from its baseline and what became of each change.
func changes(b *strings.Builder, n finding.Finding, l lengths, safe func(string) string) {
	shown, more := message.ShownChanges(n)
	if len(shown) == 0 {
		return
	}
	b.WriteString("\n" + message.ChangesTitle(n) + "\n")
	for _, c := range shown {
		before, after := message.BeforeAfter(c, l.value/4)
		row(b, message.ChangeWord(c), safe(sanitize.Bound(c.Field, 40)+": "+before+" -> "+after))
		row(b, "", safe(sanitize.Bound(c.Sentence+" "+c.Reason, l.value)))
	}
	if more > 0 {
		row(b, "", fmt.Sprintf("and %d more", more))
	}
}

func link(b *strings.Builder, label, address string) {
	if address != "" {
		b.WriteString("\n" + label + ":\n" + address + "\n")
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
