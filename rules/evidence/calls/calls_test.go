package calls_test

import (
	"slices"
	"strings"
	"testing"

	"trailkeeper/rules/evidence/calls"
	"trailkeeper/rules/guardrail"
)

// TestTheCatalogueIsCovered: each call of the catalogue on a trail's evidence is here, by its name in IAM or in CloudTrail,
// or has a reason why not. What is used on the deployment itself is not about a trail.
func TestTheCatalogueIsCovered(t *testing.T) {
	have := map[string]bool{}
	for _, c := range calls.All() {
		have[strings.TrimSuffix(c.Source, ".amazonaws.com")+":"+c.Event] = true
		have[c.Action] = true
	}
	have["s3:DeleteObjectVersion"] = have["s3:DeleteObject"] // by its name in CloudTrail; see TestRecorded
	used := map[string]bool{}
	for _, technique := range guardrail.Techniques() {
		onTrail := strings.Contains("BCDEJ", technique.ID[:1]) && !slices.Contains([]string{"E5", "E6", "E7"}, technique.ID)
		if !onTrail && !slices.Contains([]string{"A17", "A20", "A23"}, technique.ID) {
			continue
		}
		for _, c := range technique.Calls {
			used[c.Action] = true
			if not := calls.Unseen(c.Action); have[c.Action] == (not != "") {
				t.Errorf("%s: %s is in the list: %t, and said not to be: %q", technique.ID, c.Action, have[c.Action], not)
			}
		}
	}
	for action := range calls.AllUnseen {
		if !used[action] {
			t.Errorf("%s is no call of the catalogue", action)
		}
	}
}

// TestRecorded: names that differ from the action's (Amazon S3 User Guide, "Amazon S3 CloudTrail events").
func TestRecorded(t *testing.T) {
	for action, want := range map[string]string{
		"s3:DeleteObjectVersion":         "DeleteObject",
		"s3:PutEncryptionConfiguration":  "PutBucketEncryption",
		"s3:PutLifecycleConfiguration":   "PutBucketLifecycle",
		"s3:PutReplicationConfiguration": "PutBucketReplication",
		"s3:DeleteObject":                "",
		"s3:PutBucketOwnershipControls":  "",
		"s3:PutBucketPolicy":             "",
		"kms:DisableKey":                 "",
		"":                               "",
	} {
		if got := calls.Recorded(action); got != want {
			t.Errorf("%s is recorded as %q; want %q", action, got, want)
		}
	}
}

func TestFind(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range calls.All() {
		got, ok := calls.Find(c.Source, c.Event)
		if !ok || got != c || seen[c.Source+c.Event] || c.Severity == "" {
			t.Errorf("%+v: %+v, twice: %t", c, got, seen[c.Source+c.Event])
		}
		seen[c.Source+c.Event] = true
	}
	for _, near := range [][2]string{{calls.S3, "DeleteKey"}, {calls.IAM, "DeletePolicy"}, {calls.S3, "PutBucketLifecycleConfiguration"}} {
		if c, ok := calls.Find(near[0], near[1]); ok {
			t.Errorf("%v is %+v", near, c)
		}
	}
}

func TestAttempt(t *testing.T) {
	for s, want := range map[calls.Severity]calls.Severity{"critical": "high", "high": "medium", "medium": "low", "low": "low"} {
		if got := s.Attempt(); got != want {
			t.Errorf("%s: %s", s, got)
		}
	}
}
