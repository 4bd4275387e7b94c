package redrive

import (
	"fmt"
	"testing"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/report"
)

// TestStormOutOfTheQueue: whoever writes into the queues fills no destination: of what nobody proves, the first about a
// trail is reported at once, and all together are bounded. What is proven is reported every time.
func TestStormOutOfTheQueue(t *testing.T) {
	w, m := remembering(nil)
	w.standing = standingAs{logging: true}
	sent := func(what string, want int, each func(i int) report.Parked) {
		t.Helper()
		before := len(w.Slack)
		for i := range 60 {
			if err := w.send(t.Context(), each(i)); err != nil {
				t.Fatal(err)
			}
		}
		if got := len(w.Slack) - before; got != want {
			t.Errorf("%s: Slack was delivered %d times; want %d", what, got, want)
		}
	}
	finding := func(kind, trail string, i int) report.Parked {
		return forgedFor(t, "", func(p *report.Parked) {
			p.Reason, p.Notification.Kind, p.Notification.Subject.ARN = fmt.Sprint(i), finding.Kind(kind), trail
		})
	}
	sent("one trail", 1, func(i int) report.Parked { return finding("not_logging", management.ARN(), i) })
	sent("another finding", 1, func(i int) report.Parked { return finding("weakened", management.ARN(), i) })
	sent("an event", 1, func(i int) report.Parked {
		return forgedFor(t, "stop-logging", func(p *report.Parked) { p.Reason = fmt.Sprint(i) })
	})
	sent("sixty trails", maxRefused-3, func(i int) report.Parked {
		return finding("not_logging", fmt.Sprintf("arn:aws:cloudtrail:eu-west-1:111122223333:trail/trail-%d", i), i)
	})
	sent("proven", 60, func(i int) report.Parked {
		p := finding("not_logging", management.ARN(), 100+i)
		p.Subject = fmt.Sprint("s", i)
		producertest.Keep(t, m, "event", p.Subject, map[string]any{"state": "parked", "digest": p.Digest})
		return p
	})
}
