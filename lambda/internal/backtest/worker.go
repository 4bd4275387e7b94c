package backtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/events/read"
	"trailkeeper/lambda/internal/archive"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/expression"
)

const (
	maxFile    = 2 << 30 // of a file, after unpacking
	maxPending = 1000    // matches that are kept before they go into the report
)

// worker reads one file after the other.
type worker struct {
	Options
	ctx   context.Context //nolint:containedctx // of the run
	flush func(part *Report)

	part    *Report // what has not gone into the report yet
	pending int
	at      archive.File
	records int    // of the file
	day     string // of the last record that was not decoded
	run     run
	reader  expression.Reader
}

func (w *worker) file(f archive.File) {
	if w.ctx.Err() != nil {
		return
	}
	w.part, w.pending, w.at, w.records = empty(), 0, f, 0
	w.part.Files = 1
	if err := w.read(f); err != nil && w.ctx.Err() == nil {
		reason := Digest
		if !errors.Is(err, archive.ErrDigest) {
			reason = sanitize.Bound(err.Error(), maxText)
		}
		w.part.skip(Skip{File: fileName(f.Name), Reason: reason})
	}
	w.send()
	if w.ctx.Err() == nil { // or it was interrupted in its middle
		w.Progress.Files.Add(1)
	}
}

// send puts what was found since the last time into the report.
func (w *worker) send() {
	w.settle()
	w.flush(w.part)
}

func fileName(name string) string {
	if name == archive.Stdin {
		return "standard input"
	}
	return sanitize.Bound(name, maxName)
}

// read reads the records of a file. The error is why there is none.
func (w *worker) read(f archive.File) error {
	in, err := f.Open(w.ctx)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	log := read.Log{
		Name:     f.Name,
		Max:      maxFile,
		Insights: true,
		Every:    true,
		Stop:     w.timer(),
		Large:    w.large,
		Read: func(n int) {
			w.part.Bytes += int64(n)
			w.Progress.Text.Add(int64(n))
		},
	}
	var prose []Skip // lines that are no JSON, as many as can be named
	further := int64(0)
	for r, err := range log.All(interruptible{w.ctx, in, w.Progress}) {
		if w.ctx.Err() != nil {
			return nil
		}
		var record expression.Record
		if err == nil {
			if w.passed(r) {
				continue
			}
			record, err = w.reader.Parse(r.JSON())
		}
		if err == nil {
			w.record(r, record)
			continue
		}
		if skip, named := skipOf(r, err); !named {
			continue
		} else if strings.Contains(skip.Position, "record") || skip.Reason == Digest || errors.Is(err, errSlow) {
			w.part.skip(skip)
		} else if len(prose) < maxSkipped {
			prose = append(prose, skip)
		} else {
			further++
		}
	}
	if w.records == 0 && len(prose) > 1 { // then it is none of CloudTrail's, and its first line says so well enough
		prose, further = prose[:1], 0
		prose[0].Position = ""
	}
	w.part.skip(prose...)
	w.part.Faults += further
	return nil
}

// errSlow is about a file whose time is over.
var errSlow = errors.New("it takes too long")

// timer is what stops a file whose time is over; nil: nothing does.
func (w *worker) timer() func() error {
	if w.FileTime == 0 {
		return nil
	}
	until := w.Now().Add(w.FileTime)
	return func() error {
		if w.Now().Before(until) {
			return nil
		}
		return fmt.Errorf("%w: more than %s; the rest is not read", errSlow, w.FileTime)
	}
}

// skipOf says what cannot be read of a file. It is not named where nothing is missing.
func skipOf(r read.Record, err error) (s Skip, named bool) {
	s = Skip{fileName(r.File), sanitize.Bound(r.Where(), maxText), sanitize.Bound(err.Error(), maxText)}
	if list, empty := errors.AsType[read.EmptyError](err); empty {
		return s, list.List == "" && strings.Contains(s.Position, "record") // in the place of a record
	}
	if skipped, ok := errors.AsType[read.SkippedError](err); ok && strings.HasSuffix(skipped.What, "a digest file") {
		s.Position, s.Reason = "", Digest
	}
	return s, true
}

