package warden

import (
	"context"
	"errors"
	"time"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/warden/check"
)

// maxSkew is how long after CloudFormation has written the record it may seem to have been written, by another clock.
const maxSkew = 10 * time.Second

// judgeRecord reports a record that is not of the function's own description, or that somebody else has written after
// CloudFormation. Where CloudFormation has written it since the run began, a deployment has ended meanwhile, and the record,
// the program and what was found need not be of one deployment.
func (r *run) judgeRecord(ctx context.Context, k known) {
	written, err := r.writtenAt(ctx, k)
	if err == nil && !written.Before(r.at.Add(-maxSkew)) {
		r.onlyTampering()
		return
	}
	if k.record.Description != k.description.Digest {
		r.doubt = recordDoubt
		r.ofParameter(check.Difference{
			Field: "Description",
			Want:  short(k.description.Digest) + ", that of the function's own " + deployment.FileName,
			Got:   short(k.record.Description) + ", and no deployment is under way",
		})
	}
	switch {
	case err != nil:
		r.doubt = recordDoubt
		r.unread("who wrote the parameter "+deployment.ParameterName(r.warden.Stack), err)
	case k.changed.Sub(written) > maxSkew:
		r.doubt = recordDoubt
		r.ofParameter(check.Difference{
			Field: "LastModifiedDate",
			Want:  "when CloudFormation wrote it, " + finding.Time(written),
			Got:   finding.Time(k.changed),
			Next:  r.rewritten(),
		})
	default:
		r.whole[parameterID] = true
	}
}

// errNoMoment says that AWS has not said when something was written.
var errNoMoment = errors.New("AWS does not say when it was written")

// writtenAt is when CloudFormation wrote the record.
func (r *run) writtenAt(ctx context.Context, k known) (time.Time, error) {
	out, err := r.ask(ctx, "cloudformation", "DescribeStackResources", map[string]any{
		"StackName": r.warden.Stack, "LogicalResourceId": k.description.RecordID(),
	})
	written := timeOf(awsapi.Object(first(out["StackResources"]))["Timestamp"])
	if err == nil && (written.IsZero() || k.changed.IsZero()) {
		err = errNoMoment
	}
	return written, err
}

// rewritten is what a person does about a record that is not CloudFormation's.
func (r *run) rewritten() string {
	return "Look up who wrote it, with aws ssm get-parameter-history --name " + deployment.ParameterName(r.warden.Stack) +
		". Then change a setting, such as warden.minutes, and deploy: CloudFormation writes it only where the template has another."
}
