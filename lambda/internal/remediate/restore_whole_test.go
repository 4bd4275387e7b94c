package remediate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/remediate"
	trails "trailkeeper/lambda/internal/trail"
)

// TestRestoreSendsAllOfIt: two of everything that a baseline can have, the plain one last, and each request as a whole.
func TestRestoreSendsAllOfIt(t *testing.T) {
	arn := aws.String(trail.ARN())
	two := func(s string) []string { return []string{s + "1", s + "2"} }
	object, function := "AWS::S3::Object", "AWS::Lambda::Function"
	basic := *with(func(s *trails.State) {
		s.Selectors = []trails.Selector{
			{
				ReadWrite:      "WriteOnly",
				Management:     true,
				ExcludeSources: []string{"kms.amazonaws.com", "rdsdata.amazonaws.com"},
				DataResources: []trails.DataResource{
					{Type: object, Values: two("arn:aws:s3:::b")},
					{Type: function, Values: two("arn:aws:lambda:eu-west-1:111122223333:function:f")},
				},
			},
			{
				ReadWrite:     "ReadOnly",
				Management:    false,
				DataResources: []trails.DataResource{{Type: object, Values: two("arn:aws:s3:::c")}},
			},
		}
	})
	operators := trails.FieldSelector{
		Field:         "userIdentity.arn",
		Equals:        two("e"),
		NotEquals:     two("n"),
		StartsWith:    two("s"),
		NotStartsWith: two("a"),
		EndsWith:      two("d"),
		NotEndsWith:   two("z"),
	}
	advanced := *with(func(s *trails.State) {
		s.Selectors = nil
		s.Advanced = []trails.AdvancedSelector{
			{
				Name: "hard",
				Fields: []trails.FieldSelector{
					{Field: "eventCategory", Equals: []string{"Data"}}, {Field: "resources.type", Equals: []string{object}}, operators,
				},
			},
			{Fields: []trails.FieldSelector{{Field: "eventCategory", Equals: []string{"Management"}}}},
		}
	})
	rest := *with(func(s *trails.State) {
		s.Insights = []trails.InsightSelector{
			{Type: "ApiErrorRateInsight", Categories: []string{"Data", "Management"}}, {Type: "ApiCallRateInsight"},
		}
		s.Tags = map[string]string{"team": "security", "env": "prod"}
	})
	field := func(name string, values ...string) types.AdvancedFieldSelector {
		return types.AdvancedFieldSelector{Field: aws.String(name), Equals: values}
	}
	for name, tt := range map[string]struct {
		baseline trails.State
		weaken   func(*trails.State)
		want     []any
	}{
		"basic selectors": {
			basic,
			func(s *trails.State) { s.Selectors = []trails.Selector{{ReadWrite: "ReadOnly", Management: true}} },
			[]any{
				&cloudtrail.PutEventSelectorsInput{TrailName: arn, EventSelectors: []types.EventSelector{
					{
						ReadWriteType:                 "WriteOnly",
						IncludeManagementEvents:       aws.Bool(true),
						ExcludeManagementEventSources: []string{"kms.amazonaws.com", "rdsdata.amazonaws.com"},
						DataResources: []types.DataResource{
							{Type: &object, Values: two("arn:aws:s3:::b")},
							{Type: &function, Values: two("arn:aws:lambda:eu-west-1:111122223333:function:f")},
						},
					},
					{
						ReadWriteType:           "ReadOnly",
						IncludeManagementEvents: aws.Bool(false),
						DataResources:           []types.DataResource{{Type: &object, Values: two("arn:aws:s3:::c")}},
					},
				}},
			},
		},
		"no selectors": {
			*with(func(s *trails.State) { s.Selectors = nil }),
			func(s *trails.State) { s.Selectors = []trails.Selector{{ReadWrite: "ReadOnly", Management: true}} },
			[]any{
				&cloudtrail.PutEventSelectorsInput{
					TrailName:      arn,
					EventSelectors: []types.EventSelector{{ReadWriteType: "All", IncludeManagementEvents: aws.Bool(true)}},
				},
			},
		},
		"selectors that do not say what they read": {*with(func(s *trails.State) {
			s.Selectors = []trails.Selector{
				{Management: true, ExcludeSources: []string{"kms.amazonaws.com"}}, {ReadWrite: "ReadOnly", Management: true},
			}
		}), func(s *trails.State) { s.Selectors = s.Selectors[1:] }, []any{
			&cloudtrail.PutEventSelectorsInput{TrailName: arn, EventSelectors: []types.EventSelector{
				{
					ReadWriteType:                 "All",
					IncludeManagementEvents:       aws.Bool(true),
					ExcludeManagementEventSources: []string{"kms.amazonaws.com"},
				},
				{ReadWriteType: "ReadOnly", IncludeManagementEvents: aws.Bool(true)},
			}},
		}},
		"advanced selectors": {advanced, func(s *trails.State) { s.Advanced = s.Advanced[1:] }, []any{
			&cloudtrail.PutEventSelectorsInput{TrailName: arn, AdvancedEventSelectors: []types.AdvancedEventSelector{
				{Name: aws.String("hard"), FieldSelectors: []types.AdvancedFieldSelector{
					field("eventCategory", "Data"), field("resources.type", object),
					{
						Field:         aws.String("userIdentity.arn"),
						Equals:        two("e"),
						NotEquals:     two("n"),
						StartsWith:    two("s"),
						NotStartsWith: two("a"),
						EndsWith:      two("d"),
						NotEndsWith:   two("z"),
					},
				}},
				{FieldSelectors: []types.AdvancedFieldSelector{field("eventCategory", "Management")}},
			}},
		}},
		"one of two Insights, both tags": {rest, func(s *trails.State) {
			s.Insights, s.Tags = s.Insights[:1], map[string]string{"env": "test", "new": "x"}
		}, []any{
			&cloudtrail.PutInsightSelectorsInput{TrailName: arn, InsightSelectors: []types.InsightSelector{
				{InsightType: "ApiErrorRateInsight", EventCategories: []types.SourceEventCategory{"Data", "Management"}},
				{InsightType: "ApiCallRateInsight"},
			}},
			&cloudtrail.AddTagsInput{ResourceId: arn, TagsList: []types.Tag{
				{Key: aws.String("env"), Value: aws.String("prod")}, {Key: aws.String("team"), Value: aws.String("security")},
			}},
		}},
		"every setting": {
			*with(func(s *trails.State) { s.Settings.Organization = true }),
			func(s *trails.State) { s.Settings = trails.Settings{S3Bucket: "evil"} },
			[]any{
				&cloudtrail.UpdateTrailInput{
					Name:                       arn,
					S3BucketName:               aws.String("logs"),
					S3KeyPrefix:                aws.String("org"),
					KmsKeyId:                   aws.String("arn:aws:kms:eu-west-1:111122223333:key/own"),
					SnsTopicName:               aws.String("arn:aws:sns:eu-west-1:111122223333:own"),
					CloudWatchLogsLogGroupArn:  aws.String("arn:aws:logs:eu-west-1:111122223333:log-group:own:*"),
					CloudWatchLogsRoleArn:      aws.String("arn:aws:iam::111122223333:role/logs"),
					IsMultiRegionTrail:         aws.Bool(true),
					IncludeGlobalServiceEvents: aws.Bool(true),
					EnableLogFileValidation:    aws.Bool(true),
					IsOrganizationTrail:        aws.Bool(true),
				},
			},
		},
		"a prefix that begins like AWS's own tags, and such a tag": {*with(func(s *trails.State) {
			s.Settings.S3Prefix, s.Tags = "aws:logs", map[string]string{"aws:cloudformation:stack-name": "x", "team": "security"}
		}), func(s *trails.State) {
			s.Settings.S3Prefix, s.Tags = "evil", map[string]string{"aws:cloudformation:stack-name": "x"}
		}, []any{
			&cloudtrail.UpdateTrailInput{Name: arn, S3KeyPrefix: aws.String("aws:logs")},
			&cloudtrail.AddTagsInput{
				ResourceId: arn, TagsList: []types.Tag{{Key: aws.String("team"), Value: aws.String("security")}},
			},
		}},
		"every dependency removed": {*with(func(s *trails.State) {
			s.Settings = trails.Settings{
				S3Bucket:      "logs",
				MultiRegion:   true,
				GlobalEvents:  true,
				LogValidation: true,
			}
		}), func(s *trails.State) {
			s.Settings = healthy().Settings
			s.Settings.Organization = true
		}, []any{
			&cloudtrail.UpdateTrailInput{
				Name:                      arn,
				S3KeyPrefix:               aws.String(""),
				KmsKeyId:                  aws.String(""),
				SnsTopicName:              aws.String(""),
				CloudWatchLogsLogGroupArn: aws.String(""),
				CloudWatchLogsRoleArn:     aws.String(""),
				IsOrganizationTrail:       aws.Bool(false),
			},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			weak := tt.baseline
			tt.weaken(&weak)
			c := newCloud(t, &weak)
			res := c.restore(tt.baseline, trails.Declared)
			if diff := cmp.Diff(tt.want, c.inputs, sdk); diff != "" {
				t.Errorf("requests (-want +got)\n%s", diff)
			}
			if !res.Done() {
				t.Errorf("%+v", res)
			}
		})
	}
}

