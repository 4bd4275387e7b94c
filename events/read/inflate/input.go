package inflate

import (
	"errors"
	"io"
)

const bufferSize = 64 << 10

// input gives bits. Of acc the lowest n are those that come next; what is above them is the same as in buf[pos:], or
// zero.
type input struct {
	src      io.Reader
	buf      []byte
	pos, end int // of what was read and is not in acc
	before   int64
	acc      uint64
	n        uint
	err      error // why there is no more
}

func (i *input) reset(src io.Reader) {
	if i.buf == nil {
		i.buf = make([]byte, bufferSize)
	}
	*i = input{src: src, buf: i.buf}
}

// fill reads more, and reports whether there was any.
func (i *input) fill() bool {
	if i.err != nil {
		return false
	}
	i.before += int64(i.pos)
	i.pos, i.end = 0, copy(i.buf, i.buf[i.pos:i.end])
	held := i.end
	for tries := 0; i.end == held && i.err == nil; tries++ {
		n, err := i.src.Read(i.buf[held:])
		i.end, i.err = held+n, err
		if tries == maxEmptyReads {
			i.err = io.ErrNoProgress
		}
	}
	return i.end > held
}

const maxEmptyReads = 100

// has reports whether there are k bits, at most 56.
func (i *input) has(k uint) bool {
	for i.n < k {
		if i.pos == i.end && !i.fill() {
			return false
		}
		i.acc |= uint64(i.buf[i.pos]) << i.n
		i.pos++
		i.n += 8
	}
	return true
}

// bits takes the next k, at most 32.
func (i *input) bits(k uint) (uint32, error) {
	if !i.has(k) {
		return 0, i.ends()
	}
	v := uint32(i.acc & (1<<k - 1))
	i.drop(k)
	return v, nil
}

func (i *input) drop(k uint) {
	i.acc >>= k
	i.n -= k
}

// align goes to the next whole byte.
func (i *input) align() { i.drop(i.n & 7) }

// bytes takes as many bytes as there are at once, and p has place for. It wants to be aligned.
func (i *input) bytes(p []byte) (n int, err error) {
	for i.n > 0 && n < len(p) {
		p[n] = byte(i.acc)
		i.drop(8)
		n++
	}
	if n > 0 || len(p) == 0 {
		return n, nil
	}
	i.acc = 0
	if i.pos == i.end && !i.fill() {
		return 0, i.ends()
	}
	n = copy(p, i.buf[i.pos:i.end])
	i.pos += n
	return n, nil
}

// ends is why there is no more where more is wanted.
func (i *input) ends() error {
	if errors.Is(i.err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return i.err
}

// offset is how many bytes were taken.
func (i *input) offset() int64 { return i.before + int64(i.pos) - int64(i.n>>3) }