// record decides a record.
func (w *worker) record(r read.Record, record expression.Record) {
	w.records++
	at, known := events.Record{EventTime: record.Text("eventTime")}.Time()
	if !known {
		at = time.Time{}
	}
	if !w.Filter.HasRecord(at, record.Text("recipientAccountId"), record.Text("awsRegion"), w.at.Key) {
		w.left(r, record, known)
		return
	}
	day := ""
	if known {
		day = cutDay(stamp(at))
	}
	w.decided(stamp(at), day)
	decision := w.Set.Decide(record)
	for _, e := range decision.Errors {
		w.part.fault(e.Rule, e.Reason)
	}
	if decision.IgnoredBy != "" {
		w.part.Ignored[decision.IgnoredBy]++
		return
	}
	for _, rule := range decision.Rules {
		w.match(rule, r, record, at, day)
	}
}

// decided counts a record that is asked for.
func (w *worker) decided(at, day string) {
	w.part.Records++
	if day != "" {
		w.part.First, w.part.Last = earlier(w.part.First, at), max(w.part.Last, at)
		w.part.ByDay[day]++
	}
}

// left counts a record that is not asked for. One whose time cannot be compared is named.
func (w *worker) left(r read.Record, record expression.Record, timed bool) {
	w.part.Left++
	if asked := w.Filter; !timed && (!asked.Since.IsZero() || !asked.Until.IsZero()) {
		reason := fmt.Sprintf("its eventTime is %.60q, so that --since and --until cannot be applied",
			record.Text("eventTime"))
		w.part.skip(Skip{fileName(r.File), sanitize.Bound(r.Where(), maxText), sanitize.Bound(reason, maxText)})
	}
}

func (r *Report) fault(rule, reason string) {
	own := r.Errors[rule]
	r.Errors[rule] = Fault{own.Records + 1, earlier(own.Reason, sanitize.Bound(reason, maxText))}
}

// match counts a record that a rule matches.
func (w *worker) match(rule *detect.Rule, r read.Record, record expression.Record, at time.Time, day string) {
	found := w.part.Rules[rule.ID]
	if found == nil {
		found = &Rule{ByDay: map[string]int64{}, Severities: map[string]int64{}}
		w.part.Rules[rule.ID], w.part.Kept[rule.ID] = found, &kept{}
	}
	found.Matches++
	if day != "" {
		found.ByDay[day]++
	}
	hit, errs := rule.Describe(record)
	e := event{id: hash(idOf(record)), dedupe: hash(hit.Dedupe)}
	if day != "" {
		e.at = max(0, at.UnixMilli())
	}
	counted := true
	if rule.Threshold != nil {
		by, as, err := rule.Count(record)
		if counted = err == nil; !counted {
			errs = append(errs, detect.RuleError{Rule: rule.ID, Reason: err.Error()})
		}
		e.by, e.value = hash(by), hash(as.Value)
	}
	for _, err := range errs {
		w.part.fault(rule.ID, err.Reason)
	}
	found.Severities[hit.Severity]++
	actor := actorOf(r, record)
	kept := w.part.Kept[rule.ID]
	kept.actor(actor, 1)
	if counted {
		kept.log.add(e)
	}
	when := timeOf(at, day)
	if n := len(found.Samples); n < maxSamples || when >= found.Samples[n-1].Time {
		found.add(&Rule{Samples: []Sample{sampleOf(r, record, hit, when, actor)}})
	}
	if w.pending++; w.pending == maxPending {
		w.send()
		w.part, w.pending = empty(), 0
	}
}

func sampleOf(r read.Record, record expression.Record, hit detect.Hit, when, actor string) Sample {
	return Sample{
		Time:      when,
		EventID:   sanitize.Bound(record.Text("eventID"), maxText),
		EventName: sanitize.Bound(record.Text("eventName"), maxText),
		Title:     sanitize.Bound(hit.Title, maxText),
		Severity:  hit.Severity,
		Actor:     actor,
		File:      fileName(r.File),
		Position:  sanitize.Bound(r.Where(), maxText),
	}
}

// idOf is the same of a record that comes again.
func idOf(record expression.Record) string {
	if id := record.Text("eventID"); id != "" {
		return id
	}
	return record.String()
}

func timeOf(at time.Time, day string) string {
	if day == "" {
		return ""
	}
	return stamp(at)
}

// actorOf is who made the call: the role or user, and not the name of a session, which its caller chooses.
func actorOf(r read.Record, record expression.Record) string {
	principal := record.Text("userIdentity", "sessionContext", "sessionIssuer", "arn")
	if principal == "" && record.Text("userIdentity", "type") == "IAMUser" {
		principal = record.Text("userIdentity", "arn")
	}
	if principal != "" {
		return sanitize.Bound(principal, maxText)
	}
	event, err := r.Event()
	if err != nil {
		return "unknown caller"
	}
	return sanitize.Bound(event.Record.Actor().Name, maxText)
}
