package warden_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/warden/check"
)

// TestWhyNotRestored: of what is not restored it is said why, and nothing is read again for it.
func TestWhyNotRestored(t *testing.T) {
	const name = "trailkeeper-rule-000"
	for why, test := range map[string]struct {
		change func(w *world)
		done   finding.Done
	}{
		"This is not restored automatically.": {
			func(w *world) { w.broken[name][0].Repair = nil }, finding.DoneNothing,
		},
		"Mode notify changes nothing; warden.mode restore would restore it.": {
			func(w *world) { w.Restores = false }, finding.DoneNothing,
		},
		"Nothing is restored that needs more than the resource's own name: the record of the deployment, which has the others, " +
			"may be somebody else's.": {
			func(w *world) { w.changed = w.written.Add(time.Hour) }, finding.DoneNotRestored,
		},
		"No time was left in this run; the next one tries again.": {
			func(w *world) {
				end := w.now.Add(24 * time.Second) // of which 20 are for reporting
				w.Clock.Deadline = func(context.Context) (time.Time, bool) { return end, true }
				w.took = time.Second / 2
			}, finding.DoneNotRestored,
		},
		"The restore failed: offline.": {
			func(w *world) { w.broken[name][0].Repair = func(context.Context) error { return errOffline } }, finding.DoneNotRestored,
		},
	} {
		w := newWorld(t, 1)
		w.breaks(name, "Targets.Guard.Arn", "arn:x", "arn:y")
		test.change(w)
		w.run(t)
		i := slices.IndexFunc(w.reported, func(n finding.Finding) bool { return n.Subject.Name == name })
		if i < 0 {
			t.Fatalf("%s: %+v", why, w.reported)
		}
		steps := fmt.Sprint(message.Of(w.reported[i]).Steps)
		if first := strings.Contains(steps, "First see to the parameter trailkeeper-deployment"); first != strings.Contains(why, "the record") {
			t.Errorf("%s: %s", why, steps)
		}
		c := w.reported[i].Changes
		if len(c) != 1 || c[0].Done != test.done || message.Why(c[0]) != why || len(w.repairs) > 0 || w.checks[name] != 1 {
			t.Errorf("%+v, %v, read %d times\n%s\nwant %s", c, w.repairs, w.checks[name], message.Why(c[0]), why)
		}
	}
}

// TestSettles: what AWS shows a little later is restored, and how long that took is said.
func TestSettles(t *testing.T) {
	const name = "trailkeeper-rule-000"
	w := newWorld(t, 1)
	w.breaks(name, "State", "ENABLED", "DISABLED")
	repair := w.broken[name][0].Repair
	w.broken[name][0].Repair = func(context.Context) error { w.repairs = append(w.repairs, "accepted"); return nil }
	var slept []time.Duration
	w.Clock.Sleep = func(ctx context.Context, d time.Duration) error {
		slept = append(slept, d)
		w.now = w.now.Add(d)
		return repair(ctx)
	}
	w.want(t, "High: Trailkeeper's rule trailkeeper-rule-000 was found changed and restored")
	if len(slept) != 1 || w.checks[name] != 3 || w.reported[0].AfterCall != slept[0] {
		t.Errorf("slept %v, read %d times, took %v", slept, w.checks[name], w.reported[0].AfterCall)
	}
	w = newWorld(t, 1) // what never settles is read twice
	w.held = true
	w.breaks(name, "State", "ENABLED", "DISABLED")
	w.Clock.Sleep = func(context.Context, time.Duration) error { return context.Canceled }
	w.run(t)
	if w.checks[name] != 2 {
		t.Errorf("read %d times after the run's end", w.checks[name])
	}
}

// TestHowMany: up to five are reported one by one, and so is their end.
func TestHowMany(t *testing.T) {
	for broken, messages := range map[int]int{5: 5, 6: 1} {
		w := newWorld(t, 8)
		w.Restores = false
		for i := range broken {
			w.breaks(ruleName(i), "State", "ENABLED", "DISABLED")
		}
		if w.run(t); len(w.reported) != messages {
			t.Errorf("%d messages about %d resources", len(w.reported), broken)
		}
		clear(w.broken)
		if w.run(t); len(w.reported) != messages {
			t.Errorf("%d messages that %d resources are in order again", len(w.reported), broken)
		}
	}
}

// TestUnseenAnew: that another resource cannot be read, for the same reason, is reported as well.
func TestUnseenAnew(t *testing.T) {
	w := newWorld(t, 2)
	for i := range 2 {
		w.unread[ruleName(i)] = denied("AccessDeniedException")
		w.want(t, "High: Trailkeeper cannot check all of its own deployment")
		if !w.reported[0].Partial {
			t.Error("the finding does not say that it is about a part")
		}
		clear(w.unread)
	}
}

// TestSteps: each step stands there once, and none for what is restored.
func TestSteps(t *testing.T) {
	const name = "trailkeeper-rule-000"
	w := newWorld(t, 1)
	w.breaks(name, "State", "ENABLED", "DISABLED")
	w.broken[name][0].Next = "aws events enable-rule"
	for _, field := range []string{"a", "b", "c"} {
		w.broken[name] = append(w.broken[name], check.Difference{Field: field, Want: "x", Got: "y", Next: "aws events put-rule"})
	}
	w.broken[name] = append(w.broken[name], check.Difference{Field: "d", Want: "x", Got: "y", Next: "Look at it."})
	w.run(t)
	var got []string
	for _, s := range message.Of(w.reported[0]).Steps {
		got = append(got, s.Text+" "+s.Command)
	}
	text := strings.Join(got, "\n")
	if strings.Contains(text, "enable-rule") || strings.Count(text, "put-rule") != 1 || strings.Count(text, "Look at it.") != 1 {
		t.Error(text)
	}
}
