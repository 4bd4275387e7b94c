package evidence

import (
	"testing"

	"trailkeeper/rules/evidence/calls"
)

// TestAdvice: each call but those on log files has advice of its own, and nothing else has; a call that is not in the list
// has none, and not that of another.
func TestAdvice(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range calls.All() {
		seen[c.Source+" "+c.Event] = true
		if a, has := advices()[c.Source+" "+c.Event]; has == (c.Of == calls.LogFile) || has && a.note == "" {
			t.Errorf("%s %s: %+v", c.Source, c.Event, a)
		}
	}
	for call := range advices() {
		if !seen[call] {
			t.Errorf("%s is not in the list", call)
		}
	}
	for call, verb := range map[string]string{ // what is gone can be shown no more; of what was changed that is shown which was
		calls.Organizations + " UpdatePolicy": "describe-policy", calls.Organizations + " DetachPolicy": "list-targets-for-policy",
		calls.Organizations + " DeletePolicy": "", calls.CloudTrail + " DeleteChannel": "", calls.CloudTrail + " DeleteDashboard": "",
		calls.CloudTrail + " UpdateChannel": "get-channel", calls.S3 + " DeleteBucketPolicy": "get-bucket-policy-status",
	} {
		if a := advices()[call]; a.verb != verb {
			t.Errorf("%s is compared with %q; want %q", call, a.verb, verb)
		}
	}
	for _, near := range []calls.Call{{Source: calls.S3, Event: "PutBucketTagging", Of: calls.Bucket}, {Source: calls.KMS, Event: "DeletePolicy", Of: calls.Key}} {
		if a := adviceOn(near); a != (advice{}) {
			t.Errorf("%s: %+v", near.Event, a)
		}
	}
}
