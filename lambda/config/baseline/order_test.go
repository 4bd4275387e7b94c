package baseline_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/baseline"
)

// TestParseOrdersValues: whoever writes a file need not know in which order CloudTrail shows the values.
func TestParseOrdersValues(t *testing.T) {
	state := func(a, b string) baseline.State {
		s := healthy().Trail
		two := func() []string { return []string{a, b} }
		s.Selectors = nil
		s.Advanced = []baseline.AdvancedSelector{
			{Name: "z", Fields: []baseline.FieldSelector{
				{Field: "eventCategory", Equals: []string{"Data"}},
				{Field: "resources.type", Equals: []string{"AWS::Lambda::Function"}},
				{
					Field:         "userIdentity.arn",
					NotEquals:     two(),
					StartsWith:    two(),
					NotStartsWith: two(),
					EndsWith:      two(),
					NotEndsWith:   two(),
				},
			}},
			{Name: "a", Fields: []baseline.FieldSelector{
				{
					Field:  "eventCategory",
					Equals: []string{"Data"},
				},
				{Field: "resources.type", Equals: []string{"AWS::S3::Object"}},
				{Field: "eventName", Equals: two()},
			}},
		}
		s.Insights = nil
		return s
	}
	parse := func(s baseline.State) baseline.State {
		b := healthy()
		b.Trail = s
		got, err := baseline.Parse(name, format(t, b))
		if err != nil {
			t.Fatal(err)
		}
		return got.Trail
	}
	if diff := cmp.Diff(state("a", "b"), parse(state("b", "a"))); diff != "" {
		t.Errorf("advanced selectors (-want +got)\n%s", diff)
	}
	basic := func(sources, objects, keys, templates []string) baseline.State {
		s := healthy().Trail
		s.Advanced = nil
		s.Selectors = []baseline.Selector{
			{ReadWrite: "WriteOnly", Management: true, ExcludeSources: sources},
			{
				ReadWrite:      "All",
				Management:     true,
				ExcludeSources: sources,
				DataResources: []baseline.DataResource{
					{Type: "AWS::S3::Object", Values: objects}, {Type: "AWS::Lambda::Function", Values: []string{"arn:aws:lambda"}},
				},
			},
		}
		s.Events = baseline.EventConfiguration{
			MaxEventSize: "Large", ContextKeys: []baseline.ContextKey{{Type: "TagContext", Equals: keys}},
			Aggregations: []baseline.Aggregation{{Category: "Data", Templates: templates}},
		}
		s.Insights = []baseline.InsightSelector{
			{Type: "ApiErrorRateInsight", Categories: []string{"Management"}},
			{Type: "ApiCallRateInsight"},
		}
		return s
	}
	want := basic([]string{"kms.amazonaws.com", "rdsdata.amazonaws.com"}, []string{"arn:aws:s3:::a/", "arn:aws:s3:::b/"},
		[]string{"cost", "team"}, []string{"API_ACTIVITY", "RESOURCE_ACCESS"})
	given := basic([]string{"rdsdata.amazonaws.com", "kms.amazonaws.com"}, []string{"arn:aws:s3:::b/", "arn:aws:s3:::a/"},
		[]string{"team", "cost"}, []string{"RESOURCE_ACCESS", "API_ACTIVITY"})
	if diff := cmp.Diff(want, parse(given)); diff != "" {
		t.Errorf("basic selectors (-want +got)\n%s", diff)
	}
}
