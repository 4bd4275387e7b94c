package sweep

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// sighted is the trail as a sweep saw it, against a declared baseline.
func sighted(change func(*look.Sight)) look.Sight {
	s := look.Sight{
		Trail:      management,
		State:      fit(),
		Baseline:   fit(),
		Kind:       trail.Declared,
		CapturedAt: now.AddDate(0, 0, -10),
		Known:      known.Trail{ARN: management.ARN(), Seen: now},
	}
	change(&s)
	for i := range s.Findings {
		s.Findings[i].Trail, s.Findings[i].Region = management, management.Region
	}
	return s
}

func off(s *look.Sight) {
	s.State.Logging = false
	s.Findings = append(
		s.Findings, look.Finding{Kind: finding.KindNotLogging, Reasons: because("It is off."), Sign: "stop 1"},
	)
}

func weaker(s *look.Sight) {
	s.State.Settings.S3Bucket = "evil"
	s.Findings = append(s.Findings, look.Finding{Kind: finding.KindWeakened, Changes: trail.Diff(fit(), s.State)})
}

func gone(s *look.Sight) {
	s.State = trail.State{}
	s.Findings = append(s.Findings, look.Finding{Kind: finding.KindMissing, Reasons: because("There is no such trail.")})
}

func (w *world) sweepNow(t *testing.T) {
	t.Helper()
	if _, err := w.Invoke(t.Context(), payload(t, "scheduled-event")); err != nil {
		t.Fatal(err)
	}
}

// TestSweepActsByMode: what is done about a finding follows the mode, and what is not done is reported.
func TestSweepActsByMode(t *testing.T) {
	none := func(s *look.Sight) { s.Baseline, s.Kind, s.Known.Seen = trail.State{}, "", time.Time{} }
	seen := func(s *look.Sight) { s.Baseline, s.Kind = trail.State{}, "" }
	recorded := func(s *look.Sight) { s.Kind = trail.Recorded }
	for name, test := range map[string]struct {
		mode    config.Mode
		sight   look.Sight
		did     string
		outcome finding.Outcome
		says    string
	}{
		"off, notify":  {config.ModeNotify, sighted(off), "", finding.OutcomeNotified, "mode restart would start it"},
		"off, restart": {config.ModeRestart, sighted(off), "restart", finding.OutcomeRestored, "no event arrived"},
		"off, no baseline": {
			config.ModeRestart, sighted(func(s *look.Sight) { off(s); none(s) }), "", finding.OutcomeNotified,
			"no sweep has seen it logging",
		},
		"off, seen logging": {
			config.ModeRestart, sighted(func(s *look.Sight) { off(s); seen(s) }), "restart", finding.OutcomeRestored, "",
		},
		"off, a restart was begun": {config.ModeRestart, sighted(func(s *look.Sight) {
			off(s)
			none(s)
			s.Known.Pending = known.Pending{EventID: "e", EventName: "StopLogging"}
		}), "restart", finding.OutcomeRestored, ""},
		"off, an event arrived": {
			config.ModeRestart, sighted(func(s *look.Sight) { off(s); s.Known.TamperedAt = now.Add(-time.Minute) }), "restart",
			finding.OutcomeRestored, "the last event about the trail arrived at",
		},
		"weaker, restart": {
			config.ModeRestart, sighted(weaker), "", finding.OutcomeNotified, "mode restore would restore it",
		},
		"weaker, restore": {
			config.ModeRestore, sighted(weaker), "restore, settled", finding.OutcomeRestored, "no event arrived",
		},
		"weaker than a recorded one": {
			config.ModeRestore, sighted(func(s *look.Sight) { weaker(s); recorded(s) }), "restore, settled",
			finding.OutcomeRestored, "",
		},
		"gone, restore":  {config.ModeRestore, sighted(gone), "", finding.OutcomeNotified, "Only mode recreate"},
		"gone, recreate": {config.ModeRecreate, sighted(gone), "recreate", finding.OutcomeRestored, ""},
		"gone, recorded": {
			config.ModeRecreate, sighted(func(s *look.Sight) { gone(s); recorded(s) }), "", finding.OutcomeNotified,
			"Only a declared baseline",
		},
		"the approval is over": {config.ModeRestore, sighted(func(s *look.Sight) {
			weaker(s)
			s.Findings[0].Expired = []known.Approved{{Principal: "arn:p", Reason: "move", Expires: now}}
		}), "restore, settled", finding.OutcomeRestored, "under an approval for arn:p (move), which expired at"},
		"no delivery": {config.ModeRecreate, sighted(func(s *look.Sight) {
			s.Findings = []look.Finding{{Kind: finding.KindDeliveryError, Reasons: because("AccessDenied.")}}
		}), "", finding.OutcomeNotified, "AccessDenied."},
	} {
		t.Run(name, func(t *testing.T) {
			w, _, made := sweeping(t, test.mode, test.sight)
			w.sweepNow(t)
			did := append(
				slices.Clone(*made),
				slices.DeleteFunc(slices.Clone(w.Order), func(s string) bool { return s != "restart" })...)
			if got := strings.Join(did, " "); got != test.did {
				t.Errorf("did %q; want %q", got, test.did)
			}
			if len(w.Slack) != 1 || len(w.SNS) != 1 {
				t.Fatalf("reported %d and %d times: %v", len(w.Slack), len(w.SNS), w.Order)
			}
			n := w.Slack[0]
			if n.Outcome != test.outcome || !strings.Contains(message.Detail(n), test.says) || n.Kind == "" ||
				n.Subject.ARN != management.ARN() ||
				n.EventID == "" {
				t.Errorf("%s: %q", n.Outcome, message.Detail(n))
			}
			if n.Outcome != finding.OutcomeRestored && message.NextStep(n) == "" {
				t.Error("no next step")
			}
		})
	}
}

