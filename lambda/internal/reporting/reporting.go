// Package reporting wires the way of findings to whoever is to know of them, from a deployment's settings: channels,
// incidents, claims, summaries, and the queue of what a channel refuses.
//
// It decides nothing and makes no finding. Who makes them, and what a finding means for the incident of its subject, is
// the business of whoever is wired to it.
package reporting

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/redrive/queues"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/report/channels"
	"trailkeeper/lambda/internal/report/park"
	"trailkeeper/lambda/internal/report/repeat"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/claims"
	"trailkeeper/lambda/internal/state/repeats"
)

// Options are what the way of findings is made of.
type Options struct {
	Config   config.Reporting
	Problems config.Problems // settings that are wrong; a channel with one only fails itself
	AWS      aws.Config
	// SecretRegion is that of the secret where it is not AWS's; empty: it is.
	SecretRegion string
	Client       *http.Client
	Documents    state.Documents // nil: no table, so no incidents, claims and summaries
	Routes       route.List
	// Scheduled says that something runs regularly and sends the summaries; without it nothing is left to them.
	Scheduled bool
	// Base is what every finding has: who speaks, and for which account and Region.
	Base    finding.Finding
	Measure func(context.Context, ...metrics.Metric)
	Clock   clock.Clock
	Log     *slog.Logger
}

// Way is the way of findings. Its fields are set once; it is safe for concurrent use.
type Way struct {
	Reporter  report.Reporter
	Fanout    *report.Fanout
	Parker    report.Parker
	Once      *report.Once
	Breaker   *circuit.Breaker
	Incidents *incident.Book    // nil: no table
	Summaries *repeat.Summaries // nil: no table
}

// New wires the way of findings. It makes no call.
func New(o Options) Way {
	breaker := &circuit.Breaker{Clock: o.Clock}
	to := channels.Options{
		Config:   o.Config,
		Problems: o.Problems,
		AWS:      o.AWS,

		SecretRegion: o.SecretRegion,
		Client:       o.Client,
		Breaker:      breaker,
		Log:          o.Log,
		Clock:        o.Clock,
	}
	if o.Documents != nil {
		to.Threads = claims.NewThreads(o.Documents, o.Clock)
	}
	w := Way{Parker: parkerOf(o), Breaker: breaker, Once: &report.Once{Breaker: breaker, Clock: o.Clock, Log: o.Log}}
	w.Fanout = &report.Fanout{
		To:           channels.New(to, o.Routes),
		Parker:       w.Parker,
		Runbook:      runbook(o),
		AccountNames: o.Config.AccountNames,
		Log:          o.Log,
		Clock:        o.Clock,
	}
	// Without a count and summaries, of what there may be any number one is sent now and then.
	w.Fanout.Collapse = (&repeat.Limiter{
		Once:      w.Once,
		Breaker:   breaker,
		Log:       o.Log,
		IsWebhook: func(destination string) bool { return channels.IsWebhook(o.Config, destination) },
	}).Collapse
	counters := w.remember(o)
	w.Reporter = report.New(w.Fanout, w.Incidents, o.Measure)
	if counters != nil {
		w.Summaries = &repeat.Summaries{
			Table:     counters,
			Reporter:  w.Reporter,
			Incidents: w.Incidents,
			Base:      o.Base,
			Clock:     o.Clock,
			Log:       o.Log,
		}
	}
	return w
}

// remember wires what the way of findings has of the table, and returns what counts repeats; nil: there is no table.
func (w *Way) remember(o Options) *repeats.Counters {
	if o.Documents == nil {
		return nil
	}
	w.Once.Claims = claims.NewFindings(o.Documents, o.Clock)
	w.Incidents = &incident.Book{
		Documents: o.Documents,
		Clock:     o.Clock,
		Log:       o.Log,
		Breaker:   w.Breaker,
	}
	w.Fanout.Claims = &report.Claims{
		Events:  claims.NewEvents(o.Documents, o.Clock),
		Breaker: w.Breaker,
		Clock:   o.Clock,
		Log:     o.Log,
	}
	counters := repeats.New(o.Documents, o.Clock)
	if o.Scheduled {
		limiter := &repeat.Limiter{
			Table:     counters,
			Once:      w.Once,
			Breaker:   w.Breaker,
			Log:       o.Log,
			IsWebhook: func(destination string) bool { return channels.IsWebhook(o.Config, destination) },
		}
		w.Fanout.Collapse = limiter.Collapse
	}
	return counters
}

func parkerOf(o Options) report.Parker {
	if wrong := o.Problems.About(config.EnvFailureQueue); len(wrong) > 0 {
		return channels.Broken{Problems: wrong}
	}
	return park.New(sqs.NewFromConfig(o.AWS), o.Config.FailureQueue, o.Clock)
}

// runbook is the setting, or nothing where it is wrong: a link is not worth a message.
func runbook(o Options) string {
	if len(o.Problems.About(config.EnvRunbook)) > 0 {
		return ""
	}
	return o.Config.Runbook
}

// Waiting is what empties the queues of the settings: it has events handled and messages sent.
func (o Options) Waiting(
	handle func(ctx context.Context, payload []byte) error, send func(context.Context, report.Parked) error,
) *queues.Redriver {
	client := sqs.NewFromConfig(o.AWS)
	queue := func(url string) queues.Queue {
		return queues.Queue{Name: url[strings.LastIndexByte(url, '/')+1:], URL: url, Client: client}
	}
	waiting := &queues.Redriver{
		Handle: handle,
		Send:   send,
		Clock:  o.Clock,
		Log:    o.Log,
	}
	if o.Config.LastQueue != "" {
		waiting.Last = new(queue(o.Config.LastQueue))
	}
	for _, url := range append([]string{o.Config.FailureQueue}, o.Config.DeadLetters...) {
		if url != "" {
			waiting.Queues = append(waiting.Queues, queue(url))
		}
	}
	return waiting
}
