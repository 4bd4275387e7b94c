// Package watch is the second function: it takes a payload and hands it to what answers its kind. It is where that
// function is wired.
//
// It answers nothing itself, and it can change nothing but its notifications and its state: no client of another
// service is linked.
package watch

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"log/slog"
	"slices"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/detection"
	"trailkeeper/lambda/internal/logevents"
	"trailkeeper/lambda/internal/redrive/runs"
	"trailkeeper/lambda/internal/report/repeat"
	"trailkeeper/lambda/internal/signal"
)

// Watch handles the function's invocations. It is safe for concurrent use. It implements lambda.Handler.
type Watch struct {
	records   *detection.Detector
	signals   *signal.Responder
	queues    *runs.Redriver
	summaries *repeat.Summaries // nil: no table
	files     files             // without buckets: no log file is read
	problems  config.Problems   // settings that are wrong, and that the rest does without
	log       *slog.Logger
	warm      prewarmer
}

// Invoke handles one payload. The error, after which Lambda runs the event again, means that a message was neither
// accepted nor parked, that a record could not be counted for a reason that a retry may cure, or that a log file could
// not be read to its end. Of a batch of a queue, the answer names the messages that failed.
func (w *Watch) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	request := cmp.Or(requestID(ctx), noRequestID)
	ev, err := events.Parse(payload)
	if err != nil && logevents.Is(payload) {
		return nil, w.logEvents(ctx, payload, request)
	}
	if err != nil {
		return w.objects(ctx, payload, request, err)
	}
	w.logProblems(ctx, ev)
	switch ev.Kind {
	case events.KindScheduled:
		return nil, w.scheduled(ctx)
	case events.KindTest:
		return nil, w.signals.Test(ctx, ev, request)
	case events.KindAlarm:
		return nil, w.signals.Alarm(ctx, ev, request)
	case events.KindRedrive:
		return w.queues.Now(ctx)
	}
	err = w.Records(ctx, slices.Values([]events.Event{ev}))
	if wrong, ok := errors.AsType[*detection.NotRecordError](err); ok {
		return nil, w.signals.Unreadable(ctx, payload, request, wrong)
	}
	return nil, err
}

// Records applies the rules to records, from whatever source they come. The error joins those of all.
func (w *Watch) Records(ctx context.Context, records iter.Seq[events.Event]) error {
	return w.records.Detect(ctx, records)
}

// scheduled delivers what waits in the queues, and what was left to summaries.
func (w *Watch) scheduled(ctx context.Context) error {
	var err error
	if w.summaries != nil {
		_, err = w.summaries.Send(ctx)
	}
	w.queues.AfterSweep(ctx)
	return err
}

// fromQueue handles one payload that was taken out of a queue.
func (w *Watch) fromQueue(ctx context.Context, payload []byte) error {
	_, err := w.Invoke(ctx, payload)
	return err
}

// logProblems names the settings that are wrong beside every event, where somebody who looks for that event will find
// them.
func (w *Watch) logProblems(ctx context.Context, ev events.Event) {
	if len(w.problems) > 0 {
		w.log.ErrorContext(ctx, "settings wrong", "event_id", cmp.Or(ev.Record.EventID, ev.ID), "error", w.problems.Error())
	}
}

// requestID names the invocation; Lambda keeps it over the retries of one event. Outside of Lambda it is empty.
func requestID(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		return lc.AwsRequestID
	}
	return ""
}

// noRequestID stands in messages for an invocation outside of Lambda.
const noRequestID = "no-request-id"
