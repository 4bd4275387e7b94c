package warden_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/warden/check"
)

func TestInOrder(t *testing.T) {
	w := newWorld(t, 3)
	result := w.want(t, "")
	if result.Checked != 5 || result.Unseen+result.Differing+result.Restored != 0 || result.Reason != "" {
		t.Errorf("%+v", result)
	}
}

// TestRestored: what is restored is reported each time, with what it was, and is not over afterwards.
func TestRestored(t *testing.T) {
	w := newWorld(t, 3)
	for range 2 {
		w.breaks(ruleName(1), "State", "ENABLED", "DISABLED")
		result := w.want(t, "High: Trailkeeper's rule trailkeeper-rule-001 was found changed and restored")
		if result.Restored != 1 || result.Differing != 0 {
			t.Errorf("%+v", result)
		}
		n := w.reported[0]
		if n.Outcome != finding.OutcomeRestored || n.Changes[0].Done != finding.DoneRestored ||
			message.Detail(n) != "Reading it again shows it as it was deployed." || n.ARN != "arn:aws:events:eu-west-1:111122223333:rule/trailkeeper-rule-001" {
			t.Errorf("%+v", n)
		}
	}
	w.want(t, "")
}

// TestLies: AWS says yes, and reading shows that nothing has changed.
func TestLies(t *testing.T) {
	w := newWorld(t, 3)
	w.held = true
	w.breaks(ruleName(1), "State", "ENABLED", "DISABLED")
	result := w.want(t, "Critical: Trailkeeper's rule trailkeeper-rule-001 was found changed; not restored yet, retry pending")
	if result.Restored != 0 || result.Differing != 1 {
		t.Errorf("%+v", result)
	}
	if why := message.Why(w.reported[0].Changes[0]); why != "AWS accepted the restore, and reading it again still shows the difference." {
		t.Error(why)
	}
	w.want(t, "") // the same is reported once
	w.held = false
	w.want(t, "High: Trailkeeper's rule trailkeeper-rule-001 was found changed and restored")
}

// TestUnreadAfterRepair: what cannot be read again is not said to be restored.
func TestUnreadAfterRepair(t *testing.T) {
	w := newWorld(t, 3)
	w.breaks(ruleName(1), "State", "ENABLED", "DISABLED")
	repair := w.broken[ruleName(1)][0].Repair
	w.broken[ruleName(1)][0].Repair = func(ctx context.Context) error {
		w.unread[ruleName(1)] = denied("AccessDeniedException")
		return repair(ctx)
	}
	w.want(t, "Critical: Trailkeeper's rule trailkeeper-rule-001 was found changed; restore accepted, verification pending")
	if why := message.Why(w.reported[0].Changes[0]); why != "It could not be read again: the role lacks a permission (AccessDenied)." {
		t.Error(why)
	}
}

// TestLeft: what has no repair, and everything in mode notify, is reported once, and so is its end.
func TestLeft(t *testing.T) {
	w := newWorld(t, 3)
	w.Restores = false
	w.breaks(ruleName(0), "State", "ENABLED", "DISABLED")
	w.broken["trailkeeper-Queue-1"] = []check.Difference{{
		Field: check.MissingField, Want: "the queue", Got: "none", Next: "aws sqs create-queue --queue-name trailkeeper-Queue-1",
	}}
	w.want(t, "Critical: Needs a human: Trailkeeper's rule trailkeeper-rule-000 was found changed\n"+
		"High: Needs a human: Trailkeeper's queue trailkeeper-Queue-1 was found deleted")
	if len(w.repairs) > 0 {
		t.Errorf("mode notify did %v", w.repairs)
	}
	if steps := message.Of(w.reported[1]).Steps; steps[0].Command != "aws sqs create-queue --queue-name trailkeeper-Queue-1" {
		t.Errorf("%+v", steps)
	}
	w.want(t, "")
	w.broken[ruleName(0)] = nil
	w.want(t, "Low: Trailkeeper's rule trailkeeper-rule-000 is as it was deployed again")
	w.broken["trailkeeper-Queue-1"] = nil
	w.want(t, "Low: Trailkeeper's queue trailkeeper-Queue-1 is as it was deployed again")
	w.want(t, "")
}

// TestPartly: of two differences one is restored.
func TestPartly(t *testing.T) {
	w := newWorld(t, 1)
	w.breaks(ruleName(0), "State", "ENABLED", "DISABLED")
	w.broken[ruleName(0)] = append(w.broken[ruleName(0)], check.Difference{Field: "Targets.Evil", Want: "none", Got: "arn:x"})
	w.want(t, "Critical: Needs a human: 1 of 2 weakening changes to rule trailkeeper-rule-000 is not restored")
}

