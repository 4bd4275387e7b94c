package remediate_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/smithy-go"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/remediate"
	trails "trailkeeper/lambda/internal/trail"
)

// healthy is a trail with everything that a trail can have.
func healthy() trails.State {
	return trails.State{
		ARN:     trail.ARN(),
		Logging: true,
		Settings: trails.Settings{
			S3Bucket:      "logs",
			S3Prefix:      "org",
			KMSKeyID:      "arn:aws:kms:eu-west-1:111122223333:key/own",
			SNSTopicARN:   "arn:aws:sns:eu-west-1:111122223333:own",
			LogGroupARN:   "arn:aws:logs:eu-west-1:111122223333:log-group:own:*",
			LogRoleARN:    "arn:aws:iam::111122223333:role/logs",
			MultiRegion:   true,
			GlobalEvents:  true,
			LogValidation: true,
		},
		Selectors: []trails.Selector{{ReadWrite: "All", Management: true}},
		Insights:  []trails.InsightSelector{{Type: "ApiCallRateInsight"}, {Type: "ApiErrorRateInsight"}},
		Tags:      map[string]string{"team": "security"},
		Delivery:  trails.Delivery{Started: stopped.Add(-30 * 24 * time.Hour)},
	}
}

// with is the healthy trail after a change.
func with(change func(*trails.State)) *trails.State {
	s := healthy()
	change(&s)
	return &s
}

func stop(s *trails.State) {
	s.Logging, s.Delivery.Stopped = false, stopped
}

// errLost is answered where a write arrives and its answer does not.
var errLost = io.ErrUnexpectedEOF

func refusal(code string) error {
	return &smithy.GenericAPIError{Code: code + "Exception", Message: "no"}
}

// cloud is a small model of one trail: writes change its state, unless refuse says what goes wrong with the n-th call
// of a name, from 1. Each call takes 10 ms of its clock.
type cloud struct {
	t      *testing.T
	now    time.Time
	state  *trails.State // nil: there is no such trail
	refuse func(name string, n int) error
	seen   func(n int, s *trails.State) (*trails.State, error) // what the n-th reading shows; nil: the state
	recall func(context.Context) remediate.Recalled

	names  []string
	at     []time.Time
	inputs []any
	count  map[string]int
	reads  int
}

func newCloud(t *testing.T, state *trails.State) *cloud {
	return &cloud{
		t:     t,
		now:   called,
		state: state,
		count: map[string]int{},
	}
}

func (c *cloud) write(name string, in any, apply func()) error {
	c.now = c.now.Add(10 * time.Millisecond)
	c.count[name]++
	c.names, c.at, c.inputs = append(c.names, name), append(c.at, c.now), append(c.inputs, in)
	var err error
	if c.refuse != nil {
		err = c.refuse(name, c.count[name])
	}
	switch {
	case err != nil && !errors.Is(err, errLost):
	case name == "CreateTrail" && c.state != nil:
		return refusal("TrailAlreadyExists")
	case name != "CreateTrail" && c.state == nil:
		return refusal("TrailNotFound")
	default:
		apply()
	}
	return err
}

func (c *cloud) StartLogging(
	_ context.Context,
	in *cloudtrail.StartLoggingInput,
	_ ...func(*cloudtrail.Options),
) (*cloudtrail.StartLoggingOutput, error) {
	return &cloudtrail.StartLoggingOutput{}, c.write("StartLogging", in, func() {
		if !c.state.Logging {
			c.state.Logging, c.state.Delivery.Started = true, c.now
		}
	})
}

