package trail

import (
	"encoding/json"
	"testing"
	"time"

	"trailkeeper/lambda/internal/trail/trailtest"
)

// maxDiffAllocs is a little more than it takes today, also under the race detector, which takes values out of pools.
const maxDiffAllocs = 70

// fourFields is the full trail, and one that differs from it in four fields, the selectors among them.
func fourFields() (baseline, now State) {
	return full(), with(func(s *State) {
		s.Logging, s.Settings.S3Bucket, s.Settings.MultiRegion = false, "evil", false
		s.Selectors = []Selector{{ReadWrite: "ReadOnly", Management: true}}
	})
}

// TestDiffAllocatesLittle: what Diff of four fields takes hangs on what it allocates, which is the same on every
// machine.
func TestDiffAllocatesLittle(t *testing.T) {
	baseline, now := fourFields()
	if got := testing.AllocsPerRun(100, func() { Diff(baseline, now) }); got > maxDiffAllocs {
		t.Errorf("Diff of four fields allocates %.0f times; want at most %d", got, maxDiffAllocs)
	}
}

// BenchmarkDiffOfFourFields measures it against reading one of the states from JSON in the same run: some 15 µs, where
// Diff may take 20.
func BenchmarkDiffOfFourFields(b *testing.B) {
	baseline, now := fourFields()
	text, err := json.Marshal(baseline)
	if err != nil {
		b.Fatal(err)
	}
	var diff, reading time.Duration
	for b.Loop() {
		diff += trailtest.CPU(func() {
			for range 100 {
				Diff(baseline, now)
			}
		})
		reading += trailtest.CPU(func() {
			for range 100 {
				var s State
				_ = json.Unmarshal(text, &s)
			}
		})
	}
	b.ReportMetric(diff.Seconds()/reading.Seconds(), "diff/reading")
}

func BenchmarkDiff(b *testing.B) {
	baseline, four := fourFields()
	for name, now := range map[string]State{
		"same": full(), "four fields": four, "everything": with(func(s *State) {
			for _, m := range mutations {
				m.change(s)
			}
		}),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if changes := Diff(baseline, now); (len(changes) == 0) != (name == "same") {
					b.Fatal(changes)
				}
			}
		})
	}
	// What the others are to be compared with: a machine is faster or busier than another.
	text, _ := json.Marshal(baseline)
	b.Run("reading a state", func(b *testing.B) {
		for b.Loop() {
			var s State
			_ = json.Unmarshal(text, &s)
		}
	})
	first, second := trailtest.Worst[0][0].State(arn), trailtest.Worst[0][1].State(arn)
	b.Run("worst", func(b *testing.B) {
		for b.Loop() {
			Diff(first, second)
		}
	})
}
