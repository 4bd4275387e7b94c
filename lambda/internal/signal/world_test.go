package signal

import (
	"context"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/report"
)

// world is what answers signals, with its surroundings.
type world struct{ *producertest.World }

func newWorld(slackErr, snsErr, parkErr error) *world {
	return &world{producertest.New(slackErr, snsErr, parkErr)}
}

// remembering is a world with a table, incidents, claims and summaries.
func remembering(slackErr error) *world {
	w := newWorld(slackErr, nil, nil)
	w.ReportWith(producertest.NewTable(), true)
	return w
}

const testAlert = `{"id":"t-1","source":"trailkeeper","detail-type":"Trailkeeper Test Alert","account":"111122223333",
	"region":"eu-west-1",
	"time":"2026-03-02T09:15:27Z","detail":{"by":"cli"}}`

// maxRefused is how many messages of a kind are sent within a window.
const maxRefused = 20

// Invoke hands it a payload.
func (w *world) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	r := &Responder{
		Reporter: w.Reporter,
		Parker:   w.Parker,
		Deliver:  w.Fanout.Redeliver,
		Measure:  w.Measure,
		Base:     finding.Finding{Stack: w.Config.Stack, Subject: finding.Subject{Partition: w.Config.Partition}},
		Clock:    w.Clock,
		Log:      w.Log,
	}
	ev, err := events.Parse(payload)
	switch {
	case err != nil:
		return nil, r.Unreadable(ctx, payload, "request", err)
	case ev.Kind == events.KindTest:
		return nil, r.Test(ctx, ev, "request")
	}
	return nil, r.Alarm(ctx, ev, "request")
}

// hangs is a queue that answers only when its caller has given up.
type hangs struct{}

func (hangs) Park(ctx context.Context, _ report.Parked) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}
