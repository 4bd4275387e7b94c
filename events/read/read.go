// Package read finds CloudTrail records and EventBridge events in whatever people keep them in: log files, archives,
// queues, the output of the AWS CLI, log groups, rows of a query. It streams: of a text of any length a few MiB are in
// memory, and each byte is looked at a bounded number of times.
//
// It decides nothing about a record and calls nothing. It does not decode what nobody asks for: a record is checked to
// be JSON, and decoded when Event is called. Attackers write what it reads.
package read

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"trailkeeper/events"
)

// Record is one event or bare record as it stands in its container.
type Record struct {
	Place

	raw  []byte
	name []byte
	// Of a bare record that has a name, one of these.
	members []span
	head    *events.Head
}

// JSON is the event or the bare record. It is valid until the next one is asked for, and must not be changed.
func (r Record) JSON() []byte { return r.raw }

// Name is the record's eventName where it can be told without decoding the record, and nil where it cannot. Where there
// is one, Event has no error and a record of that name. It is valid as long as JSON.
func (r Record) Name() []byte { return r.name }

// Head is what a bare record that has a Name says of itself, as far as that can be told without decoding it. It reports
// false where the record has to be decoded to tell. It is valid as long as JSON.
func (r Record) Head() (h events.Head, known bool) {
	if r.head != nil {
		return *r.head, true
	}
	return headOf(object{r.raw, r.members})
}

// Event decodes the record.
func (r Record) Event() (events.Event, error) { return events.Parse(r.raw) }

// Place is where something stood.
type Place struct {
	File string // as it was given; empty for a reader
	At   int64  // the byte in its text, from 0: after unpacking, and in UTF-8

	outer  *Place
	via    string // the key of the text that it is in
	line   int    // of a value that is in no other
	record int    // in a list
}

// Where says where in the file it stood, as "line 1, record 17".
func (p Place) Where() string {
	var steps []string
	if p.outer != nil {
		steps = append(steps, p.outer.Where())
	}
	if p.via != "" {
		steps = append(steps, p.via)
	}
	if p.line > 1 || p.line == 1 && p.outer == nil {
		steps = append(steps, fmt.Sprintf("line %d", p.line))
	}
	if p.record > 0 {
		steps = append(steps, fmt.Sprintf("record %d", p.record))
	}
	return strings.Join(steps, ", ")
}

// SkippedError names what belongs beside CloudTrail's records and is none, such as a digest file. It is no failure.
type SkippedError struct{ What string }

func (s SkippedError) Error() string { return s.What + ", which holds no record" }

// All yields every record in a text, in order. With an error, the record is only a place: a SkippedError, or what
// cannot be read, which does not stop the rest. A text without any of this is an error as well.
func All(in io.Reader) iter.Seq2[Record, error] { return Log{}.All(in) }

// Log is a file, and how it is read.
type Log struct {
	Name     string          // of the records' places
	Max      int64           // bytes of text, after unpacking, that are read; what is longer is an error. 0: all
	Read     func(bytes int) // is called with each part of the text, after unpacking; nil: nobody asks
	Insights bool            // records of CloudTrail Insights in a log file are records, and not skipped
	Every    bool            // what cannot be read is named each time, and not counted where there is much of it in a row
	Stop     func() error    // is asked before each part of the text is read; its error ends the text. nil: none does
	Large    Places          // nil: of as many files as there are, any may have large values
}

// Places bound how many of the files that are read at once have values of more than 64 KiB in memory: made with as many
// places as there may be. A file waits for one where its first such value begins, and has it to its end.
type Places chan struct{}

// All is All of the file.
func (l Log) All(in io.Reader) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) { l.read(in, yield) }
}

