package calls_test

import (
	"slices"
	"strings"
	"testing"

	"trailkeeper/rules/evidence/calls"
	"trailkeeper/rules/guardrail"
)

// elsewhere are the calls of the catalogue that are not in this list, and what reports them.
var elsewhere = map[string]string{
	"s3:DeleteObjectVersion":         "CloudTrail records it as DeleteObject",
	"s3:PutObject":                   "a data event that each delivery is as well",
	"s3:PutObjectTagging":            "a lifecycle by tags counts as any other",
	"s3:DeleteObjectTagging":         "a lifecycle by tags counts as any other",
	"s3:UpdateObjectEncryption":      "the rules of the watch may",
	"s3:PutObjectRetention":          "the rules of the watch may",
	"s3:PutObjectLegalHold":          "the rules of the watch may",
	"s3:BypassGovernanceRetention":   "no call",
	"s3:PauseReplication":            "no call: AWS FIS makes it",
	"s3:PutObjectAcl":                "the rules of the watch may",
	"s3:PutObjectVersionAcl":         "the rules of the watch may",
	"logs:DeleteDestination":         "what it was about no baseline names",
	"cloudwatch:DeleteAlarms":        "rules/protect",
	"cloudwatch:DeleteDashboards":    "rules/protect",
	"cloudwatch:PutDashboard":        "rules/protect",
	"logs:DeleteRetentionPolicy":     "rules/protect: of the log group of a trail it keeps everything",
	"cloudwatch:DisableAlarmActions": "rules/protect",
	"cloudwatch:SetAlarmState":       "rules/protect",
	"cloudwatch:PutMetricAlarm":      "rules/protect",
	"cloudwatch:PutAlarmMuteRule":    "rules/protect",
	"account:CloseAccount":           "CloudTrail records no such call; see package protect",
}

// TestTheCatalogueIsCovered: each call of the catalogue on a trail's evidence is here, by its name in IAM or in CloudTrail.
func TestTheCatalogueIsCovered(t *testing.T) {
	have := map[string]bool{}
	for _, c := range calls.All() {
		have[strings.TrimSuffix(c.Source, ".amazonaws.com")+":"+c.Event] = true
		have[c.Action] = true
	}
	used := map[string]bool{}
	for _, technique := range guardrail.Techniques() {
		if !strings.Contains("BCDEJ", technique.ID[:1]) && !slices.Contains([]string{"A17", "A20", "A23"}, technique.ID) {
			continue
		}
		for _, c := range technique.Calls {
			_, not := elsewhere[c.Action]
			used[c.Action] = true
			if have[c.Action] == not {
				t.Errorf("%s: %s is in the list: %t, and said to be elsewhere: %t", technique.ID, c.Action, have[c.Action], not)
			}
		}
	}
	for action := range elsewhere {
		if !used[action] {
			t.Errorf("%s is no call of the catalogue", action)
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
