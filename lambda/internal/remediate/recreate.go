package remediate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/finding"
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
	if run.seen.created || run.exists(ctx, refused) {
		return run.putBack(ctx)
	}
	return run.notCreated(refused)
}

// elsewhereError says that CreateTrail made another trail than the one that was meant.
type elsewhereError struct{ made string }

// Error names the trail that was made.
func (e *elsewhereError) Error() string { return "CloudTrail created " + e.made + " instead" }

// create makes the trail, without a topic, a log group or tags that are refused. The sight says whether there is a new
// trail to go on with; otherwise the error is the last refusal.
func (r *run) create(ctx context.Context) error {
	s, to := r.seen, r.seen.baseline
	to.Tags = own(to.Tags)
	for {
		gone := r.fates.givenUp()
		fields := without(trail.Created(to), gone...)
		err := r.writer.try(ctx, write{callCreateTrail, fields, func(ctx context.Context) error {
			return createTrail(ctx, r.writer.api, s.id, trail.CreateRequest(s.id.Name, to, gone))
		}}, s.writeEnd)
		if err == nil {
			s.created = true
			r.fates.accept(callCreateTrail, nil, fields...)
			if s.now.ARN == "" { // not read since: then it is what was asked for
				s.assumed, s.now = true, trail.Adopt(trail.State{ARN: s.id.ARN()}, to, fields...)
			}
			return nil
		}
		more := culprits(err, slices.DeleteFunc(fields, func(f trail.Field) bool { return !f.Optional() }))
		if len(more) == 0 {
			return err
		}
		r.fates.giveUp(nil, explainWrite(callCreateTrail, err, s).why(), more...)
	}
}

func createTrail(ctx context.Context, api RestoreAPI, id events.Trail, in *cloudtrail.CreateTrailInput) error {
	out, err := api.CreateTrail(ctx, in)
	if err == nil && out != nil && out.TrailARN != nil && *out.TrailARN != id.ARN() {
		return &elsewhereError{*out.TrailARN}
	}
	return err
}

// exists reports whether the trail is there although CreateTrail was not accepted, and reads it. Where CloudTrail did
// not say so itself, it must still be there after a moment, since a read may show a trail that was deleted.
func (r *run) exists(ctx context.Context, refused error) bool {
	code := awscall.Code(refused)
	sure := code == "TrailAlreadyExists"
	if !sure && !r.writer.unanswered && code != "MaximumNumberOfTrailsExceeded" || !r.seen.appears(ctx, sure) {
		return false
	}
	r.seen.created = r.writer.unanswered
	r.fates = fates{}
	return !sure || r.seen.weakened() || r.seen.look(ctx, false) == nil
}

// appears reads the trail: for a while where it is surely there, and otherwise twice, so far apart that no read is old.
func (s *sight) appears(ctx context.Context, sure bool) bool {
	if !sure {
		return s.read(ctx, s.writeEnd) == nil && s.clock.Sleep(ctx, settling) == nil && s.read(ctx, s.writeEnd) == nil
	}
	end := earlier(s.order.Until, s.clock.Now().Add(maxVerifying))
	for again := (backoff{s.clock, end, firstPause}); s.read(ctx, end) != nil; {
		if !again.wait(ctx, false) {
			return false
		}
	}
	return true
}

// notCreated is the result where there is no trail to go on with.
func (r *run) notCreated(refused error) Result {
	p := explainWrite(callCreateTrail, refused, r.seen)
	if awscall.Code(refused) == "TrailAlreadyExists" {
		p = passing(finding.NoteTrailHidden)
	}
	res := Result{
		Err:     fmt.Errorf("create %s: %w", r.seen.id.ARN(), refused),
		Missing: true,
		Unseen:  r.seen.unseen,
		Kept:    r.seen.kept,
		Calls:   r.writer.calls,
	}
	res.cannot(p, finding.NoteNotCreated)
	return res
}
