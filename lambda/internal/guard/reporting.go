package guard

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/bearing"
	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/report/channels"
	"trailkeeper/lambda/internal/report/claims"
	"trailkeeper/lambda/internal/report/park"
	"trailkeeper/lambda/internal/report/repeat"
)

// reporting is the way of findings, as producers take it.
type reporting struct {
	reporter  bearing.Reporter
	fanout    *report.Fanout
	parker    report.Parker
	once      *claims.Once
	incidents *incident.Book    // nil: no table
	summaries *repeat.Summaries // nil: no table
}

// reporting wires the way of findings: with the table it has incidents, claims and summaries.
func (w *wiring) reporting() reporting {
	breaker := &circuit.Breaker{Clock: w.Clock}
	r := reporting{parker: parkerOf(w), once: &claims.Once{Breaker: breaker, Clock: w.Clock, Log: w.Log}}
	o := channels.Options{
		Config:   w.cfg,
		Problems: w.problems,
		AWS:      w.aws,
		Client:   w.client,
		Breaker:  breaker,
		Log:      w.Log,
		Clock:    w.Clock,
	}
	if w.table != nil {
		o.Threads = w.table
	}
	to := channels.New(o, w.Routes)
	r.fanout = &report.Fanout{
		Notifiers:    to.Defaults,
		Further:      to.Further,
		Route:        to.Route,
		Parker:       r.parker,
		Breaker:      breaker,
		Runbook:      w.runbook(),
		AccountNames: w.cfg.AccountNames,
		Log:          w.Log,
		Clock:        w.Clock,
	}
	if w.table != nil {
		r.once.Table = w.table
		r.incidents = &incident.Book{
			Table:   w.table,
			Clock:   w.Clock,
			Log:     w.Log,
			Breaker: breaker,
		}
		r.fanout.Claims = claims.Events{Table: w.table}
		r.fanout.Collapse = w.collapse(r.once, breaker)
	}
	r.reporter = bearing.Reporter{Next: report.New(r.fanout, r.incidents, w.measure)}
	if w.table != nil {
		r.summaries = &repeat.Summaries{
			Table:     w.table,
			Reporter:  r.reporter,
			Incidents: r.incidents,
			Base:      w.base,
			Clock:     w.Clock,
			Log:       w.Log,
		}
	}
	return r
}

func parkerOf(w *wiring) report.Parker {
	if wrong := w.problems.About(config.EnvFailureQueue); len(wrong) > 0 {
		return channels.Broken{Problems: wrong}
	}
	return park.New(sqs.NewFromConfig(w.aws), w.cfg.FailureQueue, w.Clock)
}

// collapse reports what is left to a summary, where a sweep sends one; nil: nothing is.
func (w *wiring) collapse(
	once *claims.Once, breaker *circuit.Breaker,
) func(context.Context, finding.Finding, string) bool {
	if w.cfg.SweepMinutes == 0 {
		return nil
	}
	limiter := &repeat.Limiter{
		Table:     w.table,
		Once:      once,
		Breaker:   breaker,
		Log:       w.Log,
		IsWebhook: func(destination string) bool { return channels.IsWebhook(w.cfg, destination) },
	}
	return limiter.Collapse
}
