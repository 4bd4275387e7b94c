package main

import (
	"slices"
	"testing"
	"time"

	"trailkeeper/lambda/internal/runtimeapi"
)

// The benchmarks measure the watch and its baseline in turn, in the same run, and report medians and their ratio: the
// times vary with the machine, the ratio is what the goal is about. Run them with: go test -run '^$' -bench .
// ./lambda/watch

// BenchmarkStart is the time from the start of the process to its first poll of the Runtime API, with the built-in
// rules in the asset, against a bootstrap that does nothing, for which the goal is at most 2.6; and against one that
// links what the watch does.
func BenchmarkStart(b *testing.B) {
	c := newCloud(b)
	env := c.env(b)
	sides := []side{
		{name: "watch", path: bootstrap(b, watchPkg, "")},
		{name: "hello", path: bootstrap(b, helloPkg, "")},
		{name: "bare", path: bootstrap(b, barePkg, "")},
	}
	compare(b, sides, func(s *side) time.Duration {
		p := start(b, s.path, env)
		took, err := p.FirstPoll(soon(b))
		if err != nil {
			b.Fatal(err)
		}
		if err := p.Stop(); err != nil {
			b.Fatal(err)
		}
		return took
	})
}

// BenchmarkDecide is the time from a warm function's record that no rule matches to its answer, against a handler that
// does nothing.
func BenchmarkDecide(b *testing.B) {
	c := newCloud(b)
	sides := []side{{name: "watch", path: bootstrap(b, watchPkg, "")}, {name: "hello", path: bootstrap(b, helloPkg, "")}}
	payload := fixture(b, "describe-trails.json")
	invoke := func(s *side) time.Duration {
		began := time.Now()
		res, err := s.process.Invoke(soon(b), runtimeapi.Invocation{
			RequestID: "6f0e2f1c-0000-4000-8000-000000000003", Payload: payload,
		})
		if err != nil || res.Error != nil {
			b.Fatal(err, res.Error)
		}
		return time.Since(began)
	}
	for i := range sides {
		sides[i].process = start(b, sides[i].path, c.env(b))
		for range 20 {
			invoke(&sides[i])
		}
	}
	compare(b, sides, invoke)
}

// side is one of the programs that are compared.
type side struct {
	name    string
	path    string
	process *runtimeapi.Process
	took    []time.Duration
}

// compare measures the sides in turn, each first in its turn, and reports the medians in ms and the ratios of the first
// to the others as x-<other>.
func compare(b *testing.B, sides []side, measure func(*side) time.Duration) {
	b.Helper()
	for i := 0; b.Loop(); i++ {
		for j := range sides {
			s := &sides[(i+j)%len(sides)]
			s.took = append(s.took, measure(s))
		}
	}
	for _, s := range sides {
		b.ReportMetric(float64(median(s.took).Microseconds())/1000, s.name+"-ms")
	}
	for _, s := range sides[1:] {
		b.ReportMetric(float64(median(sides[0].took))/float64(median(s.took)), "x-"+s.name)
	}
	b.ReportMetric(0, "ns/op") // both sides and what is around them: no figure of interest
}

func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[len(sorted)/2]
}
