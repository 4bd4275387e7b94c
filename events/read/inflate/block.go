package inflate

import "encoding/binary"

const (
	// history is how far back a distance may go.
	history = 32 << 10
	// outSize is the text that is held: as far as distances go back, and what is new.
	outSize = history + 128<<10
	// atOnce bounds what one step of the loop writes: three literals and a match, and what the copy goes beyond it.
	atOnce = 3 + 258 + 8
	limit  = outSize - atOnce
	// ahead is how much input one step may look at.
	ahead = 24
)

// block decodes symbols until the block ends or out is full. Most of it is done without a look at whether there is
// enough of either.
func (r *Reader) block() error {
	for r.w < limit {
		if r.in.end-r.in.pos < ahead {
			r.in.fill()
		}
		var done bool
		var err error
		if r.in.end-r.in.pos >= ahead {
			done, err = r.fast()
		} else {
			done, err = r.symbol()
		}
		if done {
			r.state = betweenBlocks
		}
		if done || err != nil {
			return err
		}
	}
	return nil
}

// symbol decodes one symbol near the end of the input, or of which more cannot be held.
func (r *Reader) symbol() (done bool, err error) {
	_ = r.in.has(48) // there may be fewer
	entry, taken := r.now[0].find(r.in.acc)
	total := taken + uint(entry&0xff)
	if entry&(literal|special|further|ending) == special && r.in.n >= maxCode {
		return false, r.corrupt()
	}
	if total > r.in.n || entry&(literal|special|further|ending) == special {
		return false, r.in.ends()
	}
	acc := r.in.acc >> taken
	r.in.drop(total)
	switch {
	case entry&literal != 0:
		r.out[r.w] = byte(entry >> 16)
		r.w++
		return false, nil
	case entry&special != 0:
		return true, nil
	}
	length := value(entry, acc)
	_ = r.in.has(28) // there may be fewer
	entry, taken = r.now[1].find(r.in.acc)
	total = taken + uint(entry&0xff)
	switch {
	case entry&special != 0 && r.in.n >= maxCode:
		return false, r.corrupt()
	case entry&special != 0 || total > r.in.n:
		return false, r.in.ends()
	}
	acc = r.in.acc >> taken
	r.in.drop(total)
	distance := value(entry, acc)
	if distance > r.w-r.start {
		return false, r.corrupt()
	}
	r.w = repeat(r.out, r.w, distance, length)
	return false, nil
}

// value is a length or a distance: the least that its symbol stands for, and the bits behind its code.
func value(entry uint32, acc uint64) int {
	return int(entry>>16&0x7fff) + int(acc&(1<<(entry&63)-1)>>(entry>>8&15))
}

// fast decodes symbols as long as there are 16 bytes of input, and place for what may come of them.
func (r *Reader) fast() (done bool, err error) {
	in, pos, acc, n := r.in.buf[:r.in.end], r.in.pos, r.in.acc, r.in.n
	out, w := r.out, r.w
	codes, far := r.now[0].entries, r.now[1].entries
	first, firstFar := (*[1 << literalBits]uint32)(codes), (*[1 << distanceBits]uint32)(far)
	broken := false
	// Before each step there are 56 bits at least, enough for three literals of the first table and a length, and e is the
	// entry of the next code: it is looked up before what is in the way of that is done.
	pos, acc, n = refill(in, pos, acc, n)
	e := first[acc&(1<<literalBits-1)]
	for pos+ahead <= len(in) && w < limit {
		for range 2 {
			if e&literal == 0 {
				break
			}
			out[w] = byte(e >> 16)
			w++
			acc, n = acc>>(e&63), n-uint(e&63)
			e = first[acc&(1<<literalBits-1)]
		}
		if e&literal != 0 {
			acc, n = acc>>(e&63), n-uint(e&63)
			pos, acc, n = refill(in, pos, acc, n)
			out[w] = byte(e >> 16)
			e = first[acc&(1<<literalBits-1)]
			w++
			continue
		}
		if e&special != 0 {
			if e&further != 0 {
				acc >>= literalBits
				n -= literalBits
				e = codes[uint64(e>>16)+acc&(1<<(e>>8&15)-1)]
			}
			if e&literal != 0 {
				out[w] = byte(e >> 16)
				w++
				acc, n = acc>>(e&63), n-uint(e&63)
				pos, acc, n = refill(in, pos, acc, n)
				e = first[acc&(1<<literalBits-1)]
				continue
			}
			if e&special != 0 {
				done = e&ending != 0
				acc, n = acc>>(e&63), n-uint(e&63)
				broken = !done
				break
			}
		}
		length := value(e, acc)
		acc, n = acc>>(e&63), n-uint(e&63)
		pos, acc, n = refill(in, pos, acc, n)
		e = firstFar[acc&(1<<distanceBits-1)]
		if e&special != 0 {
			if e&further != 0 {
				acc >>= distanceBits
				n -= distanceBits
				e = far[uint64(e>>16)+acc&(1<<(e>>8&15)-1)]
			}
			if e&special != 0 {
				broken = true
				break
			}
		}
		distance := value(e, acc)
		acc, n = acc>>(e&63), n-uint(e&63)
		if distance > w-r.start {
			broken = true
			break
		}
		pos, acc, n = refill(in, pos, acc, n)
		e = first[acc&(1<<literalBits-1)]
		w = repeat(out, w, distance, length)
	}
	r.in.pos, r.in.acc, r.in.n, r.w = pos, acc, n, w
	if broken {
		return false, r.corrupt()
	}
	return done, nil
}

// refill takes as many whole bytes as go with n bits.
func refill(in []byte, pos int, acc uint64, n uint) (newPos int, newAcc uint64, newN uint) {
	return pos + int((63-n)>>3), acc | binary.LittleEndian.Uint64(in[pos:])<<(n&63), n | 56
}

// repeat writes at w what stands so far before it, and returns where that ends. It may write 8 bytes more.
func repeat(out []byte, w, distance, length int) int {
	end, from := w+length, w-distance
	switch {
	case distance >= length && length > 16:
		copy(out[w:end], out[from:])
	case distance >= 8:
		for ; w < end; w, from = w+8, from+8 {
			binary.LittleEndian.PutUint64(out[w:], binary.LittleEndian.Uint64(out[from:]))
		}
	default:
		for ; w < end; w, from = w+1, from+1 {
			out[w] = out[from]
		}
	}
	return end
}
