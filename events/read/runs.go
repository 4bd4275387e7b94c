package read

import (
	"bytes"
	"encoding/binary"

	"trailkeeper/events"
)

// run is members of a record, one behind the other, that were checked. Where the same bytes stand again in the same
// place, they say the same.
type run struct {
	text   []byte
	seen   uint64      // a bit for each name in it by which something is told
	head   events.Head // what it tells, as parts of own
	own    []byte
	misses misses
}

// misses counts how often in a row something else stood where something was kept. What is never there again is kept now
// and then only.
type misses uint8

func (m *misses) keeps() bool {
	*m++
	return *m < 8 || *m%32 == 0
}

const maxRun = 1 << 10

// shape is what the records of one call in one Region have in common: the members from eventSource to awsRegion, and
// those behind eventID to the end of the record.
type shape struct{ front, back run }

// shapeOf is where the shape of a record is kept whose eventSource begins there: by some of its letters.
func (q *quick) shapeOf(text []byte, at int) *shape {
	if len(text)-at < 80 {
		return nil
	}
	sum := uint64(0)
	for _, from := range [...]int{15, 45, 53, 61, 69} {
		sum = (sum ^ binary.LittleEndian.Uint64(text[at+from:])) * spread
	}
	return &q.shapes[sum>>(64-shapeBits)]
}

const (
	shapeBits = 9
	spread    = 0x9e3779b97f4a7c15 // Knuth, 6.4
)

// isPassed goes over a run that stands there, and notes where one begins that may be kept.
func (q *quick) isPassed(text []byte, at int, last name) (r *run) {
	switch {
	case last == eventTime:
		q.shape, q.start = q.shapeOf(text, at), at
		if q.shape == nil {
			return nil
		}
		r = &q.shape.front
	case last == eventID && q.shape != nil:
		r, q.start = &q.shape.back, at
	default:
		return nil
	}
	q.before = q.seen
	if len(r.text) == 0 || q.seen&r.seen != 0 || !bytes.HasPrefix(text[at:], r.text) {
		return nil
	}
	r.misses = 0
	q.seen |= r.seen
	q.start = 0
	if h := &r.head; last == eventTime {
		q.head.EventSource, q.head.EventName, q.head.Region = h.EventSource, h.EventName, h.Region
	} else if h.Account != nil {
		q.head.Account = h.Account
	}
	return r
}

// The names that a run tells something by.
const (
	frontNames = 1<<eventSource | 1<<eventName | 1<<awsRegion
	backNames  = 1 << recipientAccountID
)

// keepFront keeps what was checked from eventTime to awsRegion.
func (q *quick) keepFront(text []byte, end int) {
	if q.start > 0 && q.shape != nil && q.seen^q.before == frontNames {
		h := events.Head{EventSource: q.head.EventSource, EventName: q.head.EventName, Region: q.head.Region}
		q.shape.front.keep(text[q.start:end], frontNames, h)
	}
	q.start = 0
}

// keepBack keeps what was checked from eventID to the end.
func (q *quick) keepBack(text []byte, end int) {
	seen := q.seen ^ q.before
	if q.start == 0 || q.shape == nil || seen&^backNames != 0 {
		return
	}
	h := events.Head{}
	if seen != 0 {
		h.Account = q.head.Account
	}
	q.shape.back.keep(text[q.start:end], seen, h)
}

// keep copies a run, and what it tells.
func (r *run) keep(text []byte, seen uint64, h events.Head) {
	if len(text) > maxRun || !r.misses.keeps() {
		return
	}
	r.text, r.seen, r.own = append(r.text[:0], text...), seen, r.own[:0]
	for _, part := range [...]*[]byte{&h.EventSource, &h.EventName, &h.Region, &h.Account} {
		if start := len(r.own); *part != nil {
			r.own = append(r.own, *part...)
			*part = r.own[start:len(r.own):len(r.own)]
		}
	}
	r.head = h
}
