package redrive

import (
	"context"
	"errors"
	"testing"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/baselines"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/trail"
)

var (
	now        = producertest.Now
	management = producertest.Management
	payload    = producertest.Payload
)

// maxRefused is how many messages of a kind are sent within a window.
const maxRefused = 20

// world is a redrive with its surroundings.
type world struct {
	*producertest.World
	standing standingAs
	reads    Reader
	declared *baselines.Source
	events   *Events
	handled  error // what handling an event gives
}

// standingAs is how a trail stands.
type standingAs struct {
	logging bool
	err     error
}

func (s standingAs) Logging(context.Context, events.Trail) (bool, error) { return s.logging, s.err }

// remembering is a world with a table, incidents, claims and summaries, in which Slack fails with the given error.
func remembering(slackErr error) (*world, *producertest.Table) {
	w := &world{World: producertest.New(slackErr, nil, nil), declared: &baselines.Source{}}
	w.reads = producertest.ReadFunc(func(string) (trail.State, error) { return trail.State{}, errors.New("not read") })
	w.events = &Events{Regions: []string{producertest.Region}, Handler: func(context.Context, []byte) error {
		w.Note("handle")
		return w.handled
	}}
	m := producertest.NewTable()
	w.ReportWith(m, true)
	return w, m
}

func (w *world) scope() assess.Scope {
	return assess.Scope{
		Mode:      w.Config.Mode,
		Accounts:  w.Config.Accounts,
		Partition: w.Config.Partition,
		RoleARN:   w.Config.RoleARN,
		Stack:     w.Config.Stack,
	}
}

// send sends a message out of the queue.
func (w *world) send(ctx context.Context, p report.Parked) error {
	m := &Messages{
		Scope:  w.scope(),
		Region: producertest.Region,
		Standing: Standing{
			Scope:     w.scope(),
			Logging:   w.standing.Logging,
			Reader:    w.reads,
			Baselines: w.declared,
		},
		Incidents: w.Book,
		Deliver:   w.Fanout.Redeliver,
		Clock:     w.Clock,
	}
	return m.Send(ctx, p)
}

// answer reports an event with an outcome, as what answers records does.
func (w *world) answer(t *testing.T, fixture string, outcome finding.Outcome) {
	t.Helper()
	ev, err := events.Parse(payload(t, fixture))
	if err != nil {
		t.Fatal(err)
	}
	n := w.scope().Finding(ev, assess.Assess(ev, w.scope()))
	n.Outcome = outcome
	if outcome == finding.OutcomeRestored {
		n.Severity = finding.SeverityHigh
	}
	_, _ = w.Reporter.Report(t.Context(), n, ev.JSON()) // what becomes of it is in the world
}
