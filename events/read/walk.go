package read

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	maxLists = 8 // lists in each other
	maxTexts = 8 // texts in each other, as a record in a message in a queue
)

// walker reads one text: a file, or one that stands in another.
type walker struct {
	w          *window
	out        *output
	place      Place // of the text
	depth      int   // texts around it
	lists      int   // lists around the next value
	containers int   // objects around it that have one, such as a log file
	given      int   // what came of the text

	insights bool // an Insights record was named
	prose    int  // lines without JSON since the last value
}

// brokenError says that a text is broken and where. It goes on with a line behind that, unless it is of a kind that has
// no records.
type brokenError struct {
	at  Place
	err error
	end bool
}

func (b brokenError) Error() string { return b.err.Error() }

// isList reports whether a key is that of a list which is read one by one. Records is of log files and of Lambda's
// batches, records of Firehose, events of archives and of filter-log-events, Events of lookup-events, logEvents of a
// subscription, Messages of receive-message, Entries of PutEvents, results of Logs Insights and Splunk, logFiles of a
// digest.
func isList(key []byte) bool {
	if bytes.IndexByte(key, '\\') >= 0 {
		key = []byte(textOf(bytes.Join([][]byte{{'"'}, key, {'"'}}, nil)))
	}
	switch string(key) {
	case "Records", "records", "events", "Events", "logEvents", "Messages", "Entries", "logFiles", queryRows, insightsRows:
		return true
	}
	return false
}

// text reads the whole text. The error is errStop or nil.
func (r *walker) text() error {
	for {
		c, ok := r.w.peek()
		if !ok {
			return atEnd(r)
		}
		if strings.IndexByte(`{["]}`, c) >= 0 {
			r.prose = 0
		}
		err := r.value(r.here(), c)
		if broken, ok := errors.AsType[brokenError](err); ok {
			if err = r.refuse(broken.at, broken.err); err == nil && broken.end {
				return nil
			}
			r.w.resume()
		}
		if err != nil {
			return err
		}
	}
}

// atEnd says what is wrong with a text of which nothing came, or that broke off.
func atEnd(r *walker) error {
	switch {
	case r.w.said:
		return nil
	case !errors.Is(r.w.err, io.EOF):
		return r.refuse(r.here(), r.w.ends())
	case r.given > 0:
		return nil
	case r.w.offset() == 0:
		return r.refuse(r.place, errors.New("it is empty"))
	}
	return r.refuse(r.place, errors.New("there is no record in it"))
}

// here is the place of the next value of the text.
func (r *walker) here() Place {
	at := r.place
	at.At, at.line = r.w.offset(), r.w.line()
	return at
}

// value reads a value that is in no other, or a line that begins with none.
func (r *walker) value(at Place, c byte) error {
	switch c {
	case '{':
		return r.object(at)
	case '[':
		return r.list(at, "")
	case '"':
		raw, err := r.held(at)
		if err != nil || raw == nil {
			return err
		}
		text := textOf(raw) // raw is gone when more is read
		if next := r.w.hold(1); len(next) > 0 && (next[0] == ',' || next[0] == ';') {
			return brokenError{at, errCSV, true}
		}
		return r.open(at, "", text)
	case ']', '}':
		err := r.refuse(at, r.w.wanted("a value"))
		r.w.at++
		return err
	}
	return readLine(r, at)
}

var errCSV = errors.New("CSV; export the rows as JSON")

// refuse names what is wrong.
func (r *walker) refuse(at Place, err error) error {
	r.given++
	return r.out.pass(Record{Place: at}, err)
}

// give passes on a record. Its name is nil where it has to be decoded for that.
func (r *walker) give(at Place, raw, name []byte) error {
	r.given++
	return r.out.pass(Record{Place: at, raw: raw, name: name}, nil)
}

// held reads the next value whole. It is nil where that is too long, which is said.
func (r *walker) held(at Place) ([]byte, error) {
	raw, err := r.w.value(false)
	switch {
	case canPass(r, err):
		return nil, r.pass(at, err)
	case err != nil:
		return nil, brokenError{at, err, false}
	}
	return raw, nil
}

// canPass reports whether the text goes on behind a value that cannot be read. One that is nested too deep may be of
// brackets that nobody closes: only in a log file's list there is nothing to go on with but what is behind it.
func canPass(r *walker, err error) bool {
	return errors.Is(err, errTooLong) || errors.Is(err, errTooMany) || errors.Is(err, errTooDeep) && r.containers > 0
}

// pass says why a value cannot be read, and goes behind it.
func (r *walker) pass(at Place, why error) error {
	if errors.Is(why, errTooDeep) {
		r.w.at = r.w.broken
	}
	err := r.refuse(at, why)
	r.w.skip()
	return err
}

