package read

import "trailkeeper/events"

// Head is what can be told of a record without decoding it, valid as long as JSON. It reports false where the record has
// to be decoded to tell.
func (r Record) Head() (h events.Head, known bool) {
	known = r.Name() != nil
	plain := func(value []byte) []byte {
		text := plainText(value)
		known = known && text != nil
		return text
	}
	var identity, code []byte
	for key, value := range r.fields() {
		switch string(key) {
		case "eventName":
			h.EventName = plain(value)
		case "eventSource":
			h.EventSource = plain(value)
		case "userIdentity":
			identity = value
		case "errorCode":
			code = value
		case "eventTime":
			h.EventTime = plain(value)
		case "recipientAccountId":
			h.Account = plain(value)
		case "awsRegion":
			h.Region = plain(value)
		}
	}
	if !isNull(code) {
		h.Failed = plain(code) != nil
	}
	if known = known && h.EventName != nil; known && !isNull(identity) {
		h.IdentityType, known = r.identityType()
		known = known && identity[0] == '{'
	}
	return h, known
}

// isNull tells a value that is null, or not there.
func isNull(value []byte) bool { return value == nil || string(value) == "null" }
