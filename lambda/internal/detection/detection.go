// Package detection applies rules to CloudTrail records: what matches is counted where the rule has a threshold, put
// together with what is the same matter, and reported.
//
// It knows no client, channel or queue, and no form that records arrive in but that of package events: a record is
// decided alike whether it came in an EventBridge event or out of a log file. It changes nothing that a record is
// about.
package detection

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/expression"
)

// Detector applies the rules. Its fields are set once; it is safe for concurrent use, and must not be copied.
type Detector struct {
	Rules   *detect.Set
	Scope   Scope
	Counts  *Counts  // nil: no table, so that of every threshold it is not known how often
	Matters *Matters // nil: no table, so that every finding stands for itself
	// Failures reports rules that fail; nil: they are only logged and counted.
	Failures *Failures
	Once     *report.Once
	Reporter report.Reporter
	// Base is what every finding has: who speaks.
	Base    finding.Finding
	Measure func(context.Context, ...metrics.Metric)
	// Refused takes the figures of refused calls, once for each account of a run; nil: nobody does. A run that fails gives
	// none: its records come again.
	Refused func(ctx context.Context, account string, r metrics.Refused)
	Clock   clock.Clock
	Log     *slog.Logger

	mu    sync.Mutex
	day   string
	today *detect.Set // the rules of that day
}

// NotRecordError says that a payload is none that rules can be applied to. Trying again cannot change that.
type NotRecordError struct{ Err error }

// Error is the cause's.
func (e *NotRecordError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *NotRecordError) Unwrap() error { return e.Err }

// Detect decides records, one after the other. One that fails stops no other; the errors are joined: a
// NotRecordError, or what a retry may cure, which is a message that was neither accepted nor parked, or a count that
// other runs were first with each time.
func (d *Detector) Detect(ctx context.Context, records iter.Seq[events.Event]) error {
	r := &run{detector: d, rules: d.rules(), refused: map[string]metrics.Refused{}}
	var errs []error
	failed := 0
	for ev := range records {
		if err := r.record(ctx, ev); err != nil {
			if failed++; failed <= maxErrors {
				errs = append(errs, err)
			}
		}
	}
	r.flush(ctx, failed > 0)
	if failed > maxErrors {
		errs = append(errs, fmt.Errorf("%d more records failed", failed-maxErrors))
	}
	return errors.Join(errs...)
}

// maxErrors bounds the errors of a run that are named: a log file has many records.
const maxErrors = 20

// rules are those of today: an ignore rule may have ended since the function started.
func (d *Detector) rules() *detect.Set {
	day := d.Clock.Now().UTC().Format(time.DateOnly)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.today == nil || d.day != day {
		d.today, d.day = d.Rules.On(day), day
	}
	return d.today
}

// run is one invocation.
type run struct {
	detector *Detector
	rules    *detect.Set
	refused  map[string]metrics.Refused // by account
	failed   int64                      // rules that failed on a record
	found    int64                      // findings
}

// record decides one record.
func (r *run) record(ctx context.Context, ev events.Event) error {
	d := r.detector
	record, err := expression.Parse(ev.JSON())
	if err != nil {
		return &NotRecordError{fmt.Errorf("event %.64q: %w", ev.ID, err)}
	}
	one := &match{
		run:    r,
		event:  ev,
		record: record,
		raw:    detail(ev.JSON()),
		wrong:  d.Scope.disagrees(ev),
	}
	decision := r.rules.Decide(record)
	if one.wrong == nil {
		r.count(ev, decision.IgnoredBy != "")
	}
	one.log(ctx, decision)
	var errs []error
	for _, hit := range one.hits(decision.Rules) {
		errs = append(errs, one.report(ctx, hit))
	}
	for _, failure := range decision.Errors {
		errs = append(errs, one.failed(ctx, failure))
	}
	return errors.Join(errs...)
}

// count counts a refused call, as the other module does: an anonymous caller's and an ignored one count as well.
func (r *run) count(ev events.Event, ignored bool) {
	if !metrics.IsRefused(ev.Record.ErrorCode) {
		return
	}
	account := finding.OfRecord(ev).Recipient
	r.refused[account] = r.refused[account].With(ignored)
}

// flush writes the figures of the run; again says that its records come once more.
func (r *run) flush(ctx context.Context, again bool) {
	var figures []metrics.Metric
	for _, f := range []metrics.Metric{
		{Name: metric.RuleErrors, Unit: "Count", Value: r.failed}, {Name: metric.Detections, Unit: "Count", Value: r.found},
	} {
		if f.Value > 0 {
			figures = append(figures, f)
		}
	}
	if len(figures) > 0 {
		r.detector.Measure(ctx, figures...)
	}
	if r.detector.Refused == nil || again {
		return
	}
	for account, refused := range r.refused {
		r.detector.Refused(ctx, account, refused)
	}
}

// detail is the record in an event, without the envelope, in which one record may arrive by two sources.
func detail(payload json.RawMessage) json.RawMessage {
	var envelope struct {
		Detail json.RawMessage `json:"detail"`
	}
	if json.Unmarshal(payload, &envelope) == nil && len(envelope.Detail) > 0 {
		return envelope.Detail
	}
	return payload
}

// digest stands for a text.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
