// Package wire writes a document as bytes and reads it again. One description of the document, a function that visits
// its values in order, serves both ways. It knows no document, and nothing of versions or checksums.
package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// errShort is for bytes that end before the document does.
var errShort = errors.New("they end too early")

// Form is a document while it is written or read. Each of its methods takes a pointer to a value, and writes the value
// or sets it. After the first error nothing more is set. It is not safe for concurrent use.
type Form struct {
	out     []byte
	in      string
	reading bool
	err     error
}

// Write is the document that describe visits. The error is what Fail was given.
func Write(describe func(*Form)) ([]byte, error) {
	var f Form
	describe(&f)
	return f.out, f.err
}

// Read sets the values that describe visits. It is an error if the bytes end early, or later than the document.
func Read(document []byte, describe func(*Form)) error {
	f := Form{in: string(document), reading: true}
	describe(&f)
	if f.err == nil && f.in != "" {
		return fmt.Errorf("%d bytes follow the last value", len(f.in))
	}
	return f.err
}

// Reading reports whether values are being set.
func (f *Form) Reading() bool { return f.reading }

// Fail ends the document with an error, unless there was one before.
func (f *Form) Fail(err error) {
	if f.err == nil {
		f.err = err
	}
}

// Number is a number that is not negative.
func (f *Form) Number(n *int) {
	if f.err != nil {
		return
	}
	if !f.reading {
		if *n < 0 {
			f.Fail(fmt.Errorf("the number %d is negative", *n))
			return
		}
		f.out = binary.AppendUvarint(f.out, uint64(*n))
		return
	}
	value, size := uint64(0), 0
	for shift := 0; ; shift += 7 {
		if size == len(f.in) || shift > 56 {
			f.Fail(errShort)
			return
		}
		b := f.in[size]
		size++
		value |= uint64(b&0x7f) << shift
		if b < 0x80 {
			break
		}
	}
	*n, f.in = int(value), f.in[size:] //nolint:gosec // at most 63 bits
}

// Flag is true or false.
func (f *Form) Flag(b *bool) {
	n := 0
	if *b {
		n = 1
	}
	if f.Number(&n); f.reading && f.err == nil {
		*b = n == 1
	}
}

// Text is a text of any bytes.
func (f *Form) Text(s *string) {
	n := len(*s)
	f.Number(&n)
	switch {
	case f.err != nil:
	case !f.reading:
		f.out = append(f.out, *s...)
	case n > len(f.in):
		f.Fail(errShort)
	default:
		*s, f.in = f.in[:n], f.in[n:]
	}
}

// List is a list of values, each visited with one. A list without values is read as nil.
func List[T any](f *Form, list *[]T, one func(*T)) {
	n := len(*list)
	if f.Number(&n); f.reading {
		if n > len(f.in) { // a value has a byte at least
			f.Fail(errShort)
		}
		if *list = nil; f.err == nil && n > 0 {
			*list = make([]T, n)
		}
	}
	for i := range *list {
		if f.err == nil {
			one(&(*list)[i])
		}
	}
}

// Value is a value behind a pointer, which is never nil.
func Value[T any](f *Form, value **T, visit func(*T)) {
	if f.reading {
		*value = new(T)
	}
	visit(*value)
}

// Maybe is a value that may be missing: a nil pointer.
func Maybe[T any](f *Form, value **T, visit func(*T)) {
	there := *value != nil
	if f.Flag(&there); f.err == nil && there {
		Value(f, value, visit)
	}
}

// Texts is a list of texts.
func (f *Form) Texts(list *[]string) { List(f, list, f.Text) }
