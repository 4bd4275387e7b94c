package sweep

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/bearing"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/sweep/look"
)

// TestSweepNamesTheActor: the newest call that went well and asked for what is now worse, of this trail, by somebody
// else than the guard.
func TestSweepNamesTheActor(t *testing.T) {
	stop := func(minutes int, who, further string) events.Event {
		return made(t, minutes, who, "StopLogging", "", further)
	}
	moved := func(minutes int, who, bucket string) events.Event {
		return made(t, minutes, who, "UpdateTrail", fmt.Sprintf(`,"s3BucketName":%q`, bucket), "")
	}
	refused := `,"errorCode":"AccessDenied"`
	guardOwn := `,"userIdentity":{"type":"AssumedRole","sessionContext":{"sessionIssuer":{"arn":"` +
		config.Example().RoleARN + `"}}}`
	elsewhere := `,"requestParameters":{"name":"other"}`
	for name, test := range map[string]struct {
		sight   look.Sight
		history searched
		actor   string
		says    string
	}{
		"stopped": {
			sighted(off),
			searched{Events: []events.Event{stop(3, "mallory", "")}},
			"user mallory",
			"StopLogging by user mallory at 2026-03-02 09:12:30 UTC from 203.0.113.3 (event e3): found in the event " +
				"history; no event arrived.",
		},
		"the newest": {
			sighted(off), searched{Events: []events.Event{stop(2, "eve", ""), stop(3, "mallory", "")}}, "user eve", "event e2",
		},
		"a refused one is newer": {
			sighted(off),
			searched{Events: []events.Event{stop(2, "eve", refused), stop(3, "mallory", "")}},
			"user mallory",
			"event e3",
		},
		"another trail's": {
			sighted(off),
			searched{Events: []events.Event{stop(2, "eve", elsewhere), stop(3, "mallory", "")}},
			"user mallory",
			"event e3",
		},
		"the guard's own": {
			sighted(off),
			searched{Events: []events.Event{stop(2, "eve", guardOwn), stop(3, "mallory", "")}},
			"user mallory",
			"event e3",
		},
		"another call": {
			sighted(off),
			searched{Events: []events.Event{moved(2, "eve", "evil"), stop(3, "mallory", "")}},
			"user mallory",
			"event e3",
		},
		"only by its call": {
			sighted(off),
			searched{Only: types.LookupAttributeKeyEventName, Events: []events.Event{stop(3, "mallory", "")}},
			"user mallory", "event e3",
		},
		"not found": {
			sighted(off),
			searched{Events: []events.Event{stop(2, "eve", refused)}},
			"",
			"does not show who did it, yet or at all. The next sweeps look again.",
		},
		"not answered": {
			sighted(off),
			searched{Err: errors.New("CloudTrail throttled LookupEvents")},
			"",
			"Who did it could not be looked up: CloudTrail throttled LookupEvents. The next sweeps look again.",
		},
		"weakened": {
			sighted(weaker),
			searched{Events: []events.Event{moved(2, "eve", "logs"), stop(3, "bob", ""), moved(4, "mallory", "evil")}},
			"user mallory", "UpdateTrail by user mallory",
		},
		"deleted": {
			sighted(gone),
			searched{Events: []events.Event{stop(3, "bob", ""), made(t, 4, "mallory", "DeleteTrail", "", "")}},
			"user mallory", "DeleteTrail by user mallory",
		},
	} {
		test.sight.Declared = fit()
		w, _, _ := sweeping(t, config.ModeRecreate, test.sight)
		w.past = &test.history
		w.sweepNow(t)
		n := w.Slack[0]
		if n.Actor != test.actor || !strings.Contains(message.Detail(n), test.says) ||
			(n.SourceIP != "") != (test.actor != "") {
			t.Errorf("%s: by %q: %q", name, n.Actor, message.Detail(n))
		}
		if len(test.history.Asked) < 2 || test.history.Asked[0] != "ResourceName "+management.ARN() ||
			test.history.Asked[1] != "ResourceName "+management.Name {
			t.Errorf("%s: asked for %q", name, test.history.Asked)
		}
		if asked := len(test.history.Asked); asked > 4 {
			t.Errorf("%s: asked %d times", name, asked)
		}
	}
}

