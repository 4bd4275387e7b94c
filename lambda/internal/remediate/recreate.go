package remediate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/trail"
)

type createTrailAPI interface {
	CreateTrail(context.Context, *cloudtrail.CreateTrailInput, ...func(*cloudtrail.Options)) (*cloudtrail.CreateTrailOutput, error)
}

// Recreate creates a deleted trail as its declared baseline has it, with its tags, and then does what Restore does: StartLogging first, since
// a trail that the API made does not log by itself and records all management events until its selectors are put. It never creates a trail
// without its bucket or its key; without its topic or its log group it does, and says so.
func (r *Restorer) Recreate(ctx context.Context, baseline trail.State, until time.Time) RestoreResult {
	run := r.start(baseline, trail.Declared, until)
	if refused := run.create(ctx); refused != nil {
		return *refused
	}
	now, err := run.appears(ctx)
	if err != nil {
		return run.unread(err)
	}
	run.result.Before, run.result.Unseen = trail.Diff(baseline, now), now.Unseen
	return run.putBack(ctx, now)
}

// create makes the trail; one that is there again already is as good. The result is nil where there is a trail to go on with.
func (r *restoration) create(ctx context.Context) *RestoreResult {
	b := r.baseline.Settings
	p := trail.Patch{}
	if b.SNSTopicARN != "" {
		p.SNSTopicARN = &b.SNSTopicARN
	}
	if b.LogGroupARN != "" {
		p.LogGroupARN, p.LogRoleARN = &b.LogGroupARN, &b.LogRoleARN
	}
	for {
		err := r.write(ctx, func(ctx context.Context) error { return r.createTrail(ctx, p) })
		r.result.Created = err == nil
		if err == nil || awscall.Code(err) == "TrailAlreadyExists" {
			return nil
		}
		gone := culprits(awscall.Code(err), patched(p))
		if len(gone) == 0 {
			problem := Explain(err, r.id)
			r.result.Detail, r.result.NextStep, r.result.Retryable = problem.Sentence+" So the trail could not be created again.", problem.NextStep, problem.Retryable
			r.result.Err = fmt.Errorf("create %s: %w", r.id.ARN(), err)
			return &r.result
		}
		r.fail(gone, err)
		for _, f := range gone {
			drop(&p, f)
		}
	}
}

func (r *restoration) createTrail(ctx context.Context, p trail.Patch) error {
	b := r.baseline.Settings
	in := &cloudtrail.CreateTrailInput{
		Name: aws.String(r.id.Name), S3BucketName: aws.String(b.S3Bucket), S3KeyPrefix: optional(b.S3Prefix), KmsKeyId: optional(b.KMSKeyID),
		SnsTopicName: p.SNSTopicARN, CloudWatchLogsLogGroupArn: p.LogGroupARN, CloudWatchLogsRoleArn: p.LogRoleARN,
		IsMultiRegionTrail: aws.Bool(b.MultiRegion), IncludeGlobalServiceEvents: aws.Bool(b.GlobalEvents),
		EnableLogFileValidation: aws.Bool(b.LogValidation), IsOrganizationTrail: aws.Bool(b.Organization),
	}
	for _, key := range slices.Sorted(maps.Keys(r.baseline.Tags)) {
		in.TagsList = append(in.TagsList, tagOf(key, r.baseline.Tags[key]))
	}
	_, err := r.api.CreateTrail(ctx, in)
	return err
}

// appears reads the new trail, which reads may not show at once.
func (r *restoration) appears(ctx context.Context) (trail.State, error) {
	end, pause := earlier(r.until, r.Clock.Now().Add(mostVerifying)), firstPause
	for {
		now, err := r.read(ctx)
		if err == nil || !errors.Is(err, trail.ErrNotFound) || !r.wait(ctx, pause, end) {
			return now, err
		}
		pause = min(2*pause, longestPause)
	}
}
