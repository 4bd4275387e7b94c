// Package render shows a result: as text, and as JSON for programs. It knows nothing but the result, escapes whatever
// somebody else wrote, and decides nothing.
package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/simulate/result"
)

// WriteText writes a scenario for people in lines of at most so many characters: its title, the timeline, and which
// checks passed.
func WriteText(w io.Writer, r result.Result, width int) error {
	var b strings.Builder
	writeWrapped(&b, width, "", strings.Fields(r.Name+": "+r.Title))
	if r.NotPlayed != "" {
		fmt.Fprintf(&b, "  not played: %s\n\n", r.NotPlayed)
		_, err := io.WriteString(w, b.String())
		return err
	}
	for _, l := range lines(r) {
		l.write(&b, width)
	}
	var held []string
	for _, v := range r.Checks {
		if v.Why != "" {
			writeWrapped(&b, width, "  CHECK FAILED: ", strings.Fields(v.Check+": "+firstLine(v.Why)))
			continue
		}
		if !slices.Contains(held, v.Check) {
			held = append(held, v.Check)
		}
	}
	switch {
	case len(held) > 0:
		writeWrapped(&b, width, "  checks passed: ", strings.Fields(strings.Join(held, "; ")))
	case len(r.Checks) == 0:
		b.WriteString("  no check applies\n")
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}
