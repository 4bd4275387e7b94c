package warden_test

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestTamperedRecord: names that CloudFormation did not give are not followed; a record of another description, or one
// that was written long after the deployment, is reported.
func TestTamperedRecord(t *testing.T) {
	w := newWorld(t, 1)
	w.record.Names["Queue"] = "decoy"
	w.want(t, "Critical: Needs a human: Trailkeeper's parameter trailkeeper-deployment was found changed\n"+
		"High: Trailkeeper cannot check all of its own deployment")
	w = newWorld(t, 1)
	w.record.Description = strings.Repeat("0", 64)
	w.want(t, "Critical: Needs a human: Trailkeeper's parameter trailkeeper-deployment was found changed")
	if c := w.reported[0].Changes[0]; c.Field != "Description" || c.After != "000000000000, and no deployment is under way" {
		t.Errorf("%+v", c)
	}
	w = newWorld(t, 1)
	w.changed = w.written.Add(11 * time.Second)
	w.want(t, "Critical: Needs a human: Trailkeeper's parameter trailkeeper-deployment was found changed")
	w.began = w.now // a deployment that does not write it
	w.want(t, "")
	w.written = w.changed // one that does
	w.want(t, "Low: Trailkeeper's parameter trailkeeper-deployment is as it was deployed again")
	w = newWorld(t, 1)
	w.changed = w.written.Add(10 * time.Second)
	w.want(t, "")
	w.record.Names["Other"], w.changed, w.record.Description = "x", w.written.Add(time.Hour), "short"
	w.run(t)
	if c := w.reported[0].Changes; len(w.reported) != 1 || len(c) != 3 || c[0].Field != "Names" || c[0].After != "other names for Other" ||
		c[1].After != "another, and no deployment is under way" || c[2].Field != "LastModifiedDate" {
		t.Errorf("%+v", c)
	}
}

// TestDoubt: where the record may be somebody else's, or a deployment may be under way, nothing is restored by a name that
// is not in the template, and the difference is reported all the same.
func TestDoubt(t *testing.T) {
	for name, change := range map[string]func(w *world){
		"written afterwards":        func(w *world) { w.changed = w.written.Add(2 * time.Minute) },
		"another's name":            func(w *world) { w.record.Names["Queue"] = "decoy" },
		"a name too many":           func(w *world) { w.record.Names["Rule000"] = "trailkeeper-Rule000-1" },
		"another description":       func(w *world) { w.record.Description = strings.Repeat("0", 64) },
		"who wrote it is not said":  func(w *world) { w.writtenErr = denied("AccessDenied") },
		"when it was is not said":   func(w *world) { w.written = time.Time{} },
		"when it is is not said":    func(w *world) { w.changed = time.Time{} },
		"the stack cannot be read":  func(w *world) { w.stackErr = denied("AccessDenied") },
		"the stack does not exist":  func(w *world) { w.stackErr = denied("ValidationError") },
		"a deployment is under way": func(w *world) { w.status, w.began = "UPDATE_IN_PROGRESS", start },
	} {
		w := newWorld(t, 3)
		change(w)
		w.breaks(ruleName(0), "State", "ENABLED", "DISABLED")
		w.breaks(ruleName(1), "Targets.Guard.Arn", "arn:x", "arn:y")
		result, titles := w.run(t)
		if !slices.Equal(w.repairs, []string{ruleName(0) + " State"}) || result.Restored != 1 {
			t.Errorf("%s: restored %v, %+v", name, w.repairs, result)
		}
		if unseen := slices.Contains([]string{
			"another's name", "who wrote it is not said", "when it was is not said", "when it is is not said", "the stack cannot be read",
		}, name); (result.Unseen == 1) != unseen {
			t.Errorf("%s: %+v", name, result)
		}
		if reported := strings.Contains(titles, "rule-001 was found changed; not restored yet"); reported == (name == "a deployment is under way") {
			t.Errorf("%s: reported %s", name, titles)
		}
	}
	w := newWorld(t, 3)
	w.breaks(ruleName(1), "Targets.Guard.Arn", "arn:x", "arn:y")
	w.want(t, "High: Trailkeeper's rule trailkeeper-rule-001 was found changed and restored")
}

// TestFirstDeployment: the parameter is made last, when the schedule has run the warden already.
func TestFirstDeployment(t *testing.T) {
	w := newWorld(t, 1)
	w.parameter, w.status, w.began = denied("ParameterNotFound"), "CREATE_IN_PROGRESS", start
	if result := w.want(t, ""); result.Reason != "a deployment is under way" {
		t.Errorf("%+v", result)
	}
	w.status = "CREATE_COMPLETE"
	w.want(t, "Critical: Needs a human: Trailkeeper's parameter trailkeeper-deployment was found deleted\n"+
		"High: Trailkeeper cannot check all of its own deployment")
}