// read reports whether the caller wants more.
func (l Log) read(in io.Reader, yield func(Record, error) bool) bool {
	out := &output{yield: yield, insights: l.Insights, every: l.Every}
	out.stop, out.large = l.Stop, l.Large
	defer out.giveBack(0)
	place := Place{File: l.Name}
	text, err := out.unpack(counted{in: in, bytes: &out.read})
	if err != nil {
		return yield(Record{Place: place}, err)
	}
	if l.Max > 0 || l.Read != nil {
		text = &measured{in: text, log: l, left: l.Max}
	}
	w := &walker{w: out.window(text), out: out, place: place}
	if err := w.text(); err != nil && !errors.Is(err, errEnough) {
		return false
	}
	return out.rest() == nil
}

// EmptyError is a list of records without any, such as a log file's. Whether that is a fault is for the caller to say.
type EmptyError struct{ List string } // its key; empty for one that has none

func (e EmptyError) Error() string { return strings.TrimPrefix(e.List+" is an empty list", " is ") }

// Of what cannot be read in a row, as much is named; the rest is counted.
const (
	maxOfKind = 3
	maxNamed  = 12
)

// A file is read no further where more than maxUnread of what is in it cannot be read, and that is more than
// maxUnreadEach for each record: it is none of CloudTrail's, and takes the time of those that are.
const (
	maxUnread     = 10_000
	maxUnreadEach = 10
)

var errEnough = errors.New("too much of the file cannot be read")

// output is where the records of one file go.
type output struct {
	budget

	yield    func(Record, error) bool
	insights bool // are records
	every    bool // error is named

	kinds  map[string]int // how often each kind of error was named since the last record
	named  int
	given  int64 // records
	unread int64 // and what is none
	more   int   // errors since then that were not named
	last   Place
	why    error // of the last of them, of one that is no SkippedError if there is any
}

var errStop = errors.New("the caller has had enough")

func isSkipped(err error) bool {
	_, ok := errors.AsType[SkippedError](err)
	return ok
}

// errHollow is passed on with a record that cannot be one. The caller gets to know why from the record.
var errHollow = errors.New("an object with none of an event's keys")

func (o *output) pass(r Record, err error) error {
	switch {
	case err == nil:
		o.given++
		if err := o.rest(); err != nil {
			return err
		}
	case o.isEnough():
		return o.enough(r.Place)
	case !o.every && !o.names(err):
		if o.more == 0 || isSkipped(o.why) || !isSkipped(err) {
			o.last, o.why = r.Place, err
		}
		o.more++
		return nil
	case errors.Is(err, errHollow):
		err = nil
	}
	if !o.yield(r, err) {
		return errStop
	}
	return nil
}

// isEnough counts what cannot be read, and reports whether it is too much.
func (o *output) isEnough() bool {
	o.unread++
	return o.unread > maxUnread && o.unread > maxUnreadEach*o.given
}

// enough ends the file.
func (o *output) enough(at Place) error {
	if err := o.rest(); err != nil {
		return err
	}
	err := fmt.Errorf("%d elements before it cannot be read, and %d are records: the rest is not read", o.unread-1, o.given)
	if !o.yield(Record{Place: at}, err) {
		return errStop
	}
	return errEnough
}

// names reports whether an error is named. Those that differ in a number only are of one kind.
func (o *output) names(err error) bool {
	kind := strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return -1
		}
		return c
	}, err.Error())
	if o.named == maxNamed || o.kinds[kind] == maxOfKind {
		return false
	}
	if o.kinds == nil {
		o.kinds = map[string]int{}
	}
	o.kinds[kind]++
	o.named++
	return true
}

// rest says how much was not named.
func (o *output) rest() error {
	more, why := o.more, o.why
	clear(o.kinds)
	o.named, o.more = 0, 0
	if more == 0 {
		return nil
	}
	if skipped, ok := errors.AsType[SkippedError](why); ok {
		why = SkippedError{fmt.Sprintf("%d more like %s", more, skipped.What)}
	} else {
		why = fmt.Errorf("%d more, the last of them: %w", more, why)
	}
	if !o.yield(Record{Place: o.last}, why) {
		return errStop
	}
	return nil
}
