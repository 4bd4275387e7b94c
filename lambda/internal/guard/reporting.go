package guard

import (
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/bearing"
	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/report/channels"
	"trailkeeper/lambda/internal/report/park"
	"trailkeeper/lambda/internal/report/repeat"
	"trailkeeper/lambda/internal/state/claims"
	"trailkeeper/lambda/internal/state/repeats"
)

// reporting is the way of findings, as producers take it.
type reporting struct {
	reporter  bearing.Reporter
	fanout    *report.Fanout
	parker    report.Parker
	once      *report.Once
	incidents *incident.Book    // nil: no table
	summaries *repeat.Summaries // nil: no table
}

// reporting wires the way of findings: with the table it has incidents, claims and summaries.
func (w *wiring) reporting() reporting {
	breaker := &circuit.Breaker{Clock: w.Clock}
	o := channels.Options{
		Config:   w.cfg.Reporting,
		Problems: w.problems,
		AWS:      w.aws,
		Client:   w.client,
		Breaker:  breaker,
		Log:      w.Log,
		Clock:    w.Clock,
	}
	if w.table != nil {
		o.Threads = claims.NewThreads(w.table.documents, w.Clock)
	}
	r := reporting{parker: parkerOf(w), once: &report.Once{Breaker: breaker, Clock: w.Clock, Log: w.Log}}
	r.fanout = &report.Fanout{
		To:           channels.New(o, w.Routes),
		Parker:       r.parker,
		Runbook:      w.runbook(),
		AccountNames: w.cfg.AccountNames,
		Log:          w.Log,
		Clock:        w.Clock,
	}
	counters := w.remember(&r, breaker)
	r.reporter = bearing.Reporter{Next: report.New(r.fanout, r.incidents, w.measure)}
	if counters != nil {
		r.summaries = &repeat.Summaries{
			Table:     counters,
			Reporter:  r.reporter,
			Incidents: r.incidents,
			Base:      w.base,
			Clock:     w.Clock,
			Log:       w.Log,
		}
	}
	return r
}

// remember wires what the way of findings has of the table, and returns what counts repeats; nil: there is no table.
func (w *wiring) remember(r *reporting, breaker *circuit.Breaker) *repeats.Counters {
	if w.table == nil {
		return nil
	}
	documents := w.table.documents
	r.once.Claims = claims.NewFindings(documents, w.Clock)
	r.incidents = &incident.Book{
		Documents: documents,
		Clock:     w.Clock,
		Log:       w.Log,
		Breaker:   breaker,
	}
	r.fanout.Claims = &report.Claims{
		Events:  claims.NewEvents(documents, w.Clock),
		Breaker: breaker,
		Clock:   w.Clock,
		Log:     w.Log,
	}
	counters := repeats.New(documents, w.Clock)
	if w.cfg.SweepMinutes > 0 { // a sweep sends the summaries
		limiter := &repeat.Limiter{
			Table:     counters,
			Once:      r.once,
			Breaker:   breaker,
			Log:       w.Log,
			IsWebhook: func(destination string) bool { return channels.IsWebhook(w.cfg.Reporting, destination) },
		}
		r.fanout.Collapse = limiter.Collapse
	}
	return counters
}

func parkerOf(w *wiring) report.Parker {
	if wrong := w.problems.About(config.EnvFailureQueue); len(wrong) > 0 {
		return channels.Broken{Problems: wrong}
	}
	return park.New(sqs.NewFromConfig(w.aws), w.cfg.FailureQueue, w.Clock)
}
