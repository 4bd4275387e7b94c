package events

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
)

// Entry is one thing that Read found: an event, or the reason why there is none, and where it stood.
type Entry struct {
	Line   int // the line on which the JSON value starts, from 1
	Record int // its place in a log file's Records or in an array, from 1; 0 outside of one
	Event  Event
	Err    error
}

// Where says where the entry stood, as "line 3" or "line 1, record 17".
func (e Entry) Where() string {
	if e.Record > 0 {
		return fmt.Sprintf("line %d, record %d", e.Line, e.Record)
	}
	return fmt.Sprintf("line %d", e.Line)
}

// Read yields every event in r, which holds EventBridge events or bare records, one after the other (JSON lines
// included) or in an array, or CloudTrail log files ({"Records":[…]}), plain or compressed with gzip.
//
// Something unreadable is yielded as an Entry with Err and does not stop the rest; only a broken stream ends it. One
// value is held in memory at a time.
func Read(r io.Reader) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		in := bufio.NewReaderSize(r, 64<<10)
		if magic, _ := in.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
			z, err := gzip.NewReader(in)
			if err != nil {
				yield(Entry{Line: 1, Err: fmt.Errorf("gzip: %w", err)})
				return
			}
			in = bufio.NewReaderSize(z, 64<<10)
		}
		if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
			_, _ = in.Discard(len(mark)) // a byte order mark, which some editors write; what was peeked can be discarded
		}
		readValues(in, 1, yield)
	}
}

// readValues yields what each value of the stream holds, the first of which starts on the line; it reports false when
// the caller has had enough.
func readValues(in *bufio.Reader, line int, yield func(Entry) bool) bool {
	scan := &valueScanner{in: in, line: line}
	for {
		value, line, err := scan.next()
		if len(value) > 0 && !readValue(value, line, yield) {
			return false
		}
		if err != nil {
			return errors.Is(err, io.EOF) || yield(Entry{Line: line, Err: err})
		}
	}
}

// readValue yields what one value holds. One that is no JSON, and at whose margin another starts, costs only itself.
func readValue(value []byte, line int, yield func(Entry) bool) bool {
	next := bytes.Index(value, []byte("\n{\""))
	if next < 0 || json.Valid(value) {
		return entries(value, line, yield)
	}
	head, rest := bytes.TrimSpace(value[:next]), value[next+1:]
	line2 := line + bytes.Count(value[:next+1], []byte("\n"))
	return entries(head, line, yield) && readValues(bufio.NewReader(bytes.NewReader(rest)), line2, yield)
}

// entries yields what one JSON value holds; it reports false when the caller has had enough.
func entries(value []byte, line int, yield func(Entry) bool) bool {
	var list []json.RawMessage
	switch value[0] {
	case '[':
		if err := json.Unmarshal(value, &list); err != nil {
			return yield(Entry{Line: line, Err: notJSON(value, err)})
		}
	default:
		records := fields{}
		if value[0] == '{' && json.Valid(value) {
			records.read(value)
		}
		if err := json.Unmarshal(records.raw("Records"), &list); err != nil || list == nil {
			ev, err := Parse(value)
			return yield(Entry{Line: line, Event: ev, Err: err})
		}
	}
	for i, raw := range list {
		ev, err := Parse(raw)
		if !yield(Entry{
			Line:   line,
			Record: i + 1,
			Event:  ev,
			Err:    err,
		}) {
			return false
		}
	}
	return true
}

// valueScanner cuts a stream into top-level JSON values by counting brackets outside of strings. It does not validate:
// a value that is no JSON is cut at the next line that starts a new one, so that one bad line costs only itself.
type valueScanner struct {
	in   *bufio.Reader
	line int // of the next byte
}

// next returns one value and the line it starts on. The value is empty at the end of the stream.
func (s *valueScanner) next() (value []byte, line int, err error) {
	var in nesting
	for {
		c, err := s.in.ReadByte()
		if err != nil {
			return bytes.TrimSpace(value), cmp.Or(line, s.line), streamEnd(err)
		}
		if c == '\n' {
			s.line++
		}
		if len(value) == 0 {
			line = s.line
			if strings.IndexByte(" \t\r\n", c) >= 0 {
				continue
			}
		}
		value = append(value, c)
		// A string never spans lines, and a new value starts at the margin.
		if c == '\n' && !in.escaped && (in.quoted || in.depth == 0 || s.startsValue() && !inList(value)) {
			return bytes.TrimSpace(value), line, nil
		}
		if in.closes(c) {
			return value, line, nil
		}
	}
}

// nesting is where in a value the scanner is.
type nesting struct {
	depth           int
	quoted, escaped bool
}

// closes takes the next byte, and reports whether the value ends with it.
func (n *nesting) closes(c byte) bool {
	switch {
	case n.escaped:
		n.escaped = false
	case n.quoted && c == '\\':
		n.escaped = true
	case c == '"':
		n.quoted = !n.quoted
	case n.quoted:
	case c == '{' || c == '[':
		n.depth++
	case c == '}' || c == ']':
		n.depth--
		return n.depth <= 0
	}
	return false
}

// inList reports whether the text so far can go on with another element: it ends with a comma or an opening bracket.
func inList(text []byte) bool {
	text = bytes.TrimSpace(text)
	return len(text) > 0 &&
		(text[len(text)-1] == '[' || (text[len(text)-1] == ',' && !bytes.HasSuffix(text, []byte(`",`))))
}

// startsValue reports whether the next line starts at the margin with what must be a new top-level value.
func (s *valueScanner) startsValue() bool {
	next, err := s.in.Peek(2)
	return err == nil && next[0] == '{' && next[1] == '"'
}

// streamEnd tells the end of the stream from a stream that broke off.
func streamEnd(err error) error {
	if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return io.EOF
	}
	return fmt.Errorf("the stream breaks off: %w", err)
}
