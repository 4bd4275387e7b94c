package look_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail/reading"
)

// slowCloud is CloudTrail with 50 ms of latency, and the times of its calls by Region.
type slowCloud struct {
	mu    sync.Mutex
	arns  map[string][]string
	calls map[string][]time.Time
}

const latency = 50 * time.Millisecond

// regional is the API of one Region.
type regional struct {
	*slowCloud
	region string
}

func (r regional) called() {
	r.mu.Lock()
	r.calls[r.region] = append(r.calls[r.region], time.Now())
	r.mu.Unlock()
	time.Sleep(latency)
}

func (r regional) DescribeTrails(
	_ context.Context, in *cloudtrail.DescribeTrailsInput, _ ...func(*cloudtrail.Options),
) (*cloudtrail.DescribeTrailsOutput, error) {
	r.called()
	out := &cloudtrail.DescribeTrailsOutput{}
	for _, arn := range r.arns[r.region] {
		if len(in.TrailNameList) == 0 || slices.Contains(in.TrailNameList, arn) {
			out.TrailList = append(out.TrailList, types.Trail{
				TrailARN:            aws.String(arn),
				S3BucketName:        aws.String("logs"),
				IsMultiRegionTrail:  aws.Bool(true),
				HasInsightSelectors: aws.Bool(true),
			})
		}
	}
	return out, nil
}

func (r regional) GetTrailStatus(
	context.Context, *cloudtrail.GetTrailStatusInput, ...func(*cloudtrail.Options),
) (*cloudtrail.GetTrailStatusOutput, error) {
	r.called()
	return &cloudtrail.GetTrailStatusOutput{IsLogging: aws.Bool(true)}, nil
}

func (r regional) GetEventSelectors(
	context.Context, *cloudtrail.GetEventSelectorsInput, ...func(*cloudtrail.Options),
) (*cloudtrail.GetEventSelectorsOutput, error) {
	r.called()
	return &cloudtrail.GetEventSelectorsOutput{}, nil
}

func (r regional) GetInsightSelectors(
	context.Context, *cloudtrail.GetInsightSelectorsInput, ...func(*cloudtrail.Options),
) (*cloudtrail.GetInsightSelectorsOutput, error) {
	r.called()
	return &cloudtrail.GetInsightSelectorsOutput{}, nil
}

func (r regional) GetEventConfiguration(
	context.Context, *cloudtrail.GetEventConfigurationInput, ...func(*cloudtrail.Options),
) (*cloudtrail.GetEventConfigurationOutput, error) {
	r.called()
	return &cloudtrail.GetEventConfigurationOutput{}, nil
}

func (r regional) ListTags(
	context.Context, *cloudtrail.ListTagsInput, ...func(*cloudtrail.Options),
) (*cloudtrail.ListTagsOutput, error) {
	r.called()
	return &cloudtrail.ListTagsOutput{}, nil
}

// TestSweepIsQuickWithinTheQuota: 50 trails in 17 Regions with 50 ms of latency, spread or with as many in a Region as
// CloudTrail takes, are all seen within 15 s of the bubble's time, and no Region gets more than ten calls in any
// second.
func TestSweepIsQuickWithinTheQuota(t *testing.T) {
	for name, perRegion := range map[string]int{"spread": 3, "five in a Region": 5} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud := &slowCloud{arns: map[string][]string{}, calls: map[string][]time.Time{}}
				var regions []string
				for i := range 17 {
					regions = append(regions, fmt.Sprintf("eu-west-%d", i+1))
				}
				for i := range 50 {
					region := regions[i/perRegion]
					cloud.arns[region] = append(
						cloud.arns[region], fmt.Sprintf("arn:aws:cloudtrail:%s:111122223333:trail/trail-%d", region, i),
					)
				}
				s := &look.Looker{
					Region:   regions[0],
					Regions:  regions,
					Accounts: []string{"111122223333"},
					Clock:    clock.Real(),
					Log:      slog.New(slog.DiscardHandler),
					Trails: &reading.Reader{
						Client: func(region string) reading.API { return regional{cloud, region} },
						Clock:  clock.Real(),
					},
				}
				began := time.Now()
				r := s.Look(t.Context(), false)
				took := time.Since(began)
				t.Logf("%d trails in %v", len(r.Sights), took)
				if len(r.Sights) != 50 || len(r.Blind) > 0 || took > 15*time.Second {
					t.Errorf("%d trails, blind %v, in %v; want 50 within 15 s", len(r.Sights), r.Blind, took)
				}
				for region, times := range cloud.calls {
					for i := 10; i < len(times); i++ {
						if times[i].Sub(times[i-10]) < time.Second {
							t.Fatalf("%s got more than ten calls in a second", region)
						}
					}
				}
			})
		})
	}
}
