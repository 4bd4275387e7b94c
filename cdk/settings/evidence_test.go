package settings

import (
	"strings"
	"testing"

	"trailkeeper/lambda/config/baseline"
)

// TestEvidenceNotes: what is elsewhere is said, with where; what is here is not.
func TestEvidenceNotes(t *testing.T) {
	here := func(region string) Settings {
		s := Defaults()
		s.Evidence.Enabled, s.Env = true, Env{Account: "111122223333", Region: region}
		return s
	}
	of := func(owner, bucketRegion, key string) baseline.Baseline {
		b := baseline.Baseline{Trail: baseline.State{
			ARN: "arn:aws:cloudtrail:us-east-1:111122223333:trail/main", Settings: baseline.Settings{S3Bucket: "logs", KMSKeyID: key},
		}}
		if owner != "" {
			b.Bucket = &baseline.Bucket{Owner: owner, Region: bucketRegion}
		}
		return b
	}
	group := func(account, region string) baseline.Baseline {
		b := of("", "", "")
		b.Trail.Settings.LogGroupARN = "arn:aws:logs:" + region + ":" + account + ":log-group:CloudTrail/main:*"
		return b
	}
	off := here("eu-west-1")
	off.Evidence.Enabled = false
	for name, test := range map[string]struct {
		settings Settings
		baseline baseline.Baseline
		want     []string // of each note; none: there is none
	}{
		"all is here":                {here("us-east-1"), of("111122223333", "us-east-1", "arn:aws:kms:us-east-1:111122223333:key/a"), nil},
		"no events of IAM":           {here("eu-west-1"), of("", "", ""), []string{"in us-east-1 alone, and the stack is in eu-west-1"}},
		"GovCloud":                   {here("us-gov-west-1"), of("", "", ""), nil},
		"elsewhere in GovCloud":      {here("us-gov-east-1"), of("", "", ""), []string{"calls on IAM, Organizations and Account Management are recorded in us-gov-west-1 alone"}},
		"Beijing":                    {here("cn-north-1"), of("", "", ""), []string{"calls on Organizations and Account Management are recorded in cn-northwest-1 alone, and the stack is in cn-north-1"}},
		"Ningxia":                    {here("cn-northwest-1"), of("", "", ""), []string{"calls on IAM are recorded in cn-north-1 alone, and the stack is in cn-northwest-1"}},
		"no Region is set":           {here(""), of("", "", ""), nil},
		"where the rules are off":    {off, of("111122223333", "us-east-1", "arn:aws:kms:us-east-1:111122223333:key/a"), nil},
		"another account's bucket":   {here("us-east-1"), of("444455556666", "eu-west-1", ""), []string{"bucket logs is of account 444455556666"}},
		"the same, rules off":        {off, of("444455556666", "eu-west-1", ""), []string{"bucket logs is of account 444455556666"}},
		"a bucket of another Region": {here("us-east-1"), of("111122223333", "eu-west-1", ""), []string{"bucket logs is in eu-west-1"}},
		"another account's key": {
			here("us-east-1"), of("", "", "arn:aws:kms:us-east-1:444455556666:key/a"), []string{"key arn:aws:kms:us-east-1:444455556666:key/a is of account 444455556666"},
		},
		"a log group here": {here("us-east-1"), group("111122223333", "us-east-1"), nil},
		"a log group of another Region": {
			here("us-east-1"), group("111122223333", "eu-west-1"),
			[]string{"log group arn:aws:logs:eu-west-1:111122223333:log-group:CloudTrail/main is in eu-west-1, where calls on it are recorded, and the stack is in us-east-1"},
		},
		"another account's log group": {
			here("us-east-1"), group("444455556666", "us-east-1"),
			[]string{"log group arn:aws:logs:us-east-1:444455556666:log-group:CloudTrail/main is of account 444455556666"},
		},
		"the same group, rules off": {off, group("444455556666", "us-east-1"), nil},
	} {
		got := EvidenceNotes(test.settings, []baseline.Baseline{test.baseline})
		if len(got) != len(test.want) {
			t.Errorf("%s: %q", name, got)
			continue
		}
		for i, want := range test.want {
			if !strings.Contains(got[i], want) || strings.Contains(got[i], "Reading it") != (strings.Contains(want, "account") && !strings.Contains(want, "log group")) {
				t.Errorf("%s: %q", name, got[i])
			}
		}
	}
	if got := EvidenceNotes(here("us-east-1"), nil); len(got) != 1 || !strings.Contains(got[0], "no baseline") {
		t.Errorf("without a baseline: %q", got)
	}
	if got := EvidenceNotes(Defaults(), nil); len(got) != 0 {
		t.Errorf("by default: %q", got)
	}
}
