package translate

import (
	"regexp/syntax"
	"strings"
)

// sampleOf is a text in which a regular expression is likely to be found.
func sampleOf(pattern string) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	var b strings.Builder
	sample(&b, re)
	return b.String()
}

// maxSample bounds the repetitions of a sample, in bytes.
const maxSample = 500

func sample(b *strings.Builder, re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		b.WriteRune(oneOf(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('x')
	case syntax.OpCapture, syntax.OpPlus:
		sample(b, re.Sub[0])
	case syntax.OpRepeat:
		for i := 0; i < re.Min && b.Len() < maxSample; i++ {
			sample(b, re.Sub[0])
		}
	case syntax.OpConcat:
		for _, one := range re.Sub {
			sample(b, one)
		}
	case syntax.OpAlternate:
		sample(b, re.Sub[0])
	}
}

// oneOf is a character of a class, a letter or a digit if there is one.
func oneOf(class []rune) rune {
	for _, likely := range "ax0A-_./: " {
		for i := 0; i+1 < len(class); i += 2 {
			if class[i] <= likely && likely <= class[i+1] {
				return likely
			}
		}
	}
	if len(class) == 0 {
		return 'x'
	}
	return class[0]
}