// TestSweepHonoursOverrides: a field that an override leaves alone is reported and not put back, whatever else is.
func TestSweepHonoursOverrides(t *testing.T) {
	both := sighted(func(s *look.Sight) {
		s.State.Settings.S3Bucket, s.State.Selectors = "evil", []trail.Selector{{ReadWrite: "ReadOnly", Management: true}}
		s.Findings = []look.Finding{{Kind: finding.KindWeakened, Changes: trail.Diff(fit(), s.State)}}
	})
	w, _, _ := sweeping(t, config.ModeRestore, both)
	w.exceptions = exception.List{
		Overrides: []exception.Override{{Trail: management.ARN(), Events: []string{"UpdateTrail"}, Mode: config.ModeNotify}},
	}
	var asked []remediate.Request
	w.restores = orderFunc(func(o remediate.Request) remediate.Result {
		asked = append(asked, o)
		return remediate.Result{}
	})
	w.sweepNow(t)
	if len(asked) != 1 || !slices.Contains(asked[0].Leave, trail.FieldS3Bucket) ||
		slices.Contains(asked[0].Leave, trail.FieldSelectors) {
		t.Errorf("asked for %+v; want the selectors back and the bucket left alone", asked)
	}
	w.exceptions.Overrides = append(
		w.exceptions.Overrides,
		exception.Override{Trail: exception.AnyTrail, Events: []string{"PutEventSelectors"}, Mode: config.ModeNotify},
	)
	w.sweepNow(t)
	if n := w.Slack[len(w.Slack)-1]; len(asked) != 1 || len(n.Changes) != 2 || n.Changes[0].Done != finding.DoneNothing ||
		n.Outcome != finding.OutcomeNotified {
		t.Errorf("with nothing to put back: asked %d times, %+v", len(asked), n)
	}
}

