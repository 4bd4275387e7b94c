package inflate

import (
	"compress/gzip"
	"hash/crc32"
	"io"
)

// The flags of a header (RFC 1952, 2.3.1).
const (
	withSum     = 1 << 1
	withExtra   = 1 << 2
	withName    = 1 << 3
	withComment = 1 << 4
)

const maxName = 512 // as compress/gzip has it

// header reads that of the next stream. It is io.EOF where there is none.
func (r *Reader) header() error {
	r.sum, r.length, r.final, r.state, r.start = 0, 0, false, betweenBlocks, r.w
	if !r.in.has(8) {
		return r.in.err
	}
	var head [10]byte
	if err := r.plain(head[:]); err != nil {
		return err
	}
	if head[0] != 0x1f || head[1] != 0x8b || head[2] != 8 {
		return gzip.ErrHeader
	}
	flags := head[3]
	if err := r.extra(flags&withExtra != 0); err != nil {
		return err
	}
	for _, flag := range [...]byte{withName, withComment} {
		if err := r.text(flags&flag != 0); err != nil {
			return err
		}
	}
	if flags&withSum != 0 {
		want := uint16(r.sum)
		if sum, err := r.in.bits(16); err != nil {
			return err
		} else if uint16(sum) != want {
			return gzip.ErrHeader
		}
	}
	r.sum = 0
	return nil
}

// plain reads bytes of the header, and sums them up.
func (r *Reader) plain(p []byte) error {
	for rest := p; len(rest) > 0; {
		n, err := r.in.bytes(rest)
		if err != nil {
			return err
		}
		rest = rest[n:]
	}
	r.sum = crc32.Update(r.sum, crc32.IEEETable, p)
	return nil
}

func (r *Reader) extra(there bool) error {
	if !there {
		return nil
	}
	var length [2]byte
	if err := r.plain(length[:]); err != nil {
		return err
	}
	return r.plain(make([]byte, int(length[0])|int(length[1])<<8))
}

// text reads a name, to the zero behind it.
func (r *Reader) text(there bool) error {
	if !there {
		return nil
	}
	var c [1]byte
	for range maxName {
		if err := r.plain(c[:]); err != nil {
			return err
		}
		if c[0] == 0 {
			return nil
		}
	}
	return gzip.ErrHeader
}

var _ io.Reader = (*Reader)(nil)
