// Package guard is the function: it takes a payload and hands it to what answers its kind. It is where everything is
// wired.
//
// It answers nothing itself: it restores nothing, sweeps nothing, and words nothing.
package guard

import (
	"cmp"
	"context"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/evidence"
	"trailkeeper/lambda/internal/redrive/runs"
	"trailkeeper/lambda/internal/respond"
	"trailkeeper/lambda/internal/signal"
	"trailkeeper/lambda/internal/sweep"
)

// Guard handles the function's invocations. It is safe for concurrent use. It implements lambda.Handler.
type Guard struct {
	records  *respond.Responder
	evidence *evidence.Responder
	sweeps   *sweep.Sweeper
	signals  *signal.Responder
	queues   *runs.Redriver
	problems config.Problems // settings that are wrong, and that restoring does without
	log      *slog.Logger
	warm     prewarmer
}

// Invoke handles one payload. The error, after which Lambda runs the event again, means that logging was not restored
// for a reason that a retry may cure, or that a message was neither accepted nor parked.
func (g *Guard) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return g.handle(ctx, payload, false)
}

// fromQueue handles one payload that was taken out of a queue.
func (g *Guard) fromQueue(ctx context.Context, payload []byte) error {
	_, err := g.handle(ctx, payload, true)
	return err
}

func (g *Guard) handle(ctx context.Context, payload []byte, fromQueue bool) ([]byte, error) {
	request := requestID(ctx)
	ev, err := events.Parse(payload)
	if err != nil {
		return nil, g.signals.Unreadable(ctx, payload, cmp.Or(request, noRequestID), err)
	}
	defer g.logProblems(ctx, ev)
	switch ev.Kind {
	case events.KindScheduled:
		return nil, g.sweeps.Scheduled(ctx, ev)
	case events.KindTest:
		return nil, g.signals.Test(ctx, ev, cmp.Or(request, noRequestID))
	case events.KindAlarm:
		return nil, g.signals.Alarm(ctx, ev, cmp.Or(request, noRequestID))
	case events.KindRedrive:
		return g.queues.Now(ctx)
	}
	if evidence.Concerns(ev.Record) {
		return nil, g.evidence.Respond(ctx, ev)
	}
	return nil, g.records.Respond(ctx, respond.Request{Event: ev, ID: request, FromQueue: fromQueue})
}

// logProblems names the settings that are wrong beside every event, where somebody who looks for that event will find
// them.
func (g *Guard) logProblems(ctx context.Context, ev events.Event) {
	if len(g.problems) > 0 {
		g.log.ErrorContext(ctx, "settings wrong", "event_id", cmp.Or(ev.Record.EventID, ev.ID), "error", g.problems.Error())
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
