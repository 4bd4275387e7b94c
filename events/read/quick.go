package read

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"

	"trailkeeper/events"
	"trailkeeper/events/plain"
)

// name is a key of CloudTrail's records (CloudTrail User Guide, "CloudTrail record contents").
type name int

const (
	noName name = iota
	eventName
	eventSource
	eventTime
	awsRegion
	recipientAccountID
	errorCode
	userIdentity
	detail
	source
	detailKind
	insightDetails

	told    = insightDetails // the last of those by which something is told; the others are there to be read fast
	eventID = told + 1
)

// The keys as they are written, in the order of their names.
var keyNames = strings.Fields(`eventName eventSource eventTime awsRegion recipientAccountId errorCode userIdentity
	detail source detail-type insightDetails eventID tlsDetails eventVersion sourceIPAddress userAgent errorMessage
	requestParameters responseElements additionalEventData requestID readOnly resources eventType apiVersion
	managementEvent sharedEventID vpcEndpointId vpcEndpointAccountId eventCategory serviceEventDetails addendum annotation
	sessionCredentialFromConsole edgeDeviceDetails`)

// named is the name of a key, noName of one that is none of CloudTrail's.
var named = func() map[string]name {
	all := map[string]name{}
	for i, key := range keyNames {
		all[key] = name(i + 1)
	}
	return all
}()

// quick reads records as CloudTrail writes them: without a blank or an escape outside of inner objects. What it does
// not know it leaves to scanner, which is as strict, reads everything and says what is wrong. It checks every byte, but
// what is written as in a record before, as most of a log file is, by comparing it with what was checked there.
type quick struct {
	head    events.Head
	inner   scanner
	compact compact
	seen    uint64 // a bit for each name that the record has
	members []member
	follows []name // which member came behind another
	callers [256]callers
	shapes  [1 << shapeBits]shape

	// Of the record that is read: its shape, if it has one; where a run of it begins, 0 where none does; and what was seen
	// before that.
	shape  *shape
	start  int
	before uint64
}

// member is what the records before had of a name.
type member struct {
	text  []byte // the key and the last value, as far as it is one that is kept
	value int    // where the value begins
	once  bool   // no two records have the same: none is kept

	misses misses
}

// known is a userIdentity that was checked.
type known struct{ text, identityType []byte }

// callers are those that slot cannot tell from one another: the same session with other keys, or at another time.
type callers struct {
	known [4]known
	next  uint8 // which of them gives way to a new one
}

const (
	maxMember = 256
	maxKnown  = 1 << 10
)

func newQuick() *quick {
	q := &quick{
		inner:   scanner{outer: 1},
		members: make([]member, len(keyNames)+1),
		follows: make([]name, len(keyNames)+1),
	}
	for i, key := range keyNames {
		text := []byte(`"` + key + `":`)
		q.members[i+1] = member{
			text:  text,
			value: len(text),
			once:  strings.HasSuffix(key, "ID") || key == "eventTime",
		}
	}
	q.members[noName].text = []byte{0} // no text has it there
	return q
}

// quickly reads the next value of a text if it is a bare record as CloudTrail writes it, and nothing if not.
func quickly(w *window) ([]byte, *events.Head) {
	for w.quick != nil {
		held := w.buf[w.at:]
		n, err := w.quick.record(held)
		switch {
		case err == nil && n > 0 && n < 2*plain.MaxValues: // longer ones are counted
			w.at += n
			return held[:n], &w.quick.head
		case err == nil || len(held) > firstSize/4 || !w.fill():
			return nil, nil
		}
	}
	return nil, nil
}

// record returns the length of the record that the text begins with, 0 where that is none that it knows. The error is
// errMore.
func (q *quick) record(text []byte) (length int, err error) {
	q.head, q.seen, q.shape, q.start = events.Head{}, 0, nil, 0
	if len(text) == 0 || text[0] != '{' {
		return 0, nil
	}
	last := noName
	for at := 1; ; at++ {
		if r := q.isPassed(text, at, last); r == nil {
			if last, at, err = q.member(text, at, last); at == 0 || err != nil {
				return 0, err
			}
		} else if at += len(r.text); last == eventID {
			return q.end(at), nil
		} else {
			last = awsRegion
		}
		switch {
		case at >= len(text):
			return 0, errMore
		case text[at] == '}':
			q.keepBack(text, at+1)
			return q.end(at + 1), nil
		case text[at] != ',':
			return 0, nil
		case last == awsRegion && q.start > 0:
			q.keepFront(text, at)
		}
	}
}

// end is where a record ends, 0 if it is none.
func (q *quick) end(at int) int {
	if q.head.EventName == nil || q.head.EventSource == nil || bytes.HasPrefix(q.head.EventSource, []byte("aws:")) {
		return 0
	}
	return at
}

// member reads the member that begins there. It ends at 0 where the record is none that is known.
func (q *quick) member(text []byte, at int, last name) (n name, end int, err error) {
	n = q.follows[last]
	m := &q.members[n]
	value, again := at+m.value, bytes.HasPrefix(text[at:], m.text)
	if !again && !bytes.HasPrefix(text[at:], m.text[:max(1, m.value)]) {
		if n, value, err = keyIn(text, at); value == 0 || err != nil {
			return n, 0, err
		}
		q.follows[last] = n
		m = &q.members[n]
	}
	if again && len(m.text) > m.value {
		end = at + len(m.text)
		m.misses = 0
	} else if end, err = q.value(text, value, n); end == 0 || err != nil {
		return n, 0, err
	}
	if n != noName && n <= told && !q.take(n, text[value:end]) {
		return n, 0, nil
	}
	return n, end, nil
}