// TestSweepWaitsForApprovedEvents: what an approval in force may cover is held back for a quarter of an hour, and then
// put back.
func TestSweepWaitsForApprovedEvents(t *testing.T) {
	approval := exception.Approval{
		Principal: "p",
		Events:    []string{"UpdateTrail", "StopLogging"},
		Trail:     management.ARN(),
		Reason:    "r",
		Expires:   now.Add(time.Hour),
	}
	for name, test := range map[string]struct {
		sight   look.Sight
		expires time.Time
		did     int
		says    string
	}{
		"first sight": {sighted(weaker), approval.Expires, 0, "no event has shown who made it"},
		"stopped":     {sighted(off), approval.Expires, 0, "no event has shown who made it"},
		"a while later": {
			sighted(func(s *look.Sight) { weaker(s); s.Known.Held = now.Add(-14 * time.Minute) }), approval.Expires, 0,
			"no event has shown",
		},
		"long after": {
			sighted(func(s *look.Sight) { weaker(s); s.Known.Held = now.Add(-15 * time.Minute) }), approval.Expires, 1,
			"nothing has confirmed that it made",
		},
		"stopped long after": {
			sighted(func(s *look.Sight) { off(s); s.Known.Held = now.Add(-15 * time.Minute) }), approval.Expires, 1,
			"nothing has confirmed that it made",
		},
		"the approval is over": {sighted(weaker), now.Add(-time.Second), 1, ""},
	} {
		w, m, made := sweeping(t, config.ModeRestore, test.sight)
		approval.Expires = test.expires
		w.exceptions.Approvals = []exception.Approval{approval}
		w.sweepNow(t)
		did := len(*made) + len(slices.DeleteFunc(slices.Clone(w.Order), func(s string) bool { return s != "restart" }))
		if did != test.did || len(w.Slack) != 1 || !strings.Contains(message.Detail(w.Slack[0]), test.says) {
			t.Errorf("%s: did %d, said %q", name, did, message.Detail(w.Slack[0]))
		}
		if m.Err = errors.New("gone"); test.did == 0 {
			w.sight.MemoryErr = m.Err
			if w.sweepNow(t); len(*made)+len(w.Order) < 2 {
				t.Errorf("%s: held back without a table to remember it", name)
			}
		}
	}
	for ago, released := range map[time.Duration]bool{time.Minute: false, known.HoldAgain: true} {
		w, m, _ := sweeping(t, config.ModeRestore, sighted(func(s *look.Sight) { s.Known.Held = now.Add(-ago) }))
		if w.sweepNow(t); slices.Contains(m.Noted, "release") != released {
			t.Errorf("%v after a repair was held back: noted %v", ago, m.Noted)
		}
	}
}

// TestSweepSettlesOnlyWhatItSees: what may not be read is not confirmed.
func TestSweepSettlesOnlyWhatItSees(t *testing.T) {
	for part, settled := range map[trail.Part]bool{trail.PartLogging: false, trail.PartTags: true} {
		w, m, _ := sweeping(t, config.ModeNotify, sighted(func(s *look.Sight) {
			s.Known.Pending = known.Pending{EventID: "e", EventName: "StopLogging"}
			s.State.Unseen = map[trail.Part]string{part: "no"}
		}))
		w.sweepNow(t)
		if got := slices.Contains(m.Noted, "settle"); got != settled {
			t.Errorf("%s unseen: settled %v", part, got)
		}
	}
}

// TestSweepForgetsWhatIsGone, once that was reported; a declared trail stays on the list.
func TestSweepForgetsWhatIsGone(t *testing.T) {
	for kind, forgotten := range map[trail.Kind]bool{trail.Declared: false, trail.Recorded: true, "": true} {
		w, m, _ := sweeping(t, config.ModeNotify, sighted(func(s *look.Sight) { gone(s); s.Gone, s.Kind = true, kind }))
		w.sweepNow(t)
		if got := slices.Contains(m.Noted, "forget"); got != forgotten || len(w.Slack) != 1 {
			t.Errorf("%q: forgotten %v, reported %d", kind, got, len(w.Slack))
		}
	}
}

// TestSweepEndsInTime: what it has no time for is left for the next, and something is reported of the rest.
func TestSweepEndsInTime(t *testing.T) {
	w, _, made := sweeping(
		t, config.ModeRestore, sighted(weaker), sighted(func(s *look.Sight) { weaker(s); s.Trail.Name = "other" }),
	)
	w.Clock.Deadline = func(context.Context) (time.Time, bool) {
		return now.Add(forReporting + leastPerAct + time.Second), true
	}
	at := now
	w.Clock.Now = func() time.Time { return at }
	w.restores = orderFunc(func(remediate.Request) remediate.Result {
		*made = append(*made, "restore")
		at = at.Add(3 * time.Second)
		return remediate.Result{Before: []trail.Change{moved}, Restored: []trail.Change{moved}}
	})
	w.sweepNow(t)
	if len(*made) != 1 || len(w.Slack) != 1 || !strings.Contains(w.Logged.String(), "no time left") {
		t.Errorf("made %v, reported %d", *made, len(w.Slack))
	}
}

