package warden

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/signs"
	"trailkeeper/lambda/internal/state/claims"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// maxDeploying is how long a deployment is taken to be under way, and how long several, one after the other.
const maxDeploying = time.Hour

// notByDeployment are the differences that no deployment of this app makes, even for a moment.
var notByDeployment = map[string][]string{
	"AWS::Events::Rule":        {"State"},
	"AWS::Scheduler::Schedule": {"State"},
	"AWS::Lambda::Function":    {"ReservedConcurrentExecutions"},
}

// Why only repairs by name are made.
const (
	recordDoubt = "the record of the deployment, which has the others, may be somebody else's"
	stackDoubt  = "whether a deployment is under way is not known"
	underWay    = "a deployment is under way"
)

// deploys judges what was found by what CloudFormation says of the stack. While a deployment is under way, only what it
// cannot have done counts. A description that is not the record's, with no deployment under way, and a record that
// CloudFormation has not written last, are findings, and no name in the record is gone by any more; so is a stack that is
// deleted.
func (r *run) deploys(ctx context.Context, k known) {
	status, began, err := r.stack(ctx, r.warden.Place.Region, r.warden.Stack)
	if err == nil && changing(status) == "" {
		status, began, err = r.wardenStack(ctx, status, began)
	}
	switch {
	case awscall.Code(err) == "ValidationError": // it does not exist any more
		r.doubt = recordDoubt
		r.deleted(status)
		return
	case err != nil:
		r.doubt = stackDoubt
		r.unread("the stack "+r.warden.Stack, err)
	case changing(status) == deleting:
		r.deleted(status)
	case changing(status) == underWay:
		if r.at.Sub(began) < maxDeploying && r.at.Sub(r.underWaySince(ctx)) < maxDeploying {
			r.onlyTampering()
			return
		}
		r.doubt = underWay
	default:
		r.notUnderWay(ctx)
		r.whole[stackID] = true
	}
	if k.read {
		r.judgeRecord(ctx, k)
	}
}

// stack is the state of a stack, and when it was last begun to be changed.
func (r *run) stack(ctx context.Context, region, name string) (status string, began time.Time, err error) {
	out, err := r.askIn(ctx, region, "cloudformation", "DescribeStacks", map[string]any{"StackName": name})
	stack := awsapi.Object(first(out["Stacks"]))
	status = awsapi.Text(stack["StackStatus"])
	if err == nil && status == "" {
		err = errNoStatus
	}
	return status, later(timeOf(stack["LastUpdatedTime"]), timeOf(stack["CreationTime"])), err
}

// errNoStatus says that CloudFormation has not said how a stack is.
var errNoStatus = errors.New("CloudFormation does not say how it is")

// wardenStack is the state of the warden's own stack where it is in another Region and being changed, which is before the
// deployment's, and the deployment's otherwise.
func (r *run) wardenStack(ctx context.Context, status string, began time.Time) (string, time.Time, error) {
	for _, of := range r.resources {
		if of.Region == "" || of.Region == r.warden.Place.Region {
			continue
		}
		own, since, err := r.stack(ctx, of.Region, deployment.WardenStack(r.warden.Stack))
		if awscall.Code(err) != "ValidationError" && (err != nil || changing(own) == underWay) {
			return own, since, err
		}
		break // all of them are in one Region; what is gone with a stack is reported one by one
	}
	return status, began, nil
}

// deleting is what DELETE_… says of a stack.
const deleting = "it is being deleted"

// changing is what the status of a stack says of its future: deleting, underWay, or nothing.
func changing(status string) string {
	switch {
	case strings.HasPrefix(status, "DELETE_"):
		return deleting
	case strings.HasSuffix(status, "_IN_PROGRESS"):
		return underWay
	}
	return ""
}

// underWaySince is when the first of the runs was, one after the other, that have seen a deployment under way: whoever updates
// the stack again and again has them see nothing else for an hour alone.
func (r *run) underWaySince(ctx context.Context) time.Time {
	for subject := range r.reported {
		if text, ours := strings.CutPrefix(subject, r.underWaySubject()); ours {
			if since := timeOf(text); !since.IsZero() {
				return since
			}
		}
	}
	now := r.at.UTC().Truncate(time.Second)
	subject := r.underWaySubject() + now.Format(time.RFC3339)
	if sign := signs.Done(subject); r.warden.Once.Claim(ctx, subject, sign) == claims.Claimed {
		r.warden.Once.Reported(ctx, subject, sign)
	}
	return now
}

// notUnderWay forgets it.
func (r *run) notUnderWay(ctx context.Context) {
	for subject, sign := range r.reported {
		if strings.HasPrefix(subject, r.underWaySubject()) {
			r.warden.Once.Over(ctx, subject, sign)
		}
	}
}

// underWaySubject is what that is known by, with a time behind it.
func (r *run) underWaySubject() string {
	return "deployment of " + string(r.warden.Part) + " under way since "
}

// stackID stands for the stack, which no template has.
const stackID = "stack"

// deleted says that the stack is being deleted, or is gone.
func (r *run) deleted(status string) {
	of := deployment.Deployed{
		ID: stackID, Type: typeStack, Name: r.warden.Stack, Region: r.warden.Place.Region,
	}
	d := check.Difference{Field: "StackStatus", Want: "deployed", Got: compare.Show(status)}
	if status == "" {
		d = compare.Missing("stack", r.warden.Stack)
	}
	r.sights = append(r.sights, sight{of: of, differences: []difference{{Difference: d}}})
}

// onlyTampering leaves out what a deployment that is under way may have done.
func (r *run) onlyTampering() {
	for i := range r.sights {
		kept := notByDeployment[r.sights[i].of.Type]
		r.sights[i].differences = slices.DeleteFunc(r.sights[i].differences, func(d difference) bool {
			return !slices.Contains(kept, d.Field)
		})
	}
	r.sights = slices.DeleteFunc(r.sights, func(s sight) bool { return len(s.differences) == 0 })
	r.deploying, r.doubt, r.unseen = true, underWay, nil // names change while it goes on
}

func first(v any) any {
	if list := awsapi.List(v); len(list) > 0 {
		return list[0]
	}
	return nil
}

func timeOf(v any) time.Time {
	t, _ := time.Parse(time.RFC3339, awsapi.Text(v))
	return t
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// short is the beginning of a digest, which anybody may have written.
func short(digest string) string {
	if len(digest) < 12 {
		return "another"
	}
	return strings.ToValidUTF8(digest[:12], "?")
}
