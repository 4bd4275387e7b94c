package look_test

import (
	"strings"
	"testing"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/message/notes"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// TestRival is whoever made the change in truth: none whom an approval covers, no call that is itself waited for, and
// none of long ago.
func TestRival(t *testing.T) {
	now, management, made := producertest.Now, producertest.Management, producertest.Made
	stop := func(minutes int, who string) events.Event { return made(t, minutes, who, "StopLogging", "", "") }
	move := made(t, 3, "mallory", "UpdateTrail", `,"s3BucketName":"evil"`, "")
	logging, bucket := []trail.Field{trail.FieldLogging}, []trail.Field{trail.FieldS3Bucket}
	for name, test := range map[string]struct {
		events  []events.Event
		fields  []trail.Field
		claimed string // the event ID of the claim
		want    string
	}{
		"somebody else": {[]events.Event{stop(3, "mallory")}, logging, "e", "user/mallory made the change at " +
			"2026-03-02 09:12:30 UTC (event e3)."},
		"the claimed call":     {[]events.Event{stop(3, "mallory")}, logging, "e3", ""},
		"who may":              {[]events.Event{stop(3, "deploy")}, logging, "e", ""},
		"who may not any more": {[]events.Event{stop(3, "former")}, logging, "e", "user/former made the change"},
		"nobody":               {nil, logging, "e", ""},
		"another change":       {[]events.Event{move}, logging, "e", ""},
		"that change":          {[]events.Event{move}, bucket, "e", "user/mallory made the change"},
		"half an hour ago":     {[]events.Event{stop(30, "mallory")}, logging, "e", "(event e30)"},
		"before that":          {[]events.Event{stop(31, "mallory")}, logging, "e", ""},
		"the newest of two":    {[]events.Event{stop(2, "deploy"), stop(3, "mallory")}, logging, "e", ""},
		"a deletion": {
			[]events.Event{made(t, 3, "mallory", "DeleteTrail", "", "")}, nil, "e", "user/mallory made the change",
		},
		"a deletion of long ago": {
			[]events.Event{made(t, 99, "mallory", "DeleteTrail", "", "")}, nil, "e", "(event e99)",
		},
		"refused": {
			[]events.Event{made(t, 3, "mallory", "StopLogging", "", `,"errorCode":"AccessDenied"`)}, logging, "e", "",
		},
		"a deletion, for what is on": {[]events.Event{made(t, 3, "mallory", "DeleteTrail", "", "")}, logging, "e", ""},
	} {
		user := "arn:aws:iam::111122223333:user/"
		approvals := []exception.Approval{
			{
				Principal: user + "former",
				Events:    []string{"StopLogging"},
				Trail:     management.ARN(),
				Reason:    "r",
				Expires:   now.Add(-time.Hour),
			},
			{
				Principal: user + "deploy",
				Events:    []string{"StopLogging"},
				Trail:     management.ARN(),
				Reason:    "r",
				Expires:   now.Add(time.Hour),
			},
		}
		clk := clock.Real()
		clk.Now = func() time.Time { return now }
		actors := look.Actors{
			History: &producertest.Searched{Events: test.events},
			Judge:   &approval.Judge{Approvals: approvals, Clock: clk},
			Own:     func(events.Event) bool { return false },
			Clock:   clk,
		}
		s := look.Sight{Trail: management, State: producertest.Fit(), Declared: producertest.Fit()}
		s.Known.Approved = []known.Approved{{EventID: "x"}, {EventID: test.claimed}}
		says, found := actors.Rival(t.Context(), &s, test.fields)
		if got := notes.Word(says); found != (test.want != "") || found && !strings.Contains(got, test.want) {
			t.Errorf("%s: %q; want %q", name, got, test.want)
		}
	}
}
