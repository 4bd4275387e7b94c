// Package producertest is what the tests of the producers share: a state table, a far end for what they report, trails
// that are restarted and restored as a test says, and an event history.
//
// Only tests import it. It knows no producer.
package producertest

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/bearing"
	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/report/channels"
	"trailkeeper/lambda/internal/report/repeat"
	"trailkeeper/lambda/internal/state/claims"
	"trailkeeper/lambda/internal/state/repeats"
)

// Now is the time: three seconds after the fixtures' events.
var Now = time.Date(2026, 3, 2, 9, 15, 30, 0, time.UTC)

// Region is that of the function.
const Region = "eu-west-1"

// World is what is around a producer: whom it reports to, and what it logs. Order is the order in which all of it was
// used.
type World struct {
	Config  config.Guard
	Clock   clock.Clock
	Log     *slog.Logger
	Breaker *circuit.Breaker

	Fanout    *report.Fanout
	Reporter  bearing.Reporter
	Once      *report.Once
	Book      *incident.Book
	Summaries *repeat.Summaries
	Parker    report.Parker

	reporter *report.Pipeline

	mu     sync.Mutex
	Order  []string
	Slack  []finding.Finding
	SNS    []finding.Finding
	Queue  []report.Parked
	Logged bytes.Buffer
}

// New makes a world without a table, whose channels and queue fail with the given errors.
func New(slackErr, snsErr, parkErr error) *World {
	w := &World{Config: config.Example(), Clock: clock.Real()}
	w.Clock.Now = func() time.Time { return Now }
	w.Log = slog.New(slog.NewJSONHandler(&w.Logged, nil))
	w.Breaker = &circuit.Breaker{Clock: w.Clock}
	w.Parker = parkFunc(func(p report.Parked) error {
		w.Note("park " + p.Channel)
		if parkErr != nil {
			return parkErr
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.Queue = append(w.Queue, p)
		return nil
	})
	w.Fanout = &report.Fanout{
		To: report.Destinations{Defaults: []report.Notifier{
			w.channel(finding.ChannelSlack, &w.Slack, slackErr),
			w.channel(finding.ChannelSNS, &w.SNS, snsErr),
		}},
		Parker: w.Parker,
		Log:    w.Log,
		Clock:  w.Clock,
	}
	w.ReportWith(nil, false)
	return w
}

func (w *World) channel(name string, sent *[]finding.Finding, err error) report.Notifier {
	return NotifyFunc{name, func(n finding.Finding) error {
		w.Note(name)
		if err != nil {
			return err
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		*sent = append(*sent, n)
		return nil
	}}
}

// Remember gives it a table, but no incidents and no claims to single messages.
func (w *World) Remember(table *Table) { w.Once.Claims = claims.NewFindings(&table.Documents, w.Clock) }

// ReportWith makes what reports: with a table it has incidents and claims, and where it summarizes also summaries.
func (w *World) ReportWith(table *Table, summarizes bool) {
	w.Once = &report.Once{Breaker: w.Breaker, Clock: w.Clock, Log: w.Log}
	w.Book, w.Summaries, w.Fanout.Claims, w.Fanout.Collapse = nil, nil, nil, nil
	var counters *repeats.Counters
	if table != nil {
		w.Remember(table)
		w.WithIncidents(table)
		counters = repeats.New(&table.Documents, w.Clock)
		w.Fanout.Claims = &report.Claims{
			Events:  claims.NewEvents(&table.Documents, w.Clock),
			Breaker: w.Breaker,
			Clock:   w.Clock,
			Log:     w.Log,
		}
	}
	if table != nil && summarizes {
		w.Fanout.Collapse = (&repeat.Limiter{
			Table:     counters,
			Once:      w.Once,
			Breaker:   w.Breaker,
			Log:       w.Log,
			IsWebhook: func(destination string) bool { return channels.IsWebhook(w.Config.Reporting, destination) },
		}).Collapse
	}
	w.Fanout.Runbook = w.Config.Runbook
	w.reporter = report.New(w.Fanout, w.Book, w.Measure)
	w.Reporter = bearing.Reporter{Next: w.reporter}
	if table == nil {
		return
	}
	w.Summaries = &repeat.Summaries{
		Table:     counters,
		Reporter:  w.Reporter,
		Incidents: w.Book,
		Base: finding.Finding{
			Subject: finding.Subject{Partition: w.Config.Partition, Account: w.Config.Accounts[0], Region: Region},
			Stack:   w.Config.Stack,
		},
		Clock: w.Clock,
		Log:   w.Log,
	}
}

// Pipeline is Reporter for findings that are about no trail.
func (w *World) Pipeline() *report.Pipeline { return w.reporter }

// WithIncidents gives it incidents alone.
func (w *World) WithIncidents(table *Table) {
	w.Book = &incident.Book{
		Documents: &table.Documents,
		Clock:     w.Clock,
		Log:       w.Log,
		Breaker:   w.Breaker,
	}
	if w.reporter != nil {
		w.reporter.Incidents = w.Book
	}
}

// Note notes that something was used.
func (w *World) Note(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Order = append(w.Order, what)
}

// Measure writes metrics into the log.
func (w *World) Measure(ctx context.Context, figures ...metrics.Metric) {
	metrics.Write(ctx, w.Log, w.Config.Stack, w.Clock.Now(), figures...)
}

// Metrics sums up the figures that were logged, by name, and by name and channel or reason.
func (w *World) Metrics(tb testing.TB) map[string]float64 {
	tb.Helper()
	sum := map[string]float64{}
	for line := range strings.SplitSeq(strings.TrimSpace(w.Logged.String()), "\n") {
		var root map[string]any
		if json.Unmarshal([]byte(line), &root) != nil || root["_aws"] == nil {
			continue
		}
		for name, v := range root {
			if n, ok := v.(float64); ok {
				sum[name] += n
				for _, dimension := range []string{"Channel", "Reason"} {
					if value, ok := root[dimension].(string); ok {
						sum[name+" "+value] += n
					}
				}
			}
		}
	}
	return sum
}

// Want compares the figures that were logged; those that are not named may be anything.
func (w *World) Want(tb testing.TB, name string, want map[string]float64) {
	tb.Helper()
	got := w.Metrics(tb)
	for key, value := range want {
		if got[key] != value {
			tb.Errorf("%s: %s is %v; want %v", name, key, got[key], value)
		}
	}
}

// Payload reads a fixture of package events.
func Payload(tb testing.TB, fixture string) []byte {
	tb.Helper()
	b, err := fs.ReadFile(events.Fixtures(), fixture+".json")
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// NotifyFunc is a channel.
type NotifyFunc struct {
	Channel string
	Send    func(finding.Finding) error
}

// Name is that of report.Notifier.
func (f NotifyFunc) Name() string { return f.Channel }

// Notify is that of report.Notifier.
func (f NotifyFunc) Notify(_ context.Context, n finding.Finding) error { return f.Send(n) }

// parkFunc is a failure queue.
type parkFunc func(report.Parked) error

// Park is that of report.Parker.
func (f parkFunc) Park(_ context.Context, p report.Parked) (string, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	return report.DigestOf(string(text)), f(p.Read(string(text)))
}
