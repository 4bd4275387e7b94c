package read

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	maxLists   = 8  // lists in each other
	maxTexts   = 8  // texts in each other, as a record in a message in a queue
	maxRetries = 16 // to read what follows the beginning of a value that is broken further on
)

// walker reads one text: a file, or one that stands in another.
type walker struct {
	w     *window
	out   *output
	place Place // of the text
	depth int   // texts around it
	lists int   // lists around the next value
	given int   // what came of the text

	insights bool // an Insights record was named

	stuck   int64 // where the text was broken last
	retries int   // how often it was so there
}

// errBroken says that the text goes on with the next line. What was wrong is said.
var errBroken = errors.New("broken")

// isList reports whether a key is that of a list which is read one by one. Records is of log files and of Lambda's
// batches, records of Firehose, events of archives and of filter-log-events, Events of lookup-events, logEvents of a
// subscription, Messages of receive-message, Entries of PutEvents, logFiles of a digest.
func isList(key []byte) bool {
	if bytes.IndexByte(key, '\\') >= 0 {
		key = []byte(textOf(bytes.Join([][]byte{{'"'}, key, {'"'}}, nil)))
	}
	switch string(key) {
	case "Records", "records", "events", "Events", "logEvents", "Messages", "Entries", "logFiles", queryRows:
		return true
	}
	return false
}

// text reads the whole text. The error is errStop or nil.
func (r *walker) text() error {
	for {
		c, ok := r.w.peek()
		if !ok {
			break
		}
		at := r.here()
		err := r.top(at, c)
		if errors.Is(err, errBroken) {
			err = nil
			r.resume()
		}
		if err != nil {
			if errors.Is(err, errEnd) {
				return nil
			}
			return err
		}
	}
	if r.w.err != nil && !errors.Is(r.w.err, io.EOF) {
		return r.refuse(r.here(), r.w.ends())
	}
	switch {
	case r.given > 0:
		return nil
	case r.w.offset() == 0:
		return r.refuse(r.place, errors.New("it is empty"))
	}
	return r.refuse(r.place, errors.New("there is no record in it"))
}

// errEnd says that nothing more of the text is read. What was wrong is said.
var errEnd = errors.New("enough of this text")

// here is the place of the next value of the text.
func (r *walker) here() Place {
	at := r.place
	at.At, at.line = r.w.offset(), r.w.line()
	return at
}

func (r *walker) top(at Place, c byte) error {
	switch c {
	case '{':
		return r.object(at)
	case '[':
		return r.list(at, "")
	case '"':
		return r.quoted(at)
	case ']', '}':
		r.w.at++
		return r.refuse(at, fmt.Errorf("byte %d: no JSON: %q where a value belongs", at.At, c))
	}
	return r.line(at)
}

func (r *walker) refuse(at Place, err error) error {
	r.given++
	return r.out.refuse(at, err)
}

func (r *walker) skipped(at Place, what string) error { return r.refuse(at, SkippedError{what}) }

// resume goes to where the next value may begin after a broken one. That is where a line in it begins with an object,
// so that a value which was cut off costs no other; or the next line that does not look like more of it. A text of
// nothing but beginnings is not looked at from each of them.
func (r *walker) resume() {
	at := r.w.offset()
	if r.retries++; at > r.stuck {
		r.stuck, r.retries = at, 0
	}
	if next := bytes.Index(r.w.buf[r.w.broken:r.w.at], []byte("\n{\"")); next >= 0 && r.retries < maxRetries {
		r.w.at = r.w.broken + next + 1
		return
	}
	for next := r.w.hold(1); len(next) > 0; next = r.w.hold(1) {
		if r.w.atLine() && strings.IndexByte(" \t\r\n}],:", next[0]) < 0 {
			return
		}
		r.w.skipLine()
	}
}

// value reads the next value whole. The error is errBroken or errStop where it was not.
func (r *walker) value(at Place, lists bool) ([]byte, error) {
	v, err := r.w.value(lists)
	switch {
	case err == nil || errors.Is(err, errList):
		return v, err
	case errors.Is(err, errTooLong):
		if err = r.refuse(at, err); err == nil {
			r.w.skip()
		}
		return nil, err
	}
	return nil, r.brokenValue(at, err)
}

// broken says what is wrong with what comes next, and that no value began before it.
func (r *walker) broken(at Place, err error) error {
	r.w.broken = r.w.at
	return r.brokenValue(at, err)
}

func (r *walker) brokenValue(at Place, err error) error {
	if err := r.refuse(at, err); err != nil {
		return err
	}
	return errBroken
}

// object reads an object, or goes through the list of records in it.
func (r *walker) object(at Place) error {
	raw, err := r.value(at, r.lists < maxLists)
	o := object{raw, r.w.scan.members}
	if errors.Is(err, errList) {
		return r.container(at, o)
	}
	if err != nil || raw == nil {
		return err
	}
	return r.leaf(at, o)
}

