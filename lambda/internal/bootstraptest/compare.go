package bootstraptest

import (
	"slices"
	"testing"
	"time"

	"trailkeeper/lambda/internal/runtimeapi"
)

// Side is one of the programs that are compared.
type Side struct {
	Name, Path string
	Process    *runtimeapi.Process // for who keeps it running between the measurements

	took []time.Duration
}

// Side is a side whose program is built of a package, for the machine itself.
func (p *Programs) Side(tb testing.TB, name, pkg string) Side {
	tb.Helper()
	return Side{Name: name, Path: p.Bootstrap(tb, pkg, "")}
}

// Compare measures the sides in turn, each first in its turn, and reports the medians in ms and the ratios of the first
// to the others as x-<other>: the times vary with the machine, the ratio is what a goal is about.
func Compare(b *testing.B, sides []Side, measure func(*Side) time.Duration) {
	b.Helper()
	for i := 0; b.Loop(); i++ {
		for j := range sides {
			s := &sides[(i+j)%len(sides)]
			s.took = append(s.took, measure(s))
		}
	}
	for _, s := range sides {
		b.ReportMetric(float64(median(s.took).Microseconds())/1000, s.Name+"-ms")
	}
	for _, s := range sides[1:] {
		b.ReportMetric(float64(median(sides[0].took))/float64(median(s.took)), "x-"+s.Name)
	}
	b.ReportMetric(0, "ns/op") // all sides and what is around them: no figure of interest
}

func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[len(sorted)/2]
}

// CompareStarts compares the times from the start of a process to its first poll of the Runtime API.
func CompareStarts(b *testing.B, sides []Side, env map[string]string) {
	b.Helper()
	Compare(b, sides, func(s *Side) time.Duration {
		p := Start(b, s.Path, env)
		took, err := p.FirstPoll(Soon(b))
		if err != nil {
			b.Fatal(err)
		}
		if err := p.Stop(); err != nil {
			b.Fatal(err)
		}
		return took
	})
}
