package protect_test

import (
	"encoding/json"
	"testing"

	"trailkeeper/rules/guardrail"
	"trailkeeper/rules/protect"
)

// TestSamples: each call that a rule is for has a sample, which one rule matches; on nothing of the deployment, none.
func TestSamples(t *testing.T) {
	all, samples := rulesOf(t, whole()), 0
	for _, technique := range guardrail.Techniques() {
		for _, c := range technique.Calls {
			s, found := protect.SampleOf(whole(), c.Action)
			if !found {
				continue
			}
			samples++
			event, err := json.Marshal(map[string]any{
				"source": "aws.x", "account": "111122223333", "detail-type": "AWS API Call via CloudTrail",
				"detail": s.Detail(),
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := matching(t, all, event); len(got) != 1 {
				t.Errorf("%s: %s: matched by %d rules", c.Action, event, len(got))
			}
		}
	}
	if want := len(protect.Seen()); samples < want {
		t.Errorf("%d samples of %d calls", samples, want)
	}
	if _, found := protect.SampleOf(protect.Deployment{Stack: "keeper"}, "kms:DisableKey"); found {
		t.Error("a deployment without a key has a call on it")
	}
	if s, _ := protect.SampleOf(whole(), "lambda:PutFunctionConcurrency"); s.Event != "PutFunctionConcurrency20171031" {
		t.Errorf("Lambda's call is recorded as %s", s.Event)
	}
}