// TestSweepReportsOnce: what is not put right is reported once, and again when it changes; a repair is reported each
// time, but once for two sweeps of the same schedule.
func TestSweepReportsOnce(t *testing.T) {
	w, _, _ := sweeping(t, config.ModeNotify, sighted(off))
	w.sweepNow(t)
	w.sweepNow(t)
	if len(w.Slack) != 1 {
		t.Errorf("the same finding was delivered %d times", len(w.Slack))
	}
	w.sight.Sights[0].Findings[0].Sign = "stop 2"
	w.sweepNow(t)
	if len(w.Slack) != 2 {
		t.Errorf("another stop was delivered %d times", len(w.Slack)-1)
	}
	w.sight.Sights = []look.Sight{sighted(func(*look.Sight) {})}
	w.sweepNow(t)
	w.sweepNow(t)
	if len(w.Slack) != 3 || w.Slack[2].Kind != finding.KindRecovered {
		t.Fatalf("what is over: %d messages", len(w.Slack)-2)
	}

	w, m, made := sweeping(t, config.ModeRestore, sighted(weaker))
	w.sweepNow(t)
	w.sweepNow(t)
	if len(*made) != 2 || len(w.Slack) != 1 {
		t.Errorf(
			"two sweeps of one schedule: %d repairs, %d messages; want both to repair and one to tell", len(*made), len(w.Slack),
		)
	}
	for subject, s := range reports(t, m) {
		w.Once.Over(t.Context(), subject, s.Sign)
	}
	w.sweepNow(t)
	if len(w.Slack) != 2 {
		t.Error("a repair was not told")
	}
	w.Clock.Now = func() time.Time { return now.Add(time.Minute) }
	if w.sweepNow(t); len(w.Slack) != 3 || w.Slack[1].EventID == w.Slack[2].EventID {
		t.Error("a repair a minute later, under the same time of the schedule, was not told")
	}
	w.sight.Sights = []look.Sight{sighted(func(*look.Sight) {})}
	w.sweepNow(t)
	if len(w.Slack) != 3 || len(reports(t, m)) != 0 {
		t.Errorf("after a repair that was told nothing is: %d, %v", len(w.Slack), reports(t, m))
	}
}

// TestTwoSweepsAtOnce: both put the trail back, which is harmless, and one of them tells.
func TestTwoSweepsAtOnce(t *testing.T) {
	w, m, _ := sweeping(
		t,
		config.ModeRestore,
		sighted(func(s *look.Sight) { off(s); weaker(s) }),
		sighted(func(s *look.Sight) {
			s.Baseline, s.Kind, s.Trail.Name = trail.State{}, "", "undeclared"
			s.State.ARN = s.Trail.ARN()
		}),
	)
	w.restores = orderFunc(func(remediate.Request) remediate.Result {
		w.Note("restore")
		return remediate.Result{
			Before:   []trail.Change{moved},
			Restored: []trail.Change{moved},
			Calls:    []string{"UpdateTrail"},
		}
	})
	report := w.sight
	w.sweeper = sweepFunc(func(bool) look.Report {
		mine := report
		mine.Sights = slices.Clone(report.Sights)
		for i := range mine.Sights {
			mine.Sights[i].Findings = slices.Clone(mine.Sights[i].Findings)
		}
		return mine
	})
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if _, err := w.Invoke(t.Context(), payload(t, "scheduled-event")); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	reported := map[finding.Kind]int{}
	for _, n := range w.Slack {
		reported[n.Kind]++
	}
	if reported[finding.KindNotLogging] != 1 || reported[finding.KindWeakened] != 1 || len(w.Slack) != len(w.SNS) {
		t.Errorf("reported %v", reported)
	}
	for subject, s := range reports(t, m) {
		if s.State != "delivered" {
			t.Errorf("%s was claimed and never told", subject)
		}
	}
}

