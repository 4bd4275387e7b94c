package remediate

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/smithy-go"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/trail"
)

// update puts the settings back. CloudTrail refuses the whole request for one destination that is gone, and then the rest is sent without it.
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

// culprits are the fields among those sent that an error of UpdateTrail or CreateTrail is about. None: the error is about the whole request.
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
