package detections_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"trailkeeper/events"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
	"trailkeeper/rules/expression"
)

func load(t *testing.T, options detect.Options) *detect.Set {
	t.Helper()
	set, problems := detect.Load(options, detections.Source())
	for _, p := range problems {
		t.Error(p)
	}
	return set
}

// TestRules runs the tests in the files. Each rule has records that match and records that do not.
func TestRules(t *testing.T) {
	set := load(t, detections.Tested())
	if len(set.Warnings) > 0 {
		t.Errorf("warnings %v", set.Warnings)
	}
	tests := map[string]int{}
	for _, r := range set.Test() {
		if r.Failure.Reason != "" {
			t.Error(r.Failure)
		}
		tests[r.Rule]++
	}
	for _, rule := range set.Rules {
		if tests[rule.ID] < 3 || rule.Description == "" {
			t.Errorf("%s has %d tests and the description %q", rule.ID, tests[rule.ID], rule.Description)
		}
		if rule.File != "rules/detections/"+rule.ID+".yaml" {
			t.Errorf("%s stands in %s", rule.ID, rule.File)
		}
	}
}

// TestIDs: these are part of the contract.
func TestIDs(t *testing.T) {
	set := load(t, detect.Options{Stack: "trailkeeper"})
	off := map[string]bool{
		"console-login-any":     true,
		"ec2-instance-connect":  true,
		"insight-event":         true,
		"root-any-call":         true,
		"trail-changed":         true,
		"console-login-outside": true,
	}
	var ids []string
	for _, rule := range set.Rules {
		ids = append(ids, rule.ID)
		if (rule.Off != "") != off[rule.ID] {
			t.Errorf("%s is off for %q", rule.ID, rule.Off)
		}
	}
	for _, id := range []string{
		"console-login-without-mfa", "console-login-failed", "root-console-login", "root-activity", "refused-calls",
		"console-login-outside", "large-instances", "iam-user-created", "trail-tampering", "own-function-changed",
		"console-login-any", "ec2-instance-connect",
	} {
		if !slices.Contains(ids, id) {
			t.Errorf("there is no rule %s", id)
		}
	}
	if len(set.Warnings) != 1 || !strings.Contains(set.Warnings[0].Reason, `no list "office-networks"`) {
		t.Errorf("warnings %v", set.Warnings)
	}
}

// TestFixtures: no rule has an error on a record of the project, and those of tampering are found.
func TestFixtures(t *testing.T) {
	set := load(t, detections.Tested())
	records := 0
	err := fs.WalkDir(events.Fixtures(), ".", func(file string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, ".json") {
			return err
		}
		text, err := fs.ReadFile(events.Fixtures(), file)
		if err != nil {
			return err
		}
		record, err := expression.Parse(text)
		if err != nil {
			return nil //nolint:nilerr // a schedule, or another event that is no record
		}
		records++
		d := set.Decide(record)
		for _, e := range d.Errors {
			t.Errorf("%s: %v", file, e)
		}
		found := slices.ContainsFunc(d.Rules, func(r *detect.Rule) bool { return r.ID == "trail-tampering" })
		want := record.Text("eventSource") == "cloudtrail.amazonaws.com" && slices.Contains([]string{
			"StopLogging", "UpdateTrail", "DeleteTrail", "PutEventSelectors", "PutInsightSelectors",
		}, record.Text("eventName"))
		if found != want {
			t.Errorf("%s: trail-tampering matches: %v", file, found)
		}
		return nil
	})
	if err != nil || records < 40 {
		t.Errorf("%d records, %v", records, err)
	}
}
