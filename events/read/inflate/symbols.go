package inflate

import "sync"

// What the symbols stand for (RFC 1951, 3.2.5), as entries of a table without the length of a code.
var (
	literals  = literalSymbols()
	distances = distanceSymbols()
	plain     = plainSymbols()
)

func literalSymbols() (all [288]uint32) {
	for i := range 256 {
		all[i] = literal | uint32(i)<<16
	}
	all[256] = special | ending
	base := uint32(3)
	for i := 257; i < literalCodes-1; i++ {
		extra := uint32(max(0, (i-261)/4))
		all[i] = base<<16 | extra
		base += 1 << extra
	}
	all[285] = 258 << 16
	all[286], all[287] = special, special
	return all
}

func distanceSymbols() (all [32]uint32) {
	base := uint32(1)
	for i := range distanceCodes {
		extra := uint32(max(0, i/2-1))
		all[i] = base<<16 | extra
		base += 1 << extra
	}
	all[30], all[31] = special, special
	return all
}

func plainSymbols() (all [19]uint32) {
	for i := range all {
		all[i] = uint32(i) << 16
	}
	return all
}

// fixed are the codes of a block that brings none (RFC 1951, 3.2.6).
var fixed = sync.OnceValue(func() *[2]table {
	var both [2]table
	var lengths [288]uint8
	for i := range lengths {
		switch {
		case i < 144, i >= 280:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		default:
			lengths[i] = 7
		}
	}
	both[0].bits, both[1].bits = literalBits, distanceBits
	both[0].build(lengths[:], literals[:])
	for i := range lengths[:32] {
		lengths[i] = 5
	}
	both[1].build(lengths[:32], distances[:])
	return &both
})

// order is that in which the lengths of the codes of lengths come.
var order = [...]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// codes reads the codes of a block that brings its own (RFC 1951, 3.2.7).
func (r *Reader) codes() error {
	head, err := r.in.bits(14)
	if err != nil {
		return err
	}
	nearby, far, lengths := int(head&31)+257, int(head>>5&31)+1, int(head>>10)+4
	if nearby > literalCodes || far > distanceCodes {
		return r.corrupt()
	}
	var all [literalCodes + distanceCodes]uint8
	for _, at := range order[:lengths] {
		length, err := r.in.bits(3)
		if err != nil {
			return err
		}
		all[at] = uint8(length)
	}
	if !r.lengths.build(all[:len(order)], plain[:]) {
		return r.corrupt()
	}
	if err := r.codeLengths(all[:nearby+far]); err != nil {
		return err
	}
	if !r.own[0].build(all[:nearby], literals[:]) ||
		!r.own[1].build(all[nearby:nearby+far], distances[:]) {
		return r.corrupt()
	}
	r.now = &r.own
	return nil
}

// repeats are the symbols 16, 17 and 18: bits of a number, and what is added to it.
var repeats = [...]struct {
	bits uint
	base int
}{{2, 3}, {3, 3}, {7, 11}}

// codeLengths reads the lengths of all codes.
func (r *Reader) codeLengths(all []uint8) error {
	clear(all)
	for i := 0; i < len(all); {
		_ = r.in.has(lengthBits) // there may be fewer
		entry, _ := r.lengths.find(r.in.acc)
		taken := uint(entry & 0xff)
		switch {
		case entry&special != 0:
			if r.in.n < lengthBits {
				return r.in.ends()
			}
			return r.corrupt()
		case taken > r.in.n:
			return r.in.ends()
		}
		r.in.drop(taken)
		symbol := entry >> 16
		if symbol < 16 {
			all[i] = uint8(symbol)
			i++
			continue
		}
		how := repeats[symbol-16]
		more, err := r.in.bits(how.bits)
		if err != nil {
			return err
		}
		times, value := how.base+int(more), uint8(0)
		if symbol == 16 && i > 0 {
			value = all[i-1]
		}
		if symbol == 16 && i == 0 || times > len(all)-i {
			return r.corrupt()
		}
		for ; times > 0; times-- {
			all[i] = value
			i++
		}
	}
	return nil
}
