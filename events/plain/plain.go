// Package plain finds where JSON strings end, and tells those that mean what is written in them, eight bytes at a time:
// most of a CloudTrail record is in strings.
//
// It checks no UTF-8 and decodes nothing.
package plain

import (
	"encoding/binary"
	"math/bits"
)

// A bit for each of eight bytes, the lowest and the highest.
const ones, high = 0x0101010101010101, 0x8080808080808080

// End is where the next quotation mark, backslash or control character stands at or behind a place of a text; the length
// of the text where there is none (Hacker's Delight, "Find first 0-byte").
func End(text []byte, at int) int {
	for ; at+8 <= len(text); at += 8 {
		x := binary.LittleEndian.Uint64(text[at:])
		quote, slash := x^(ones*'"'), x^(ones*'\\')
		if found := ((quote-ones)&^quote | (slash-ones)&^slash | (x-ones*' ')&^x) & high; found != 0 {
			return at + bits.TrailingZeros64(found)>>3
		}
	}
	for at < len(text) && text[at] != '"' && text[at] != '\\' && text[at] >= ' ' {
		at++
	}
	return at
}

// Is reports whether what stands between quotation marks means itself.
func Is(s []byte) bool {
	for ; len(s) >= 8; s = s[8:] {
		x := binary.LittleEndian.Uint64(s)
		slash := x ^ ones*'\\'
		if ((slash-ones)&^slash|x)&high != 0 {
			return false
		}
	}
	for _, c := range s {
		if c == '\\' || c >= 0x80 {
			return false
		}
	}
	return true
}
