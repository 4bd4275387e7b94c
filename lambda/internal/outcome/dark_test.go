package outcome

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/trail"
)

// TestDarkOfAStop rests on the stop that the status shows, at most a minute after the event's, and never before it.
func TestDarkOfAStop(t *testing.T) {
	acted, started := producertest.Now.Add(2*time.Second), producertest.Now.Add(3*time.Second)
	for since, from := range map[time.Duration]time.Time{ // of the status's stop after the event's; zero: there is none
		-time.Second - 1:   {},
		-time.Second:       producertest.Now.Add(-time.Second),
		0:                  producertest.Now,
		time.Second:        producertest.Now.Add(time.Second),
		time.Second + 1:    producertest.Now,
		trail.SameStop:     producertest.Now,
		trail.SameStop + 1: producertest.Now.Add(trail.SameStop + 1),
	} {
		var want *finding.Dark
		if !from.IsZero() {
			want = &finding.Dark{From: from, Acted: acted, To: started}
		}
		if diff := cmp.Diff(
			want,
			DarkOfStop(
				remediate.Result{Stopped: producertest.Now.Add(since), Accepted: acted, Started: started}, producertest.Now,
			),
		); diff != "" {
			t.Errorf("%v (-want +got):\n%s", since, diff)
		}
	}
	if got := DarkOfStop(remediate.Result{Accepted: acted, Started: started}, producertest.Now); got != nil {
		t.Errorf("no stop: %+v", got)
	}
	if got := DarkOfStop(
		remediate.Result{Stopped: producertest.Now}, time.Time{},
	); got == nil ||
		!got.From.Equal(producertest.Now) {
		t.Errorf("no time of an event: %+v", got)
	}
}

// TestDarkOfARestore counts from the change, as far as its time can be believed, and otherwise from the first write.
func TestDarkOfARestore(t *testing.T) {
	acted := producertest.Now.Add(-10 * time.Second)
	dark := []trail.Field{trail.FieldSelectors}
	for name, test := range map[string]struct {
		res  remediate.Result
		made time.Time
		from time.Time // zero: nothing was dark
	}{
		"nothing was dark": {
			remediate.Result{Before: []trail.Change{producertest.Moved}, Accepted: acted},
			producertest.Now.Add(-time.Minute),
			time.Time{},
		},
		"by a change": {
			remediate.Result{Dark: dark, Accepted: acted},
			producertest.Now.Add(-time.Minute),
			producertest.Now.Add(-time.Minute),
		},
		"created again": {
			remediate.Result{Created: true, Accepted: acted},
			producertest.Now.Add(-time.Minute),
			producertest.Now.Add(-time.Minute),
		},
		"missing": {
			remediate.Result{Missing: true}, producertest.Now.Add(-time.Minute), producertest.Now.Add(-time.Minute),
		},
		"at no known time":           {remediate.Result{Dark: dark, Accepted: acted}, time.Time{}, acted},
		"at no known time, no write": {remediate.Result{Dark: dark}, time.Time{}, producertest.Now},
		"with the first write":       {remediate.Result{Dark: dark, Accepted: acted}, acted, acted},
		"after the first write":      {remediate.Result{Dark: dark, Accepted: acted}, acted.Add(time.Second), acted},
		"an hour ago": {
			remediate.Result{Dark: dark, Accepted: acted}, producertest.Now.Add(-Believed), producertest.Now.Add(-Believed),
		},
		"longer ago": {remediate.Result{Dark: dark, Accepted: acted}, producertest.Now.Add(-Believed - time.Second), acted},
	} {
		got := DarkOfRestore(test.res, test.made, producertest.Now)
		if (got == nil) != test.from.IsZero() ||
			got != nil && (!got.From.Equal(test.from) || !got.Acted.Equal(test.res.Accepted)) {
			t.Errorf("%s: %+v; want from %v", name, got, test.from)
		}
	}
}
