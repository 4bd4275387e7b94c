package remediate

import (
	"errors"
	"fmt"
	"slices"

	"trailkeeper/lambda/internal/trail"
)

var errCapped = errors.New("attempt cap reached")

// What is said of what the attempt cap kept from being put back.
const (
	capSentence = "Attempt cap reached: Trailkeeper has restored this trail as often as its cap allows, and somebody " +
		"keeps changing it."
	capNextStep = "Find out who and stop them, then restore it by hand."
)

// heedCap takes out of the plan what the attempt cap keeps from being put back: all but what blinds the trail. A trail
// that was created again was gone, and so nothing of it is capped.
func (r *restoration) heedCap() {
	if r.created {
		return
	}
	r.remember()
	var rest []trail.Field
	blinding := append(r.differ.Blinding(r.baseline, r.now), r.mayBlind()...)
	for _, s := range r.steps() {
		for _, f := range s.fields {
			if !slices.Contains(blinding, f) && !f.Uncapped() {
				rest = append(rest, f)
			}
		}
	}
	r.result.Counts = len(rest) > 0 && !r.capped
	if len(rest) == 0 || !r.capped {
		return
	}
	r.result.Capped = true
	r.failures = append(r.failures, failure{err: fmt.Errorf("restore %s: %w", r.id.ARN(), errCapped)})
	r.leave(capSentence+" "+capNextStep, rest...)
	r.unplan(rest...)
}

// mayBlind are the fields which are written without reading, and in which a trail can lose events for good: nobody
// knows whether it does.
func (r *restoration) mayBlind() []trail.Field {
	return slices.DeleteFunc(slices.Clone(r.unread), func(f trail.Field) bool { return !f.MayBlind() })
}

// unplan takes fields out of the plan. StartLogging stays in any case.
func (r *restoration) unplan(fields ...trail.Field) {
	r.plan.Fields = slices.DeleteFunc(
		r.plan.Fields,
		func(f trail.Field) bool { return f != trail.FieldLogging && slices.Contains(fields, f) },
	)
}