// TestSweepWithoutTheTable goes on, says so once, and does not repeat itself in the same execution environment.
func TestSweepWithoutTheTable(t *testing.T) {
	w, m, made := sweeping(t, config.ModeRestore, sighted(weaker), sighted(func(s *look.Sight) {
		s.Findings = []look.Finding{{Kind: finding.KindDeliveryError, Reasons: because("AccessDenied.")}}
	}))
	other := &w.sight.Sights[1]
	other.Trail.Name = "other"
	other.State.ARN, other.Findings[0].Trail = other.Trail.ARN(), other.Trail
	m.Err = errors.New("read what is known of the trails: the state table is gone")
	w.sight.MemoryErr = m.Err
	w.sweepNow(t)
	if len(*made) != 1 || len(w.Slack) != 3 {
		t.Fatalf("made %v, reported %d", *made, len(w.Slack))
	}
	if n := w.Slack[2]; n.Kind != finding.KindCannotSee ||
		!strings.Contains(message.Detail(n), "the state table is gone") ||
		n.Region != "eu-west-1" {
		t.Errorf("%+v", n)
	}
	w.sweepNow(t)
	if len(*made) != 2 || len(w.Slack) != 3 {
		t.Errorf("again: made %v, reported %d", *made, len(w.Slack))
	}
	for _, noted := range m.Noted {
		if strings.HasPrefix(noted, "record") {
			t.Error("a baseline was recorded although the table could not be read")
		}
	}
}

// TestSweepRecords: the first baseline is announced, a stronger state is recorded, and nothing while something is
// wrong.
func TestSweepRecords(t *testing.T) {
	undeclared := func(change func(*look.Sight)) look.Sight {
		return sighted(func(s *look.Sight) { s.Baseline, s.Kind = trail.State{}, ""; change(s) })
	}
	recorded := func(s *look.Sight) {
		s.Known.Recorded, s.Kind, s.Baseline = &known.Recorded{Version: 1, State: fit()}, trail.Recorded, fit()
	}
	for name, test := range map[string]struct {
		sight    look.Sight
		noted    string
		reported int
	}{
		"first":     {undeclared(func(*look.Sight) {}), "record first", 1},
		"declared":  {sighted(func(*look.Sight) {}), "", 0},
		"unchanged": {undeclared(recorded), "", 0},
		"stronger": {
			undeclared(func(s *look.Sight) { recorded(s); s.State.Settings.LogValidation = true }), "record again", 0,
		},
		"weaker":        {undeclared(func(s *look.Sight) { recorded(s); weaker(s) }), "", 1},
		"just tampered": {undeclared(func(s *look.Sight) { s.Known.TamperedAt = now.Add(-time.Hour) }), "", 0},
		"below the floor": {
			undeclared(func(s *look.Sight) { s.State.Selectors = []trail.Selector{{ReadWrite: "ReadOnly", Management: true}} }),
			"", 0,
		},
		"long not noted": {sighted(func(s *look.Sight) { s.Known.Seen = now.Add(-25 * time.Hour) }), "seen", 0},
		"to be confirmed": {
			sighted(func(s *look.Sight) { s.Known.Pending = known.Pending{EventID: "e", EventName: "StopLogging"} }), "settle",
			1,
		},
	} {
		w, m, _ := sweeping(t, config.ModeNotify, test.sight)
		w.sweepNow(t)
		if got := strings.Join(m.Noted, " "); got != test.noted || len(w.Slack) != test.reported {
			t.Errorf("%s: noted %q and reported %d; want %q and %d", name, got, len(w.Slack), test.noted, test.reported)
		}
	}
	w, m, _ := sweeping(t, config.ModeNotify, undeclared(func(*look.Sight) {}))
	reported(t, m, "not_logging "+management.ARN()+"x", "open:") // another trail's
	reported(t, m, "weakened "+management.ARN(), "open:")
	w.sight.Sights[0].State.Unseen = nil
	w.sweepNow(t)
	if slices.Contains(m.Noted, "record first") {
		t.Error("recorded in the very sweep that ended an incident")
	}
}

