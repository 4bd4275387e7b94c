package reading

import (
	"reflect"
	"strconv"
	"testing"
	"time"

	"trailkeeper/lambda/internal/trail"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/google/go-cmp/cmp"
)

// whole answers with two of everything that CloudTrail shows of a trail, none in order and no two the same; the trail
// that is asked for comes second.
func whole(at func(int) *time.Time) answerFunc {
	field := func(name string, more types.AdvancedFieldSelector) types.AdvancedFieldSelector {
		more.Field = aws.String(name)
		return more
	}
	return func(op string, in any) (any, error) {
		switch op {
		case "DescribeTrails":
			other := trailIn("arn:aws:cloudtrail:eu-west-1:111122223333:trail/another")
			return &cloudtrail.DescribeTrailsOutput{TrailList: []types.Trail{other, {
				TrailARN:                   aws.String(homeARN),
				S3BucketName:               aws.String("bucket"),
				S3KeyPrefix:                aws.String("prefix"),
				KmsKeyId:                   aws.String("key"),
				SnsTopicARN:                aws.String("topic"),
				SnsTopicName:               aws.String("no longer in use"),
				CloudWatchLogsLogGroupArn:  aws.String("group"),
				CloudWatchLogsRoleArn:      aws.String("role"),
				IsMultiRegionTrail:         aws.Bool(true),
				IncludeGlobalServiceEvents: aws.Bool(true),
				LogFileValidationEnabled:   aws.Bool(true),
				IsOrganizationTrail:        aws.Bool(true),
				HasInsightSelectors:        aws.Bool(true),
			}}}, nil
		case "GetTrailStatus":
			return &cloudtrail.GetTrailStatusOutput{
				IsLogging:                         aws.Bool(true),
				LatestDeliveryTime:                at(1),
				LatestDigestDeliveryTime:          at(2),
				LatestCloudWatchLogsDeliveryTime:  at(3),
				StartLoggingTime:                  at(4),
				StopLoggingTime:                   at(5),
				LatestNotificationTime:            at(6),
				LatestDeliveryError:               aws.String("files"),
				LatestDigestDeliveryError:         aws.String("digests"),
				LatestCloudWatchLogsDeliveryError: aws.String("logs"),
				LatestNotificationError:           aws.String("notifications"),
			}, nil
		case "GetEventSelectors":
			return &cloudtrail.GetEventSelectorsOutput{
				EventSelectors: []types.EventSelector{
					{
						ReadWriteType:           types.ReadWriteTypeWriteOnly,
						IncludeManagementEvents: aws.Bool(false),
						DataResources: []types.DataResource{
							{Type: aws.String("B"), Values: []string{"2", "1"}}, {Type: aws.String("A"), Values: []string{"4", "3"}},
						},
					},
					{IncludeManagementEvents: aws.Bool(true), ExcludeManagementEventSources: []string{"b", "a"}},
				},
				AdvancedEventSelectors: []types.AdvancedEventSelector{
					{Name: aws.String("z"), FieldSelectors: []types.AdvancedFieldSelector{
						field("f", types.AdvancedFieldSelector{Equals: []string{"b", "a"}, NotEquals: []string{"d", "c"}}),
						field("e", types.AdvancedFieldSelector{
							StartsWith:    []string{"f", "e"},
							NotStartsWith: []string{"h", "g"},
							EndsWith:      []string{"j", "i"},
							NotEndsWith:   []string{"l", "k"},
						}),
					}},
					{FieldSelectors: []types.AdvancedFieldSelector{field("g", types.AdvancedFieldSelector{Equals: []string{"x"}})}},
				},
			}, nil
		case "GetInsightSelectors":
			return &cloudtrail.GetInsightSelectorsOutput{InsightSelectors: []types.InsightSelector{
				{
					InsightType:     types.InsightTypeApiErrorRateInsight,
					EventCategories: []types.SourceEventCategory{"Management", "Data"},
				},
				{InsightType: types.InsightTypeApiCallRateInsight},
			}}, nil
		case "GetEventConfiguration":
			return &cloudtrail.GetEventConfigurationOutput{
				MaxEventSize: types.MaxEventSizeLarge,
				ContextKeySelectors: []types.ContextKeySelector{
					{
						Type:   types.TypeTagContext,
						Equals: []string{"b", "a"},
					},
					{Type: types.TypeRequestContext, Equals: []string{"d", "c"}},
				},
				AggregationConfigurations: []types.AggregationConfiguration{
					{
						EventCategory: "Management",
						Templates:     []types.Template{"B", "A"},
					},
					{EventCategory: "Data", Templates: []types.Template{"D", "C"}},
				},
			}, nil
		}
		tags, _ := in.(*cloudtrail.ListTagsInput)
		page, _ := strconv.Atoi(aws.ToString(tags.NextToken))
		out := &cloudtrail.ListTagsOutput{ResourceTagList: []types.ResourceTag{
			{ResourceId: aws.String("somebody else's"), TagsList: []types.Tag{{Key: aws.String("no"), Value: aws.String("no")}}},
			{ResourceId: aws.String(homeARN), TagsList: []types.Tag{
				{
					Key:   aws.String("key" + strconv.Itoa(page)),
					Value: aws.String("value" + strconv.Itoa(page)),
				},
				{Key: aws.String("empty" + strconv.Itoa(page))},
			}},
		}}
		if page < 2 {
			out.NextToken = aws.String(strconv.Itoa(page + 1))
		}
		return out, nil
	}
}

