package read

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"unicode/utf16"
	"unicode/utf8"

	"trailkeeper/events/read/inflate"
)

// All that a file unpacks to is bounded by what one gzip stream of its length can, so that gzip in gzip gains nothing.
const (
	maxLayers = 4        // of gzip in gzip
	maxRatio  = 1100     // of deflate it is 1032
	minBudget = 64 << 20 // of a small file
	headSize  = 512      // what is looked at to tell what a file is
	maxKept   = 4 << 10  // of the members of an object, whose memory is used again
)

// budget counts what a file gave, and what that unpacked to.
type budget struct {
	read, unpacked int64

	stop     func() error
	large    Places
	hasPlace bool // it has a place of large

	lent []func() // give back what reads the file, the last first
}

// What reads a file is used for the next one: most files are small, and these are not.
var (
	buffers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 64<<10) }}
	zips    = sync.Pool{New: func() any { return new(inflate.Reader) }}
	windows = sync.Pool{New: func() any { return &window{buf: make([]byte, 0, firstSize), quick: newQuick()} }}
)

func (b *budget) buffer(in io.Reader) *bufio.Reader {
	r, _ := buffers.Get().(*bufio.Reader)
	r.Reset(in)
	b.lent = append(b.lent, func() {
		r.Reset(nil)
		buffers.Put(r)
	})
	return r
}

func (b *budget) zip(in io.Reader) (*inflate.Reader, error) {
	z, _ := zips.Get().(*inflate.Reader)
	if err := z.Reset(in); err != nil {
		return nil, err
	}
	b.lent = append(b.lent, func() { zips.Put(z) })
	return z, nil
}

func (b *budget) window(in io.Reader) *window {
	w, _ := windows.Get().(*window)
	*w = window{
		in:    in,
		of:    b,
		buf:   w.buf[:0],
		scan:  scanner{members: w.scan.members[:0]},
		quick: w.quick,
	}
	b.lent = append(b.lent, func() {
		if cap(w.buf) <= firstSize {
			if w.in, w.of = nil, nil; cap(w.scan.members) > maxKept {
				w.scan.members = nil
			}
			windows.Put(w)
		}
	})
	return w
}

// mayRead is asked before more is read of a text, of which so much is in memory: the value that it begins with.
func (b *budget) mayRead(held int) error {
	if held > firstSize/2 && b.large != nil && !b.hasPlace {
		b.large <- struct{}{}
		b.hasPlace = true
		b.lent = append(b.lent, func() {
			b.hasPlace = false
			<-b.large
		})
	}
	if b.stop == nil {
		return nil
	}
	return b.stop()
}

// giveBack gives back all that was lent since there was so much.
func (b *budget) giveBack(since int) {
	for len(b.lent) > since {
		last := len(b.lent) - 1
		b.lent[last]()
		b.lent = b.lent[:last]
	}
}

// counted counts the bytes that a reader gives.
type counted struct {
	in    io.Reader
	bytes *int64
	check func() error
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	if *c.bytes += int64(n); c.check != nil {
		err = errors.Join(c.check(), err)
	}
	return n, err
}

func (b *budget) check() error {
	if b.unpacked > minBudget+maxRatio*b.read {
		return fmt.Errorf("it unpacks to more than %d times its length", maxRatio)
	}
	return nil
}

// measured gives a text as far as a log is read, and says how much that was.
type measured struct {
	in   io.Reader
	log  Log
	left int64
}

func (m *measured) Read(p []byte) (int, error) {
	if m.log.Max > 0 {
		if m.left == 0 {
			if n, err := m.in.Read(p[:min(len(p), 1)]); n == 0 {
				return 0, err
			}
			return 0, fmt.Errorf("longer than %d MiB, the most that is read of one file", m.log.Max>>20)
		}
		p = p[:min(int64(len(p)), m.left)]
	}
	n, err := m.in.Read(p)
	m.left -= int64(n)
	if m.log.Read != nil {
		m.log.Read(n)
	}
	return n, err
}

// unpack takes off compression, byte order mark and UTF-16. The error says what the file is that is no text.
func (b *budget) unpack(in io.Reader) (io.Reader, error) {
	for layers := 0; ; layers++ {
		buffered := b.buffer(in)
		head, err := buffered.Peek(headSize)
		switch {
		case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
			if layers == maxLayers {
				return nil, fmt.Errorf("gzip in gzip more than %d times", maxLayers)
			}
			z, err := b.zip(buffered)
			if err != nil {
				return nil, fmt.Errorf("gzip: %w", err)
			}
			in = counted{z, &b.unpacked, b.check}
			continue
		case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
			_, _ = buffered.Discard(3) // it was peeked
			return buffered, nil
		}
		if order, ok := isUTF16(head); ok {
			return &utf16Reader{in: buffered, order: order}, nil
		}
		if name := binaryName(head); name != "" {
			return nil, errors.New(name)
		}
		if len(head) == 0 && !errors.Is(err, io.EOF) {
			return nil, err
		}
		return buffered, nil
	}
}

// isUTF16 tells UTF-16 by its byte order mark, or by two ASCII characters at its beginning.
func isUTF16(head []byte) (binary.ByteOrder, bool) {
	marked := len(head) >= 2 && (head[0] == 0xff && head[1] == 0xfe || head[0] == 0xfe && head[1] == 0xff)
	if marked && len(head) < 4 {
		head = append(slices.Clone(head), "\xff\xff"...)
	}
	if len(head) < 4 || bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")) {
		return nil, false
	}
	zeros := [4]bool{head[0] == 0, head[1] == 0, head[2] == 0, head[3] == 0}
	switch {
	case head[0] == 0xff && head[1] == 0xfe, zeros == [4]bool{false, true, false, true}:
		return binary.LittleEndian, true
	case head[0] == 0xfe && head[1] == 0xff, zeros == [4]bool{true, false, true, false}:
		return binary.BigEndian, true
	}
	return nil, false
}

// utf16Reader gives UTF-16 as UTF-8. Half of a pair becomes U+FFFD.
type utf16Reader struct {
	in      *bufio.Reader
	order   binary.ByteOrder
	high    rune // the first half of a pair
	pending []byte
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.pending) == 0 {
		if err := u.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, u.pending)
	u.pending = u.pending[n:]
	return n, nil
}

// next decodes what is in the buffer.
func (u *utf16Reader) next() error {
	if _, err := u.in.Peek(2); err != nil {
		if u.in.Buffered() == 1 {
			return errors.New("UTF-16 with half a character at its end")
		}
		return err
	}
	units, _ := u.in.Peek(u.in.Buffered() &^ 1)
	u.pending = u.pending[:0]
	for i := 0; i < len(units); i += 2 {
		r := rune(u.order.Uint16(units[i:]))
		if u.high != 0 {
			if pair := utf16.DecodeRune(u.high, r); pair != utf8.RuneError {
				u.pending, u.high = utf8.AppendRune(u.pending, pair), 0
				continue
			}
			u.pending, u.high = utf8.AppendRune(u.pending, utf8.RuneError), 0
		}
		if r >= 0xd800 && r < 0xdc00 {
			u.high = r
		} else if r != 0xfeff {
			u.pending = utf8.AppendRune(u.pending, r)
		}
	}
	_, err := u.in.Discard(len(units))
	return err
}
