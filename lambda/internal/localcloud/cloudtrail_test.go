package localcloud

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/google/go-cmp/cmp"
)

const mainTrail = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"

func addTrail(t *testing.T, c *Cloud, seed TrailSeed) {
	t.Helper()
	if err := c.AddTrail(seed); err != nil {
		t.Fatal(err)
	}
}

// is reports whether err is one of the SDK's modelled errors.
func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func TestCloudTrailErrors(t *testing.T) {
	stop := func(region, name string) func(*testing.T, *Cloud) error {
		return func(t *testing.T, c *Cloud) error {
			_, err := trails(c, region).StopLogging(t.Context(), &cloudtrail.StopLoggingInput{Name: aws.String(name)})
			return err
		}
	}
	create := func(name string) func(*testing.T, *Cloud) error {
		return func(t *testing.T, c *Cloud) error {
			_, err := trails(c, region).CreateTrail(t.Context(),
				&cloudtrail.CreateTrailInput{Name: aws.String(name), S3BucketName: aws.String("bucket")})
			return err
		}
	}
	for name, tt := range map[string]struct {
		seed []TrailSeed
		act  func(*testing.T, *Cloud) error
		want func(error) bool
	}{
		"no such trail":  {nil, stop(region, "nope"), is[*types.TrailNotFoundException]},
		"name too short": {nil, stop(region, "x"), is[*types.InvalidTrailNameException]},
		"ARN of another partition": {
			nil, stop(region, "arn:aws-cn:cloudtrail:cn-north-1:111122223333:trail/main"),
			is[*types.CloudTrailARNInvalidException],
		},
		"ARN that is none": {nil, stop(region, "arn:aws:s3:::bucket"), is[*types.CloudTrailARNInvalidException]},
		"ARN in another Region": {
			[]TrailSeed{{ARN: mainTrail, Logging: true}},
			stop("us-east-1", mainTrail),
			is[*types.InvalidHomeRegionException],
		},
		"shadow trail by name": {
			[]TrailSeed{{ARN: mainTrail, Logging: true, MultiRegion: true}},
			stop("us-east-1", "main"), is[*types.InvalidHomeRegionException],
		},
		"single-Region, other Region": {
			[]TrailSeed{{ARN: mainTrail, Logging: true}},
			stop("us-east-1", "main"),
			is[*types.TrailNotFoundException],
		},
		"created again": {
			[]TrailSeed{{ARN: mainTrail}},
			create("main"),
			is[*types.TrailAlreadyExistsException],
		},
		"a sixth trail": {five(), create("sixth"), is[*types.MaximumNumberOfTrailsExceededException]},
		"no Insights": {[]TrailSeed{{ARN: mainTrail}}, func(t *testing.T, c *Cloud) error {
			_, err := trails(c, region).GetInsightSelectors(t.Context(),
				&cloudtrail.GetInsightSelectorsInput{TrailName: aws.String("main")})
			return err
		}, is[*types.InsightNotEnabledException]},
		"no selectors": {[]TrailSeed{{ARN: mainTrail}}, func(t *testing.T, c *Cloud) error {
			_, err := trails(c, region).PutEventSelectors(t.Context(),
				&cloudtrail.PutEventSelectorsInput{TrailName: aws.String("main")})
			return err
		}, is[*types.InvalidEventSelectorsException]},
		"tags by name": {[]TrailSeed{{ARN: mainTrail}}, func(t *testing.T, c *Cloud) error {
			_, err := trails(c, region).AddTags(t.Context(), &cloudtrail.AddTagsInput{
				ResourceId: aws.String("main"), TagsList: []types.Tag{{Key: aws.String("k")}},
			})
			return err
		}, is[*types.CloudTrailARNInvalidException]},
		"too fast": {[]TrailSeed{{ARN: mainTrail, Logging: true}}, func(t *testing.T, c *Cloud) error {
			return errors.Join(stop(region, "main")(t, c), stop(region, "main")(t, c))
		}, is[*types.ThrottlingException]},
		"once a second": {[]TrailSeed{{ARN: mainTrail, Logging: true}}, func(t *testing.T, c *Cloud) error {
			err := stop(region, "main")(t, c)
			c.Pass(time.Second)
			return errors.Join(err, stop(region, "main")(t, c))
		}, func(err error) bool { return err == nil }},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, nil)
			for _, seed := range tt.seed {
				addTrail(t, c, seed)
			}
			if err := tt.act(t, c); !tt.want(err) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func five() []TrailSeed {
	var seeds []TrailSeed
	for i := range 5 {
		seeds = append(seeds,
			TrailSeed{ARN: fmt.Sprintf("arn:aws:cloudtrail:us-east-%d:111122223333:trail/shadow%d", i, i), MultiRegion: true})
	}
	return seeds
}

func TestReadsAreLimitedToo(t *testing.T) {
	c := newCloud(t, nil, func(o *Options) { o.RealTime = true })
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	client, refused := trails(c, region), 0
	for range 40 {
		_, err := client.GetTrailStatus(t.Context(), &cloudtrail.GetTrailStatusInput{Name: aws.String(mainTrail)})
		if err != nil {
			refused++
		}
	}
	if refused == 0 {
		t.Error("40 reads in a moment were all answered; want some throttled at 10 a second")
	}
}

func TestOrganizationTrail(t *testing.T) {
	const organization = "arn:aws:cloudtrail:eu-west-1:444455556666:trail/organization"
	stop := func(t *testing.T, c *Cloud) error {
		_, err := trails(c, region).StopLogging(t.Context(), &cloudtrail.StopLoggingInput{Name: aws.String(organization)})
		return err
	}
	for name, tt := range map[string]struct {
		seed   TrailSeed
		admins []string
		want   func(error) bool
	}{
		"a member": {
			TrailSeed{ARN: organization, Organization: true},
			nil,
			is[*types.NotOrganizationMasterAccountException],
		},
		"a delegated administrator": {
			TrailSeed{ARN: organization, Organization: true},
			[]string{account},
			func(err error) bool { return err == nil },
		},
		"another account's own trail": {TrailSeed{ARN: organization}, nil, is[*types.TrailNotFoundException]},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, nil, func(o *Options) { o.ManagementAccount, o.DelegatedAdministrators = member, tt.admins })
			addTrail(t, c, tt.seed)
			if err := stop(t, c); !tt.want(err) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A trail's life: created without logging, started, seen late, changed, stopped, deleted.
func TestTrailLife(t *testing.T) {
	c := newCloud(t, nil)
	client := trails(c, region)
	ctx := t.Context()
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		c.Pass(time.Second)
	}
	logging := func() bool {
		t.Helper()
		out, err := client.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: aws.String("main")})
		if err != nil {
			t.Fatal(err)
		}
		return aws.ToBool(out.IsLogging)
	}
	created, err := client.CreateTrail(ctx, &cloudtrail.CreateTrailInput{
		Name:               aws.String("main"),
		S3BucketName:       aws.String("bucket"),
		IsMultiRegionTrail: aws.Bool(true),
		SnsTopicName:       aws.String("deliveries"),
		TagsList:           []types.Tag{{Key: aws.String("team"), Value: aws.String("security")}},
	})
	must("create", err)
	if got := aws.ToString(created.TrailARN); got != mainTrail {
		t.Errorf("ARN %s; want %s", got, mainTrail)
	}
	if logging() {
		t.Error("a trail made by the API logs before StartLogging")
	}
	_, err = client.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: aws.String("main")})
	if err != nil || logging() {
		t.Errorf("start: %v; the status must still show the old state", err)
	}
	c.Pass(time.Second)
	if !logging() {
		t.Error("a second later the status does not show the start")
	}
	_, err = client.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{
		TrailName: aws.String(
			mainTrail,
		),
		EventSelectors: []types.EventSelector{{ReadWriteType: types.ReadWriteTypeWriteOnly}},
	})
	must("put event selectors", err)
	selectors, err := client.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: aws.String(mainTrail)})
	if err != nil || len(selectors.EventSelectors) != 1 ||
		selectors.EventSelectors[0].ReadWriteType != types.ReadWriteTypeWriteOnly {
		t.Errorf("selectors %+v, %v", selectors, err)
	}
	_, err = client.PutInsightSelectors(ctx, &cloudtrail.PutInsightSelectorsInput{
		TrailName: aws.String(
			mainTrail,
		),
		InsightSelectors: []types.InsightSelector{{InsightType: types.InsightTypeApiCallRateInsight}},
	})
	must("put insight selectors", err)
	_, err = client.AddTags(ctx,
		&cloudtrail.AddTagsInput{
			ResourceId: aws.String(mainTrail),
			TagsList:   []types.Tag{{Key: aws.String("b"), Value: aws.String("2")}},
		})
	must("add tags", err)
	_, err = client.RemoveTags(ctx,
		&cloudtrail.RemoveTagsInput{ResourceId: aws.String(mainTrail), TagsList: []types.Tag{{Key: aws.String("team")}}})
	must("remove tags", err)
	tags, err := client.ListTags(ctx, &cloudtrail.ListTagsInput{ResourceIdList: []string{mainTrail}})
	if err != nil || len(tags.ResourceTagList[0].TagsList) != 1 ||
		aws.ToString(tags.ResourceTagList[0].TagsList[0].Key) != "b" {
		t.Errorf("tags %+v, %v", tags, err)
	}
	_, err = client.UpdateTrail(ctx,
		&cloudtrail.UpdateTrailInput{
			Name: aws.String("main"), IsMultiRegionTrail: aws.Bool(false),
			SnsTopicName: aws.String(""),
		})
	must("update", err)
	got, err := client.GetTrail(ctx, &cloudtrail.GetTrailInput{Name: aws.String("main")})
	if err != nil {
		t.Fatal(err)
	}
	want := &types.Trail{
		Name:                       aws.String("main"),
		TrailARN:                   aws.String(mainTrail),
		S3BucketName:               aws.String("bucket"),
		HomeRegion:                 aws.String(region),
		IncludeGlobalServiceEvents: aws.Bool(false),
		IsMultiRegionTrail:         aws.Bool(false),
		IsOrganizationTrail:        aws.Bool(false),
		LogFileValidationEnabled:   aws.Bool(false),
		HasCustomEventSelectors:    aws.Bool(true),
		HasInsightSelectors:        aws.Bool(true),
	}
	if diff := cmp.Diff(want, got.Trail, cmp.AllowUnexported(types.Trail{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	_, err = client.StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: aws.String("main")})
	must("stop", err)
	if logging() {
		t.Error("logging after StopLogging")
	}
	_, err = client.DeleteTrail(ctx, &cloudtrail.DeleteTrailInput{Name: aws.String("main")})
	must("delete", err)
	list, err := client.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})
	if err != nil || len(list.TrailList) != 0 {
		t.Errorf("described after DeleteTrail: %+v, %v", list, err)
	}
}

func TestShadowTrails(t *testing.T) {
	c := newCloud(t, nil)
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true, MultiRegion: true})
	for _, tt := range []struct {
		region  string
		shadows bool
		want    int
	}{{region, true, 1}, {region, false, 1}, {"us-east-1", true, 1}, {"us-east-1", false, 0}} {
		got, err := trails(c, tt.region).DescribeTrails(t.Context(),
			&cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(tt.shadows)})
		if err != nil || len(got.TrailList) != tt.want {
			t.Errorf("%s, shadows %t: %d trails, %v; want %d", tt.region, tt.shadows, len(got.TrailList), err, tt.want)
		}
	}
	status, err := trails(c, "us-east-1").GetTrailStatus(t.Context(),
		&cloudtrail.GetTrailStatusInput{Name: aws.String(mainTrail)})
	if err != nil || !aws.ToBool(status.IsLogging) {
		t.Errorf("status of a shadow trail by ARN: %+v, %v", status, err)
	}
}