// TestRepairFails: why is said, without what an attacker may have put there.
func TestRepairFails(t *testing.T) {
	w := newWorld(t, 1)
	w.broken[ruleName(0)] = []check.Difference{{Field: "State", Repair: func(context.Context) error {
		return fmt.Errorf("no\n<!channel> %s", strings.Repeat("x", 5000))
	}}}
	w.run(t)
	if why := message.Why(w.reported[0].Changes[0]); len(why) > 400 || !strings.HasPrefix(why, "The restore failed: no <!channel> x") {
		t.Error(why)
	}
}

// TestFlood: very many differences are one message, and so is their end.
func TestFlood(t *testing.T) {
	w := newWorld(t, 150)
	w.Restores = false
	for i := range 150 {
		w.broken[ruleName(i)] = []check.Difference{{Field: check.MissingField, Want: "the rule", Got: "none"}}
	}
	w.want(t, "Critical: Needs a human: 150 resources of Trailkeeper's stack trailkeeper were found changed")
	if n := w.reported[0]; len(n.Changes) != 100 || n.Changes[0].After != "gone" {
		t.Errorf("%d changes, %+v", len(n.Changes), n.Changes[0])
	}
	w.want(t, "")
	clear(w.broken)
	w.want(t, "Low: Trailkeeper's stack trailkeeper is as it was deployed again")
}

// TestUnseen: what cannot be read is said once, ends nothing, and is never in order.
func TestUnseen(t *testing.T) {
	w := newWorld(t, 8)
	w.Restores = false
	w.breaks(ruleName(0), "State", "ENABLED", "DISABLED")
	w.want(t, "Critical: Needs a human: Trailkeeper's rule trailkeeper-rule-000 was found changed")
	w.broken[ruleName(0)] = nil
	for i := range 8 {
		w.unread[ruleName(i)] = denied("AccessDeniedException")
	}
	result := w.want(t, "High: Trailkeeper cannot check all of its own deployment")
	if result.Unseen != 8 || result.Reason == "" {
		t.Errorf("%+v", result)
	}
	if detail := message.Detail(w.reported[0]); !strings.Contains(detail, "because the role lacks a permission (AccessDenied).") ||
		!strings.HasSuffix(detail, "And 3 more.") {
		t.Error(detail)
	}
	w.want(t, "")
	clear(w.unread)
	w.want(t, "Low: Trailkeeper's rule trailkeeper-rule-000 is as it was deployed again\n"+
		"Low: Trailkeeper checks all of its own deployment again")
}

// TestNothingToGoBy: without a description or a record nothing is checked, and that is said.
func TestNothingToGoBy(t *testing.T) {
	for name, test := range map[string]struct {
		change func(w *world)
		want   string
		detail string
	}{
		"no description": {
			func(w *world) {
				w.Description = func() (deployment.Own, error) { return deployment.Own{}, fs.ErrNotExist }
			},
			"High: Trailkeeper cannot check all of its own deployment",
			"Not checked: the file deployment.json of the function's own asset, because the asset has no such file; deploy again.",
		},
		"no JSON": {
			func(w *world) { w.description = []byte("{") }, "High: Trailkeeper cannot check all of its own deployment",
			"Not checked: the file deployment.json of the function's own asset, because unexpected EOF.",
		},
		"no answer": {
			func(w *world) { w.parameter = denied("AccessDeniedException") },
			"High: Trailkeeper cannot check all of its own deployment",
			"Not checked: the parameter trailkeeper-deployment, because the role lacks a permission (AccessDenied).",
		},
		"no credentials": {
			func(w *world) { w.parameter = errOffline },
			"High: Trailkeeper cannot check all of its own deployment",
			"Not checked: the parameter trailkeeper-deployment, because offline.",
		},
		"no parameter": {
			func(w *world) { w.parameter = denied("ParameterNotFound") },
			"Critical: Needs a human: Trailkeeper's parameter trailkeeper-deployment was found deleted\n" +
				"High: Trailkeeper cannot check all of its own deployment",
			"Not checked: the parameter trailkeeper-deployment, because it does not exist.",
		},
		"no record": {
			func(w *world) { w.parameter = `{"description":"<!channel>","more":1}` },
			"Critical: Needs a human: Trailkeeper's parameter trailkeeper-deployment was found changed\n" +
				"High: Trailkeeper cannot check all of its own deployment",
			"Not checked: the parameter trailkeeper-deployment, because its value is no record of a deployment.",
		},
	} {
		w := newWorld(t, 1)
		test.change(w)
		result := w.want(t, test.want)
		if detail := message.Detail(w.reported[len(w.reported)-1]); detail != test.detail || result.Unseen != 1 || result.Checked != 0 {
			t.Errorf("%s: %s, %+v", name, detail, result)
		}
	}
}

