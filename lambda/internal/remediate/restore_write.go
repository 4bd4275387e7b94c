package remediate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/smithy-go"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/trail"
)

// write is one call that sets some fields of the trail.
type write struct {
	name   string // "UpdateTrail"
	fields []trail.Field
	call   func(context.Context) error
}

var errNoTime = errors.New("no time was left")

// carryOut makes the writes of the plan in their order. Each has its share of the time, so that none that hangs or is
// throttled keeps the next from being tried.
func (r *restoration) carryOut(ctx context.Context) {
	r.heedCap()
	steps := r.steps()
	for i, w := range steps {
		share := r.Clock.Now().Add(r.end.Sub(r.Clock.Now()) / time.Duration(len(steps)-i))
		if w.name == trail.CallUpdateTrail {
			r.update(ctx, w, share)
		} else {
			r.do(ctx, w, share)
		}
	}
}

func (r *restoration) leave(reason string, fields ...trail.Field) {
	for _, f := range fields {
		r.stuck[f] = reason
	}
}

// do makes a write and notes what became of its fields.
func (r *restoration) do(ctx context.Context, w write, share time.Time) {
	if err := r.try(ctx, w, share); err != nil {
		r.fail(w, w.fields, err)
		return
	}
	r.accept(w)
}

func (r *restoration) accept(w write) {
	if r.result.Accepted.IsZero() {
		r.result.Accepted = r.Clock.Now()
	}
	for _, f := range w.fields {
		r.sent[f] = w.name
	}
}

// fail gives fields up. A write without an answer may have arrived, and then the trail says what became of it.
func (r *restoration) fail(w write, fields []trail.Field, err error) {
	p := r.explain(w.name, err)
	if w.name == trail.CallUpdateTrail && slices.Contains(fields, trail.FieldOrganization) && notManagement(err) {
		p = explainConversion
	}
	f := failure{fmt.Errorf("%s for %s: %w", w.name, r.id.ARN(), err), p.Retryable, words(p)}
	if !p.Retryable || errors.Is(err, errNoTime) || answered(err) {
		r.failures = append(r.failures, f)
		r.leave(f.reason, fields...)
		return
	}
	r.unsure[w.name] = f
	r.accept(w)
}

// try makes a write, again while that may help and its share of the time lasts. After one that was not answered it
// reads the trail before the next try: the write may have arrived.
func (r *restoration) try(ctx context.Context, w write, share time.Time) error {
	pause := firstPause
	last := errNoTime
	for {
		if !r.takeTurn(ctx) {
			return last
		}
		err := r.once(ctx, w, share)
		if err == nil {
			return nil
		}
		last = err
		again := r.explain(w.name, err).Retryable
		r.Log.WarnContext(
			ctx,
			"restore call refused",
			"call",
			w.name,
			"trail",
			r.id.ARN(),
			"error",
			err.Error(),
			"retryable",
			again,
		)
		if !again {
			return err
		}
		r.lost = r.lost || w.name == callCreateTrail && !answered(err)
		if !answered(err) && r.read(ctx, r.end) == nil && r.shows(w) {
			return nil
		}
		if !r.pause(ctx, &pause, share) {
			return err
		}
	}
}

// shows reports whether the trail, as it was just read, has what a write sets.
func (r *restoration) shows(w write) bool {
	for _, f := range w.fields {
		if r.open(f) {
			return false
		}
	}
	return true
}

// takeTurn waits until the quota lets the next write through. It reports false when the time is up; the first write is
// always made.
func (r *restoration) takeTurn(ctx context.Context) bool {
	if r.lastWrite.IsZero() {
		return true
	}
	now := r.Clock.Now()
	wait := max(0, betweenWrites-now.Sub(r.lastWrite))
	return now.Add(wait).Before(r.end) && (wait == 0 || r.Clock.Sleep(ctx, wait) == nil)
}

func (r *restoration) once(ctx context.Context, w write, share time.Time) error {
	now := r.Clock.Now()
	if r.firstCall.IsZero() {
		r.firstCall = now
	}
	ctx, cancel := context.WithTimeout(ctx, max(leastCall, min(mostCall, share.Sub(now))))
	defer cancel()
	r.result.Calls = append(r.result.Calls, w.name)
	err := w.call(ctx)
	r.lastWrite = r.Clock.Now()
	return err
}