// TestDeploying: while a deployment is under way only what it cannot have done is restored and reported, for an hour.
func TestDeploying(t *testing.T) {
	w := newWorld(t, 3)
	w.record.Description, w.status, w.began = strings.Repeat("0", 64), "UPDATE_IN_PROGRESS", start.Add(-58*time.Minute)
	w.unread[ruleName(2)] = denied("ResourceConflictException")
	w.breaks(ruleName(0), "EventPattern", "{}", "{...}")
	w.breaks(ruleName(1), "State", "ENABLED", "DISABLED")
	if result := w.want(t, "High: Trailkeeper's rule trailkeeper-rule-001 was found changed and restored"); result.Reason !=
		"a deployment is under way" {
		t.Errorf("%+v", result)
	}
	if !slices.Equal(w.repairs, []string{ruleName(1) + " State"}) {
		t.Errorf("%v", w.repairs)
	}
	clear(w.unread)
	w.want(t, "Critical: Trailkeeper's rule trailkeeper-rule-000 was found changed; not restored yet, retry pending\n"+
		"Critical: Needs a human: Trailkeeper's parameter trailkeeper-deployment was found changed")
}

// TestWardenStack: a warden in another Region has a stack of its own, which is deployed before the other.
func TestWardenStack(t *testing.T) {
	for name, test := range map[string]struct {
		status   string
		err      error
		repaired bool
		reason   string
	}{
		"at rest":   {"CREATE_COMPLETE", nil, true, ""},
		"under way": {"UPDATE_IN_PROGRESS", nil, false, "a deployment is under way"},
		"deleted":   {"", denied("ValidationError"), true, ""},
		"deleting":  {"DELETE_IN_PROGRESS", nil, true, ""},
		"refused":   {"", denied("AccessDenied"), false, "not everything could be seen"},
		"no status": {"", nil, false, "not everything could be seen"},
	} {
		w := newWorld(t, 1)
		w.elsewhere(t)
		w.wardenStatus, w.wardenErr = test.status, test.err
		w.breaks("trailkeeper-warden", "PolicyDocument", "closed", "open")
		if result, _ := w.run(t); result.Reason != test.reason || (len(w.repairs) == 1) != test.repaired {
			t.Errorf("%s: %+v, repaired %v", name, result, w.repairs)
		}
	}
}

// TestDeployedMeanwhile: a deployment that ends while a run goes on is none of an attacker's, whichever of its programs runs:
// what was read of the record before need not be of it.
func TestDeployedMeanwhile(t *testing.T) {
	for name, change := range map[string]func(w *world){
		"the old program": func(w *world) { w.breaks(ruleName(0), "EventPattern", "{}", "{...}") },
		"the new program": func(w *world) { w.record.Description = strings.Repeat("0", 64) },
	} {
		w := newWorld(t, 2)
		change(w)
		w.breaks(ruleName(1), "State", "ENABLED", "DISABLED")
		w.began, w.written = w.now.Add(-time.Minute), w.now.Add(2*time.Second)
		result := w.want(t, "High: Trailkeeper's rule trailkeeper-rule-001 was found changed and restored")
		if result.Reason != "a deployment is under way" || !slices.Equal(w.repairs, []string{ruleName(1) + " State"}) {
			t.Errorf("%s: %+v, %v", name, result, w.repairs)
		}
		w.written = w.now.Add(-11 * time.Second)
		if w.run(t); len(w.reported) != 1 {
			t.Errorf("%s: %d messages of the run after it", name, len(w.reported))
		}
	}
}

// TestDeployingForEver: whoever updates the stack again and again hides a change for an hour, and then it is reported, and
// restored where no deployment can have made it, until a run has seen the stack at rest.
func TestDeployingForEver(t *testing.T) {
	w := newWorld(t, 2)
	w.breaks(ruleName(0), "EventPattern", "{}", "{...}")
	for range 12 {
		w.status, w.began = "UPDATE_IN_PROGRESS", w.now
		w.want(t, "")
	}
	w.began = w.now
	w.breaks(ruleName(1), "State", "ENABLED", "DISABLED")
	result, titles := w.run(t)
	for _, want := range []string{
		"Critical: Trailkeeper's rule trailkeeper-rule-000 was found changed; not restored yet, retry pending",
		"High: Trailkeeper's rule trailkeeper-rule-001 was found changed and restored",
	} {
		if !strings.Contains(titles, want) || len(w.reported) != 2 || result.Reason != "" {
			t.Errorf("%s; want %s; %+v", titles, want, result)
		}
	}
	w.status = "UPDATE_COMPLETE"
	w.want(t, "High: Trailkeeper's rule trailkeeper-rule-000 was found changed and restored")
	w.breaks(ruleName(0), "EventPattern", "{}", "{...}")
	w.status, w.began = "UPDATE_IN_PROGRESS", w.now
	w.want(t, "")
}

// TestDeletedStack: a stack that is being deleted is no deployment.
func TestDeletedStack(t *testing.T) {
	w := newWorld(t, 3)
	w.status, w.began = "DELETE_IN_PROGRESS", start
	w.want(t, "Critical: Needs a human: Trailkeeper's stack trailkeeper was found changed")
	w.status, w.stackErr = "", denied("ValidationError")
	w.want(t, "Critical: Needs a human: Trailkeeper's stack trailkeeper was found deleted")
}

// TestRecordAndStackAreOver: also where something else cannot be read.
func TestRecordAndStackAreOver(t *testing.T) {
	w := newWorld(t, 2)
	w.changed, w.status = w.written.Add(time.Hour), "DELETE_FAILED"
	w.unread[ruleName(1)] = denied("AccessDeniedException")
	w.run(t)
	w.changed = w.written
	w.want(t, "Low: Trailkeeper's parameter trailkeeper-deployment is as it was deployed again")
	w.status = "UPDATE_COMPLETE"
	w.want(t, "Low: Trailkeeper's stack trailkeeper is as it was deployed again")
}
