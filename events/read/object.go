package read

import (
	"bytes"
	"strings"

	"trailkeeper/events"
	"trailkeeper/events/plain"
)

// object is a JSON object that was checked.
type object struct {
	raw     []byte
	members []span
}

// objectOf reads an object, and nothing of anything else.
func objectOf(raw []byte) object {
	s := scanner{final: true}
	if len(raw) == 0 || raw[0] != '{' {
		return object{}
	}
	if _, err := s.value(raw); err != nil || plain.HasTooMany(raw) {
		return object{}
	}
	return object{raw, s.members}
}

// key is that of a member as text.
func (o object) key(m span) string {
	if key := o.raw[m.key:m.keyEnd]; plain.Is(key) {
		return string(key)
	}
	return textOf(o.raw[m.key-1 : m.keyEnd+1])
}

// get returns the first value of a path such as "kinesis.data", and nil where it is missing or null. A key with a dot
// is none.
func (o object) get(path string) []byte {
	name, rest, deeper := strings.Cut(path, ".")
	for _, m := range o.members {
		if key := o.raw[m.key:m.keyEnd]; string(key) != name && (plain.Is(key) || o.key(m) != name) {
			continue
		}
		value := o.raw[m.value:m.end]
		if deeper {
			value = objectOf(value).get(rest)
		}
		if bytes.Equal(value, []byte("null")) {
			return nil
		}
		return value
	}
	return nil
}

func (o object) text(path string) string { return textOf(o.get(path)) }

// has reports whether all of the paths lead to a value.
func (o object) has(paths string) bool {
	for path := range strings.FieldsSeq(paths) {
		if o.get(path) == nil {
			return false
		}
	}
	return true
}

// source is that of a record of Lambda's batches. SNS writes EventSource.
func (o object) source() string {
	if s := o.text("eventSource"); s != "" {
		return s
	}
	return o.text("EventSource")
}

// plainName is the eventName of a bare record that says in plain letters, and once, what it is: nil where decoding it
// may find another, or an error.
func (o object) plainName() []byte {
	var name, source []byte
	for _, m := range o.members {
		key := o.raw[m.key:m.keyEnd]
		switch string(key) {
		case "eventName":
			if name != nil {
				return nil
			}
			name = o.raw[m.value:m.end]
		case "eventSource":
			if source != nil {
				return nil
			}
			source = o.raw[m.value:m.end]
		case "detail", "source", "detail-type", "insightDetails":
			return nil
		default:
			if bytes.IndexByte(key, '\\') >= 0 {
				return nil
			}
		}
	}
	if name, source = plainText(name), plainText(source); source == nil || bytes.HasPrefix(source, []byte("aws:")) {
		return nil
	}
	return name
}

// plainText is what a JSON string says that is not empty and means itself, and nil of any other value.
func plainText(raw []byte) []byte {
	if len(raw) > 2 && raw[0] == '"' && plain.Is(raw[1:len(raw)-1]) {
		return raw[1 : len(raw)-1]
	}
	return nil
}

// eventName is plainName of the record in an EventBridge event, where its envelope is that of no event without a
// record.
func (o object) eventName() []byte {
	var detail, source, detailType []byte
	for _, m := range o.members {
		key, value := o.raw[m.key:m.keyEnd], o.raw[m.value:m.end]
		kept := &source
		switch string(key) {
		case "source":
		case "detail-type":
			kept = &detailType
		case "detail":
			kept = &detail
		default:
			if bytes.IndexByte(key, '\\') >= 0 {
				return nil
			}
			continue
		}
		if *kept != nil {
			return nil
		}
		*kept = value
	}
	if !bytes.HasPrefix(plainText(source), []byte("aws.")) ||
		!bytes.HasSuffix(plainText(detailType), []byte(" via CloudTrail")) {
		return nil
	}
	return objectOf(detail).plainName()
}

// take takes a member of a record, and reports false where the record has to be decoded to tell what it says.
func take(h *events.Head, n name, value []byte) bool {
	field := &h.EventName
	switch n {
	case eventName:
	case eventSource:
		field = &h.EventSource
	case eventTime:
		field = &h.EventTime
	case awsRegion:
		field = &h.Region
	case recipientAccountID:
		field = &h.Account
	case errorCode:
		if string(value) == "null" {
			return true
		}
		h.Failed = true
		field = &h.ErrorCode
	default:
		return n == noName || n > told
	}
	*field = plainText(value)
	return *field != nil
}

// headOf is the head of a record that has a plainName.
func headOf(o object) (h events.Head, known bool) {
	seen := [told + 1]bool{}
	for _, m := range o.members {
		n := named[string(o.raw[m.key:m.keyEnd])]
		if n == noName || n > told {
			continue
		}
		value := o.raw[m.value:m.end]
		switch {
		case seen[n]:
			return events.Head{}, false
		case n != userIdentity:
			known = take(&h, n, value)
		default:
			h.IdentityType, known = identityOf(value)
		}
		if seen[n] = true; !known {
			return events.Head{}, false
		}
	}
	return h, known
}

// identityOf is the type of a userIdentity.
func identityOf(value []byte) (text []byte, known bool) {
	if string(value) == "null" {
		return nil, true
	}
	o := objectOf(value)
	return o.identity()
}

// identity is the type of an object that is a userIdentity, nil where it has none.
func (o object) identity() (text []byte, known bool) {
	if o.raw == nil {
		return nil, false
	}
	found := false
	for _, m := range o.members {
		switch key := o.raw[m.key:m.keyEnd]; {
		case string(key) == "type" && found, bytes.IndexByte(key, '\\') >= 0:
			return nil, false
		case string(key) == "type":
			found = true
			value := o.raw[m.value:m.end]
			if text = plainText(value); text == nil && string(value) != "null" {
				return nil, false
			}
		}
	}
	return text, true
}
