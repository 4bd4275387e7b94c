package assess_test

import (
	"fmt"
	"strings"
	"testing"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
)

// both is a deployment for two accounts, the other one first.
func both() assess.Scope {
	s := ours
	s.Accounts = []string{"444455556666", "111122223333"}
	return s
}

// setting returns a change of the record's request, which alone names the trail then.
func setting(parameters string) func(*events.Event, *assess.Scope) {
	return func(e *events.Event, _ *assess.Scope) {
		record := fmt.Sprintf(`{"eventSource":"x","eventName":"y","requestParameters":%s}`, parameters)
		parsed, err := events.Parse([]byte(record))
		if err != nil {
			panic(err)
		}
		e.Record.ResponseTrailARN = ""
		e.Record.RequestParameters = parsed.Record.RequestParameters
	}
}

// TestOneHalfWrong: of each condition of several parts, one is wrong by itself, and the rest is right.
func TestOneHalfWrong(t *testing.T) {
	const (
		restart = "restart notified_only critical"
		ignored = "ignored  "
		notOurs = "notify not_ours critical"
		arn     = `{"name":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/management-events"}`
	)
	type change = func(*events.Event, *assess.Scope)
	for name, test := range map[string]struct {
		fixture string
		change  change
		want    string
		says    string
		own     bool
	}{
		"nothing": {"stop-logging", nil, restart, "", false},
		"a kind without a record": {
			"stop-logging", func(e *events.Event, _ *assess.Scope) { e.Kind = events.KindTest }, ignored, "", false,
		},
		"another event source": {
			"stop-logging", func(e *events.Event, _ *assess.Scope) { e.Record.EventSource = "kinesisvideo.amazonaws.com" },
			ignored, "", false,
		},
		"another call": {
			"stop-logging", func(e *events.Event, _ *assess.Scope) { e.Record.EventName = "StopLogging2" }, ignored, "", false,
		},
		"a service's event": {
			"stop-logging", func(e *events.Event, _ *assess.Scope) { e.Record.EventType = "AwsServiceEvent" }, ignored, "",
			false,
		},
		"another source": {
			"stop-logging", func(e *events.Event, _ *assess.Scope) { e.Source = "aws.cloudtrail2" }, notOurs,
			`"aws.cloudtrail2"`, false,
		},
		"another account": {
			"stop-logging", func(e *events.Event, _ *assess.Scope) { e.Account = "999988887777" }, notOurs,
			`event is of account "999988887777"`, false,
		},
		"the other account of two": {
			"stop-logging", func(e *events.Event, _ *assess.Scope) { e.Account = "444455556666" }, restart, "", false,
		},
		"the recipient is another account": {
			"stop-logging", func(e *events.Event, _ *assess.Scope) { e.Record.RecipientAccountID = "999988887777" }, notOurs,
			`record is of account "999988887777"`, false,
		},
		"the recipient is the other of two": {
			"stop-logging", func(e *events.Event, _ *assess.Scope) { e.Record.RecipientAccountID = "444455556666" }, restart,
			"", false,
		},
		"the recipient is not named": {
			"stop-logging", func(e *events.Event, _ *assess.Scope) { e.Record.RecipientAccountID = "" }, restart, "", false,
		},
		"the call was made elsewhere": {
			"stop-logging", func(e *events.Event, s *assess.Scope) { setting(arn)(e, s); e.Record.Region = "us-east-1" },
			notOurs, `in Region "us-east-1"`, false,
		},
		"the call does not say where": {
			"stop-logging", func(e *events.Event, s *assess.Scope) { setting(arn)(e, s); e.Record.Region = "" }, restart, "",
			false,
		},
		"another partition": {
			"stop-logging", func(_ *events.Event, s *assess.Scope) { s.Partition = "aws-cn" }, notOurs, `partition "aws"`, false,
		},
		"any partition": {"stop-logging", func(_ *events.Event, s *assess.Scope) { s.Partition = "" }, restart, "", false},
		"any account":   {"stop-logging", func(_ *events.Event, s *assess.Scope) { s.Accounts = nil }, restart, "", false},
		"a trail of the other account": {
			"stop-logging", setting(strings.Replace(arn, "111122223333", "444455556666", 1)), restart, "", false,
		},
		"a trail of a foreign account": {
			"stop-logging", setting(
				strings.Replace(arn, "111122223333", "999988887777", 1),
			), "notify cannot_restore critical", "Organization trail of account 999988887777", false,
		},
		"a foreign trail, and a foreign event": {
			"stop-logging", func(e *events.Event, s *assess.Scope) {
				setting(strings.Replace(arn, "111122223333", "999988887777", 1))(e, s)
				e.Account = "222233334444"
			}, notOurs, `"222233334444", which is not among the configured ones; organization trail`, false,
		},
		"a foreign trail, changed": {
			"update-trail-minimise", setting(
				strings.Replace(arn, "111122223333", "999988887777", 1),
			), "notify not_ours high", "No call was made: organization trail", false,
		},
		"a foreign trail, refused": {
			"stop-logging", func(e *events.Event, s *assess.Scope) {
				setting(strings.Replace(arn, "111122223333", "999988887777", 1))(e, s)
				e.Record.ErrorCode = "AccessDenied"
			}, "attempt attempt_refused high", "nothing has changed", false,
		},
		"refused, and another source": {
			"stop-logging", func(e *events.Event, _ *assess.Scope) {
				e.Source = "x"
				e.Record.ErrorCode = "AccessDenied"
			}, "attempt not_ours high", `source is "x"`, false,
		},
		"excluded": {
			"stop-logging", func(_ *events.Event, s *assess.Scope) {
				s.Exceptions.Overrides = []exception.Override{
					{Trail: "other", Mode: exception.ModeExclude}, {Trail: management, Mode: exception.ModeExclude},
				}
			}, ignored, "", false,
		},
		"every trail excluded, and none named": {
			"stop-logging-omitted", func(_ *events.Event, s *assess.Scope) {
				s.Exceptions.Overrides = []exception.Override{{Trail: exception.AnyTrail, Mode: exception.ModeExclude}}
			}, "notify cannot_restore critical", "does not say on which trail", false,
		},
		"network activity": {"stop-logging", func(e *events.Event, _ *assess.Scope) {
			e.Record.EventType, e.Record.EventCategory = "AwsVpceEvent", "NetworkActivity"
		}, "notify notified_only medium", "VPC endpoint", false},
		"network activity by its category alone": {"stop-logging", func(e *events.Event, _ *assess.Scope) {
			e.Record.EventType, e.Record.EventCategory = "AwsServiceEvent", "NetworkActivity"
		}, "notify notified_only medium", "VPC endpoint", false},
		"network activity by its type alone": {"stop-logging", func(e *events.Event, _ *assess.Scope) {
			e.Record.EventType, e.Record.EventCategory = "AwsVpceEvent", "Management"
		}, "notify notified_only medium", "VPC endpoint", false},
		"our own start": {"start-logging-guard", nil, "notify notified_only low", "Logging was started.", true},
		"no role of ours is known": {"start-logging-guard", func(e *events.Event, s *assess.Scope) {
			s.RoleARN = ""
			e.Record.Identity.IssuerARN = ""
		}, "notify notified_only low", "", false},
		"another role": {
			"start-logging-guard", func(e *events.Event, _ *assess.Scope) { e.Record.Identity.IssuerARN += "2" },
			"notify notified_only low", "", false,
		},
		"tags of a channel": {
			"add-tags", setting(`{"resourceId":"arn:aws:cloudtrail:eu-west-1:111122223333:channel/c"}`), ignored, "", false,
		},
		"refused tags of a channel": {
			"add-tags", func(e *events.Event, s *assess.Scope) {
				setting(`{"resourceId":"arn:aws:cloudtrail:eu-west-1:111122223333:channel/c"}`)(e, s)
				e.Record.ErrorCode = "AccessDenied"
			}, ignored, "", false,
		},
		"refused tags of nothing that is named": {"add-tags", func(e *events.Event, s *assess.Scope) {
			setting(`{}`)(e, s)
			e.Record.ErrorCode = "AccessDenied"
		}, "attempt attempt_refused medium", "nothing has changed", false},
		"tags of nothing that is named":         {"add-tags", setting(`{}`), ignored, "", false},
		"removed tags of nothing that is named": {"remove-tags", setting(`{}`), ignored, "", false},
		"an update of nothing that is named": {
			"update-trail-minimise", setting(`{}`), "change notified_only high", "settings were changed", false,
		},
		"an update of nothing that is named, in mode restore": {
			"update-trail-minimise", func(e *events.Event, s *assess.Scope) {
				setting(`{}`)(e, s)
				s.Mode = config.ModeRestore
			}, "change notified_only high", "", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			ev, scope := parse(t, test.fixture), both()
			if test.change != nil {
				test.change(&ev, &scope)
			}
			a := assess.Assess(ev, scope)
			got := fmt.Sprintf("%s %s %s", a.Decision, a.Outcome, a.Severity)
			if got != test.want || !strings.Contains(detail(a), test.says) || a.Own != test.own {
				t.Errorf("%s, own %v: %q\nwant %s, own %v: …%s…", got, a.Own, detail(a), test.want, test.own, test.says)
			}
			on, err := ev.Trail()
			if named := a.Decision != assess.Ignored || name == "excluded"; named && a.Trail != on {
				t.Errorf("about %+v; the record names %+v (%v)", a.Trail, on, err)
			}
			if a.Outcome != "" && a.Decision != assess.Restart && (len(a.Next) == 0) != silent(ev, a) {
				t.Errorf("next step %q", nextStep(a))
			}
		})
	}
}