// container goes through the lists of an object, the first of which comes next. Nothing else in it is kept.
func (r *walker) container(at Place, o object) error {
	digest := false
	key := ""
	see := func(name string) { key, digest = name, digest || strings.HasPrefix(name, "digest") }
	for _, m := range o.members {
		see(string(o.raw[m.key:m.keyEnd]))
	}
	r.lists++
	defer func() { r.lists-- }()
	for {
		if c, ok := r.w.peek(); ok && c == '[' && isList([]byte(key)) {
			if err := r.list(at, key); err != nil {
				return err
			}
		} else if _, err := r.value(at, false); err != nil {
			return err
		}
		next, more, err := r.member(at)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		see(next)
	}
	if digest {
		return r.skipped(at, "a digest file")
	}
	return nil
}

// member goes to the next member of an object and returns its key.
func (r *walker) member(at Place) (key string, more bool, err error) {
	c, ok := r.w.peek()
	switch {
	case ok && c == '}':
		r.w.at++
		return "", false, nil
	case ok && c == ',':
		r.w.at++
		if c, ok = r.w.peek(); ok && c == '"' {
			raw, err := r.value(at, false)
			if err != nil {
				return "", false, err
			}
			key = textOf(raw)
			if c, ok = r.w.peek(); ok && c == ':' {
				r.w.at++
				return key, true, nil
			}
		}
	}
	return "", false, r.wanted(at, "a member of the object")
}

// wanted says that something else comes next, or nothing.
func (r *walker) wanted(at Place, what string) error {
	c, ok := r.w.peek()
	if !ok {
		return r.broken(at, r.w.ends())
	}
	return r.broken(at, fmt.Errorf("byte %d: no JSON: %q where %s belongs", r.w.offset(), c, what))
}

// list reads the elements of a list, whose key is empty where it has none.
func (r *walker) list(at Place, key string) error {
	r.lists++
	defer func() { r.lists-- }()
	r.w.at++
	outer := &at
	for n := 1; ; n++ {
		c, ok := r.w.peek()
		if n == 1 && ok && c == ']' {
			r.w.at++
			return r.empty(at, key)
		}
		if !ok {
			return r.wanted(at, "")
		}
		element := Place{
			File:   at.File,
			At:     r.w.offset(),
			outer:  outer,
			record: n,
		}
		if err := r.element(element, c, key); err != nil {
			return err
		}
		switch c, _ = r.w.peek(); c {
		case ',':
			r.w.at++
		case ']':
			r.w.at++
			return nil
		default:
			return r.wanted(at, "a comma or ]")
		}
	}
}

// empty says that a list has nothing. A digest of an hour without log files is one nevertheless.
func (r *walker) empty(at Place, key string) error {
	switch key {
	case "logFiles":
		return nil
	case "":
		return r.refuse(at, errors.New("an empty list"))
	}
	return r.refuse(at, fmt.Errorf("%s is an empty list", key))
}

func (r *walker) element(at Place, c byte, key string) error {
	switch {
	case key == "logFiles":
		_, err := r.value(at, false)
		return err
	case c == '{':
		return r.object(at)
	case c == '[' && key != queryRows && r.lists < maxLists:
		return r.list(at, "")
	case c == '"':
		raw, err := r.value(at, false)
		if err != nil || raw == nil {
			return err
		}
		return r.open(at, "", textOf(raw))
	}
	raw, err := r.value(at, false)
	if err != nil || raw == nil {
		return err
	}
	if key == queryRows {
		return r.queryRow(at, raw)
	}
	return r.refuse(at, fmt.Errorf("%.40s where a record belongs", raw))
}

// quoted reads a JSON string that stands for itself, as one does on each line.
func (r *walker) quoted(at Place) error {
	raw, err := r.value(at, false)
	if err != nil || raw == nil {
		return err
	}
	text := textOf(raw)
	if next := r.w.hold(1); len(next) > 0 && next[0] == ',' {
		return r.end(at, errCSV)
	}
	return r.open(at, "", text)
}

var errCSV = errors.New("CSV; export the rows as JSON")

// end refuses the rest of the text.
func (r *walker) end(at Place, err error) error {
	if err := r.refuse(at, err); err != nil {
		return err
	}
	return errEnd
}

// open reads a text that stands in this one.
func (r *walker) open(at Place, via, text string) error {
	r.given++
	if r.depth == maxTexts {
		return r.out.refuse(at, fmt.Errorf("texts in each other more than %d deep", maxTexts))
	}
	if packed, ok := unpackBase64(text); ok {
		text = packed
	}
	inner := &walker{out: r.out, place: Place{File: at.File, outer: &at, via: via}, depth: r.depth + 1}
	if strings.HasPrefix(text, "\x1f\x8b") {
		in, err := r.out.unpack(strings.NewReader(text))
		if err != nil {
			return r.out.refuse(inner.place, err)
		}
		inner.w = newWindow(in)
	} else {
		if name := binaryName([]byte(text[:min(len(text), headSize)])); name != "" {
			return r.out.refuse(inner.place, errors.New(name))
		}
		inner.w = windowOf([]byte(text))
	}
	return inner.text()
}
