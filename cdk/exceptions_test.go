package main

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/exception"
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
		Principal: "arn:aws:iam::111122223333:role/Deploy", Events: []string{"UpdateTrail"}, Trail: trail, Reason: "r",
		Expires: time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC),
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