// TestSweepReportsWhatNothingRecords: the guard's Region without a trail that records write management events.
func TestSweepReportsWhatNothingRecords(t *testing.T) {
	foreignTrail := func(r *look.Report) { r.Foreign = []string{"arn"} }
	excluded := func(all ...look.Excluded) func(*look.Report) { return func(r *look.Report) { r.Excluded = all } }
	covering := sighted(func(*look.Sight) {}).State
	blind := func(r *look.Report) {
		r.Blind = []look.Finding{
			{Kind: finding.KindCannotSee, Region: "us-east-1", Reasons: because("One.")},
			{Kind: finding.KindCannotSee, Region: "eu-west-1", Reasons: because("Two.")},
		}
	}
	const critical, high, medium = finding.SeverityCritical, finding.SeverityHigh, finding.SeverityMedium
	for name, test := range map[string]struct {
		sight  look.Sight
		change func(*look.Report)
		mode   config.Mode
		want   finding.Severity // "": not told
		says   string
	}{
		"covered":               {sighted(func(*look.Sight) {}), nil, config.ModeNotify, "", ""},
		"off":                   {sighted(off), nil, config.ModeNotify, critical, "No trail that logs"},
		"started by this sweep": {sighted(off), nil, config.ModeRestart, "", ""},
		"gone":                  {sighted(gone), nil, config.ModeNotify, critical, "No trail that logs"},
		"an organization's":     {sighted(gone), foreignTrail, config.ModeNotify, medium, "cannot be seen from here"},
		"one is excluded, and records nothing": {
			sighted(gone), excluded(
				look.Excluded{ARN: "a"}, look.Excluded{ARN: "b"},
			), config.ModeNotify, critical, "No trail that logs",
		},
		"one is excluded, and records": {
			sighted(gone), excluded(look.Excluded{ARN: "a"}, look.Excluded{ARN: "b", State: covering}), config.ModeNotify, "",
			"",
		},
		"one is excluded, and could not be read": {
			sighted(gone), excluded(
				look.Excluded{ARN: "a"}, look.Excluded{ARN: "b", Unread: "B is unread."},
			), config.ModeNotify, high,
			"No trail is seen to log and to record write management events here. Where none does, EventBridge gets no events " +
				"of API calls either. Not everything could be seen, so that a trail may record them after all. B is unread.",
		},
		"not all is seen":                    {sighted(gone), blind, config.ModeNotify, high, "after all. One. Two."},
		"not all is seen, and it is covered": {sighted(func(*look.Sight) {}), blind, config.ModeNotify, "", ""},
		"an organization's, and not all seen": {
			sighted(gone), func(r *look.Report) { blind(r); foreignTrail(r) }, config.ModeNotify, medium, "after all. One. Two.",
		},
		"not looked for": {sighted(gone), func(r *look.Report) { r.Discovered = false }, config.ModeNotify, "", ""},
	} {
		w, _, _ := sweeping(t, test.mode, test.sight)
		w.sight.Discovered = true
		if test.change != nil {
			test.change(&w.sight)
		}
		w.sweepNow(t)
		i := slices.IndexFunc(w.Slack, func(n finding.Finding) bool { return n.Kind == finding.KindNoTrail })
		switch {
		case i < 0 && test.want == "":
		case i < 0 || test.want == "":
			t.Errorf("%s: reported %v", name, i >= 0)
		default:
			n := w.Slack[i]
			if n.Severity != test.want || !strings.Contains(message.Detail(n), test.says) ||
				n.Partial != strings.Contains(message.Headline(n), "is seen to record") ||
				n.Partial != strings.Contains(test.says, "after all") {
				t.Errorf("%s: %s %q %q", name, n.Severity, message.Headline(n), message.Detail(n))
			}
		}
	}
}

// TestHeartbeat is in CloudWatch's embedded metric format, and at a level that no setting leaves out.
func TestHeartbeat(t *testing.T) {
	w, _, _ := sweeping(t, config.ModeNotify, sighted(off))
	w.sweepNow(t)
	for line := range strings.SplitSeq(w.Logged.String(), "\n") {
		if strings.Contains(line, `"Heartbeat"`) {
			for _, want := range []string{
				`"level":"ERROR"`, `"Namespace":"Trailkeeper"`, `"Heartbeat":1`, `"TrailsStopped":1`, `"Findings":1`,
				`"Stack":"trailkeeper"`,
			} {
				if !strings.Contains(line, want) {
					t.Errorf("no %s in %s", want, line)
				}
			}
			return
		}
	}
	t.Error("no heartbeat")
}

// TestUndeliveredFindingIsAnError, so that Lambda sweeps again; nothing of it is noted as told.
func TestUndeliveredFindingIsAnError(t *testing.T) {
	w := newWorld(restored, errors.New("x"), errors.New("y"), errors.New("z"))
	m := newTable()
	w.remember(m)
	w.sight = look.Report{Sights: []look.Sight{sighted(weaker)}}
	if _, err := w.Invoke(t.Context(), payload(t, "scheduled-event")); err == nil {
		t.Error("no error")
	}
	if reports(t, m)["weakened "+management.ARN()].State != "claimed" {
		t.Error("noted as told")
	}
}