// object reads an object, or goes through the list of records in it.
func (r *walker) object(at Place) error {
	if raw, head := quickly(r.w); raw != nil {
		r.given++
		return r.out.pass(Record{
			Place: at,
			raw:   raw,
			name:  head.EventName,
			head:  head,
		}, nil)
	}
	raw, err := r.w.value(r.lists < maxLists)
	o := object{raw, r.w.scan.members}
	switch {
	case err == nil:
		return readObject(r, at, o)
	case errors.Is(err, errList):
		return r.container(at, o)
	case canPass(r, err):
		return r.pass(at, err)
	}
	return brokenError{at, err, false}
}

// container goes through the lists of an object, the first of which comes next. Nothing else in it is kept.
func (r *walker) container(at Place, o object) error {
	r.containers++
	defer func() { r.containers-- }()
	digest, key := false, ""
	see := func(name string) { key, digest = name, digest || strings.HasPrefix(name, "digest") }
	for _, m := range o.members {
		see(o.key(m))
	}
	for {
		var err error
		if c, ok := r.w.peek(); ok && c == '[' && isList([]byte(key)) {
			err = r.list(at, key)
		} else {
			_, err = r.held(at)
		}
		if err != nil {
			return err
		}
		next, more, err := r.w.member()
		if err != nil {
			return brokenError{at, err, false}
		}
		if !more {
			break
		}
		see(next)
	}
	if digest {
		return r.refuse(at, SkippedError{"a digest file"})
	}
	return nil
}

// list reads the elements of a list, whose key is empty where it has none.
func (r *walker) list(at Place, key string) error {
	r.lists++
	defer func() { r.lists-- }()
	r.w.at++
	outer, before := &at, r.given
	var beside error
	for n := 1; ; n++ {
		c, ok := r.w.peek()
		switch {
		case !ok:
			return brokenError{at, r.w.ends(), false}
		case c == ']' && n == 1 && key == "logFiles": // a digest of an hour without log files
			r.w.at++
			return nil
		case c == ']' && n == 1:
			r.w.at++
			return r.refuse(at, EmptyError{key})
		}
		element := Place{
			File:   at.File,
			At:     r.w.offset(),
			outer:  outer,
			record: n,
		}
		err := r.element(element, c, key)
		if _, ok := errors.AsType[besideError](err); ok {
			beside, err = cmp.Or(beside, err), nil
		}
		if err != nil {
			return err
		}
		switch c, _ = r.w.peek(); c {
		case ',':
			r.w.at++
		case ']':
			r.w.at++
			if beside != nil && r.given == before {
				return r.refuse(at, beside)
			}
			return nil
		default:
			return brokenError{at, r.w.wanted("a comma or ]"), false}
		}
	}
}

// besideError is a text without JSON in a list in a list, as --query makes rows of: it counts if the row has no record.
type besideError string

func (b besideError) Error() string { return fmt.Sprintf("no JSON: %.60q", string(b)) }

func (r *walker) element(at Place, c byte, key string) error {
	isRow := key == queryRows || key == insightsRows
	switch {
	case key == "logFiles": // of a digest
		_, err := r.held(at)
		return err
	case c == '{':
		return r.object(at)
	case c == '[' && !isRow && r.lists < maxLists:
		return r.list(at, "")
	}
	raw, err := r.held(at)
	switch {
	case err != nil || raw == nil:
		return err
	case c == '"':
		return readElement(r, at, textOf(raw))
	case !isRow:
		return r.refuse(at, fmt.Errorf("%.40s where a record belongs", raw))
	}
	found, err := rowOf(raw)
	if err != nil {
		return r.refuse(at, err)
	}
	return found.give(r, at)
}

// readElement reads a text that is an element of a list.
func readElement(r *walker, at Place, text string) error {
	if r.lists > 1 && !strings.ContainsAny(text, `{["`) && !isPacked([]byte(text)) {
		return besideError(text)
	}
	return r.open(at, "", text)
}

// open reads a text that stands in this one.
func (r *walker) open(at Place, via, text string) error {
	r.given++
	if r.depth == maxTexts {
		return r.refuse(at, fmt.Errorf("texts in each other more than %d deep", maxTexts))
	}
	if packed, ok := unpackBase64(text); ok {
		text = packed
	}
	inner := &walker{out: r.out, place: Place{File: at.File, outer: &at, via: via}, depth: r.depth + 1}
	if strings.HasPrefix(text, "\x1f\x8b") {
		defer r.out.giveBack(len(r.out.lent))
		in, err := r.out.unpack(strings.NewReader(text))
		if err != nil {
			return r.refuse(inner.place, err)
		}
		inner.w = r.out.window(in)
		return inner.text()
	}
	if name := binaryName([]byte(text[:min(len(text), headSize)])); name != "" {
		return r.refuse(inner.place, errors.New(name))
	}
	inner.w = windowOf([]byte(text))
	return inner.text()
}
