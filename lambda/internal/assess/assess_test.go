package assess_test

import (
	"io/fs"
	"strings"
	"testing"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/rules"
)

var ours = assess.Scope{
	Mode:      config.ModeRestart,
	Accounts:  []string{"111122223333"},
	Partition: "aws",
	RoleARN:   "arn:aws:iam::111122223333:role/trailkeeper-GuardRole",
}

func parse(t *testing.T, fixture string) events.Event {
	t.Helper()
	b, err := fs.ReadFile(events.Fixtures(), fixture+".json")
	if err != nil {
		t.Fatal(err)
	}
	ev, err := events.Parse(b)
	if err != nil {
		t.Fatalf("%s: %v", fixture, err)
	}
	return ev
}

func TestAssess(t *testing.T) {
	tests := []struct {
		fixture  string
		decision assess.Decision
		outcome  finding.Outcome
		severity finding.Severity
		says     string
	}{
		{"stop-logging", assess.Restart, finding.OutcomeNotified, "critical", ""},
		{"stop-logging-console", assess.Restart, finding.OutcomeNotified, "critical", ""},
		{"stop-logging-odd-actor", assess.Restart, finding.OutcomeNotified, "critical", ""},
		{"stop-logging-service", assess.Restart, finding.OutcomeNotified, "critical", ""}, // by state, whoever did it
		{"stop-logging-record", assess.Restart, finding.OutcomeNotified, "critical", ""},
		{"stop-logging-omitted", assess.Notify, finding.OutcomeCannotRestore, "critical", "does not say on which trail"},
		{
			"stop-logging-text-parameters",
			assess.Notify,
			finding.OutcomeCannotRestore,
			"critical",
			"does not say on which trail",
		},
		{"stop-logging-denied", assess.Attempt, finding.OutcomeAttempt, "high", "nothing has changed"},
		{"stop-logging-not-found", assess.Attempt, finding.OutcomeAttempt, "high", ""},
		{"stop-logging-denied-odd-actor", assess.Attempt, finding.OutcomeAttempt, "high", ""},
		{"stop-logging-vpce", assess.Notify, finding.OutcomeNotified, "medium", "VPC endpoint"},
		{"stop-logging-forged", assess.Notify, finding.OutcomeNotOurs, "critical", `source is "com.example.app"`},
		{"stop-logging-org-member", assess.Attempt, finding.OutcomeNotOurs, "high", `account "444455556666"`},
		{
			"stop-logging-foreign-account",
			assess.Notify,
			finding.OutcomeCannotRestore,
			"critical",
			"Organization trail of account 999988887777: only the management account or a delegated administrator can restart " +
				"it",
		},
		{"stop-logging-china", assess.Notify, finding.OutcomeNotOurs, "critical", `partition "aws-cn"`},
		{"stop-logging-kinesis-video", assess.Ignored, "", "", ""},
		{"stop-logging-or-else", assess.Ignored, "", "", ""},
		{"delete-trail", assess.Notify, finding.OutcomeNotified, "critical", "The trail is deleted"},
		{"delete-trail-denied", assess.Attempt, finding.OutcomeAttempt, "high", ""},
		{"update-trail-minimise", assess.Change, finding.OutcomeNotified, "high", ""},
		{"put-event-selectors-blinding", assess.Change, finding.OutcomeNotified, "high", ""},
		{"put-event-selectors-omitted", assess.Change, finding.OutcomeNotified, "high", ""},
		{"put-insight-selectors", assess.Change, finding.OutcomeNotified, "medium", ""},
		{"put-insight-selectors-event-data-store", assess.Change, finding.OutcomeNotified, "medium", ""},
		{"stop-logging-odd-actor-markup", assess.Restart, finding.OutcomeNotified, "critical", ""},
		{"stop-logging-foreign-recipient", assess.Notify, finding.OutcomeNotOurs, "critical", `account "999988887777"`},
		{"stop-logging-foreign-region", assess.Notify, finding.OutcomeNotOurs, "critical", `home Region is "cn-north-1"`},
		{"start-logging", assess.Notify, finding.OutcomeNotified, "low", ""},
		{"start-logging-guard", assess.Notify, finding.OutcomeNotified, "low", ""},
		{"start-logging-denied", assess.Attempt, finding.OutcomeAttempt, "medium", ""},
		{"create-trail", assess.Notify, finding.OutcomeNotified, "medium", ""},
		{"add-tags", assess.Notify, finding.OutcomeNotified, "medium", ""},
		{"remove-tags", assess.Notify, finding.OutcomeNotified, "medium", ""},
		{"describe-trails", assess.Ignored, "", "", ""},
		{"console-login-without-mfa", assess.Ignored, "", "", ""},
		{"service-event", assess.Ignored, "", "", ""},
		{"insight-record", assess.Ignored, "", "", ""},
		{"scheduled-event", assess.Ignored, "", "", ""},
	}
	for _, tt := range tests {
		a := assess.Assess(parse(t, tt.fixture), ours)
		if a.Decision != tt.decision || a.Outcome != tt.outcome || a.Severity != tt.severity ||
			!strings.Contains(detail(a), tt.says) {
			t.Errorf("%s: %s, %q, %q, %q\nwant %s, %q, %q, …%s…", tt.fixture, a.Decision, a.Outcome, a.Severity, detail(a),
				tt.decision, tt.outcome, tt.severity, tt.says)
		}
	}
}

