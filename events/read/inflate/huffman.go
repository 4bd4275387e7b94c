package inflate

import "math/bits"

// An entry of a table says what a code stands for, so that one look and one shift do for it. Its lowest byte is how many
// bits to take: those of the code, and of what is behind it for a length or a distance; the next four bits are those of
// the code alone; the upper half is the literal, the least length or distance, or where the table goes on.
const (
	literal = 1 << 31 // a byte
	special = 1 << 15 // none of the following bits: no code
	further = 1 << 14 // the code is longer: it is in a table of as many bits as the four bits say
	ending  = 1 << 13 // the end of the block
)

const (
	maxCode       = 15 // bits of a code
	literalBits   = 11 // of the first table
	distanceBits  = 9
	lengthBits    = 7 // of the codes of lengths of codes, and the most they have
	literalCodes  = 286
	distanceCodes = 30
)

// table has 1<<bits entries, and behind them those of longer codes.
type table struct {
	bits    uint
	entries []uint32
}

// build makes the table of a code by the lengths of its symbols' codes (RFC 1951, 3.2.2). It reports false of lengths
// that make no code, as compress/flate does: one with a single symbol may be incomplete.
func (t *table) build(lengths []uint8, symbols []uint32) bool {
	var count [maxCode + 1]int
	longest := uint(0)
	for _, l := range lengths {
		count[l]++
		longest = max(longest, uint(l))
	}
	count[0] = 0
	var next [maxCode + 2]int
	code := 0
	for l := uint(1); l <= longest; l++ {
		code <<= 1
		next[l] = code
		code += count[l]
	}
	if isWhole := code == 1<<longest || code == 1 && longest == 1; longest > 0 && !isWhole {
		return false
	}
	t.clear()
	for symbol, l := range lengths {
		if l > 0 {
			t.put(bits.Reverse16(uint16(next[l]))>>(16-l), uint(l), longest, symbols[symbol])
			next[l]++
		}
	}
	return true
}

func (t *table) clear() {
	if t.entries == nil {
		t.entries = make([]uint32, 1<<t.bits, 2<<t.bits)
	}
	t.entries = t.entries[:1<<t.bits]
	for i := range t.entries {
		t.entries[i] = special
	}
}

// put puts a code of l bits, the first the lowest, into each place that begins with it.
func (t *table) put(code uint16, l, longest uint, symbol uint32) {
	if l <= t.bits {
		entry := symbol + uint32(l)*0x101
		for i := int(code); i < 1<<t.bits; i += 1 << l {
			t.entries[i] = entry
		}
		return
	}
	first := &t.entries[code&(1<<t.bits-1)]
	more := longest - t.bits
	if *first == special {
		*first = uint32(len(t.entries))<<16 | special | further | uint32(more)<<8 | uint32(t.bits)
		for range 1 << more {
			t.entries = append(t.entries, special)
		}
		first = &t.entries[code&(1<<t.bits-1)]
	}
	start := int(*first >> 16)
	entry := symbol + uint32(l-t.bits)*0x101
	for i := int(code >> t.bits); i < 1<<more; i += 1 << (l - t.bits) {
		t.entries[start+i] = entry
	}
}

// find is the entry of the code that comes next, and how many bits of it are in the first table alone.
func (t *table) find(acc uint64) (entry uint32, taken uint) {
	entry = t.entries[acc&(1<<t.bits-1)]
	if entry&(literal|further) == further {
		entry = t.entries[uint64(entry>>16)+acc>>t.bits&(1<<(entry>>8&15)-1)]
		taken = t.bits
	}
	return entry, taken
}
