package faults

import (
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"
)

var faultCellFlag = flag.String("cell", "", `play only this cell of TestFaultMatrix, such as "PutItem × throttling"`)

// leastCells is how many cells the issue asks for.
const leastCells = 150

// TestFaultMatrix plays the guard against every fault of every call that it makes: whatever fails, nothing is lost and
// nothing doubled. A row is a subtest; with -v it prints its figures.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	rows := faultRows()
	figures := make([]faultFigures, len(rows))
	t.Cleanup(func() { printFigures(t, rows, figures) })
	var mu sync.Mutex
	cells := 0
	for i, row := range rows {
		cells += len(row.cells)
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := playRow(t, row)
			mu.Lock()
			defer mu.Unlock()
			figures[i] = f
		})
	}
	if cells < leastCells {
		t.Errorf("the matrix has %d cells; want at least %d", cells, leastCells)
	}
}

// playRow plays a row and prints a line for everything that is wrong.
func playRow(t *testing.T, row faultRow) (sum faultFigures) {
	t.Helper()
	for _, cell := range row.cells {
		if *faultCellFlag != "" && *faultCellFlag != cell.name {
			continue
		}
		r, err := playFault(t.Context(), cell)
		if err != nil {
			t.Errorf("%s: it could not be played: %v", cell.name, err)
			continue
		}
		sum.add(r.faultFigures)
		for _, why := range r.wrong {
			t.Fail()
			_, _ = fmt.Fprintf(t.Output(), "%s: %s\n", cell.name, why)
		}
	}
	return sum
}

// printFigures prints the rows that were played and their sum. Repeats are those of the named class: accepted by the
// far end, answer lost.
func printFigures(t *testing.T, rows []faultRow, figures []faultFigures) {
	t.Helper()
	var b strings.Builder
	var sum faultFigures
	line := func(name string, f faultFigures) {
		fmt.Fprintf(&b, "%-21s %5d %9d %10d %7d %9d %5d %8d %8d\n",
			name, f.cells, f.restored, f.delivered, f.parked, f.redriven, f.lost, f.doubled, f.repeats)
	}
	fmt.Fprintf(&b, "%-21s %5s %9s %10s %7s %9s %5s %8s %8s\n",
		"", "cells", "restored", "delivered", "parked", "redriven", "lost", "doubled", "repeats")
	for i, row := range rows {
		if figures[i].cells > 0 {
			line(row.name, figures[i])
			sum.add(figures[i])
		}
	}
	line("all", sum)
	if *faultCellFlag != "" && sum.cells == 0 {
		t.Errorf("no cell that was to be played is called %q", *faultCellFlag)
	}
	_, _ = fmt.Fprint(t.Output(), b.String())
}
