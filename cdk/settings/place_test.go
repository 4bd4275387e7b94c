package settings

import (
	"strings"
	"testing"
)

// TestPlaceOf is the table of what Regions have (EventBridge User Guide, "API destinations"; the rest as Place says).
func TestPlaceOf(t *testing.T) {
	for region, want := range map[string]Place{
		"":               {"", "aws", true, false, true, true},
		"eu-west-1":      {"eu-west-1", "aws", true, false, true, true},
		"ap-east-1":      {"ap-east-1", "aws", true, false, true, true},
		"ap-east-2":      {"ap-east-2", "aws", false, false, true, true},
		"mx-central-1":   {"mx-central-1", "aws", true, true, true, true},
		"cn-north-1":     {"cn-north-1", "aws-cn", true, false, true, false},
		"cn-northwest-1": {"cn-northwest-1", "aws-cn", true, false, true, false},
		"us-gov-east-1":  {"us-gov-east-1", "aws-us-gov", false, false, false, true},
	} {
		if got := placeOf(region); got != want {
			t.Errorf("%q: %+v; want %+v", region, got, want)
		}
	}
}

// TestMisplaced: what the Region has not is off where nothing is said, and refused in one sentence where it is asked
// for.
func TestMisplaced(t *testing.T) {
	for _, tt := range []struct {
		region, likely string
		eventBridge    any // nil: nothing is said
		on, direct     bool
		want           string
	}{
		{"us-gov-west-1", "", nil, false, true, ""},
		{"ap-east-2", "eu-west-1", nil, false, true, ""},
		{"eu-west-1", "us-gov-west-1", nil, true, false, ""},
		{"", "us-gov-west-1", nil, false, true, ""},
		{"", "", nil, true, false, ""},
		{"cn-north-1", "", true, true, false, ""},
		{"us-gov-west-1", "", true, true, true, "EventBridge has no API destinations in us-gov-west-1"},
		{"", "ap-east-2", true, true, true, "EventBridge has no API destinations in ap-east-2"},
		{"us-iso-east-1", "", nil, false, true, "in the partition aws-iso; Trailkeeper runs in"},
		{"us-isob-east-1", "", true, true, true, "in the partition aws-iso-b; Trailkeeper runs in"},
	} {
		slack := map[string]any{"enabled": true}
		if tt.eventBridge != nil {
			slack["eventBridge"] = tt.eventBridge
		}
		object := map[string]any{"secret": "trailkeeper", "slack": slack}
		if tt.region != "" {
			object["env"] = map[string]any{"account": "111122223333", "region": tt.region}
		}
		s, err := Read(Source{Context: map[string]any{ContextKey: object}, Region: tt.likely})
		if s.Slack.EventBridge != tt.on || s.SNS.EventBridge != tt.direct {
			t.Errorf("%+v: EventBridge tells Slack %v and the topic %v", tt, s.Slack.EventBridge, s.SNS.EventBridge)
		}
		if (err != nil) != (tt.want != "") ||
			err != nil && (!strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%+v: %v; want one sentence with %q", tt, err, tt.want)
		}
	}
}