// TestRestoreInOrder: the trail is looked at once, put back in this order, and looked at again; nothing else comes
// between.
func TestRestoreInOrder(t *testing.T) {
	c := newCloud(t, with(everything))
	var order []string
	c.seen = func(_ int, s *trails.State) (*trails.State, error) {
		order = append(order, "Read")
		return s, nil
	}
	c.refuse = func(name string, _ int) error {
		order = append(order, name)
		return nil
	}
	res := c.restore(healthy(), trails.Declared)
	if got, want := strings.Join(order, " "), "Read "+inOrder+" Read"; got != want || !slices.Equal(res.Calls, c.names) {
		t.Errorf("%s; want %s", got, want)
	}
}

// TestRestoreWantsAStartAfterTheStop: a "logging" that is older than the stop restores nothing, whatever the other
// times are.
func TestRestoreWantsAStartAfterTheStop(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*trails.State)
		done   bool
	}{
		"started after the stop": {func(s *trails.State) {
			s.Delivery.Started = called
			s.Delivery.Stopped = stopped
		}, true},
		"started before the stop": {func(s *trails.State) {
			s.Delivery.Started = stopped.Add(-1)
			s.Delivery.Stopped = stopped
		}, false},
		"started long before, and no stop is shown": {
			func(s *trails.State) { s.Delivery.Stopped = stopped.AddDate(-1, 0, 0) }, false,
		},
		"started after, and stopped again after that": {func(s *trails.State) {
			s.Delivery.Started = called
			s.Delivery.Stopped = called.Add(1)
		}, false},
		"no times at all":     {func(s *trails.State) { s.Delivery = trails.Delivery{} }, true},
		"a stop and no start": {func(s *trails.State) { s.Delivery = trails.Delivery{Stopped: stopped} }, false},
	} {
		c := newCloud(t, with(stop))
		c.seen = func(n int, s *trails.State) (*trails.State, error) {
			if n == 1 {
				return s, nil
			}
			return with(tt.change), nil
		}
		var res remediate.Result
		if res = c.restore(healthy(), trails.Declared); res.Done() != tt.done || res.RestoredAt.IsZero() == tt.done {
			t.Errorf("%s: %+v", name, res)
		}
	}
}