// TestOverThoughBlind: what is in order again is over although something else cannot be read, and is reported when it
// comes back.
func TestOverThoughBlind(t *testing.T) {
	const changed = "Critical: Needs a human: Trailkeeper's rule trailkeeper-rule-000 was found changed"
	w := newWorld(t, 2)
	w.Restores = false
	w.unread[ruleName(1)] = denied("AccessDeniedException")
	w.breaks(ruleName(0), "State", "ENABLED", "DISABLED")
	w.want(t, changed+"\nHigh: Trailkeeper cannot check all of its own deployment")
	w.broken[ruleName(0)] = nil
	w.want(t, "Low: Trailkeeper's rule trailkeeper-rule-000 is as it was deployed again")
	w.breaks(ruleName(0), "State", "ENABLED", "DISABLED")
	w.want(t, changed)
}

// TestReasons: why something cannot be read is said in a few words, without what differs from run to run.
func TestReasons(t *testing.T) {
	refusal := func(code, message string) error { return &smithy.GenericAPIError{Code: code, Message: message} }
	const user = "User: arn:aws:sts::111122223333:assumed-role/w/1 is not authorized to perform: "
	long := strings.Repeat("x", 64)
	for want, err := range map[string]error{
		"the role lacks events:DescribeRule (AccessDenied)":          refusal("AccessDeniedException", user+"events:DescribeRule on resource: arn:x"),
		"the role lacks SNS:GetTopicAttributes (AuthorizationError)": refusal("AuthorizationError", user+"SNS:GetTopicAttributes on resource: arn:x"),
		"the role lacks a permission (AccessDenied)":                 refusal("AccessDenied", user+"<!channel> on resource: arn:x"),
		"the role lacks " + long + " (AccessDenied)":                 refusal("AccessDenied", user+long+" on"),
		"the role lacks a permission (NotAuthorized)":                refusal("NotAuthorized", user+long+"x on"),
		"AWS answered ResourceInUse":                                 refusal("ResourceInUseException", "request 1 of 2"),
		"offline":                                                    errOffline,
	} {
		w := newWorld(t, 1)
		w.unread[ruleName(0)] = err
		w.run(t)
		if got := message.Detail(w.reported[0]); !strings.HasSuffix(got, ", because "+want+".") {
			t.Errorf("%s; want %s", got, want)
		}
	}
}

// TestOthers: what no template has is checked as well, and what nobody can check is unknown.
func TestOthers(t *testing.T) {
	w := newWorld(t, 1)
	w.Others = func(all []deployment.Deployed) []deployment.Deployed {
		return []deployment.Deployed{{ID: "Secret", Type: "AWS::SecretsManager::Secret", Name: fmt.Sprint(len(all))}}
	}
	result := w.want(t, "High: Trailkeeper cannot check all of its own deployment")
	want := "Not checked: AWS::SecretsManager::Secret 3, because there is no check for this type."
	if detail := message.Detail(w.reported[0]); detail != want || result.Unseen != 1 {
		t.Errorf("%s, %+v", detail, result)
	}
}

// TestGoneAfterRepair: what is a part of something that is gone after the repair is not restored.
func TestGoneAfterRepair(t *testing.T) {
	for _, gone := range []string{check.MissingField, "Targets.Guard"} {
		w := newWorld(t, 1)
		w.breaks(ruleName(0), "Targets.Guard.Arn", "arn:x", "arn:y")
		repair := w.broken[ruleName(0)][0].Repair
		w.broken[ruleName(0)][0].Repair = func(ctx context.Context) error {
			err := repair(ctx)
			w.broken[ruleName(0)] = []check.Difference{{Field: gone, Want: "it", Got: "none"}}
			return err
		}
		w.run(t)
		if c := w.reported[0].Changes[0]; c.Field != "Targets.Guard.Arn" || c.Done != finding.DoneNotRestored {
			t.Errorf("%s: %+v", gone, c)
		}
	}
}

// TestSlow: checks that take all of their time leave some for what they found first.
func TestSlow(t *testing.T) {
	w := newWorld(t, 40)
	w.breaks(ruleName(0), "State", "ENABLED", "DISABLED")
	found := w.Checks(w.record, nil)["AWS::Events::Rule"]
	end := w.now.Add(5 * time.Minute)
	w.Clock.Deadline = func(context.Context) (time.Time, bool) { return end, true }
	w.Checks = func(deployment.Record, []deployment.Deployed) map[string]check.Check {
		return map[string]check.Check{"AWS::Events::Rule": func(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
			if w.now = w.now.Add(14 * time.Second); of.Name == ruleName(0) {
				return found(ctx, of)
			}
			return nil, denied("ThrottlingException")
		}}
	}
	w.Once.Clock = w.Clock
	w.now = time.Unix(706_000*42*60, 0).UTC() // a minute in which the first of the 42 resources begins
	end = w.now.Add(5 * time.Minute)
	if result, titles := w.run(t); result.Restored != 1 {
		t.Errorf("%+v: %s", result, titles)
	}
}