// TestActorsAreNamedLater: a look-up keeps no other trail waiting for its restore, and what the history did not show is
// told when it does.
func TestActorsAreNamedLater(t *testing.T) {
	other := func(s *look.Sight) {
		s.Trail.Name, s.State.ARN = "other", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/other"
	}
	second := sighted(func(s *look.Sight) { off(s); other(s) })
	second.Findings[0].Trail.Name = "other"
	w, m, _ := sweeping(t, config.ModeRestart, sighted(off), second)
	h := &searched{}
	w.past = h
	w.restarts = restartFunc(func(events.Trail, time.Time, time.Time) remediate.Result {
		if len(h.Asked) > 0 {
			t.Error("looked up before everything was restored")
		}
		return restored
	})
	w.sweepNow(t)
	if len(w.Slack) != 2 || len(reports(t, m)) != 4 ||
		!strings.Contains(message.Detail(w.Slack[0])+message.Detail(w.Slack[1]), "is looked up when everything is restored") {
		t.Fatalf("reported %+v, %v", w.Slack, reports(t, m))
	}
	h.Events = []events.Event{made(t, 3, "mallory", "StopLogging", "", "")}
	w.sight.Sights = []look.Sight{sighted(func(s *look.Sight) { s.Declared = fit() })}
	w.sweepNow(t)
	last := w.Slack[len(w.Slack)-1]
	if last.Kind != finding.KindNamed || last.Actor != "user mallory" ||
		!strings.Contains(message.Detail(last), "found in the event history; no event arrived") {
		t.Errorf("%+v", last)
	}
	reported := len(w.Slack)
	if w.sweepNow(t); len(w.Slack) != reported {
		t.Error("named twice")
	}
	w.Clock.Now = func() time.Time { return now.Add(maxNaming + time.Minute) }
	w.sight.Sights = []look.Sight{sighted(func(s *look.Sight) { other(s); s.Declared = fit() })}
	asked := len(h.Asked)
	w.sweepNow(t)
	if len(h.Asked) != asked ||
		slices.ContainsFunc(
			slices.Collect(maps.Keys(reports(t, m))), func(s string) bool { return strings.HasPrefix(s, "actor of") },
		) {
		t.Errorf("still looked for an hour later: %v", reports(t, m))
	}
}

// TestHistoryDecidesAboutAnApproval that no record has claimed: the approved call itself keeps its change, anybody
// else's does not.
func TestHistoryDecidesAboutAnApproval(t *testing.T) {
	for who, held := range map[string]bool{"deploy": true, "mallory": false} {
		w, m, orders := sweeping(t, config.ModeRestore, sighted(func(s *look.Sight) { weaker(s); s.Declared = fit() }))
		w.exceptions.Approvals = []exception.Approval{{
			Principal: "arn:aws:iam::111122223333:user/deploy",
			Events:    []string{"UpdateTrail"},
			Trail:     management.ARN(),
			Reason:    "r",
			Expires:   now.Add(time.Hour),
		}}
		bucket := w.sight.Sights[0].State.Settings.S3Bucket
		w.past = &searched{
			Events: []events.Event{made(t, 3, who, "UpdateTrail", fmt.Sprintf(`,"s3BucketName":%q`, bucket), "")},
		}
		w.judge = &approval.Judge{Approvals: w.exceptions.Approvals, Clock: w.Clock}
		w.sweepNow(t)
		if noted := strings.Join(
			m.Noted, " ",
		); (len(*orders) == 0) != held || strings.Contains(noted, "approve UpdateTrail s3BucketName") != held ||
			strings.Contains(noted, "hold") {
			t.Errorf("by %s: %d restores, noted %q: %q", who, len(*orders), noted, message.Detail(w.Slack[0]))
		}
	}
}

// TestReportedActorsAreNotNamedAgain: an event that arrived has named its caller; one that names another caller under
// the same ID has not.
func TestReportedActorsAreNotNamedAgain(t *testing.T) {
	user := func(name string) string { return "arn:aws:iam::111122223333:user/" + name }
	for name, test := range map[string]struct {
		event, principal, on string
		named                bool
	}{
		"its event":        {"e3", user("mallory"), management.ARN(), false},
		"another event":    {"e4", user("mallory"), management.ARN(), true},
		"a forged one":     {"e3", user("bob"), management.ARN(), true},
		"no caller":        {"e3", "", management.ARN(), true},
		"another trail's":  {"e3", user("mallory"), management.ARN() + "2", true},
		"no event arrived": {"", "", "", true},
	} {
		w, m, _ := sweeping(t, config.ModeRestart, sighted(off))
		h := &searched{}
		w.past, w.Book = h, &incident.Book{Documents: &m.Documents, Clock: w.Clock, Log: w.Log}
		if test.event != "" {
			w.Book.Note(t.Context(), bearing.With(finding.Finding{
				EventID:   test.event,
				EventName: "StopLogging",
				Outcome:   finding.OutcomeRetrying,
				Subject:   finding.Subject{ARN: test.on},
				Principal: test.principal,
			}))
		}
		w.sweepNow(t)
		h.Events = []events.Event{made(t, 3, "mallory", "StopLogging", "", "")}
		w.sight.Sights = []look.Sight{sighted(func(s *look.Sight) { s.Declared = fit() })}
		w.sweepNow(t)
		isNamed := func(n finding.Finding) bool { return n.Kind == finding.KindNamed }
		if slices.ContainsFunc(w.Slack, isNamed) != test.named {
			t.Errorf("%s: %+v", name, w.Slack)
		}
		if _, still := reports(t, m)["actor of not_logging "+management.ARN()]; still {
			t.Errorf("%s: still looked for", name)
		}
	}
}
