package read

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	"trailkeeper/events/plain"
)

const (
	maxValue  = 4 << 20   // of a record, and of whatever else has to be held whole
	maxLine   = 64 << 10  // of what is no JSON
	firstSize = 128 << 10 // of the part of a text that is in memory
)

// window is the part of a text that is in memory. But for one byte, nothing before at is kept when it moves on.
type window struct {
	in  io.Reader // nil for a text that is in memory as a whole
	of  *budget   // of the file, where there is in
	buf []byte
	at  int
	err error // why in has no more

	broken  int   // where the last value began that turned out broken, if that is still in memory
	reread  int64 // bytes that were read again behind the beginning of a broken value
	said    bool  // why the text ends was said
	before  int64 // bytes of the text before buf
	lines   int   // line feeds before buf[counted]
	counted int
	scan    scanner
	quick   *quick
}

// windowOf is a text that is in memory.
func windowOf(text []byte) *window { return &window{buf: text, err: io.EOF} }

// offset is where in the text the next byte is, from 0, and line on which line, from 1.
func (w *window) offset() int64 { return w.before + int64(w.at) }

func (w *window) line() int {
	w.lines += bytes.Count(w.buf[w.counted:w.at], []byte("\n"))
	w.counted = w.at
	return w.lines + 1
}

// fill reads more of the text, and reports whether there was any. So that a value which is looked at once more each
// time costs its length and no more, the part grows by an eighth at least.
func (w *window) fill() bool {
	if w.err != nil {
		return false
	}
	if w.at > 1 {
		_ = w.line()
		w.before += int64(w.at - 1)
		w.buf = w.buf[:copy(w.buf, w.buf[w.at-1:])]
		w.at, w.counted, w.broken = 1, 1, 1
	}
	held := len(w.buf)
	if w.err = w.of.mayRead(held); w.err != nil {
		return false
	}
	if cap(w.buf)-held < held/8+1 {
		w.buf = append(make([]byte, 0, 2*cap(w.buf)), w.buf...)
	}
	for want := held + held/8 + 1; len(w.buf) < want && w.err == nil; {
		var n int
		n, w.err = w.in.Read(w.buf[len(w.buf):cap(w.buf)])
		w.buf = w.buf[:len(w.buf)+n]
	}
	return len(w.buf) > held
}

// peek returns the next byte that means something; ok is false at the end of the text.
func (w *window) peek() (c byte, ok bool) {
	for {
		if w.at = space(w.buf, w.at); w.at < len(w.buf) {
			return w.buf[w.at], true
		}
		if !w.fill() {
			return 0, false
		}
	}
}

// ends is why the text ends where more of it is wanted.
func (w *window) ends() error {
	w.said = true
	where := w.before + int64(len(w.buf))
	if w.err == nil || errors.Is(w.err, io.EOF) {
		return fmt.Errorf("the text breaks off at byte %d", where)
	}
	if errors.Is(w.err, gzip.ErrHeader) {
		return fmt.Errorf("behind byte %d the gzip goes on with what is none", where)
	}
	return fmt.Errorf("the stream breaks off at byte %d: %w", where, w.err)
}

// wanted says that something else comes next, or nothing.
func (w *window) wanted(what string) error {
	c, ok := w.peek()
	w.broken = w.at
	if !ok {
		return w.ends()
	}
	return fmt.Errorf("byte %d: no JSON: %q where %s belongs", w.offset(), c, what)
}

var errTooLong = fmt.Errorf("longer than %d MiB, the most that is read as one value", maxValue>>20)

// value reads the next value, which stays valid until more is read. With lists it stops at a list of records with
// errList.
func (w *window) value(lists bool) ([]byte, error) {
	for {
		w.scan.final, w.scan.lists = w.err != nil, lists
		held := w.buf[w.at:]
		n, err := w.scan.value(held)
		switch m, isMalformed := errors.AsType[malformed](err); {
		case isMalformed:
			w.broken, w.at = w.at, w.at+m.at
			if m.what == errTooDeep.Error() {
				err = errTooDeep
			}
			return nil, fmt.Errorf("byte %d: %w", w.offset(), err)
		case errors.Is(err, errTooMany), err == nil && n <= maxValue && plain.HasTooMany(held[:n]):
			return nil, errTooMany
		case err == nil && n <= maxValue, errors.Is(err, errList):
			w.at += n
			return held[:n], err
		case err == nil || len(held) > maxValue:
			return nil, errTooLong
		case !w.fill():
			w.broken, w.at = w.at, len(w.buf)
			return nil, w.ends()
		}
	}
}

// member goes to the next member of an object and returns its key.
func (w *window) member() (key string, more bool, err error) {
	c, ok := w.peek()
	if ok && c == '}' {
		w.at++
		return "", false, nil
	}
	if !ok || c != ',' {
		return "", false, w.wanted("a comma or }")
	}
	w.at++
	if c, ok = w.peek(); !ok || c != '"' {
		return "", false, w.wanted("a key")
	}
	raw, err := w.value(false)
	if err != nil {
		return "", false, err
	}
	key = textOf(raw)
	if c, ok = w.peek(); !ok || c != ':' {
		return "", false, w.wanted("a colon")
	}
	w.at++
	return key, true, nil
}

// skip goes behind a value that is too long to be held. It counts brackets outside of strings and checks nothing.
func (w *window) skip() {
	depth, quoted := 0, false
	for {
		for w.at < len(w.buf) {
			c := w.buf[w.at]
			w.at++
			switch {
			case c == '"':
				quoted = !quoted
			case quoted && c == '\\':
				if w.at >= len(w.buf) && !w.fill() {
					return
				}
				w.at++
			case quoted:
			case c == '{', c == '[':
				depth++
			case c == '}', c == ']':
				depth--
			}
			if depth == 0 && !quoted {
				return
			}
		}
		if !w.fill() {
			return
		}
	}
}

// skipLine goes to the beginning of the next line.
func (w *window) skipLine() {
	for {
		if n := bytes.IndexByte(w.buf[w.at:], '\n'); n >= 0 {
			w.at += n + 1
			return
		}
		if w.at = len(w.buf); !w.fill() {
			return
		}
	}
}

// resume goes to where the next value may begin after a broken one. That is where a line in it begins with an object,
// so that a value which was cut off costs no other; or the next line that does not look like more of it. Of a text of
// nothing but beginnings, a part only is read again.
func (w *window) resume() {
	const times = 4
	if next := bytes.Index(w.buf[w.broken:w.at], []byte("\n{\"")); next >= 0 {
		start := w.broken + next + 1
		if w.reread += int64(w.at - start); w.reread <= maxValue+times*w.offset() {
			w.at = start
			return
		}
	}
	for next := w.hold(1); len(next) > 0; next = w.hold(1) {
		if (w.at == 0 || w.buf[w.at-1] == '\n') && strings.IndexByte(" \t\r\n}],:", next[0]) < 0 {
			return
		}
		w.skipLine()
	}
}

// hold returns what comes next, n bytes unless the text ends before.
func (w *window) hold(n int) []byte {
	for len(w.buf)-w.at < n && w.fill() {
	}
	return w.buf[w.at:min(len(w.buf), w.at+n)]
}
