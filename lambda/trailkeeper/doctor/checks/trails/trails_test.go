package trails

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"trailkeeper/events"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// TestChosen: of very many trails, those of the Region are read in any case, and no more than the bound.
func TestChosen(t *testing.T) {
	const ours = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/ours"
	var arns []string
	for i := range mostTrails + 5 {
		arns = append(arns, fmt.Sprintf("arn:aws:cloudtrail:ap-south-1:111122223333:trail/crowd-%02d", i))
	}
	got := chosen(append(arns, ours), "eu-west-1")
	if len(got) != mostTrails || got[0] != ours || !strings.HasSuffix(got[1], "crowd-00") {
		t.Errorf("%d are read, first %v", len(got), got[:2])
	}
	if got := chosen([]string{ours}, "us-east-1"); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

// TestJudge: that no trail logs is said only where all were read as a whole.
func TestJudge(t *testing.T) {
	logs := []events.Trail{{Name: "management", Region: "eu-west-1"}}
	for name, test := range map[string]struct {
		found  seen
		err    error
		status verdict.Status
		says   string
	}{
		"one logs":          {seen{covering: logs, all: 1}, nil, verdict.OK, "The trail management logs"},
		"one of very many":  {seen{covering: logs, all: mostTrails + 1}, nil, verdict.OK, "The trail management logs"},
		"none logs":         {seen{all: mostTrails}, nil, verdict.Error, "(30 are there), so no event reaches the guard"},
		"none of very many": {seen{all: mostTrails + 1}, nil, verdict.Unknown, "more trails than are looked at"},
		"one is unread":     {seen{all: 2, unread: []string{"the trail x could not be read: no."}}, nil, verdict.Unknown, "cannot be told: the trail x could"},
		"no list":           {seen{}, errors.New("the trails could not be listed: no"), verdict.Unknown, "The trails could not be listed: no."},
		"none is there":     {seen{}, nil, verdict.Error, "(0 are there)"},
	} {
		got := judge(test.found, test.err, "eu-west-1")
		if len(got) == 0 || got[0].Status != test.status || !strings.Contains(got[0].Says, test.says) {
			t.Errorf("%s: %+v; want %s, %q", name, got, test.status, test.says)
		}
		if home := len(got) == 2 && got[1].Check == "home Region" && got[1].Status == verdict.OK; home != (test.status == verdict.OK) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
