package cli

import (
	"bufio"
	"fmt"
	"unicode"
	"unicode/utf16"
)

// WriteEscaped writes JSON with every character escaped that a terminal would obey or hide. encoding/json leaves those
// beyond ASCII as they are; they can stand only inside its strings.
func WriteEscaped(out *bufio.Writer, text string) error {
	for _, r := range text {
		switch {
		case r < 0x7f || !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp):
			_, _ = out.WriteRune(r)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			fmt.Fprintf(out, `\u%04x\u%04x`, hi, lo)
		default:
			fmt.Fprintf(out, `\u%04x`, r)
		}
	}
	_, err := out.WriteString("") // a bufio.Writer keeps its first error
	return err
}
