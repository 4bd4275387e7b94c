package assess_test

import (
	"strings"
	"testing"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
)

const (
	management = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/management-events"
	deployer   = "arn:aws:iam::111122223333:role/Deployer" // the role behind stop-logging's session
	mallory    = "arn:aws:iam::111122223333:user/mallory"  // the user of update-trail-minimise
)

func approval(principal, event string) exception.Approval {
	return exception.Approval{
		Principal: principal,
		Events:    []string{event},
		Trail:     management,
		Reason:    "maintenance",
		Expires:   time.Date(2026, 3, 2, 9, 15, 27, 0, time.UTC),
	}
}

// TestApprovedCalls are reported and nothing else; whatever does not fit the approval is acted on as ever.
func TestApprovedCalls(t *testing.T) {
	for name, test := range map[string]struct {
		fixture  string
		approval exception.Approval
		change   func(*events.Event)
		approved bool
	}{
		"a role's session":  {"stop-logging", approval(deployer, "StopLogging"), nil, true},
		"a user":            {"update-trail-minimise", approval(mallory, "UpdateTrail"), nil, true},
		"another call":      {"stop-logging", approval(deployer, "UpdateTrail"), nil, false},
		"another principal": {"stop-logging", approval(mallory, "StopLogging"), nil, false},
		"later": {
			"stop-logging", approval(deployer, "StopLogging"),
			func(e *events.Event) { e.Record.EventTime = "2026-03-02T09:15:28Z" }, false,
		},
		"at no time": {
			"stop-logging", approval(deployer, "StopLogging"), func(e *events.Event) { e.Record.EventTime = "soon" }, false,
		},
		"a session of that name": {
			"stop-logging", approval("arn:aws:sts::111122223333:assumed-role/Deployer/alice", "StopLogging"), nil, false,
		},
		"a federated user": {"stop-logging", approval(mallory, "StopLogging"), func(e *events.Event) {
			e.Record.Identity = events.Identity{Type: "FederatedUser", ARN: mallory}
		}, false},
		"a forged record": {
			"stop-logging", approval(deployer, "StopLogging"), func(e *events.Event) { e.Source = "com.example" }, false,
		},
		"a refused call": {
			"stop-logging", approval(deployer, "StopLogging"), func(e *events.Event) { e.Record.ErrorCode = "AccessDenied" },
			false,
		},
		"an unnamed trail": {
			"stop-logging", approval(deployer, "StopLogging"),
			func(e *events.Event) { e.Record.RequestParameters = events.Parameters{} }, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			ev := parse(t, test.fixture)
			if test.change != nil {
				test.change(&ev)
			}
			scope := ours
			scope.Mode, scope.Exceptions = config.ModeRestore, exception.List{Approvals: []exception.Approval{test.approval}}
			a := assess.Assess(ev, scope)
			if approved := a.Approval != nil; approved != test.approved || approved != (a.Outcome == finding.OutcomeApproved) {
				t.Fatalf("%+v", a)
			}
			if test.approved &&
				(a.Decision != assess.Notify || len(a.Next) > 0 || !strings.Contains(detail(a), "until 2026-03-02 09:15:27 UTC: "+
					"maintenance.")) {
				t.Errorf("%+v", a)
			}
		})
	}
}

// TestOverrides: the mode of a trail or call counts in place of the deployment's, and an excluded trail is left alone.
func TestOverrides(t *testing.T) {
	for name, test := range map[string]struct {
		fixture  string
		override exception.Override
		want     assess.Decision
	}{
		"excluded": {
			"stop-logging", exception.Override{Trail: management, Mode: exception.ModeExclude}, assess.Ignored,
		},
		"another is excluded": {
			"stop-logging", exception.Override{Trail: management + "2", Mode: exception.ModeExclude}, assess.Restart,
		},
		"notify": {"stop-logging", exception.Override{Trail: management, Mode: config.ModeNotify}, assess.Notify},
		"the call": {
			"update-trail-minimise",
			exception.Override{Trail: management, Events: []string{"UpdateTrail"}, Mode: config.ModeRestart},
			assess.Change,
		},
		"another call": {
			"update-trail-minimise",
			exception.Override{Trail: management, Events: []string{"AddTags"}, Mode: config.ModeRestart},
			assess.Restore,
		},
		"every trail": {
			"remove-tags",
			exception.Override{Trail: exception.AnyTrail, Events: []string{"RemoveTags"}, Mode: config.ModeNotify},
			assess.Notify,
		},
	} {
		scope := ours
		scope.Mode, scope.Exceptions = config.ModeRestore, exception.List{Overrides: []exception.Override{test.override}}
		if a := assess.Assess(parse(t, test.fixture), scope); a.Decision != test.want {
			t.Errorf("%s: %+v; want %s", name, a, test.want)
		}
	}
}
