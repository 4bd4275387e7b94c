package guard

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/redrive"
	"trailkeeper/lambda/internal/trail"
)

type redriver interface {
	Run(ctx context.Context, until time.Time) redrive.Report
	RunAgain(ctx context.Context, until time.Time) redrive.Report
}

// mostRedriving bounds a redrive where the context has no deadline, and leastForRedriving is what a sweep must have left for one.
const (
	mostRedriving     = 2 * time.Minute
	leastForRedriving = 8 * time.Second
	afterRedriving    = 3 * time.Second // to make what is left visible again, and to return
)

// redriveNow sends and handles what waits in the queues, because the operator asks, and returns the report. What lies in the last queue is tried
// once more.
func (h *Handler) redriveNow(ctx context.Context) ([]byte, error) {
	report := h.redrive(ctx, mostRedriving, redriver.RunAgain)
	answer, err := json.Marshal(report)
	if err != nil {
		return nil, fmt.Errorf("write the report of the redrive: %w", err)
	}
	return answer, nil
}

// redrive runs at most this long, and within what is left of the run.
func (h *Handler) redrive(ctx context.Context, most time.Duration, run func(redriver, context.Context, time.Time) redrive.Report) redrive.Report {
	if h.redriver == nil {
		return redrive.Report{}
	}
	report := run(h.redriver, ctx, h.clock.Now().Add(h.clock.Left(ctx, afterRedriving, most)))
	if n := report.Redriven(); n > 0 {
		h.measure(ctx, metrics.Metric{Name: metric.Redriven, Unit: "Count", Value: int64(n)})
	}
	h.tellAside(ctx, report)
	return report
}

// fromQueue marks the context of an event that is handled out of a queue: Lambda does not run it again, and the queue keeps it after an error.
type fromQueue struct{}

func isFromQueue(ctx context.Context) bool { return ctx.Value(fromQueue{}) != nil }

// handle handles an event from a queue. What can never be handled is said to be so.
func (h *Handler) handle(ctx context.Context, payload []byte) error {
	ev, parseErr := events.Parse(payload)
	if parseErr == nil {
		if err := h.nowhere(ev); err != nil {
			return &redrive.FinalError{Err: err}
		}
	}
	_, err := h.Invoke(context.WithValue(ctx, fromQueue{}, true), payload)
	if h.noSuchRegion(ev, err) {
		return &redrive.FinalError{Err: err}
	}
	return err
}

// again says who handles the event again after a failure.
func (h *Handler) again(ctx context.Context) string {
	if isFromQueue(ctx) {
		return "The event stays in the queue that it was taken from, and the next sweep tries again."
	}
	return fmt.Sprintf("Lambda runs a failed event again, up to %d times; if every run fails, the event goes to the failure queue and its alarm says so.",
		h.cfg.AsyncRetries)
}

// newRedriver reads the failure queue and the dead letters of EventBridge.
func (h *Handler) newRedriver(cfg config.Guard, client redrive.API) *redrive.Redriver {
	queue := func(url string) redrive.Queue {
		return redrive.Queue{Name: url[strings.LastIndexByte(url, '/')+1:], URL: url, Client: client}
	}
	r := &redrive.Redriver{Handle: h.handle, Send: h.send, Clock: h.clock, Log: h.log}
	if cfg.LastQueue != "" {
		last := queue(cfg.LastQueue)
		r.Last = &last
	}
	for _, url := range append([]string{cfg.FailureQueue}, cfg.DeadLetters...) {
		if url != "" {
			r.Queues = append(r.Queues, queue(url))
		}
	}
	return r
}

// stopApproved reports whether the trail is off by a stop under an approval that is in force, as reading it shows. Only an event out of a queue is held
// against it, and the guard's own start: a fresh stop is of the stop itself, and nothing comes before StartLogging then. A stop after the approved one is
// none that was approved, and what CloudTrail has not confirmed excuses no stop by somebody else.
func (h *Handler) stopApproved(ctx context.Context, ev events.Event, t events.Trail) bool {
	at, ok := ev.Record.Time()
	if h.memory == nil || !ok {
		return false
	}
	seen, err := h.remembered(ctx, t.ARN(), claim{})
	if err != nil {
		h.log.WarnContext(ctx, "state table", "error", err.Error())
		return false
	}
	judged := h.judged(ctx, t, seen)
	if ev.Record.EventName == "StopLogging" {
		judged = judged.Disputed(ev.Record.EventID, []trail.Field{trail.FieldLogging})
	}
	if !slices.ContainsFunc(judged.Counting(), func(c approval.Change) bool {
		made := c.At
		if made.IsZero() {
			made = c.Note.At
		}
		return c.Request.EventName == "StopLogging" && at.Before(made.Add(sameStop))
	}) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, mostStanding)
	defer cancel()
	now, err := h.reads.Read(ctx, t.ARN())
	return err == nil && now.Unseen[trail.PartLogging] == "" && !now.Logging && judged.Stopped(now)
}
