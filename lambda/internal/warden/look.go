package warden

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/smithy-go"

	"trailkeeper/events"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/warden/check"
)

// look checks every resource of the part, what silences the deployment first.
func (r *run) look(ctx context.Context) {
	known, ok := r.read(ctx)
	if !ok {
		if len(r.sights) > 0 { // of the parameter, which the first deployment makes last
			r.deploys(ctx, known)
		}
		return
	}
	resources := known.description.Resolve(r.warden.Part, known.record, r.warden.Place, r.warden.Suffix)
	if r.warden.Others != nil {
		resources = append(resources, r.warden.Others(resources)...)
	}
	checks := r.warden.Checks(known.record, resources)
	r.resources = make(map[string]deployment.Deployed, len(resources))
	for _, of := range inOrder(resources, r.at) {
		r.resources[of.ID] = of
		r.lookAt(ctx, checks[of.Type], of)
	}
	r.deploys(ctx, known)
	for i := range r.sights {
		r.restore(ctx, checks[r.sights[i].of.Type], &r.sights[i])
	}
}

// lookAt checks one resource.
func (r *run) lookAt(ctx context.Context, with check.Check, of deployment.Deployed) {
	what := of.Type + " " + nameOf(of)
	switch {
	case with == nil:
		r.cannotSee(what, "there is no check for this type")
		return
	case of.Unresolved != nil:
		r.cannotSee(what, of.Unresolved.Error())
		return
	}
	found, err := r.compare(ctx, with, of, r.looking)
	if err != nil {
		r.unread(what, err)
	} else {
		r.checked++
		r.whole[of.ID] = true
	}
	if len(found) == 0 {
		return
	}
	s := sight{of: of}
	for _, d := range found {
		s.differences = append(s.differences, difference{Difference: d})
	}
	r.sights = append(r.sights, s)
}

// compare checks a resource in its share of the time, which ends with until.
func (r *run) compare(
	ctx context.Context, with check.Check, of deployment.Deployed, until time.Time,
) ([]check.Difference, error) {
	left := until.Sub(r.warden.Clock.Now())
	if left <= 0 {
		return nil, errNoTime
	}
	ctx, cancel := context.WithTimeout(ctx, min(maxEach, left))
	defer cancel()
	found, err := with(ctx, of)
	return found[:min(len(found), maxDifferences)], err
}

// maxDifferences bounds what is taken of one resource.
const maxDifferences = 50

// errNoTime says that the run has no time left.
var errNoTime = errors.New("no time was left in this run")

func (r *run) cannotSee(what, why string) {
	r.unseen = append(r.unseen, unseen{
		what: sanitize.Bound(what, maxName), why: strings.TrimSuffix(sanitize.Bound(why, maxWhy), "."),
	})
}

// unread is cannotSee of an error.
func (r *run) unread(what string, err error) {
	r.cannotSee(what, reason(err))
	r.unseen[len(r.unseen)-1].passing = errors.Is(err, errNoTime) || awscall.Passing(err)
}

// reason is an error in a few words, without what differs from run to run.
func reason(err error) string {
	switch {
	case awscall.Denied(err) || awscall.Code(err) == "AuthorizationError": // SNS's word for it
		return "the role lacks " + cmp.Or(action(err), "a permission") + " (" + awscall.Code(err) + ")"
	case awscall.Code(err) != "":
		return "AWS answered " + awscall.Code(err)
	}
	return err.Error()
}

// action is the one that a refusal names ("User: … is not authorized to perform: events:DescribeRule on resource: …");
// empty: it names none.
func action(err error) string {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return ""
	}
	_, rest, _ := strings.Cut(api.ErrorMessage(), "perform: ")
	name, _, _ := strings.Cut(rest, " ")
	const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-:"
	if len(name) > 64 || !events.ConsistsOf(name, plain) {
		return ""
	}
	return name
}

const (
	// maxName bounds a name and maxWhy a reason, in runes.
	maxName = 160
	maxWhy  = 200
)

// nameOf is a resource's name, or its logical ID.
func nameOf(of deployment.Deployed) string {
	if of.Name != "" {
		return of.Name
	}
	return of.ID
}