// explain words an error of a write. A trail that was just created may be unknown to the next call for a moment.
func (r *restoration) explain(call string, err error) Problem {
	if errors.Is(err, errNoTime) {
		return Problem{"No time was left to restore it in this run.", "", true}
	}
	if made, ok := errors.AsType[*elsewhereError](err); ok {
		return Problem{
			bounded(made.Error()) + " instead: the baseline is one of another account than the function's.",
			"Delete that trail, and correct the baselines and the accounts in the settings.", false,
		}
	}
	p := explainCall(call, err, r.id)
	if r.created && awscall.Code(err) == "TrailNotFound" {
		return Problem{"CloudTrail does not know the new trail yet.", "", true}
	}
	return p
}

// words is a problem as the reason for what is left.
func words(p Problem) string {
	if p.NextStep == "" {
		return p.Sentence
	}
	return p.Sentence + " " + p.NextStep
}

// update puts the settings back. CloudTrail refuses the whole request for one destination that is gone, and then the
// rest is sent without it.
func (r *restoration) update(ctx context.Context, w write, share time.Time) {
	for len(w.fields) > 0 {
		w.call = func(ctx context.Context) error {
			_, err := r.api.UpdateTrail(ctx, trail.UpdateRequest(r.plan.To, w.fields))
			return err
		}
		err := r.try(ctx, w, share)
		if err == nil {
			r.accept(w)
			return
		}
		gone := culprits(err, w.fields)
		if len(gone) == 0 || len(gone) == len(w.fields) {
			r.fail(w, w.fields, err)
			return
		}
		r.fail(w, gone, err)
		w.fields = without(w.fields, gone...)
	}
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
	case isDenied(code) && deniedFor(err, trail.PassRole):
		code = trail.PassRole
	case isDenied(code) && deniedFor(err, trail.SetTags):
		code = trail.SetTags
	default:
		if _, about := explainOrganization(code, events.Trail{}); about {
			code = trail.Convert
		}
	}
	return trail.Blamed(code, sent)
}

func isDenied(code string) bool {
	return code == "AccessDenied" || code == "NotAuthorized" || code == "UnauthorizedOperation"
}

// deniedFor reports whether AWS's message names an action as the one that is not allowed.
func deniedFor(err error, action string) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && strings.Contains(api.ErrorMessage(), "perform: "+action)
}

// The writes that a plan does not name, and how AWS's own tags begin.
const (
	callCreateTrail    = "CreateTrail"
	reservedTagsPrefix = "aws:"
)

// steps lists the writes that the plan asks for, in the order in which they are made: first that the trail logs, then
// where to, then what.
func (r *restoration) steps() []write {
	do := calls{r.api}
	known := []struct {
		name string
		call func(context.Context, trail.State) error
	}{
		{trail.CallStartLogging, do.startLogging},
		{trail.CallUpdateTrail, nil}, // see update
		{trail.CallPutSelectors, do.putSelectors},
		{trail.CallPutInsights, do.putInsights},
		{trail.CallAddTags, do.addTags},
	}
	to := r.plan.To
	to.Tags = own(to.Tags)
	var all []write
	for _, c := range known {
		fields := slices.DeleteFunc(slices.Clone(r.plan.Fields), func(f trail.Field) bool {
			return f.Restore() != c.name || f == trail.FieldTags && len(to.Tags) == 0
		})
		if len(fields) > 0 {
			all = append(all, write{c.name, fields, func(ctx context.Context) error { return c.call(ctx, to) }})
		}
	}
	return all
}

// calls are the writes but for UpdateTrail, which is made in several tries.
type calls struct{ api RestoreAPI }

func (c calls) startLogging(ctx context.Context, to trail.State) error {
	_, err := c.api.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: aws.String(to.ARN)})
	return err
}

func (c calls) putSelectors(ctx context.Context, to trail.State) error {
	_, err := c.api.PutEventSelectors(ctx, trail.SelectorsRequest(to))
	return err
}

func (c calls) putInsights(ctx context.Context, to trail.State) error {
	_, err := c.api.PutInsightSelectors(ctx, trail.InsightsRequest(to))
	return err
}

func (c calls) addTags(ctx context.Context, to trail.State) error {
	_, err := c.api.AddTags(ctx, trail.TagsRequest(to))
	return err
}

// own returns the tags that a caller may set: those that begin with aws: are AWS's own.
func own(tags map[string]string) map[string]string {
	tags = maps.Clone(tags)
	maps.DeleteFunc(tags, func(key, _ string) bool { return strings.HasPrefix(key, reservedTagsPrefix) })
	return tags
}

// reserved reports whether a change is about a tag that no caller may set.
func reserved(c trail.Change) bool {
	return c.Field == trail.FieldTags && strings.HasPrefix(c.Before, reservedTagsPrefix)
}
