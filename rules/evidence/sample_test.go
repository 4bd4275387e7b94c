package evidence_test

import (
	"encoding/json"
	"testing"

	"trailkeeper/rules"
	"trailkeeper/rules/evidence"
	"trailkeeper/rules/evidence/calls"
)

// TestSamples: each call has a sample that one rule matches, of those for calls that succeeded.
func TestSamples(t *testing.T) {
	names := evidence.Names{
		Buckets:   []evidence.Bucket{{Name: "example-trail-logs", Prefix: "AWSLogs/"}},
		Keys:      []string{"arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"},
		LogGroups: []string{"arn:aws:logs:eu-west-1:111122223333:log-group:management:*"},
	}
	all, err := evidence.Rules(names)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range calls.All() {
		detail, ok := evidence.SampleOf(names, c)
		if !ok {
			t.Errorf("%s has no sample", c.Event)
			continue
		}
		event, err := json.Marshal(map[string]any{
			"source": "aws." + c.Source[:len(c.Source)-len(".amazonaws.com")], "detail-type": "AWS API Call via CloudTrail",
			"detail": detail,
		})
		if err != nil {
			t.Fatal(err)
		}
		matched := 0
		for _, r := range all {
			raw, _ := json.Marshal(r.Pattern)
			p, err := rules.ParsePattern(raw)
			if err != nil {
				t.Fatal(err)
			}
			if ok, err := p.Match(event); err == nil && ok {
				matched++
			}
		}
		if matched != 1 {
			t.Errorf("%s: matched by %d rules: %s", c.Event, matched, event)
		}
	}
	for _, of := range []string{"PutBucketPolicy", "DeleteObject", "DisableKey", "DeleteLogGroup"} {
		for _, c := range calls.All() {
			if _, ok := evidence.SampleOf(evidence.Names{}, c); ok && c.Event == of {
				t.Errorf("without a baseline %s has a sample", of)
			}
		}
	}
}
