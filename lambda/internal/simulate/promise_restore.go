package simulate

import (
	"context"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/trail"
)

// putBack wants the trail to be as its baseline has it, read as anybody reads it.
func putBack() []promise {
	return one(PromisePutBack, func(r *Result) string {
		api := client(r.cloud, r.region)
		reader := trail.Reader{Client: func(string) trail.API { return api }, Clock: clock.Real()}
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
func writesOnly(want ...string) []promise {
	return one(PromiseNoMore, func(r *Result) string {
		var made []string
		for _, e := range r.calls() {
			if e.Write {
				made = append(made, e.Op)
			}
		}
		if !slices.Equal(made, want) {
			return "the guard made " + strings.Join(made, ", ") + "; want " + strings.Join(want, ", ")
		}
		return ""
	})
}
