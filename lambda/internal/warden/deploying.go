package warden

import (
	"context"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// maxDeploying is how long a deployment is taken to be under way.
const maxDeploying = time.Hour

// notByDeployment are the differences that no deployment of this app makes, even for a moment.
var notByDeployment = map[string][]string{
	"AWS::Events::Rule":        {"State"},
	"AWS::Scheduler::Schedule": {"State"},
	"AWS::Lambda::Function":    {"ReservedConcurrentExecutions"},
}

// deploys judges what was found by what CloudFormation says of the stack. While a deployment is under way, only what it
// cannot have done counts. A description that is not the record's, with no deployment under way, and a record that was
// written when none was, are findings; so is a stack that is deleted.
func (r *run) deploys(ctx context.Context, k known) {
	out, err := r.ask(ctx, "cloudformation", "DescribeStacks", map[string]any{"StackName": r.warden.Stack})
	stack := awsapi.Object(first(out["Stacks"]))
	status := awsapi.Text(stack["StackStatus"])
	began := later(timeOf(stack["LastUpdatedTime"]), timeOf(stack["CreationTime"]))
	switch {
	case awscall.Code(err) == "ValidationError" || strings.HasPrefix(status, "DELETE_"): // it does not exist any more
		r.deleted(status)
		return
	case err != nil:
		r.cannotSee("the stack "+r.warden.Stack, reason(err))
		return
	case strings.HasSuffix(status, "_IN_PROGRESS") && r.at.Sub(began) < maxDeploying:
		r.onlyTampering()
		return
	case k.record.Description != k.description.Digest:
		r.ofParameter(check.Difference{
			Field: "Description",
			Want:  short(k.description.Digest) + ", that of the function's own " + deployment.FileName,
			Got:   short(k.record.Description) + ", and no deployment is under way",
		})
	}
	if !began.IsZero() && k.changed.Sub(began) > maxDeploying {
		r.ofParameter(check.Difference{
			Field: "LastModifiedDate",
			Want:  "within an hour of the last deployment, which began at " + finding.Time(began),
			Got:   finding.Time(k.changed),
		})
	}
}

// deleted says that the stack is being deleted, or is gone.
func (r *run) deleted(status string) {
	of := deployment.Deployed{
		ID: "stack", Type: typeStack, Name: r.warden.Stack, Region: r.warden.Place.Region,
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
	r.deploying, r.unseen = true, nil // names change while it goes on
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
