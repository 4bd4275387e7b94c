package guard

import (
	"cmp"
	"context"
	"errors"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/heartbeat"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/redrive/runs"
	"trailkeeper/lambda/internal/signal"
	"trailkeeper/lambda/internal/sweep"
	"trailkeeper/lambda/internal/warden"
	"trailkeeper/lambda/internal/warden/checks"
)

// Function is what the program is: the guard, or the warden.
type Function interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
	// Prewarm opens in advance what the first call needs. Failing costs nothing.
	Prewarm(ctx context.Context)
}

// NewFunction makes the one that the environment says. Errors are those of New.
func NewFunction(o Options) (Function, error) {
	if config.IsWarden(o.Getenv) {
		return NewWarden(o)
	}
	return New(o)
}

// Warden handles the invocations of the function that checks the guard. It is safe for concurrent use.
type Warden struct {
	warden    *warden.Warden
	signals   *signal.Responder
	queues    *runs.Redriver
	summaries sweep.Summaries   // nil: there is no table
	outside   heartbeat.Outside // nil: nobody is pinged
	measure   func(context.Context, ...metrics.Metric)
	problems  config.Problems
	base      finding.Finding // what every finding has: who speaks
	log       *slog.Logger
}

// NewWarden makes the warden. It makes no request. The error names every setting that is wrong, if one of them is needed
// to check; a setting that concerns a channel only makes that channel fail, so that the others report it.
func NewWarden(o Options) (*Warden, error) {
	cfg, err := config.WardenFromEnv(o.Getenv)
	unknown := config.WardenUnknown(o.Environ)
	problems, _ := errors.AsType[config.Problems](err)
	w := &wiring{Options: o, problems: problems, client: o.HTTPClient}
	var clientErr, awsErr error
	if w.client == nil {
		w.client, clientErr = awsenv.HTTPClient(o.Getenv)
	}
	w.aws, awsErr = awsenv.Config(o.Getenv, w.client)
	needed := problems.About(config.EnvWardenMode, config.EnvAccounts, config.EnvPartition, config.EnvStack, config.EnvStackRegion)
	if len(needed) > 0 || clientErr != nil || awsErr != nil || unknown != nil {
		return nil, errors.Join(errors.New("settings"), err, unknown, clientErr, awsErr)
	}
	w.Metrics = cmp.Or(o.Metrics, o.Log)
	w.cfg = config.Guard{Reporting: cfg.Reporting, Heartbeat: cfg.Heartbeat, RoleARN: cfg.RoleARN, SweepMinutes: cfg.Minutes}
	w.cfg = w.cfg.With(o.Lists)
	w.trails = &regions{cfg: w.aws, clients: make(map[string]*cloudtrail.Client)}
	w.remember(cfg.Table)
	region := cmp.Or(cfg.Region, w.aws.Region)
	w.secretRegion = region
	w.scope = assess.Scope{Accounts: w.cfg.Accounts, Partition: cfg.Partition, RoleARN: cfg.RoleARN, Stack: cfg.Stack}
	w.base = finding.Finding{
		Subject: finding.Subject{Partition: cfg.Partition, Account: cmp.Or(w.cfg.Accounts...), Region: region},
		Stack:   cfg.Stack,
	}
	return w.warden(cfg, region), nil
}

// warden wires what answers each kind of event.
func (w *wiring) warden(cfg config.Warden, region string) *Warden {
	t := w.tools()
	r := w.way()
	h := &Warden{
		warden: w.checking(r), signals: w.signals(r), outside: w.outside(), measure: w.measure, problems: w.problems, log: w.Log,
		base: w.base,
	}
	h.warden.Part, h.warden.Finder = deployment.PartGuard, "the warden"
	h.warden.Restores, h.warden.Stack = cfg.Mode == config.ModeRestore, cfg.Stack
	h.warden.Place = w.place(cfg.RoleARN, region)
	h.warden.Suffix, h.warden.Others = awsapi.Suffix(region), checks.Secrets
	h.warden.Actors = &warden.History{Search: t.history, Own: w.scope.Own, Clock: w.Clock}
	h.queues = w.queues(t, r, func(ctx context.Context, payload []byte) error {
		_, err := h.Invoke(ctx, payload)
		return err
	})
	if r.Summaries != nil {
		h.summaries = r.Summaries
	}
	return h
}

// Invoke handles one payload. The error means that a message was neither accepted nor kept.
func (h *Warden) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	request := cmp.Or(requestID(ctx), noRequestID)
	ev, err := events.Parse(payload)
	if err != nil {
		return nil, h.signals.Unreadable(ctx, payload, request, err)
	}
	if len(h.problems) > 0 {
		h.log.ErrorContext(ctx, "settings wrong", "event_id", ev.ID, "error", h.problems.Error())
	}
	switch ev.Kind {
	case events.KindScheduled:
		return nil, h.run(ctx, ev.Time)
	case events.KindTest:
		return nil, h.signals.Test(ctx, ev, request)
	case events.KindAlarm:
		return nil, h.signals.Alarm(ctx, ev, request)
	case events.KindRedrive:
		return h.queues.Now(ctx)
	}
	h.log.InfoContext(ctx, "event ignored", "event_id", ev.ID, "detail_type", ev.DetailType)
	return nil, nil
}

// run checks the guard, sends what waits, and pings a service outside of AWS where it did all that it is for.
func (h *Warden) run(ctx context.Context, id string) error {
	result, err := h.warden.Run(ctx, id)
	untold := 0
	if h.summaries != nil {
		lost, summaryErr := h.summaries.Send(ctx)
		untold, err = lost, errors.Join(err, summaryErr)
	}
	h.queues.AfterSweep(ctx)
	h.measure(ctx, metrics.Metric{Name: metric.WardenHeartbeat, Unit: "Count", Value: 1})
	return errors.Join(err, h.pingOutside(ctx, withheld(result.Reason, untold, err)))
}

// withheld says why nobody is pinged; empty: the run did all that it is for, and somebody was told.
func withheld(reason string, untold int, err error) string {
	switch {
	case reason != "":
		return reason
	case err != nil:
		return "a message was neither accepted nor kept"
	case untold > 0:
		return "no channel accepted a message"
	}
	return ""
}

// Prewarm opens nothing in advance: the warden is in no hurry.
func (h *Warden) Prewarm(context.Context) {}
