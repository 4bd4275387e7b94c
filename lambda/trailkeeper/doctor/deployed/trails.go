package deployed

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/trail"
	"trailkeeper/lambda/internal/trail/reading"
)

// trails are those that were read. CloudTrail takes ten reads a second, and one trail takes six.
type trails struct {
	reader *reading.Reader
	read   map[string]answer // by ARN
}

type answer struct {
	state trail.State
	err   error
}

// Trails names the trails that the stack's Region shows, those of other Regions and accounts included.
func (d *Deployment) Trails(ctx context.Context) ([]string, error) {
	return d.all().reader.List(ctx, d.Region())
}

// Trail reads a trail in its home Region, once. The error is trail.ErrNotFound where CloudTrail knows no such trail.
func (d *Deployment) Trail(ctx context.Context, arn string) (trail.State, error) {
	t := d.all()
	a, was := t.read[arn]
	if !was {
		a.state, a.err = t.reader.Read(ctx, arn)
		t.read[arn] = a
	}
	return a.state, a.err
}

func (d *Deployment) all() *trails {
	if d.trails == nil {
		d.trails = &trails{read: map[string]answer{}, reader: &reading.Reader{
			Client: func(region string) reading.API {
				return cloudtrail.NewFromConfig(d.AWS, func(o *cloudtrail.Options) {
					o.Region, o.Retryer = region, aws.NopRetryer{} // the reader tries again itself
				})
			},
			Clock:      clock.Real(),
			SideBySide: true,
			Emulated:   cloudtrail.NewFromConfig(d.AWS).Options().BaseEndpoint != nil,
		}}
	}
	return d.trails
}
