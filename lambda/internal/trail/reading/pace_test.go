package reading

import (
	"testing"
	"time"
)

func TestPace(t *testing.T) {
	var p pacer
	start := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	var calls []time.Time
	for i := range 35 {
		now := start.Add(time.Duration(i) * time.Millisecond)
		calls = append(calls, now.Add(p.reserve("eu-west-1", now)))
	}
	for i, at := range calls {
		if i < maxReads && at.Sub(start) > 10*time.Millisecond {
			t.Errorf("call %d waits until %v; the first ten need not", i, at.Sub(start))
		}
		if i >= maxReads && at.Sub(calls[i-maxReads]) < time.Second {
			t.Errorf("calls %d to %d are within %v", i-maxReads, i, at.Sub(calls[i-maxReads]))
		}
	}
	if last := calls[34].Sub(start); last > 3100*time.Millisecond {
		t.Errorf("35 calls take %v, want 3 s", last)
	}
	if wait := p.reserve("us-east-1", start); wait != 0 {
		t.Errorf("another Region waits %v", wait)
	}
	if wait := p.reserve("eu-west-1", start.Add(time.Minute)); wait != 0 {
		t.Errorf("a minute later: %v", wait)
	}
}
