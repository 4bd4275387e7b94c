package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/config/route"
)

// TestExceptionsFile: the guard can read what the settings exempt, and there is no file where nothing is.
func TestExceptionsFile(t *testing.T) {
	const trail = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/management"
	declared := baseline.File{Content: []byte("{}")}
	declared.Baseline.Trail.ARN = trail
	s := settings.Defaults()
	files, err := furtherFiles(s, []baseline.File{declared})
	if err != nil {
		t.Fatal(err)
	}
	const baselineFile = "baselines/eu-west-1.111122223333.management.json"
	if got := slices.Sorted(maps.Keys(files)); !slices.Equal(got, []string{baselineFile}) {
		t.Errorf("files %v; want the baseline alone", got)
	}
	s.Overrides = []exception.Override{{Trail: trail, Mode: config.ModeNotify}}
	s.Approvals = []exception.Approval{{
		Principal: "arn:aws:iam::111122223333:role/Deploy",
		Events:    []string{"UpdateTrail"},
		Trail:     trail,
		Reason:    "r",
		Expires:   time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC),
	}}
	if files, err = furtherFiles(s, []baseline.File{declared}); err != nil {
		t.Fatal(err)
	}
	got, err := exception.Parse(files[exception.FileName])
	if err != nil || len(files) != 2 {
		t.Fatalf("files %v, %v", slices.Sorted(maps.Keys(files)), err)
	}
	if diff := cmp.Diff(s.Exceptions(), got); diff != "" {
		t.Errorf("exceptions (-want +got):\n%s", diff)
	}
}

// TestListsFile: the guard can read which accounts and Regions there are, and there is no file where there is no list.
func TestListsFile(t *testing.T) {
	s := settings.Defaults()
	s.Accounts, s.Sweep.Regions = []string{"444455556666", "111122223333"}, []string{"us-east-1", "eu-west-1"}
	s.AccountNames = map[string]string{"444455556666": "production"}
	files, err := furtherFiles(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := config.ParseLists(files[config.ListsFile])
	want := config.Lists{
		Accounts:     []string{"444455556666", "111122223333"},
		SweepRegions: []string{"us-east-1", "eu-west-1"},
		AccountNames: map[string]string{"444455556666": "production"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil || len(files) != 1 {
		t.Errorf("files %v, %v (-want +got):\n%s", slices.Sorted(maps.Keys(files)), err, diff)
	}
}

// TestRoutesFile: the guard can read who gets what, and there is no file where there is no route.
func TestRoutesFile(t *testing.T) {
	s := settings.Defaults()
	s.AccountGroups = map[string][]string{"prod": {"111122223333"}, "dev": {"444455556666"}}
	files, err := furtherFiles(s, nil)
	if err != nil || len(files) > 0 {
		t.Fatalf("files %v, %v; want none", slices.Sorted(maps.Keys(files)), err)
	}
	s.Routes = []route.Route{{Accounts: []string{"prod"}, Severity: "high", Slack: []string{"secret:prod_webhook"}}}
	if files, err = furtherFiles(s, nil); err != nil {
		t.Fatal(err)
	}
	got, err := route.Parse(files[route.FileName])
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, %v", slices.Sorted(maps.Keys(files)), err)
	}
	want := route.List{Groups: map[string][]string{"prod": {"111122223333"}}, Routes: s.Routes}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
}

// TestGroupsFile: what `trailkeeper accounts` writes is read, what is not there holds no group, and anything else is
// refused.
func TestGroupsFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	got, err := groupsFile(write("accounts.json", `{"groups": {"prod/eu": ["111122223333"]}}`))
	if diff := cmp.Diff(map[string][]string{"prod/eu": {"111122223333"}}, got); diff != "" || err != nil {
		t.Errorf("groups %v (-want +got):\n%s", err, diff)
	}
	if got, err := groupsFile(filepath.Join(dir, "none.json")); got != nil || err != nil {
		t.Errorf("no file: %v, %v; want no group", got, err)
	}
	for _, path := range []string{write("list.json", `["111122223333"]`), dir} {
		if _, err := groupsFile(path); err == nil {
			t.Errorf("%s is taken", path)
		}
	}
}
