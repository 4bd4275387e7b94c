package localcloud

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/baseline"
)

func fields(all ...types.AdvancedFieldSelector) []types.AdvancedEventSelector {
	return []types.AdvancedEventSelector{{FieldSelectors: all}}
}

func equals(field string, values ...string) types.AdvancedFieldSelector {
	return types.AdvancedFieldSelector{Field: &field, Equals: values}
}

func notEquals(field string, values ...string) types.AdvancedFieldSelector {
	return types.AdvancedFieldSelector{Field: &field, NotEquals: values}
}

func many(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("arn:aws:s3:::b%d/", i)
	}
	return list
}

func TestPutEventSelectors(t *testing.T) {
	off := aws.Bool(false)
	objects := func(values ...string) []types.DataResource {
		return []types.DataResource{{Type: aws.String("AWS::S3::Object"), Values: values}}
	}
	basic := func(all ...types.EventSelector) cloudtrail.PutEventSelectorsInput {
		return cloudtrail.PutEventSelectorsInput{EventSelectors: all}
	}
	advanced := func(all ...types.AdvancedFieldSelector) cloudtrail.PutEventSelectorsInput {
		return cloudtrail.PutEventSelectorsInput{AdvancedEventSelectors: fields(all...)}
	}
	management, data := equals("eventCategory",
		"Management"), []types.AdvancedFieldSelector{equals("eventCategory", "Data"), equals("resources.type",
		"AWS::S3::Object")}
	withData := func(more ...types.AdvancedFieldSelector) cloudtrail.PutEventSelectorsInput {
		return advanced(append(slices.Clone(data), more...)...)
	}
	for name, tt := range map[string]struct {
		in cloudtrail.PutEventSelectorsInput
		ok bool
	}{
		"management off without data": {basic(types.EventSelector{IncludeManagementEvents: off}), false},
		"management off with data": {basic(types.EventSelector{
			IncludeManagementEvents: off,
			DataResources:           objects("arn:aws:s3"),
		}), true},
		"management off without values": {basic(types.EventSelector{
			IncludeManagementEvents: off,
			DataResources:           objects(),
		}), false},
		"a bucket without its slash": {basic(types.EventSelector{DataResources: objects("arn:aws:s3:::b")}), false},
		"five":                       {basic(make([]types.EventSelector, 5)...), true},
		"six":                        {basic(make([]types.EventSelector, 6)...), false},
		"250 resources":              {basic(types.EventSelector{DataResources: objects(many(250)...)}), true},
		"251 resources": {basic(types.EventSelector{DataResources: objects(many(125)...)},
			types.EventSelector{DataResources: objects(many(126)...)}), false},
		"read-only":    {basic(types.EventSelector{ReadWriteType: "read-only"}), false},
		"KMS left out": {basic(types.EventSelector{ExcludeManagementEventSources: []string{"kms.amazonaws.com"}}), true},
		"IAM left out": {basic(types.EventSelector{ExcludeManagementEventSources: []string{"iam.amazonaws.com"}}), false},
		"another resource": {
			basic(types.EventSelector{DataResources: []types.DataResource{{Type: aws.String("AWS::SNS::Topic")}}}), false,
		},
		"both kinds": {cloudtrail.PutEventSelectorsInput{
			EventSelectors:         []types.EventSelector{{}},
			AdvancedEventSelectors: fields(management),
		}, false},
		"advanced": {advanced(management, equals("readOnly", "false"),
			notEquals("eventSource", "kms.amazonaws.com")), true},
		"no category":             {advanced(equals("readOnly", "false")), false},
		"two categories":          {advanced(equals("eventCategory", "Management", "Data")), false},
		"category does not equal": {advanced(notEquals("eventCategory", "Data")), false},
		"an unknown category":     {advanced(equals("eventCategory", "Everything")), false},
		"a field twice": {
			advanced(management, equals("readOnly", "true"), equals("readOnly", "false")),
			false,
		},
		"readOnly does not equal":        {advanced(management, notEquals("readOnly", "true")), false},
		"readOnly maybe":                 {advanced(management, equals("readOnly", "maybe")), false},
		"an event's name, of management": {advanced(management, notEquals("eventName", "StopLogging")), false},
		"an event's name, of data":       {withData(notEquals("eventName", "GetObject")), true},
		"a caller, of data": {
			withData(notEquals("userIdentity.arn", "arn:aws:iam::111122223333:user/mallory")),
			true,
		},
		"data without a type": {advanced(equals("eventCategory", "Data")), false},
		"an empty field":      {withData(types.AdvancedFieldSelector{Field: aws.String("eventName")}), false},
		"500 values": {withData(types.AdvancedFieldSelector{
			Field:      aws.String("resources.ARN"),
			StartsWith: many(498),
		}), true},
		"501 values": {withData(types.AdvancedFieldSelector{
			Field:      aws.String("resources.ARN"),
			StartsWith: many(499),
		}), false},
		"network activity": {advanced(equals("eventCategory", "NetworkActivity"),
			equals("eventSource", "kms.amazonaws.com")), true},
		"network activity of no source":   {advanced(equals("eventCategory", "NetworkActivity")), false},
		"a field that no event has here ": {withData(equals("colour", "red")), false},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, nil)
			addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
			tt.in.TrailName = aws.String("main")
			_, err := trails(c, region).PutEventSelectors(t.Context(), &tt.in)
			if (err == nil) != tt.ok || err != nil && !is[*types.InvalidEventSelectorsException](err) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestPutInsightSelectors(t *testing.T) {
	rate, errs := types.InsightTypeApiCallRateInsight, types.InsightTypeApiErrorRateInsight
	readsOnly := []baseline.Selector{{ReadWrite: "ReadOnly", Management: true}}
	dataOnly := []baseline.Selector{{
		ReadWrite:     "All",
		DataResources: []baseline.DataResource{{Type: "AWS::S3::Object", Values: []string{"arn:aws:s3"}}},
	}}
	for name, tt := range map[string]struct {
		selectors []baseline.Selector
		in        []types.InsightSelector
		ok        bool
	}{
		"both":                   {nil, []types.InsightSelector{{InsightType: rate}, {InsightType: errs}}, true},
		"off":                    {nil, []types.InsightSelector{}, true},
		"twice":                  {nil, []types.InsightSelector{{InsightType: rate}, {InsightType: rate}}, false},
		"unknown":                {nil, []types.InsightSelector{{InsightType: "x"}}, false},
		"rate without writes":    {readsOnly, []types.InsightSelector{{InsightType: rate}}, false},
		"errors without writes":  {readsOnly, []types.InsightSelector{{InsightType: errs}}, true},
		"management without any": {dataOnly, []types.InsightSelector{{InsightType: errs}}, false},
		"data": {
			dataOnly,
			[]types.InsightSelector{{InsightType: rate, EventCategories: []types.SourceEventCategory{"Data"}}},
			true,
		},
		"data that the trail has not": {
			nil,
			[]types.InsightSelector{{InsightType: rate, EventCategories: []types.SourceEventCategory{"Data"}}},
			false,
		},
		"a category that does not exist": {
			nil,
			[]types.InsightSelector{{InsightType: rate, EventCategories: []types.SourceEventCategory{"x"}}},
			false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, nil)
			if err := c.AddTrailAs(baseline.State{ARN: mainTrail, Logging: true, Selectors: tt.selectors}); err != nil {
				t.Fatal(err)
			}
			_, err := trails(c, region).PutInsightSelectors(t.Context(),
				&cloudtrail.PutInsightSelectorsInput{TrailName: aws.String("main"), InsightSelectors: tt.in})
			if (err == nil) != tt.ok || err != nil && !is[*types.InvalidInsightSelectorsException](err) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestEventConfiguration(t *testing.T) {
	c := newCloud(t, nil, func(o *Options) { o.Lag = 1 })
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	client, ctx := trails(c, region), t.Context()
	aggregate := []types.AggregationConfiguration{{
		EventCategory: types.EventCategoryAggregationData,
		Templates:     []types.Template{types.TemplateApiActivity},
	}}
	if _, err := client.PutEventConfiguration(ctx,
		&cloudtrail.PutEventConfigurationInput{
			TrailName:                 aws.String("main"),
			AggregationConfigurations: aggregate,
		}); err != nil {
		t.Fatal(err)
	}
	got, err := client.GetEventConfiguration(ctx, &cloudtrail.GetEventConfigurationInput{TrailName: aws.String(mainTrail)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(aggregate, got.AggregationConfigurations,
		cmp.AllowUnexported(types.AggregationConfiguration{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if truth, _ := c.TrailTruth(mainTrail); len(truth.Events.Aggregations) != 1 {
		t.Errorf("the truth is %+v", truth.Events)
	}
	c.Pass(2e9)
	for name, in := range map[string]cloudtrail.PutEventConfigurationInput{
		"InvalidParameterCombinationException": {MaxEventSize: types.MaxEventSizeLarge},
		"InvalidParameterException": {
			AggregationConfigurations: []types.AggregationConfiguration{
				{EventCategory: "Management", Templates: []types.Template{"x"}},
			},
		},
	} {
		in.TrailName = aws.String("main")
		if _, err := client.PutEventConfiguration(ctx, &in); code(err) != name {
			t.Errorf("got %v, want %s", err, name)
		}
		c.Pass(2e9)
	}
}

// What was seeded from a baseline reads back as that baseline.
func TestTruthIsTheSeed(t *testing.T) {
	want := baseline.State{
		ARN:     mainTrail,
		Logging: true,
		Tags:    map[string]string{"team": "security"},
		Settings: baseline.Settings{
			S3Bucket:      "logs",
			S3Prefix:      "p",
			KMSKeyID:      "arn:aws:kms:eu-west-1:111122223333:key/k",
			SNSTopicARN:   "arn:aws:sns:eu-west-1:111122223333:t",
			LogGroupARN:   "arn:aws:logs:eu-west-1:111122223333:log-group:g:*",
			LogRoleARN:    "arn:aws:iam::111122223333:role/r",
			MultiRegion:   true,
			GlobalEvents:  true,
			LogValidation: true,
		},
		Advanced: []baseline.AdvancedSelector{
			{Name: "all", Fields: []baseline.FieldSelector{{Field: "eventCategory", Equals: []string{"Management"}}}},
			{Fields: []baseline.FieldSelector{
				{Field: "eventCategory", Equals: []string{"Data"}},
				{Field: "resources.type", Equals: []string{"AWS::S3::Object"}},
				{
					Field:         "resources.ARN",
					NotStartsWith: []string{"a"},
					EndsWith:      []string{"b"},
					NotEndsWith:   []string{"c"},
				},
			}},
		},
		Insights: []baseline.InsightSelector{{Type: "ApiCallRateInsight", Categories: []string{"Management", "Data"}}},
		Events: baseline.EventConfiguration{Aggregations: []baseline.Aggregation{{
			Category:  "Data",
			Templates: []string{"API_ACTIVITY"},
		}}},
	}
	c := newCloud(t, nil)
	if err := c.AddTrailAs(want); err != nil {
		t.Fatal(err)
	}
	got, ok := c.TrailTruth(mainTrail)
	got.Delivery = baseline.Delivery{}
	if diff := cmp.Diff(want, got); !ok || diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, ok := c.TrailTruth(mainTrail + "2"); ok {
		t.Error("a trail that does not exist has a truth")
	}
}