// TestReadWhole: everything that CloudTrail shows is read, each in its own place; a field that is added to the state
// must be read as well.
func TestReadWhole(t *testing.T) {
	start := time.Date(2026, 10, 1, 12, 0, 0, 0, time.FixedZone("elsewhere", 3600))
	at := func(hours int) *time.Time { return aws.Time(start.Add(time.Duration(hours) * time.Hour)) }
	want := trail.State{
		ARN:     homeARN,
		Logging: true,
		Settings: trail.Settings{
			S3Bucket:      "bucket",
			S3Prefix:      "prefix",
			KMSKeyID:      "key",
			SNSTopicARN:   "topic",
			LogGroupARN:   "group",
			LogRoleARN:    "role",
			MultiRegion:   true,
			GlobalEvents:  true,
			LogValidation: true,
			Organization:  true,
		},
		Selectors: []trail.Selector{
			{
				ReadWrite: "WriteOnly",
				DataResources: []trail.DataResource{
					{Type: "A", Values: []string{"3", "4"}},
					{Type: "B", Values: []string{"1", "2"}},
				},
			},
			{ReadWrite: "All", Management: true, ExcludeSources: []string{"a", "b"}},
		},
		Advanced: []trail.AdvancedSelector{
			{Name: "z", Fields: []trail.FieldSelector{
				{Field: "f", Equals: []string{"a", "b"}, NotEquals: []string{"c", "d"}},
				{
					Field:         "e",
					StartsWith:    []string{"e", "f"},
					NotStartsWith: []string{"g", "h"},
					EndsWith:      []string{"i", "j"},
					NotEndsWith:   []string{"k", "l"},
				},
			}},
			{Fields: []trail.FieldSelector{{Field: "g", Equals: []string{"x"}}}},
		},
		Insights: []trail.InsightSelector{
			{Type: "ApiCallRateInsight"},
			{Type: "ApiErrorRateInsight", Categories: []string{"Data", "Management"}},
		},
		Events: trail.EventConfiguration{
			MaxEventSize: "Large",
			ContextKeys: []trail.ContextKey{
				{Type: "RequestContext", Equals: []string{"c", "d"}},
				{Type: "TagContext", Equals: []string{"a", "b"}},
			},
			Aggregations: []trail.Aggregation{
				{Category: "Data", Templates: []string{"C", "D"}},
				{Category: "Management", Templates: []string{"A", "B"}},
			},
		},
		Tags: map[string]string{
			"key0":   "value0",
			"key1":   "value1",
			"key2":   "value2",
			"empty0": "",
			"empty1": "",
			"empty2": "",
		},
		Delivery: trail.Delivery{
			Latest:            at(1).UTC(),
			LatestDigest:      at(2).UTC(),
			LatestLogs:        at(3).UTC(),
			LatestError:       "files",
			LatestDigestError: "digests",
			LatestLogError:    "logs",
			Started:           at(4).UTC(),
			Stopped:           at(5).UTC(),
		},
	}
	for _, sideBySide := range []bool{false, true} {
		r := (&fakeCloud{}).reader(sideBySide)
		r.Client = func(string) API { return whole(at) }
		got, err := r.Read(t.Context(), homeARN)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("side by side %t (-want +got):\n%s", sideBySide, diff)
		}
		everyField(t, reflect.ValueOf(got), "State")
	}
}

