package remediate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/trail"
)

// betweenWrites keeps to CloudTrail's quota of one write a second for an account and Region, which cannot be raised.
const betweenWrites = 1100 * time.Millisecond

var errNoTime = errors.New("no time was left")

// write is one call that sets some fields of the trail.
type write struct {
	name   string // "UpdateTrail"
	fields []trail.Field
	call   func(context.Context) error
}

// writer makes the writes of a run, as fast as CloudTrail's quota allows.
type writer struct {
	api  RestoreAPI
	seen *sight
	log  *slog.Logger

	calls       []string // the writes that were made, by name
	first, last time.Time
	accepted    time.Time // when the first was accepted
	unanswered  bool      // one was not answered
}

// set makes a write, and notes what became of its fields. CloudTrail refuses the whole of an UpdateTrail for one
// destination that is gone, and then the rest is sent without it. A write without an answer may have arrived, and then
// the trail says what became of it.
func (w *writer) set(
	ctx context.Context, call string, to trail.State, fields []trail.Field, share time.Time, done fates,
) {
	for len(fields) > 0 {
		send := func(ctx context.Context) error { return send(ctx, w.api, call, to, fields) }
		err := w.try(ctx, write{call, fields, send}, share)
		if err == nil {
			done.accept(call, nil, fields...)
			return
		}
		refused := fields
		if some := culprits(err, fields); call == trail.CallUpdateTrail && len(some) > 0 {
			refused = some
		}
		p := explainWrite(call, err, w.seen)
		if p.says.ID == finding.NoteNotManagement && slices.Contains(refused, trail.FieldOrganization) {
			p = final(finding.NextConvertThere, finding.NoteConversion)
		}
		f := &failure{fmt.Errorf("%s for %s: %w", call, w.seen.id.ARN(), err), p}
		if !p.retryable || errors.Is(err, errNoTime) || answered(err) {
			done.giveUp(f, p.why(), refused...)
		} else {
			w.accept()
			done.accept(call, f, refused...)
		}
		fields = without(fields, refused...)
	}
}

// try makes a write, again while that may help and its share of the time lasts. After one that was not answered it
// reads the trail before the next try: the write may have arrived.
func (w *writer) try(ctx context.Context, c write, share time.Time) error {
	again := backoff{w.seen.clock, share, firstPause}
	last := errNoTime
	for w.takeTurn(ctx) {
		last = w.once(ctx, c, share)
		if last == nil {
			w.accept()
			return nil
		}
		retryable := explainWrite(c.name, last, w.seen).retryable
		w.log.WarnContext(ctx, "restore call refused",
			"call", c.name, "trail", w.seen.id.ARN(), "error", last.Error(), "retryable", retryable)
		if !retryable {
			return last
		}
		if !answered(last) {
			w.unanswered = true
			if w.seen.read(ctx, w.seen.writeEnd) == nil && !w.seen.anyOpen(c.fields) {
				w.accept()
				return nil
			}
		}
		if !again.wait(ctx, false) {
			return last
		}
	}
	return last
}

func (w *writer) accept() {
	if w.accepted.IsZero() {
		w.accepted = w.seen.clock.Now()
	}
}

// takeTurn waits until the quota lets the next write through. It reports false when the time is up; the first write is
// always made.
func (w *writer) takeTurn(ctx context.Context) bool {
	if w.last.IsZero() {
		return true
	}
	now := w.seen.clock.Now()
	wait := max(0, betweenWrites-now.Sub(w.last))
	return now.Add(wait).Before(w.seen.writeEnd) && (wait == 0 || w.seen.clock.Sleep(ctx, wait) == nil)
}

func (w *writer) once(ctx context.Context, c write, share time.Time) error {
	now := w.seen.clock.Now()
	if w.first.IsZero() {
		w.first = now
	}
	ctx, cancel := context.WithTimeout(ctx, max(minCall, min(maxCall, share.Sub(now))))
	defer cancel()
	w.calls = append(w.calls, c.name)
	err := c.call(ctx)
	w.last = w.seen.clock.Now()
	return err
}

// explainWrite words an error of a write. A trail that was just created may be unknown to the next call for a moment.
func explainWrite(call string, err error, s *sight) problem {
	if made, ok := errors.AsType[*elsewhereError](err); ok {
		return final(finding.NextDeleteElsewhere, finding.NoteCreatedElsewhere, made.made)
	}
	switch {
	case errors.Is(err, errNoTime):
		return passing(finding.NoteNoTime)
	case s.created && awscall.Code(err) == "TrailNotFound":
		return passing(finding.NoteNotKnownYet)
	}
	return explain(call, err, s.id)
}

// without are the fields but for some of them.
func without(fields []trail.Field, some ...trail.Field) []trail.Field {
	return slices.DeleteFunc(slices.Clone(fields), func(f trail.Field) bool { return slices.Contains(some, f) })
}

// culprits are the fields among those sent that an error of UpdateTrail or CreateTrail is about. None: the error is
// about the whole request.
func culprits(err error, sent []trail.Field) []trail.Field {
	code := awscall.Code(err)
	switch {
	case awscall.Denied(err) && deniedFor(err, trail.PassRole):
		code = trail.PassRole
	case awscall.Denied(err) && deniedFor(err, trail.SetTags):
		code = trail.SetTags
	case aboutOrganization(code):
		code = trail.Convert
	}
	return trail.Blamed(code, sent)
}

// fates are what became of the fields that were to be set.
type fates map[trail.Field]fate

type fate struct {
	call   string         // the write that has set the field, or may have
	stuck  []finding.Note // why it is given up; nil: it is not
	failed *failure       // of one that is not given up: the write was not answered, and may have arrived
}

// failure is a write that was not accepted in the end.
type failure struct {
	err error
	problem
}

// unsure reports whether nobody has answered whether the field is set.
func (f fate) unsure() bool { return f.failed != nil && f.stuck == nil }

func (f fates) accept(call string, unanswered *failure, fields ...trail.Field) {
	for _, field := range fields {
		f[field] = fate{call: call, failed: unanswered}
	}
}

func (f fates) giveUp(failed *failure, why []finding.Note, fields ...trail.Field) {
	for _, field := range fields {
		f[field] = fate{call: f[field].call, stuck: why, failed: failed}
	}
}

// sent are the fields that a write has set, or may have.
func (f fates) sent() []trail.Field { return f.which(func(f fate) bool { return f.call != "" }) }

func (f fates) givenUp() []trail.Field { return f.which(func(f fate) bool { return f.stuck != nil }) }

func (f fates) which(is func(fate) bool) []trail.Field {
	var all []trail.Field
	for _, field := range trail.Fields() {
		if is(f[field]) {
			all = append(all, field)
		}
	}
	return all
}
