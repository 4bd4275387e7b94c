package remediate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/trail"
)

// Recreate creates a deleted trail as its baseline has it, with its tags; then come StartLogging, if the baseline logs,
// the event selectors and the Insights selectors, and all of it is verified by reading. The baseline must be a declared
// one: a recorded one may be poisoned, and a trail that is made from it would send the logs where an attacker wants
// them.
//
// It is StartLogging that follows CreateTrail: a trail that the API made does not log by itself, and records all
// management events until its selectors are put, so that it misses none while they are put or are refused.
//
// It never creates a trail without its bucket or its key. Without its topic, its log group or its tags it does, and
// says so. A trail that is there is not created: it is restored. CreateTrail is called without a look at the trail
// before it, since a read may still show the trail that was deleted.
func (r *Restorer) Recreate(ctx context.Context, o Request) Result {
	if o.Kind != trail.Declared {
		return noTrail(errors.New("only a declared baseline may create a trail"))
	}
	run, err := r.start(ctx, o)
	if err != nil {
		return noTrail(err)
	}
	refused := run.create(ctx)
	if run.created || run.exists(ctx, refused) {
		return run.putBack(ctx)
	}
	return run.notCreated(refused)
}

// elsewhereError says that CreateTrail made another trail than the one that was meant.
type elsewhereError struct{ made string }

// Error names the trail that was made.
func (e *elsewhereError) Error() string { return "CloudTrail created " + e.made }

// create makes the trail, without a topic, a log group or tags that are refused. created says whether there is a new
// trail to go on with; otherwise the error is the last refusal.
func (r *restoration) create(ctx context.Context) error {
	to := r.baseline
	to.Tags = own(to.Tags)
	var gone []trail.Field
	for {
		w := write{
			callCreateTrail,
			without(trail.Created(to), gone...),
			func(ctx context.Context) error { return r.createTrail(ctx, to, gone) },
		}
		err := r.try(ctx, w, r.end)
		if err == nil {
			r.created = true
			r.accept(w)
			if r.now.ARN == "" { // not read since: then it is what was asked for
				made := trail.Adopt(trail.State{ARN: r.id.ARN()}, to, without(trail.Created(to), gone...)...)
				r.model, r.now = true, made
			}
			return nil
		}
		more := optionalCulprits(err, w.fields)
		if len(more) == 0 {
			return err
		}
		r.leave(words(r.explain(callCreateTrail, err)), more...)
		gone = append(gone, more...)
	}
}

func (r *restoration) createTrail(ctx context.Context, to trail.State, but []trail.Field) error {
	out, err := r.api.CreateTrail(ctx, trail.CreateRequest(r.id.Name, to, but))
	if err == nil && out != nil && out.TrailARN != nil && *out.TrailARN != r.id.ARN() {
		return &elsewhereError{*out.TrailARN}
	}
	return err
}

// optionalCulprits are the culprits of a refused CreateTrail, where the trail is worth creating without them. A missing
// key may be the topic's; where it is the trail's own, CloudTrail refuses the next request as well.
func optionalCulprits(err error, sent []trail.Field) []trail.Field {
	return culprits(err, slices.DeleteFunc(slices.Clone(sent), func(f trail.Field) bool { return !f.Optional() }))
}

// exists reports whether the trail is there although CreateTrail was not accepted, and reads it. Where CloudTrail did
// not say so itself, it must still be there after a moment, since a read may show a trail that was deleted.
func (r *restoration) exists(ctx context.Context, refused error) bool {
	code := awscall.Code(refused)
	sure := code == "TrailAlreadyExists"
	if !sure && !r.lost && code != "MaximumNumberOfTrailsExceeded" {
		return false
	}
	if !r.appears(ctx, sure) {
		return false
	}
	r.created = r.lost
	r.stuck = map[trail.Field]string{}
	return !sure || r.weakened() || r.look(ctx, false) == nil
}

// appears reads the trail: for a while where it is surely there, and otherwise twice, so far apart that no read is old.
func (r *restoration) appears(ctx context.Context, sure bool) bool {
	if !sure {
		return r.read(ctx, r.end) == nil && r.Clock.Sleep(ctx, settling) == nil && r.read(ctx, r.end) == nil
	}
	end, pause := earlier(r.until, r.Clock.Now().Add(mostVerifying)), firstPause
	for {
		if r.read(ctx, end) == nil {
			return true
		}
		if !r.pause(ctx, &pause, end) {
			return false
		}
	}
}

// planNew fits the plan to a trail that was just created: what CreateTrail was refused for is not tried again, and the
// selectors are put where they record anything else than the new trail does, more or less.
func (r *restoration) planNew() {
	r.unplan(slices.Collect(maps.Keys(r.stuck))...)
	r.plan.Fields = without(r.plan.Fields, trail.FieldSelectors)
	if slices.ContainsFunc(r.result.Before, func(c trail.Change) bool {
		return c.Field == trail.FieldSelectors && c.Effect != trail.Neutral
	}) {
		r.plan.Fields = append(r.plan.Fields, trail.FieldSelectors)
	}
}

// notCreated is the result where there is no trail to go on with.
func (r *restoration) notCreated(refused error) Result {
	r.result.Missing = true
	r.result.Err = fmt.Errorf("create %s: %w", r.id.ARN(), refused)
	p := r.explain(callCreateTrail, refused)
	if awscall.Code(refused) == "TrailAlreadyExists" {
		p = Problem{"CloudTrail says that there is a trail of this name, but does not show it.", "", true}
	}
	r.result.Detail = p.Sentence + " So the trail could not be created again."
	r.result.NextStep = p.NextStep
	r.result.Retryable = p.Retryable
	return r.result
}