// silent reports whether a message asks nobody to do anything.
func silent(ev events.Event, a assess.Assessment) bool {
	return a.Outcome == finding.OutcomeNotified &&
		(strings.HasPrefix(ev.Record.EventName, "St") || strings.HasSuffix(ev.Record.EventName, "Tags") ||
			!ev.Record.IsCall())
}

// TestCallsByMode: what each call asks for in each mode, and how severe it is when it went well and when it was
// refused.
func TestCallsByMode(t *testing.T) {
	for call, want := range map[string]struct{ notify, restart, restore, recreate, severity, refused string }{
		"StopLogging":         {"notify", "restart", "restart", "restart", "critical", "high"},
		"DeleteTrail":         {"notify", "notify", "notify", "restore", "critical", "high"},
		"UpdateTrail":         {"change", "change", "restore", "restore", "high", "high"},
		"PutEventSelectors":   {"change", "change", "restore", "restore", "high", "high"},
		"PutInsightSelectors": {"change", "change", "restore", "restore", "medium", "medium"},
		"CreateTrail":         {"notify", "notify", "restore", "restore", "medium", "medium"},
		"StartLogging":        {"notify", "notify", "notify", "notify", "low", "medium"},
		"AddTags":             {"notify", "notify", "restore", "restore", "medium", "medium"},
		"RemoveTags":          {"notify", "notify", "restore", "restore", "medium", "medium"},
		"GetTrailStatus":      {"ignored", "ignored", "ignored", "ignored", "", ""},
	} {
		for mode, decision := range map[config.Mode]string{
			config.ModeNotify:   want.notify,
			config.ModeRestart:  want.restart,
			config.ModeRestore:  want.restore,
			config.ModeRecreate: want.recreate,
		} {
			ev, scope := parse(t, "stop-logging"), both()
			scope.Mode = mode
			setting(`{"name":"management-events","trailName":"management-events","resourceId":"`+management+`"}`)(&ev, &scope)
			ev.Record.EventName = call
			if a := assess.Assess(ev, scope); string(a.Decision) != decision || string(a.Severity) != want.severity {
				t.Errorf("%s in mode %s: %s, %s; want %s, %s", call, mode, a.Decision, a.Severity, decision, want.severity)
			}
			ev.Record.ErrorCode = "AccessDenied"
			if a := assess.Assess(
				ev,
				scope,
			); string(a.Severity) != want.refused ||
				want.refused != "" && a.Decision != assess.Attempt {
				t.Errorf("refused %s in mode %s: %s, %s; want %s", call, mode, a.Decision, a.Severity, want.refused)
			}
		}
	}
}

// TestForeignAccountIsSaidOnce where event and record are of the same one, and of a foreign trail the message says in
// whose settings it belongs.
func TestForeignAccountIsSaidOnce(t *testing.T) {
	ev := parse(t, "stop-logging")
	setting(`{"name":"`+management+`"}`)(&ev, nil)
	ev.Account, ev.Record.RecipientAccountID = "999988887777", "999988887777"
	if a := assess.Assess(
		ev,
		both(),
	); detail(
		a,
	) != `No call was made: the event is of account "999988887777", which is not among the configured ones.` {
		t.Errorf("%q", detail(a))
	}
	ev = parse(t, "stop-logging")
	setting(`{"name":"`+strings.Replace(management, "111122223333", "999988887777", 1)+`"}`)(&ev, nil)
	if a := assess.Assess(ev, both()); !strings.Contains(nextStep(a), "adds 999988887777 to its setting accounts") {
		t.Errorf("%q", nextStep(a))
	}
}
