package trail

import (
	"encoding/json"
	"testing"

	"trailkeeper/lambda/internal/trail/trailtest"
)

// fourFields is the full trail, and one that differs from it in four fields, the selectors among them.
func fourFields() (baseline, now State) {
	return full(), with(func(s *State) {
		s.Logging, s.Settings.S3Bucket, s.Settings.MultiRegion = false, "evil", false
		s.Selectors = []Selector{{ReadWrite: "ReadOnly", Management: true}}
	})
}

// TestDiffIsQuick compares with what reading one of the states from JSON takes in the same run: some 15 µs, where Diff may take 20.
func TestDiffIsQuick(t *testing.T) {
	baseline, now := fourFields()
	text, _ := json.Marshal(baseline)
	const rounds = 3000
	diff := trailtest.CPU(func() {
		for range rounds {
			Diff(baseline, now)
		}
	})
	reading := trailtest.CPU(func() {
		for range rounds {
			var s State
			_ = json.Unmarshal(text, &s)
		}
	})
	t.Logf("Diff %v, reading a state %v: %.2f", diff/rounds, reading/rounds, diff.Seconds()/reading.Seconds())
	if diff > reading*4/3 {
		t.Errorf("Diff of four fields takes %v, reading a state %v", diff/rounds, reading/rounds)
	}
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
