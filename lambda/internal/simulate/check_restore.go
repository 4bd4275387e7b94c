package simulate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/trail"
	"trailkeeper/lambda/internal/trail/reading"
)

// putBack wants the trail to be as its baseline has it, read as anybody reads it.
func putBack() []check {
	return one(CheckPutBack, func(r *Result) string {
		api := client(r.cloud, r.region)
		reader := reading.Reader{Client: func(string) reading.API { return api }, Clock: clock.Real()}
		now, err := reader.Read(context.Background(), r.trail)
		if err != nil {
			return "the trail cannot be read: " + err.Error()
		}
		var why []string
		for _, c := range trail.Diff(r.declared, now) {
			why = append(why, string(c.Field)+": "+c.Sentence)
		}
		return strings.Join(why, " ")
	})
}

// writesOnly wants the function to make these writes, once each and in this order, and no other.
func writesOnly(want ...string) []check {
	return one(CheckNoMore, func(r *Result) string {
		made := r.writes()
		if !slices.Equal(made, want) {
			return "the guard made " + strings.Join(made, ", ") + "; want " + strings.Join(want, ", ")
		}
		return ""
	})
}

// startedEachTime wants StartLogging once for each stop, and no other write.
func startedEachTime(n int) []check {
	return where(inMode(config.ModeRestart), CheckNoMore, func(r *Result) string {
		made := r.writes()
		if len(made) != n || slices.ContainsFunc(made, func(op string) bool { return op != "StartLogging" }) {
			return fmt.Sprintf(
				"the guard made %d writes: %s; want StartLogging %d times",
				len(made),
				strings.Join(slices.Compact(made), ", "),
				n,
			)
		}
		return ""
	})
}

// cappedAt wants the trail to be put back as often as the attempt cap allows, and once by the sweep.
func cappedAt(n int) []check {
	return one(CheckNoMore, func(r *Result) string {
		if made := r.writes(); len(made) != n+1 {
			return fmt.Sprintf("the guard made %d writes; want %d, and one of the sweep", len(made), n)
		}
		return ""
	})
}

// writes are the names of the function's writing calls, in order.
func (r *Result) writes() []string {
	var made []string
	for _, e := range r.calls() {
		if e.Write {
			made = append(made, e.Op)
		}
	}
	return made
}
