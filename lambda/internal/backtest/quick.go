package backtest

import (
	"time"

	"trailkeeper/events/read"
	"trailkeeper/rules/detect"
)

// head is what is read of a record without decoding it.
type head struct {
	detect.Head
	at              []byte // eventTime
	account, region []byte
}

// passed counts a record that no rule concerns, and reports whether it is one. It decodes nothing, and leaves
// everything that is not written in plain letters to who decodes it.
func (w *worker) passed(r read.Record) bool {
	if w.thorough {
		return false
	}
	h, known := headOf(r)
	if !known || w.Set.Concerns(h.Head) {
		return false
	}
	day := w.dayOf(h.at)
	if day == "" {
		return false
	}
	if !w.Filter.All() {
		at, err := time.Parse(time.RFC3339, string(h.at))
		if err != nil {
			return false
		}
		if !w.Filter.HasRecord(at, string(h.account), string(h.region), w.at.Key) {
			w.records++
			w.part.Left++
			return true
		}
	}
	w.records++
	w.quick(h.at, day)
	return true
}

// quick is decided for a time that was read as it stands.
func (w *worker) quick(at []byte, day string) {
	p := w.part
	p.Records++
	p.ByDay[day]++
	if p.First == "" || string(at) < p.First {
		p.First = string(at)
	}
	if string(at) > p.Last {
		p.Last = string(at)
	}
}

// headOf reports false where the record must be decoded to tell.
func headOf(r read.Record) (h head, known bool) {
	known = r.Name() != nil
	plain := func(value []byte) []byte {
		text := read.Plain(value)
		known = known && text != nil
		return text
	}
	var identity, code []byte
	for key, value := range r.Fields() {
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
			h.at = plain(value)
		case "recipientAccountId":
			h.account = plain(value)
		case "awsRegion":
			h.region = plain(value)
		}
	}
	if !isNull(code) {
		h.Failed = plain(code) != nil
	}
	if known && !isNull(identity) {
		h.IdentityType, known = r.IdentityType()
		known = known && identity[0] == '{'
	}
	return h, known
}

// isNull tells a value that is null, or not there.
func isNull(value []byte) bool { return value == nil || string(value) == "null" }

// dayOf is the day of a time as CloudTrail writes it, "2026-03-02T09:15:27Z", and nothing of anything else.
func (w *worker) dayOf(at []byte) string {
	const form = "dddd-dd-ddTdd:dd:ddZ"
	if len(at) != len(form) {
		return ""
	}
	for i, c := range at {
		if want := form[i]; want == 'd' && (c < '0' || c > '9') || want != 'd' && c != want {
			return ""
		}
	}
	if string(at[11:13]) > "23" || at[14] > '5' || at[17] > '5' {
		return ""
	}
	if day := at[:len(time.DateOnly)]; string(day) != w.day {
		w.day = ""
		if _, err := time.Parse(time.DateOnly, string(day)); err != nil {
			return ""
		}
		w.day = string(day)
	}
	return w.day
}