func (c *cloud) UpdateTrail(
	_ context.Context,
	in *cloudtrail.UpdateTrailInput,
	_ ...func(*cloudtrail.Options),
) (*cloudtrail.UpdateTrailOutput, error) {
	return &cloudtrail.UpdateTrailOutput{}, c.write("UpdateTrail", in, func() {
		s := &c.state.Settings
		for to, from := range map[*string]*string{
			&s.S3Bucket:    in.S3BucketName,
			&s.S3Prefix:    in.S3KeyPrefix,
			&s.KMSKeyID:    in.KmsKeyId,
			&s.SNSTopicARN: in.SnsTopicName,
			&s.LogGroupARN: in.CloudWatchLogsLogGroupArn,
			&s.LogRoleARN:  in.CloudWatchLogsRoleArn,
		} {
			if from != nil {
				*to = *from
			}
		}
		for to, from := range map[*bool]*bool{
			&s.MultiRegion:   in.IsMultiRegionTrail,
			&s.GlobalEvents:  in.IncludeGlobalServiceEvents,
			&s.LogValidation: in.EnableLogFileValidation,
			&s.Organization:  in.IsOrganizationTrail,
		} {
			if from != nil {
				*to = *from
			}
		}
	})
}

func (c *cloud) PutEventSelectors(
	_ context.Context,
	in *cloudtrail.PutEventSelectorsInput,
	_ ...func(*cloudtrail.Options),
) (*cloudtrail.PutEventSelectorsOutput, error) {
	if (len(in.EventSelectors) > 0) == (len(in.AdvancedEventSelectors) > 0) {
		c.t.Errorf("basic and advanced selectors, or neither: %+v", in)
	}
	return &cloudtrail.PutEventSelectorsOutput{}, c.write("PutEventSelectors", in, func() {
		c.state.Selectors, c.state.Advanced = nil, nil
		for _, s := range in.EventSelectors {
			sel := trails.Selector{
				ReadWrite:      string(s.ReadWriteType),
				Management:     *s.IncludeManagementEvents,
				ExcludeSources: s.ExcludeManagementEventSources,
			}
			for _, d := range s.DataResources {
				sel.DataResources = append(sel.DataResources, trails.DataResource{Type: *d.Type, Values: d.Values})
			}
			c.state.Selectors = append(c.state.Selectors, sel)
		}
		for _, s := range in.AdvancedEventSelectors {
			sel := trails.AdvancedSelector{Name: aws.ToString(s.Name)}
			for _, f := range s.FieldSelectors {
				sel.Fields = append(sel.Fields, trails.FieldSelector{
					Field:         *f.Field,
					Equals:        f.Equals,
					NotEquals:     f.NotEquals,
					StartsWith:    f.StartsWith,
					NotStartsWith: f.NotStartsWith,
					EndsWith:      f.EndsWith,
					NotEndsWith:   f.NotEndsWith,
				})
			}
			c.state.Advanced = append(c.state.Advanced, sel)
		}
	})
}

func (c *cloud) PutInsightSelectors(
	_ context.Context,
	in *cloudtrail.PutInsightSelectorsInput,
	_ ...func(*cloudtrail.Options),
) (*cloudtrail.PutInsightSelectorsOutput, error) {
	return &cloudtrail.PutInsightSelectorsOutput{}, c.write("PutInsightSelectors", in, func() {
		c.state.Insights = nil
		for _, s := range in.InsightSelectors {
			c.state.Insights = append(
				c.state.Insights,
				trails.InsightSelector{Type: string(s.InsightType), Categories: texts(s.EventCategories)},
			)
		}
	})
}

func texts[T ~string](list []T) (all []string) {
	for _, v := range list {
		all = append(all, string(v))
	}
	return all
}

func (c *cloud) AddTags(
	_ context.Context,
	in *cloudtrail.AddTagsInput,
	_ ...func(*cloudtrail.Options),
) (*cloudtrail.AddTagsOutput, error) {
	return &cloudtrail.AddTagsOutput{}, c.write("AddTags", in, func() { c.tag(in.TagsList) })
}

func (c *cloud) tag(list []types.Tag) {
	tags := maps.Clone(c.state.Tags)
	for _, t := range list {
		if tags == nil {
			tags = map[string]string{}
		}
		tags[*t.Key] = aws.ToString(t.Value)
	}
	c.state.Tags = tags
}

