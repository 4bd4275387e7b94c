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

// run is records of one day in a row that were passed over, and are not in the report yet.
type run struct {
	day         string
	records     int64
	first, last []byte // eventTime
}

// quick counts a record by its time as it stands.
func (w *worker) quick(at []byte, day string) {
	r := &w.run
	if r.records == 0 || day != r.day {
		w.settle()
		r.day = day
		r.first, r.last = append(r.first[:0], at...), append(r.last[:0], at...)
	}
	r.records++
	if string(at) < string(r.first) {
		r.first = append(r.first[:0], at...)
	}
	if string(at) > string(r.last) {
		r.last = append(r.last[:0], at...)
	}
}

// settle puts the run into the report.
func (w *worker) settle() {
	r, p := &w.run, w.part
	if r.records == 0 {
		return
	}
	p.Records += r.records
	p.ByDay[r.day] += r.records
	p.First, p.Last = earlier(p.First, string(r.first)), max(p.Last, string(r.last))
	r.records = 0
}

// dayOf is the day of a time as CloudTrail writes it, "2026-03-02T09:15:27Z", and nothing of anything else.
func (w *worker) dayOf(at []byte) string {
	const form = "dddd-dd-ddTdd:dd:ddZ"
	if len(at) != len(form) {
		return ""
	}
	from := 0
	if known := len(w.day); known > 0 && string(at[:known]) == w.day {
		from = known
	}
	for i := from; i < len(at); i++ {
		c := at[i]
		if want := form[i]; want == 'd' && (c < '0' || c > '9') || want != 'd' && c != want {
			return ""
		}
	}
	if string(at[11:13]) > "23" || at[14] > '5' || at[17] > '5' {
		return ""
	}
	if day := at[:len(time.DateOnly)]; from == 0 {
		w.day = ""
		if _, err := time.Parse(time.DateOnly, string(day)); err != nil {
			return ""
		}
		w.day = string(day)
	}
	return w.day
}
