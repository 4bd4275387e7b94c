package backtest

import (
	"time"

	"trailkeeper/events/read"
)

// passed counts a record that no rule concerns, and reports whether it is one. It decodes nothing, and leaves
// everything that is not written in plain letters to who decodes it.
func (w *worker) passed(r read.Record) bool {
	if w.thorough {
		return false
	}
	h, known := r.Head()
	if !known || w.Set.Concerns(h) {
		return false
	}
	day := w.dayOf(h.EventTime)
	if day == "" {
		return false
	}
	if !w.Filter.All() {
		at, err := time.Parse(time.RFC3339, string(h.EventTime))
		if err != nil {
			return false
		}
		if !w.Filter.HasRecord(at, string(h.Account), string(h.Region), w.at.Key) {
			w.records++
			w.part.Left++
			return true
		}
	}
	w.records++
	w.quick(h.EventTime, day)
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