// everyField wants every field of a structure to have a value, but for what only a failure fills.
func everyField(t *testing.T, v reflect.Value, path string) {
	t.Helper()
	for f, value := range v.Fields() {
		at := path + "." + f.Name
		switch {
		case at == "State.Unseen", at == "State.Passing":
		case value.IsZero():
			t.Errorf("%s is not read", at)
		case value.Kind() == reflect.Struct && value.Type() != reflect.TypeFor[time.Time]():
			everyField(t, value, at)
		}
	}
}

// TestTagPagesEnd: pages that never end are given up after ten, and what came until then is kept.
func TestTagPagesEnd(t *testing.T) {
	for pages, want := range map[int]int{
		1:            1,
		2:            2,
		maxPages - 1: maxPages - 1,
		maxPages:     maxPages,
		maxPages + 1: maxPages,
	} {
		calls := 0
		f := &fakeCloud{
			trails: []types.Trail{trailIn(homeARN)},
			tags: func(in *cloudtrail.ListTagsInput) (*cloudtrail.ListTagsOutput, error) {
				if page, _ := strconv.Atoi(aws.ToString(in.NextToken)); page != calls {
					t.Errorf("page %d was asked for after %d", page, calls)
				}
				calls++
				out := &cloudtrail.ListTagsOutput{ResourceTagList: []types.ResourceTag{
					{
						ResourceId: aws.String(homeARN),
						TagsList:   []types.Tag{{Key: aws.String(strconv.Itoa(calls)), Value: aws.String("x")}},
					},
				}}
				if calls < pages {
					out.NextToken = aws.String(strconv.Itoa(calls))
				}
				return out, nil
			},
		}
		got, err := f.reader(false).Read(t.Context(), homeARN)
		if err != nil || calls != want || len(got.Tags) != want {
			t.Errorf("%d pages: %d calls, tags %v, %v; want %d", pages, calls, got.Tags, err, want)
		}
	}
}

// TestTagBatches: one call takes the tags of so many trails, and not of one more.
func TestTagBatches(t *testing.T) {
	for n, want := range map[int][]int{
		1:               {1},
		maxTagged - 1:   {19},
		maxTagged:       {20},
		maxTagged + 1:   {20, 1},
		2*maxTagged + 1: {20, 20, 1},
	} {
		var batches []int
		f := &fakeCloud{tags: func(in *cloudtrail.ListTagsInput) (*cloudtrail.ListTagsOutput, error) {
			batches = append(batches, len(in.ResourceIdList))
			return tagged(in.ResourceIdList...), nil
		}}
		for i := range n {
			f.trails = append(f.trails, trailIn("arn:aws:cloudtrail:eu-west-1:111122223333:trail/trail-"+strconv.Itoa(100+i)))
		}
		own, _, err := f.reader(false).Home(t.Context(), "eu-west-1", "111122223333")
		if diff := cmp.Diff(want, batches); diff != "" || err != nil || len(own) != n {
			t.Errorf("%d trails: %d read, %v (-want +got):\n%s", n, len(own), err, diff)
		}
		for _, s := range own {
			if diff := cmp.Diff(wantState(s.ARN), s); diff != "" {
				t.Errorf("%s (-want +got):\n%s", s.ARN, diff)
			}
		}
	}
}

// TestHomeAsksForShadows: without them CloudTrail lists no organization trail in an account that does not own it.
func TestHomeAsksForShadows(t *testing.T) {
	const organization = "arn:aws:cloudtrail:eu-west-1:999988887777:trail/organization"
	r := (&fakeCloud{}).reader(false)
	r.Client = func(string) API {
		return answerFunc(func(op string, in any) (any, error) {
			out := &cloudtrail.DescribeTrailsOutput{}
			if d, ok := in.(*cloudtrail.DescribeTrailsInput); ok && op == "DescribeTrails" && aws.ToBool(d.IncludeShadowTrails) {
				out.TrailList = []types.Trail{trailIn(organization)}
			}
			return out, nil
		})
	}
	if _, foreign, err := r.Home(
		t.Context(),
		"eu-west-1",
		"111122223333",
	); err != nil || len(foreign) != 1 ||
		foreign[0] != organization {
		t.Errorf("%v, %v", foreign, err)
	}
}
