package evidence

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
)

// TestEnable: the key is enabled, and read afterwards; what fails is said. Of another account, without the setting, or
// where the baseline does not say that it is enabled, nothing is called.
func TestEnable(t *testing.T) {
	for name, test := range map[string]struct {
		change  func(*world, *baseline.Baseline)
		off     bool
		outcome finding.Outcome
		calls   []string // that change something
	}{
		"disabled": {func(w *world, _ *baseline.Baseline) { w.state = "Disabled" }, false, finding.OutcomeRestored, []string{"EnableKey"}},
		"doomed": {
			func(w *world, _ *baseline.Baseline) { w.state = "PendingDeletion" }, false, finding.OutcomeRestored,
			[]string{"CancelKeyDeletion", "EnableKey"},
		},
		"stays off": {func(w *world, _ *baseline.Baseline) { w.state, w.stays = "Disabled", true }, false, finding.OutcomeCannotRestore, []string{"EnableKey"}},
		"refused": {
			func(w *world, _ *baseline.Baseline) { w.state, w.refuses = "Disabled", "EnableKey" }, false, finding.OutcomeCannotRestore,
			[]string{"EnableKey"},
		},
		"no material": {func(w *world, _ *baseline.Baseline) { w.state = "PendingImport" }, false, finding.OutcomeCannotRestore, nil},
		"not asked":   {func(w *world, _ *baseline.Baseline) { w.state = "Disabled" }, true, finding.OutcomeNotified, nil},
		"meant to be off": {func(w *world, b *baseline.Baseline) {
			w.state, b.Key.Enabled, b.Key.PolicySHA256 = "Disabled", false, strings.Repeat("0", 64)
		}, false, finding.OutcomeNotified, nil},
		"another account's": {func(w *world, b *baseline.Baseline) {
			w.state, b.Trail.Settings.KMSKeyID = "Disabled", strings.Replace(keyARN, "111122223333", "444455556666", 1)
		}, false, finding.OutcomeNotified, nil},
	} {
		w, b := newWorld(), described(t)
		b.Bucket = nil
		test.change(w, &b)
		s, to, _ := w.sweeper(t, !test.off, b)
		if _, _, err := s.Sweep(t.Context(), "now", nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(to.got) != 1 || to.got[0].Outcome != test.outcome || !slices.Equal(w.changing(), test.calls) {
			t.Errorf("%s: %+v, called %v", name, to.got, w.changing())
		}
	}
}

// TestEventEnables: after the event as well, under the same conditions, and only after a call that succeeded. A key that is
// enabled leaves nothing to undo.
func TestEventEnables(t *testing.T) {
	inKey := object{"resources": []object{{"ARN": keyARN}}}
	refused := object{"errorCode": "AccessDenied", "errorMessage": keyARN, "resources": []object{{"ARN": keyARN}}}
	theirs := strings.Replace(keyARN, "111122223333", "444455556666", 1)
	nothing := func(*world, *Sweeper, []baseline.Baseline) {}
	for name, test := range map[string]struct {
		call    string
		more    object
		state   string
		change  func(*world, *Sweeper, []baseline.Baseline)
		outcome finding.Outcome
		calls   []string // that change something
		undo    bool     // there is something for a human to undo
	}{
		"disabled":        {"DisableKey", inKey, "Disabled", nothing, finding.OutcomeRestored, []string{"EnableKey"}, false},
		"doomed":          {"ScheduleKeyDeletion", inKey, "PendingDeletion", nothing, finding.OutcomeRestored, []string{"CancelKeyDeletion", "EnableKey"}, false},
		"already enabled": {"DisableKey", inKey, "Enabled", nothing, finding.OutcomeNoDrift, nil, false},
		"refused":         {"DisableKey", refused, "Disabled", nothing, finding.OutcomeAttempt, nil, false},
		"its policy":      {"PutKeyPolicy", inKey, "Disabled", nothing, finding.OutcomeNotified, nil, false},
		"of another account's record": {
			"DisableKey", object{"resources": inKey["resources"], "recipientAccountId": "999988887777"}, "Disabled", nothing, finding.OutcomeNotOurs, nil, false,
		},
		"not allowed": {
			"DisableKey", inKey, "Disabled", func(w *world, _ *Sweeper, _ []baseline.Baseline) { w.refuses = "EnableKey" }, finding.OutcomeCannotRestore,
			[]string{"EnableKey"},
			true,
		},
		"not asked": {
			"DisableKey", inKey, "Disabled", func(_ *world, s *Sweeper, _ []baseline.Baseline) { s.Enabler = nil }, finding.OutcomeNotified, nil, true,
		},
		"a mode that restores no settings": {
			"DisableKey", inKey, "Disabled", func(_ *world, s *Sweeper, _ []baseline.Baseline) { s.Enabler.Scope.Mode = config.ModeRestart },
			finding.OutcomeNotified, nil, true,
		},
		"not described": {
			"DisableKey", inKey, "Disabled", func(_ *world, _ *Sweeper, all []baseline.Baseline) { all[0].Key, all[1].Key = nil, nil },
			finding.OutcomeNotified, nil, true,
		},
		"described by the second alone": {
			"DisableKey", inKey, "Disabled", func(_ *world, _ *Sweeper, all []baseline.Baseline) { all[0].Key = nil },
			finding.OutcomeRestored,
			[]string{"EnableKey"},
			false,
		},
		"that one is left alone": {
			"DisableKey", inKey, "Disabled", func(_ *world, s *Sweeper, all []baseline.Baseline) { all[0].Key, s.Scope = nil, without(otherARN) },
			finding.OutcomeNotified, nil, true,
		},
		"meant to be off": {
			"DisableKey", inKey, "Disabled", func(_ *world, _ *Sweeper, all []baseline.Baseline) {
				all[0].Key.Enabled, all[1].Key.Enabled = false, false
			}, finding.OutcomeNotified, nil, true,
		},
		"another account's": {
			"DisableKey", object{"resources": []object{{"ARN": theirs}}}, "Disabled", func(_ *world, _ *Sweeper, all []baseline.Baseline) {
				all[0].Trail.Settings.KMSKeyID, all[1].Trail.Settings.KMSKeyID = theirs, theirs
			}, finding.OutcomeNotified, nil, true,
		},
	} {
		w, all := newWorld(), two(t)
		w.state = test.state
		s, to, _ := w.sweeper(t, true, all...)
		test.change(w, s, all)
		r := &Responder{Scope: s.Scope, Enabler: s.Enabler, Baselines: s.Baselines, Reporter: to, Log: discard}
		if err := r.Respond(t.Context(), event(t, "kms.amazonaws.com", test.call, nil, test.more)); err != nil {
			t.Fatal(err)
		}
		if len(to.got) != 1 || to.got[0].Outcome != test.outcome || !slices.Equal(w.changing(), test.calls) {
			t.Errorf("%s: %+v, called %v; want %s, %v", name, to.got, w.changing(), test.outcome, test.calls)
			continue
		}
		if text := message.NextStep(to.got[0]); strings.Contains(text, "kms enable-key") != test.undo {
			t.Errorf("%s: %s; want to undo it: %v", name, text, test.undo)
		}
	}
}

// TestPartlyRestored: a key that is enabled again and whose policy is another one is not said to be restored. What is left
// is said once, with what to do, and so is its end.
func TestPartlyRestored(t *testing.T) {
	w, b := newWorld(), described(t)
	b.Bucket, w.state, w.policy = nil, "PendingDeletion", `{"Statement":[]}`
	s, to, once := w.sweeper(t, true, b)
	sweep := sweepWith(t, s, once)
	sweep("1")
	n := to.got[0]
	m := message.Of(n)
	text := fmt.Sprint(m.Title, m.Status, m.Detail, m.Changes, message.NextStep(n))
	if n.Outcome != finding.OutcomePartlyRestored || !n.Worse(finding.DoneRestored) || !n.Worse(finding.DoneNotRestored) || len(n.Changes) != 2 {
		t.Errorf("%+v", n)
	}
	for want, is := range map[string]bool{
		"1 of 2 weakening changes": true, "kms get-key-policy": true, "baseline capture": true, "It is enabled again": true,
		"kms enable-key": false, "cancel-key-deletion": false, "can deliver": false,
	} {
		if strings.Contains(text, want) != is {
			t.Errorf("it says %q: %v; want %v: %s", want, !is, is, text)
		}
	}
	if sweep("2"); len(to.got) != 1 {
		t.Fatalf("what is left is said twice: %+v", to.got[1])
	}
	w.policy = ""
	if sweep("3"); len(to.got) != 2 || to.got[1].Kind != finding.KindEvidenceOver || to.got[1].Notes[0].ID != finding.NoteEvidenceOver {
		t.Errorf("%+v", to.got)
	}
}

// TestEnabledAgainAndAgain: each repair is reported, and nothing is said to be over besides. A restored key is said to be
// so in its changes.
func TestEnabledAgainAndAgain(t *testing.T) {
	w, b := newWorld(), described(t)
	b.Bucket = nil
	s, to, once := w.sweeper(t, true, b)
	sweep := sweepWith(t, s, once)
	for i := range 3 {
		w.state = "Disabled"
		sweep(fmt.Sprint(i))
		if len(to.got) != i+1 || to.got[i].Outcome != finding.OutcomeRestored || to.got[i].Changes[0].Done != finding.DoneRestored ||
			len(to.got[i].Next) > 0 || !strings.HasPrefix(once["evidence "+keyARN], "done:") {
			t.Fatalf("%d: %+v, noted %q", i, to.got, once)
		}
	}
	if sweep("9"); len(to.got) != 3 || len(once) != 0 {
		t.Errorf("%+v, noted %q", to.got, once)
	}
}

// TestRepairOfUnknownEnd: where EnableKey was accepted and its effect not seen, the end is not said to be another's doing.
func TestRepairOfUnknownEnd(t *testing.T) {
	for name, test := range map[string]struct {
		enables bool
		note    finding.NoteID
	}{
		"tried":     {true, finding.NoteEvidenceTried},
		"not asked": {false, finding.NoteEvidenceOver},
	} {
		w, b := newWorld(), described(t)
		b.Bucket, w.state, w.stays = nil, "PendingDeletion", true
		s, to, once := w.sweeper(t, test.enables, b)
		sweep := sweepWith(t, s, once)
		sweep("1")
		sweep("2")
		if len(to.got) != 1 || !strings.Contains(message.NextStep(to.got[0]), "cancel-key-deletion") {
			t.Fatalf("%s: %+v", name, to.got)
		}
		if test.enables != to.got[0].Worse(finding.DoneNotRestored) {
			t.Errorf("%s: %+v", name, to.got[0].Changes)
		}
		w.state = "Enabled"
		if sweep("3"); len(to.got) != 2 || to.got[1].Notes[0].ID != test.note {
			t.Errorf("%s: %+v", name, to.got)
		}
	}
}

// TestEnabledMeanwhile: a key that somebody else enables between two readings is in order, but for what else differs.
func TestEnabledMeanwhile(t *testing.T) {
	for policy, fields := range map[string]int{"": 0, `{"Statement":[]}`: 1} {
		w, b := newWorld(), described(t)
		b.Bucket, w.state, w.later, w.policy = nil, "Disabled", []string{"Enabled"}, policy
		s, to, once := w.sweeper(t, true, b)
		sweepWith(t, s, once)("1")
		if len(to.got) != fields || len(w.changing()) > 0 {
			t.Errorf("%q: %+v, called %v", policy, to.got, w.changing())
		}
		for _, n := range to.got {
			if len(n.Changes) != 1 || n.Changes[0].Field != fieldPolicy || n.Outcome != finding.OutcomeNotified || n.Severity != finding.SeverityHigh {
				t.Errorf("%+v", n)
			}
		}
	}
}

// sweepWith sweeps at a time.
func sweepWith(t *testing.T, s *Sweeper, once memory) func(at string) {
	return func(at string) {
		t.Helper()
		if _, _, err := s.Sweep(t.Context(), at, maps.Clone(once)); err != nil {
			t.Fatal(err)
		}
	}
}

// changing are the calls of KMS that change something.
func (w *world) changing() []string {
	return slices.DeleteFunc(slices.Clone(w.called), func(c string) bool { return c == "DescribeKey" || c == "GetKeyPolicy" })
}

// TestAnyBaselineEnables: of trails that share a key one whose baseline says that it is enabled is enough.
func TestAnyBaselineEnables(t *testing.T) {
	for off, want := range map[int][]string{0: {"EnableKey"}, 1: {"EnableKey"}} {
		w, all := newWorld(), two(t)
		all[off].Key.Enabled, w.state = false, "Disabled"
		s, to, _ := w.sweeper(t, true, all...)
		if _, _, err := s.Sweep(t.Context(), "now", nil); err != nil || !slices.Equal(w.changing(), want) || len(to.got) != 1 ||
			to.got[0].Outcome != finding.OutcomeRestored {
			t.Errorf("baseline %d says that it is off: %v, called %v, %+v", off, err, w.changing(), to.got)
		}
	}
}
