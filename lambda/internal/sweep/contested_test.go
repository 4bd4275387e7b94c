package sweep

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/bearing"
	"trailkeeper/lambda/internal/finding"
)

// TestContestedSweep: the schedule of every minute sweeps while an incident is contested, and does nothing else.
func TestContestedSweep(t *testing.T) {
	contested := []byte(
		`{"source":"aws.scheduler","detail-type":"` + events.ContestedSweep +
			`","account":"111122223333","region":"eu-west-1","detail":{}}`,
	)
	for strikes, want := range map[int]bool{0: false, 1: false, 2: true} {
		w := newWorld(restored, nil, nil, nil)
		w.ReportWith(newTable(), false)
		for i := range strikes {
			stopped := now.Add(time.Duration(i)*10*time.Second - time.Hour)
			w.Book.Clock.Now = func() time.Time { return stopped.Add(5 * time.Second) }
			w.Book.Note(t.Context(), bearing.With(finding.Finding{
				EventID:   fmt.Sprint(i),
				EventName: "StopLogging",
				Outcome:   finding.OutcomeRestored,
				Subject:   finding.Subject{ARN: management.ARN()},
				Dark:      &finding.Dark{From: stopped, Acted: stopped.Add(3 * time.Second), To: stopped.Add(4 * time.Second)},
			}))
		}
		w.Clock = w.Book.Clock
		if _, err := w.Invoke(t.Context(), contested); err != nil || slices.Contains(w.Order, "sweep") != want {
			t.Errorf("after %d strikes: %v, %v", strikes, w.Order, err)
		}
		if redrove := w.redrives.Load() == 1; redrove != want {
			t.Errorf("after %d strikes: redrove %v", strikes, redrove)
		}
		if beat := w.Metrics(t)[metric.Heartbeat]; (beat > 0) != want {
			t.Errorf("after %d strikes: %v heartbeats", strikes, beat)
		}
	}
}

// TestRedrive: a scheduled sweep takes what is parked once more; one that an event starts leaves that to the schedule.
func TestRedrive(t *testing.T) {
	w := newWorld(restored, nil, nil, nil)
	w.sweepOnEvent(t)
	if n := w.redrives.Load(); n != 0 {
		t.Errorf("an event had it redrive %d times", n)
	}
	if _, err := w.Invoke(t.Context(), payload(t, "scheduled-event")); err != nil || w.redrives.Load() != 1 {
		t.Errorf("the schedule had it redrive %d times, %v", w.redrives.Load(), err)
	}
}