// take takes a member by which something is told.
func (q *quick) take(n name, value []byte) bool {
	again := q.seen&(1<<n) != 0
	q.seen |= 1 << n
	if n == userIdentity {
		return !again && (value[0] == '{' || value[0] == 'n')
	}
	return !again && take(&q.head, n, value)
}

// keyIn reads a key and its colon.
func keyIn(text []byte, at int) (n name, value int, err error) {
	if at >= len(text) {
		return noName, 0, errMore
	}
	if text[at] != '"' {
		return noName, 0, nil
	}
	end := plain.End(text, at+1)
	if end+2 >= len(text) {
		return noName, 0, errMore
	}
	if text[end] != '"' || text[end+1] != ':' {
		return noName, 0, nil
	}
	return named[string(text[at+1:end])], end + 2, nil
}

// value is where a value ends, 0 if it is none that is known.
func (q *quick) value(text []byte, at int, n name) (end int, err error) {
	if at >= len(text) {
		return 0, errMore
	}
	switch text[at] {
	case '"':
		end = plain.End(text, at+1)
		if end >= len(text) {
			return 0, errMore
		}
		if text[end] == '\\' && (n == noName || n > told) { // it is not asked what this says
			return compactString(text, at), nil
		}
		if text[end] != '"' {
			return 0, nil
		}
		q.keep(n, text[at:end+1])
		return end + 1, nil
	case 't':
		return wordEnd(text, at, "true")
	case 'f':
		return wordEnd(text, at, "false")
	case 'n':
		return wordEnd(text, at, "null")
	case '{':
		return q.object(text, at, n)
	case '[':
		if n > told {
			return q.checked(text, at)
		}
	}
	return 0, nil
}

func wordEnd(text []byte, at int, word string) (end int, err error) {
	if end = at + len(word); end > len(text) {
		return 0, errMore
	}
	if string(text[at:end]) != word {
		return 0, nil
	}
	return end, nil
}

// keep keeps the value of a member for the next record.
func (q *quick) keep(n name, value []byte) {
	if m := &q.members[n]; n != noName && !m.once && len(value) <= maxMember {
		m.text = m.text[:m.value]
		if m.misses.keeps() {
			m.text = append(m.text, value...)
		}
	}
}

// object reads an inner object.
func (q *quick) object(text []byte, at int, n name) (end int, err error) {
	switch {
	case n == userIdentity:
		return q.identity(text, at)
	case n != noName && n <= told:
		return 0, nil
	}
	if end, err = q.checked(text, at); end > 0 && err == nil {
		q.keep(n, text[at:end])
	}
	return end, err
}

// identity reads a userIdentity.
func (q *quick) identity(text []byte, at int) (end int, err error) {
	slot := q.slot(text, at)
	if slot != nil {
		for i := range slot.known {
			if k := &slot.known[i]; len(k.text) > 0 && bytes.HasPrefix(text[at:], k.text) {
				q.head.IdentityType = k.identityType
				return at + len(k.text), nil
			}
		}
	}
	identity, end, err := q.identityType(text, at)
	if end == 0 || err != nil {
		return 0, err
	}
	q.head.IdentityType = identity
	if slot != nil && end-at <= maxKnown {
		k := &slot.known[slot.next%uint8(len(slot.known))]
		slot.next++
		k.text = append(k.text[:0], text[at:end]...)
		k.identityType = append(k.identityType[:0], identity...)
	}
	return end, nil
}

// identityType reads a userIdentity and its type. It ends at 0 where that cannot be told.
func (q *quick) identityType(text []byte, at int) (identity []byte, end int, err error) {
	if end = q.compact.end(text, at); end > 0 && !q.compact.isOdd && len(q.compact.kind) > 0 && q.compact.kind[0] == '"' {
		kind := q.compact.kind
		last := plain.End(kind, 1)
		if identity = plainText(kind[:last+1]); kind[last] == '"' && identity != nil {
			return identity, end, nil
		}
	}
	if end, err = q.scanned(text, at); end == 0 || err != nil {
		return nil, 0, err
	}
	o := object{text[at:end], q.inner.members}
	identity, isKnown := o.identity()
	if !isKnown {
		return nil, 0, nil
	}
	return identity, end, nil
}

// checked reads an inner value.
func (q *quick) checked(text []byte, at int) (end int, err error) {
	if end = q.compact.end(text, at); end > 0 {
		return end, nil
	}
	return q.scanned(text, at)
}

// scanned reads an inner value with scanner.
func (q *quick) scanned(text []byte, at int) (end int, err error) {
	n, err := q.inner.value(text[at:])
	if err != nil && !errors.Is(err, errMore) {
		return 0, nil
	}
	return at + n, err
}

// slot is where the userIdentity that begins there is known, if it is: by some of what tells a caller from another.
func (q *quick) slot(text []byte, at int) *callers {
	if len(text)-at < 104 {
		return nil
	}
	sum := uint64(0)
	for _, from := range [...]int{40, 64, 96} {
		sum = (sum ^ binary.LittleEndian.Uint64(text[at+from:])) * spread
	}
	return &q.callers[sum>>56]
}