// TestActsOnlyOnWhatTheRulesMatch: every fixture that asks for more than silence passes one of the deployed patterns,
// unless it is not from CloudTrail at all.
func TestActsOnlyOnWhatTheRulesMatch(t *testing.T) {
	names, err := fs.Glob(events.Fixtures(), "*.json")
	if err != nil {
		t.Fatal(err)
	}
	acted := 0
	for _, file := range names {
		b, err := fs.ReadFile(events.Fixtures(), file)
		if err != nil {
			t.Fatal(err)
		}
		ev, err := events.Parse(b)
		if err != nil {
			continue
		}
		decision := assess.Assess(ev, assess.Scope{Mode: config.ModeRestart}).Decision
		_, matched := rules.MatchingRule(ev.JSON())
		switch genuine := ev.Source == "aws.cloudtrail" && ev.Record.IsCall(); {
		case decision != assess.Ignored && genuine && !matched:
			t.Errorf("%s: %s, but no rule matches it", file, decision)
		case decision == assess.Ignored && matched:
			t.Errorf("%s is matched and then ignored", file)
		case decision != assess.Ignored:
			acted++
		}
	}
	if acted < 30 {
		t.Errorf("only %d fixtures acted on", acted)
	}
}

func TestModeNotifySaysWhatRestartWouldHaveDone(t *testing.T) {
	scope := ours
	scope.Mode = config.ModeNotify
	a := assess.Assess(parse(t, "stop-logging"), scope)
	if a.Decision != assess.Notify || a.Severity != finding.SeverityCritical ||
		!strings.Contains(
			detail(a),
			"would have called StartLogging on arn:aws:cloudtrail:eu-west-1:111122223333:trail/management-events",
		) {
		t.Errorf("%+v", a)
	}
}

func TestOwnStartLogging(t *testing.T) {
	if a := assess.Assess(parse(t, "start-logging-guard"), ours); !a.Own {
		t.Error("the guard's own StartLogging is not known as such")
	}
	if a := assess.Assess(parse(t, "start-logging"), ours); a.Own {
		t.Error("somebody else's StartLogging is taken for the guard's")
	}
	refused := parse(t, "start-logging-guard")
	refused.Record.ErrorCode = "ThrottlingException"
	if a := assess.Assess(refused, ours); !a.Own || a.Decision != assess.Attempt {
		t.Errorf("the guard's own refused StartLogging: %+v", a)
	}
	nameless := parse(t, "start-logging-guard")
	nameless.Record.RequestParameters = events.Parameters{}
	if a := assess.Assess(nameless, ours); a.Own {
		t.Error("a StartLogging that names no trail is taken for the guard's")
	}
	stolen := parse(t, "start-logging-guard")
	stolen.Record.EventName = "StopLogging"
	if a := assess.Assess(stolen, ours); a.Decision != assess.Restart || a.Own {
		t.Errorf("a StopLogging with the guard's role is not restored: %+v", a)
	}
}

func TestDelegatedAdministrator(t *testing.T) {
	member := assess.Scope{Mode: config.ModeRestart, Accounts: []string{"444455556666"}, Partition: "aws"}
	a := assess.Assess(parse(t, "stop-logging-org-delegated"), member)
	if a.Decision != assess.Notify || a.Outcome != finding.OutcomeCannotRestore ||
		!strings.Contains(detail(a), "Organization trail of account 111122223333") {
		t.Errorf("without the management account in the settings: %+v", a)
	}
	member.Accounts = append(member.Accounts, "111122223333")
	if a := assess.Assess(parse(t, "stop-logging-org-delegated"), member); a.Decision != assess.Restart {
		t.Errorf("with the management account in the settings: %+v", a)
	}
}

func detail(a assess.Assessment) string { return message.Detail(finding.Finding{Notes: a.Notes}) }

func nextStep(a assess.Assessment) string { return message.NextStep(finding.Finding{Next: a.Next}) }
