package rules

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// ignoreCase matches as event-ruler's equals-ignore-case does: each character of the pattern stands for its lower and
// its upper case, as Java maps them one by one. That is not Unicode's folding: "s" is not "ſ", and "ſ" is "ſ" and "S"
// but not "s" (EqualsIgnoreCaseParser).
func ignoreCase(want string) (func(leaf) bool, error) {
	var cases [][2]rune
	for _, r := range want {
		switch {
		case unicode.Is(severalLetters, r):
			return nil, fmt.Errorf("equals-ignore-case: %q has a case of several letters, which is not supported here", r)
		case r > 0xffff: // two halves for Java, neither of which is a character
			cases = append(cases, [2]rune{'?', '?'}, [2]rune{'?', '?'})
		default:
			cases = append(cases, [2]rune{unicode.ToLower(r), unicode.ToUpper(r)})
		}
	}
	return func(l leaf) bool {
		if utf8.RuneCountInString(l.text) != len(cases) {
			return false
		}
		i := 0
		for _, r := range l.text {
			if r != cases[i][0] && r != cases[i][1] {
				return false
			}
			i++
		}
		return true
	}, nil
}

// severalLetters are the characters whose upper or lower case is more than one character ("ß" is "SS"; Unicode's
// SpecialCasing.txt), and some that became letters of two cases after Unicode 13, which AWS's Java may not know.
var severalLetters = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0xdf, Hi: 0xdf, Stride: 1},
		{Lo: 0x130, Hi: 0x130, Stride: 1},
		{Lo: 0x149, Hi: 0x149, Stride: 1},
		{Lo: 0x1f0, Hi: 0x1f0, Stride: 1},
		{Lo: 0x390, Hi: 0x3b0, Stride: 0x20},
		{Lo: 0x587, Hi: 0x587, Stride: 1},
		{Lo: 0x1e96, Hi: 0x1e9a, Stride: 1},
		{Lo: 0x1f50, Hi: 0x1f56, Stride: 2},
		{Lo: 0x1f80, Hi: 0x1fff, Stride: 1},
		{Lo: 0x2c2f, Hi: 0x2c5f, Stride: 0x30},
		{Lo: 0xa7c0, Hi: 0xa7c1, Stride: 1},
		{Lo: 0xa7d0, Hi: 0xa7d9, Stride: 1},
		{Lo: 0xfb00, Hi: 0xfb17, Stride: 1},
	},
	LatinOffset: 1,
}
