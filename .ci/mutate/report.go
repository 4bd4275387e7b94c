package main

import (
	"fmt"
	"path/filepath"
	"strings"
)

// maxColumns bounds a line of the report.
const maxColumns = 120

// report is what mutate prints.
type report struct {
	pkg             string
	seed            uint64
	offered, tried  int
	killed, timeout int
	survivors       []string
}

func newReport(c *candidates, root string, seed uint64, results []result) *report {
	r := &report{pkg: c.pkg.ImportPath, seed: seed, offered: len(c.all)}
	for _, x := range results {
		switch x.verdict {
		case uncompiled:
			continue
		case timedOut:
			r.timeout++
			r.killed++
		case noticed:
			r.killed++
		case survived:
			r.survivors = append(r.survivors, line(x.mutant, root))
		}
		r.tried++
	}
	return r
}

func (r *report) String() string {
	share := 100.0
	if r.tried > 0 {
		share = 100 * float64(r.killed) / float64(r.tried)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d of %d changes noticed: %.1f %% (%d by timeout; %d changes offered, seed %d)\n",
		r.pkg, r.killed, r.tried, share, r.timeout, r.offered, r.seed)
	for _, s := range r.survivors {
		b.WriteString(s + "\n")
	}
	return b.String()
}

// line says which change survived, with as much of it as fits.
func line(m mutant, root string) string {
	path := m.file
	if short, err := filepath.Rel(root, m.file); err == nil {
		path = short
	}
	start := fmt.Sprintf("%s:%d: %s: ", path, m.line, m.kind)
	const arrow = " -> "
	before, after := oneLine(m.before), oneLine(m.after)
	if after == "" {
		after = "(nothing)"
	}
	forBefore, forAfter := split(maxColumns-len([]rune(start+arrow)), len([]rune(before)), len([]rune(after)))
	return start + cut(before, forBefore) + arrow + cut(after, forAfter)
}

// split shares room between two texts: what one does not need the other may have.
func split(room, before, after int) (int, int) {
	switch half := room / 2; {
	case before <= half:
		return before, room - before
	case after <= room-half:
		return room - after, after
	default:
		return half, room - half
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func cut(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return string(runes[:max(0, most-1)]) + "…"
	}
	return s
}