// TestMessageLost: what went nowhere is reported again by the next run.
func TestMessageLost(t *testing.T) {
	w := newWorld(t, 1)
	w.Restores, w.failing = false, errOffline
	w.breaks(ruleName(0), "State", "ENABLED", "DISABLED")
	if result := w.want(t, ""); result.Reason != "a message was neither accepted nor kept" {
		t.Errorf("%+v", result)
	}
	w.failing = nil
	w.want(t, "Critical: Needs a human: Trailkeeper's rule trailkeeper-rule-000 was found changed")
}

// TestUntold: a message that is kept, and that no channel accepted, is no sign of life; one that a channel accepted is.
func TestUntold(t *testing.T) {
	kept := report.Delivery{Channel: "slack", Status: "parked", Err: errOffline}
	for reason, sent := range map[string]report.Deliveries{
		"no channel accepted a message": {kept},
		"":                              {kept, {Channel: "sns", Status: report.StatusDelivered}},
	} {
		w := newWorld(t, 1)
		w.sent = sent
		w.breaks(ruleName(0), "State", "ENABLED", "DISABLED")
		if result, _ := w.run(t); result.Reason != reason {
			t.Errorf("%+v: %q", sent, result.Reason)
		}
	}
}

// TestNoTime: what there is no time for is unknown.
func TestNoTime(t *testing.T) {
	w := newWorld(t, 3)
	w.Clock.Deadline = func(context.Context) (time.Time, bool) { return w.now.Add(20 * time.Second), true }
	result := w.want(t, "High: Trailkeeper cannot check all of its own deployment")
	if result.Unseen != 1 || result.Checked != 0 || w.calls != 0 {
		t.Errorf("%+v, %d calls", result, w.calls)
	}
	end := w.now.Add(24 * time.Second)
	w.Clock.Deadline = func(context.Context) (time.Time, bool) { return end, true }
	w.took = 2 * time.Second
	if result, _ := w.run(t); result.Unseen != 5 || result.Checked != 2 {
		t.Errorf("%+v", result)
	}
}

// TestPassing: what another resource has in each run, such as a throttled call, is reported once.
func TestPassing(t *testing.T) {
	w := newWorld(t, 5)
	w.unread[ruleName(0)] = denied("ThrottlingException")
	w.want(t, "High: Trailkeeper cannot check all of its own deployment")
	clear(w.unread)
	w.unread[ruleName(3)], w.unread[ruleName(4)] = denied("ThrottlingException"), denied("ThrottlingException")
	w.want(t, "")
	w.unread[ruleName(0)] = denied("AccessDeniedException")
	w.want(t, "High: Trailkeeper cannot check all of its own deployment")
}

// TestHostile: what an attacker wrote is bounded, and in one line, wherever it stands.
func TestHostile(t *testing.T) {
	const evil = "<!channel>\r\n\u202e`$(x)` "
	w := newWorld(t, 1)
	for i := range 10_000 {
		w.broken[ruleName(0)] = append(w.broken[ruleName(0)], check.Difference{
			Field: fmt.Sprint(evil, i), Want: strings.Repeat(evil, 50), Got: strings.Repeat(evil, 50),
			Next: "aws events remove-targets --ids " + strings.Repeat(evil, 50),
		})
	}
	w.broken[ruleName(0)][0].Got = strings.Repeat(evil, 100_000)
	w.unread[ruleName(0)] = errors.New(strings.Repeat(evil, 100_000))
	w.run(t)
	if len(w.reported) != 2 {
		t.Fatalf("%d messages", len(w.reported))
	}
	for _, n := range w.reported {
		raw, err := json.Marshal(n)
		if err != nil || len(raw) > 200<<10 {
			t.Errorf("%d bytes, %v", len(raw), err)
		}
		for _, c := range n.Changes {
			if strings.ContainsAny(c.Field+c.Before+c.After, "\r\n\u202e") {
				t.Errorf("%+v", c)
			}
		}
		for _, s := range message.Of(n).Steps {
			if strings.Contains(s.Command, "$(") {
				t.Error(s.Command)
			}
		}
	}
}

// TestOtherPart: the guard checks the warden's part alone.
func TestOtherPart(t *testing.T) {
	w := newWorld(t, 3)
	w.Part = deployment.PartWarden
	if result := w.want(t, ""); result.Checked != 0 {
		t.Errorf("%+v", result)
	}
}
