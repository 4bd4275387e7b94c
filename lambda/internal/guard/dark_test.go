package guard

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/trail"
)

// TestDarkOfAStop rests on the stop that the status shows, at most a minute after the event's, and never before it.
func TestDarkOfAStop(t *testing.T) {
	acted, started := now.Add(2*time.Second), now.Add(3*time.Second)
	for since, from := range map[time.Duration]time.Time{ // of the status's stop after the event's; zero: there is none
		-time.Second - 1: {}, -time.Second: now.Add(-time.Second), 0: now, time.Second: now.Add(time.Second), time.Second + 1: now,
		sameStop: now, sameStop + 1: now.Add(sameStop + 1),
	} {
		var want *finding.Dark
		if !from.IsZero() {
			want = &finding.Dark{From: from, Acted: acted, To: started}
		}
		if diff := cmp.Diff(want, darkOfStop(remediate.Result{Stopped: now.Add(since), Accepted: acted, Started: started}, now)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", since, diff)
		}
	}
	if got := darkOfStop(remediate.Result{Accepted: acted, Started: started}, now); got != nil {
		t.Errorf("no stop: %+v", got)
	}
	if got := darkOfStop(remediate.Result{Stopped: now}, time.Time{}); got == nil || !got.From.Equal(now) {
		t.Errorf("no time of an event: %+v", got)
	}
}

// TestDarkOfARestore counts from the change, as far as its time can be believed, and otherwise from the first write.
func TestDarkOfARestore(t *testing.T) {
	acted := now.Add(-10 * time.Second)
	dark := []trail.Field{trail.FieldSelectors}
	for name, test := range map[string]struct {
		res  remediate.RestoreResult
		made time.Time
		from time.Time // zero: nothing was dark
	}{
		"nothing was dark":           {remediate.RestoreResult{Before: []trail.Change{moved}, Accepted: acted}, now.Add(-time.Minute), time.Time{}},
		"by a change":                {remediate.RestoreResult{Dark: dark, Accepted: acted}, now.Add(-time.Minute), now.Add(-time.Minute)},
		"created again":              {remediate.RestoreResult{Created: true, Accepted: acted}, now.Add(-time.Minute), now.Add(-time.Minute)},
		"missing":                    {remediate.RestoreResult{Missing: true}, now.Add(-time.Minute), now.Add(-time.Minute)},
		"at no known time":           {remediate.RestoreResult{Dark: dark, Accepted: acted}, time.Time{}, acted},
		"at no known time, no write": {remediate.RestoreResult{Dark: dark}, time.Time{}, now},
		"with the first write":       {remediate.RestoreResult{Dark: dark, Accepted: acted}, acted, acted},
		"after the first write":      {remediate.RestoreResult{Dark: dark, Accepted: acted}, acted.Add(time.Second), acted},
		"an hour ago":                {remediate.RestoreResult{Dark: dark, Accepted: acted}, now.Add(-mostBefore), now.Add(-mostBefore)},
		"longer ago":                 {remediate.RestoreResult{Dark: dark, Accepted: acted}, now.Add(-mostBefore - time.Second), acted},
	} {
		got := darkOfRestore(test.res, test.made, now)
		if (got == nil) != test.from.IsZero() || got != nil && (!got.From.Equal(test.from) || !got.Acted.Equal(test.res.Accepted)) {
			t.Errorf("%s: %+v; want from %v", name, got, test.from)
		}
	}
}