func (c *cloud) CreateTrail(
	_ context.Context,
	in *cloudtrail.CreateTrailInput,
	_ ...func(*cloudtrail.Options),
) (*cloudtrail.CreateTrailOutput, error) {
	return &cloudtrail.CreateTrailOutput{TrailARN: aws.String(trail.ARN())}, c.write("CreateTrail", in, func() {
		c.state = &trails.State{ARN: trail.ARN(), Settings: trails.Settings{
			S3Bucket:      aws.ToString(in.S3BucketName),
			S3Prefix:      aws.ToString(in.S3KeyPrefix),
			KMSKeyID:      aws.ToString(in.KmsKeyId),
			SNSTopicARN:   aws.ToString(in.SnsTopicName),
			LogGroupARN:   aws.ToString(in.CloudWatchLogsLogGroupArn),
			LogRoleARN:    aws.ToString(in.CloudWatchLogsRoleArn),
			MultiRegion:   *in.IsMultiRegionTrail,
			GlobalEvents:  *in.IncludeGlobalServiceEvents,
			LogValidation: *in.EnableLogFileValidation,
			Organization:  *in.IsOrganizationTrail,
		}}
		c.tag(in.TagsList)
	})
}

func (c *cloud) Read(_ context.Context, arn string) (trails.State, error) {
	c.now = c.now.Add(10 * time.Millisecond)
	c.reads++
	if arn != trail.ARN() {
		c.t.Errorf("read %s", arn)
	}
	s, err := c.state, error(nil)
	if c.seen != nil {
		s, err = c.seen(c.reads, c.state)
	}
	if s == nil && err == nil {
		err = trails.ErrNotFound
	}
	if err != nil {
		return trails.State{}, err
	}
	return *s, nil
}

func (c *cloud) restorer() *remediate.Restorer {
	return &remediate.Restorer{
		Client: func(region string) remediate.RestoreAPI {
			if region != "eu-west-1" {
				c.t.Errorf("client of Region %s, want the trail's home Region", region)
			}
			return c
		},
		Reader: c,
		Clock: clock.Clock{
			Now:   func() time.Time { return c.now },
			Sleep: func(_ context.Context, d time.Duration) error { c.now = c.now.Add(d); return nil },
		},
		Log: slog.New(slog.DiscardHandler),
	}
}

// budget is the time of a run; overrun is what one last call and one last reading may take beyond it.
const (
	budget  = 40 * time.Second
	overrun = 100 * time.Millisecond
)

func (c *cloud) order(baseline trails.State, kind trails.Kind) remediate.Request {
	return remediate.Request{
		Baseline: baseline,
		Kind:     kind,
		Settled:  true,
		Until:    called.Add(budget),
		Recall:   c.recall,
	}
}

func (c *cloud) restore(baseline trails.State, kind trails.Kind) remediate.Result {
	c.t.Helper()
	res := c.restorer().Restore(c.t.Context(), c.order(baseline, kind))
	c.check(res)
	return res
}

func (c *cloud) recreate(baseline trails.State) remediate.Result {
	c.t.Helper()
	res := c.restorer().Recreate(c.t.Context(), c.order(baseline, trails.Declared))
	c.check(res)
	return res
}

// check holds what is true of every run.
func (c *cloud) check(res remediate.Result) {
	c.t.Helper()
	if over := c.now.Sub(called.Add(budget)); over > overrun {
		c.t.Errorf("took %v longer than the time there was", over)
	}
	for i := 1; i < len(c.at); i++ {
		if gap := c.at[i].Sub(c.at[i-1]); gap < time.Second {
			c.t.Errorf("%s comes %v after %s; CloudTrail takes one a second", c.names[i], gap, c.names[i-1])
		}
	}
	for _, l := range res.Left {
		if why := remediate.Worded(l.Why); why == "" || why[len(why)-1] != '.' {
			c.t.Errorf("%s is left for %q; want a sentence", l.Change.Field, why)
		}
	}
	if (len(res.Left) > 0 || res.Missing) && res.Err == nil {
		c.t.Errorf("something is left and there is no error: %+v", res)
	}
	if res.Missing && len(res.Before) == 0 && (len(res.Notes) == 0 || len(res.Next) == 0 && !res.Retryable) {
		c.t.Errorf("nothing says why there is no trail, or what to do: %+v", res)
	}
	if len(c.names) != len(res.Calls) {
		c.t.Errorf("calls %v, but the result says %v", c.names, res.Calls)
	}
}
