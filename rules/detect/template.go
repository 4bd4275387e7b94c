package detect

import (
	"cmp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"trailkeeper/rules/expression"
)

// The longest texts that a rule gives, in bytes.
const (
	maxTitle   = 200
	maxSummary = 2000
	// shownTitle is as much of a title as every channel shows. Of a longer one the longest values are cut, to no less than
	// minValue: a caller may choose the name of a session or a bucket, and what the rule says behind it is to be read.
	shownTitle = 140
	minValue   = 24
)

// template is a text with expressions in double braces.
type template []part

type part struct {
	text    string
	program *expression.Program // nil in a part that is only text
}

// recordFields are the fields of a CloudTrail record (CloudTrail User Guide, "CloudTrail record contents").
var recordFields = []string{
	"eventVersion", "userIdentity", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent",
	"errorCode", "errorMessage", "requestParameters", "responseElements", "additionalEventData", "requestID", "eventID",
	"eventType", "apiVersion", "managementEvent", "readOnly", "resources", "recipientAccountId", "serviceEventDetails",
	"sharedEventID", "vpcEndpointId", "vpcEndpointAccountId", "eventCategory", "addendum",
	"sessionCredentialFromConsole", "edgeDeviceDetails", "tlsDetails", "insightDetails", "eventContext", "eventId",
	"accountId", "insightSource",
}

// template reads the text of a key, such as "{{ record.eventName }} by {{ record.userIdentity.arn }}".
func (r *reader) template(m mapping, key string) template {
	node := m.values[key]
	if m.text(key) == "" {
		return nil
	}
	var parts template
	for rest := node.Value; rest != ""; {
		before, inner, found := strings.Cut(rest, "{{")
		if parts = append(parts, part{text: before}); !found {
			break
		}
		source, after, closed := strings.Cut(inner, "}}")
		from := len(node.Value) - len(inner)
		if !closed {
			r.doc.reportIn(node, from-len("{{"), `the braces are not closed; write "{{ record.eventName }}"`)
			break
		}
		parts = append(parts, r.placeholder(node, source, from))
		rest = after
	}
	return parts
}

func (r *reader) placeholder(node *yaml.Node, source string, from int) part {
	program := r.compiled(node, source, from, expression.Value)
	if program == nil {
		return part{}
	}
	fields := program.Fields()
	if len(fields) == 0 {
		r.doc.reportIn(node, from, `"{{`+short(source)+`}}" names no field of the record; write "{{ record.eventName }}"`)
	}
	for _, f := range fields {
		if !slices.Contains(recordFields, f) {
			r.doc.reportIn(node, from, `"{{`+short(source)+`}}" names the field `+short(f)+", which no record of CloudTrail has")
		}
	}
	return part{program: program}
}

// render is the text for a record, of no more bytes than the limit. A field that is not there is a dash. Where the
// whole is longer than what is shown of it, the longest values are cut.
func (t template) render(record expression.Record, shown, limit int) (string, error) {
	texts := make([]string, len(t))
	rest := shown
	for i, p := range t {
		if texts[i] = p.text; p.program == nil {
			rest -= len(p.text)
			continue
		}
		value, err := p.program.Text(record)
		if err != nil {
			return "", err
		}
		texts[i] = cmp.Or(strings.Join(strings.Fields(value), " "), "-")
	}
	most := t.most(texts, rest)
	for i, p := range t {
		if p.program != nil {
			texts[i] = expression.Cut(texts[i], most)
		}
	}
	return expression.Cut(strings.Join(strings.Fields(strings.Join(texts, "")), " "), limit), nil
}

// most is how long each value may be for all to fit into a room.
func (t template) most(texts []string, room int) int {
	for most := max(room, minValue); ; most-- {
		sum := 0
		for i, p := range t {
			if p.program != nil {
				sum += min(len(texts[i]), most)
			}
		}
		if sum <= room || most == minValue {
			return most
		}
	}
}
