package sweep

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// TestHeldBackByTheRightApproval: of two approvals in force, the wrong one first, only one of this call on this trail
// holds a repair back, and only of the fields that its call sets.
func TestHeldBackByTheRightApproval(t *testing.T) {
	other := strings.Replace(management.ARN(), "management-events", "other", 1)
	hour := now.Add(time.Hour)
	blind := func(s *look.Sight) {
		s.State.Settings.S3Bucket, s.State.Selectors = "evil", []trail.Selector{{ReadWrite: "ReadOnly", Management: true}}
		s.Findings = []look.Finding{{Kind: finding.KindWeakened, Changes: trail.Diff(fit(), s.State)}}
	}
	approved := func(trail string, expires time.Time, calls ...string) exception.Approval {
		return exception.Approval{
			Principal: "p",
			Events:    calls,
			Trail:     trail,
			Reason:    "r",
			Expires:   expires,
		}
	}
	const bucket, selectors, logging = "s3BucketName", "eventSelectors", "logging"
	for name, test := range map[string]struct {
		change    func(*look.Sight)
		approvals []exception.Approval
		back      []string // what is put back
	}{
		"this call, another trail": {
			blind,
			[]exception.Approval{
				approved(other, hour, "UpdateTrail", "PutEventSelectors"), approved(other, hour, "StopLogging"),
			},
			[]string{bucket, selectors},
		},
		"this trail, another call": {
			blind,
			[]exception.Approval{approved(management.ARN(), hour, "StopLogging"), approved(management.ARN(), hour, "AddTags")},
			[]string{bucket, selectors},
		},
		"the second": {
			blind,
			[]exception.Approval{
				approved(other, hour, "UpdateTrail"), approved(management.ARN(), hour, "StopLogging", "UpdateTrail"),
			},
			[]string{selectors},
		},
		"the second, for every trail": {
			blind,
			[]exception.Approval{
				approved(management.ARN(), hour, "UpdateTrail2"), approved(exception.AnyTrail, hour, "PutEventSelectors"),
			},
			[]string{bucket},
		},
		"one for each": {
			blind,
			[]exception.Approval{
				approved(management.ARN(), hour, "UpdateTrail"), approved(management.ARN(), hour, "PutEventSelectors"),
			},
			nil,
		},
		"expires now": {
			blind, []exception.Approval{approved(management.ARN(), now, "UpdateTrail", "PutEventSelectors")}, nil,
		},
		"expired a second ago": {blind, []exception.Approval{
			approved(
				management.ARN(), now.Add(-time.Second), "UpdateTrail", "PutEventSelectors",
			), approved(other, hour, "UpdateTrail"),
		}, []string{bucket, selectors}},
		"a stop, another trail": {
			off,
			[]exception.Approval{approved(other, hour, "StopLogging"), approved(management.ARN(), hour, "UpdateTrail")},
			[]string{logging},
		},
		"a stop, the second": {
			off,
			[]exception.Approval{approved(other, hour, "StopLogging"), approved(management.ARN(), hour, "StopLogging")},
			nil,
		},
		"a stop, no approval":     {off, nil, []string{logging}},
		"weaker, and no approval": {blind, nil, []string{bucket, selectors}},
	} {
		w, _, _ := sweeping(t, config.ModeRestore, sighted(test.change))
		w.exceptions.Approvals = test.approvals
		var back []string
		w.restarts = restartFunc(func(events.Trail, time.Time, time.Time) remediate.Result {
			back = append(back, logging)
			return restored
		})
		w.restores = orderFunc(func(o remediate.Request) remediate.Result {
			for _, f := range []trail.Field{trail.FieldS3Bucket, trail.FieldSelectors} {
				if !slices.Contains(o.Leave, f) {
					back = append(back, string(f))
				}
			}
			return remediate.Result{}
		})
		w.sweepNow(t)
		if diff := cmp.Diff(test.back, back); diff != "" {
			t.Errorf("%s: put back (-want +got):\n%s", name, diff)
		}
	}
}

// TestUrgencyOfASweep: whatever the minute, trails that do not log come first, then those that are gone or weaker, then
// the rest; each has its share of the time that is left. Among equals another is the first each minute.
func TestUrgencyOfASweep(t *testing.T) {
	named := func(name string, change func(*look.Sight)) look.Sight {
		s := sighted(change)
		s.Trail.Name = name
		s.State.ARN, s.Baseline.ARN = s.Trail.ARN(), s.Trail.ARN()
		for i := range s.Findings {
			s.Findings[i].Trail = s.Trail
		}
		return s
	}
	undelivered := func(s *look.Sight) {
		s.Findings = []look.Finding{{Kind: finding.KindDeliveryError, Reasons: because("x.")}}
	}
	firsts := map[string]bool{}
	for minute := range 6 {
		var order []string
		var shares []time.Duration
		w, _, _ := sweeping(
			t, config.ModeRecreate, named("undelivered", undelivered), named("weaker", weaker),
			named("healthy", func(*look.Sight) {}), named("off-1", off), named("gone", gone), named("off-2", off),
		)
		at := time.Unix(int64(minute)*60, 0)
		w.Clock.Now = func() time.Time { return at }
		w.Clock.Deadline = func(context.Context) (time.Time, bool) { return at.Add(forReporting + time.Minute), true }
		note := func(name string, until time.Time) {
			order, shares = append(order, strings.TrimRight(name, "-12")), append(shares, until.Sub(at))
			firsts[name] = firsts[name] || len(order) == 1
		}
		w.restarts = restartFunc(func(id events.Trail, _, until time.Time) remediate.Result {
			note(id.Name, until)
			return restored
		})
		w.restores = orderFunc(func(o remediate.Request) remediate.Result {
			id, _ := events.ParseTrailARN(o.Baseline.ARN)
			note(map[bool]string{true: "worse"}[id.Name == "weaker" || id.Name == "gone"], o.Until)
			return remediate.Result{}
		})
		w.sweepNow(t)
		if diff := cmp.Diff([]string{"off", "off", "worse", "worse"}, order); diff != "" {
			t.Errorf("minute %d (-want +got):\n%s", minute, diff)
		}
		if diff := cmp.Diff(
			[]time.Duration{12 * time.Second, 15 * time.Second, 20 * time.Second, 30 * time.Second}, shares,
		); diff != "" {
			t.Errorf("minute %d, the shares of a minute (-want +got):\n%s", minute, diff)
		}
	}
	if !firsts["off-1"] || !firsts["off-2"] {
		t.Errorf("first in six minutes: %v; want each once", firsts)
	}
}

// TestLeastTimeForARepair: with just enough time a trail is seen to, with less it is left for the next sweep.
func TestLeastTimeForARepair(t *testing.T) {
	for left, want := range map[time.Duration]bool{leastPerAct: true, leastPerAct - 1: false} {
		w, _, _ := sweeping(t, config.ModeRestart, sighted(off))
		w.Clock.Deadline = func(context.Context) (time.Time, bool) { return now.Add(forReporting + left), true }
		if w.sweepNow(t); slices.Contains(w.Order, "restart") != want {
			t.Errorf("with %v left: did %v", left, w.Order)
		}
	}
}

// TestSeveritiesOfFindings: how severe each finding of a sweep is, by what was done about it.
func TestSeveritiesOfFindings(t *testing.T) {
	without := func(change func(*look.Sight)) func(*look.Sight) {
		return func(s *look.Sight) { change(s); s.Baseline, s.Kind, s.Known.Seen = trail.State{}, "", time.Time{} }
	}
	found := func(kind finding.Kind) func(*look.Sight) {
		return func(s *look.Sight) { s.Findings = []look.Finding{{Kind: kind, Reasons: because("x.")}} }
	}
	was := func(kind finding.Kind) func(*table) {
		return func(m *table) { reported(t, m, string(kind)+" "+management.ARN(), "open:x") }
	}
	failing := remediate.Result{
		Outcome:   finding.OutcomeRetrying,
		Notes:     producertest.Because("Throttled."),
		Retryable: true,
	}
	for name, test := range map[string]struct {
		mode   config.Mode
		change func(*look.Sight)
		before func(*table)
		res    remediate.Result
		want   string
	}{
		"off, left":        {config.ModeNotify, off, nil, restored, "not_logging critical notified_only"},
		"off, no baseline": {config.ModeRestart, without(off), nil, restored, "not_logging medium notified_only"},
		"off, started":     {config.ModeRestart, off, nil, restored, "not_logging high restored"},
		"off, not started": {config.ModeRestart, off, nil, failing, "not_logging critical retrying"},
		"off, accepted": {
			config.ModeRestart, off, nil, remediate.Result{Outcome: finding.OutcomeAccepted}, "not_logging critical accepted",
		},
		"off, already on": {
			config.ModeRestart, off, nil,
			remediate.Result{Outcome: finding.OutcomeAlreadyLogging},
			"not_logging high already_logging",
		},
		"weaker, left":     {config.ModeRestart, weaker, nil, restored, "weakened critical notified_only"},
		"weaker, put back": {config.ModeRestore, weaker, nil, restored, "weakened high restored"},
		"gone, left":       {config.ModeRestore, gone, nil, restored, "missing critical notified_only"},
		"gone, recorded": {
			config.ModeRecreate, func(s *look.Sight) { gone(s); s.Kind = trail.Recorded }, nil, restored,
			"missing critical notified_only",
		},
		"gone, created": {config.ModeRecreate, gone, nil, restored, "missing high restored"},
		"not delivered": {
			config.ModeRestore, found(finding.KindDeliveryError), nil, restored, "delivery_error high notified_only",
		},
		"no digest": {config.ModeRestore, found(finding.KindStale), nil, restored, "stale high notified_only"},
		"logs again": {
			config.ModeRestore, func(*look.Sight) {}, was(finding.KindNotLogging), restored, "recovered low notified_only",
		},
		"is there again": {
			config.ModeRestore, func(*look.Sight) {}, was(finding.KindMissing), restored, "recovered low notified_only",
		},
		"is as strong again": {
			config.ModeRestore, func(*look.Sight) {}, was(finding.KindWeakened), restored, "recovered low notified_only",
		},
		"delivers again": {
			config.ModeRestore, func(*look.Sight) {}, was(finding.KindDeliveryError), restored, "recovered low notified_only",
		},
		"delivers digests again": {
			config.ModeRestore, func(*look.Sight) {}, was(finding.KindStale), restored, "recovered low notified_only",
		},
		"confirmed": {
			config.ModeRestore, func(s *look.Sight) { s.Known.Pending = known.Pending{EventID: "e", EventName: "StopLogging"} },
			nil, restored, "confirmed medium notified_only",
		},
		"recorded": {config.ModeRestore, func(s *look.Sight) {
			s.Baseline = trail.State{}
			s.Kind = ""
		}, nil, restored, "recorded low notified_only"},
	} {
		w, m, _ := sweeping(t, test.mode, sighted(test.change))
		if test.before != nil {
			test.before(m)
		}
		w.restarts = restartFunc(func(events.Trail, time.Time, time.Time) remediate.Result { return test.res })
		w.sweepNow(t)
		var reported []string
		for _, n := range w.Slack {
			reported = append(reported, string(n.Kind)+" "+string(n.Severity)+" "+string(n.Outcome))
		}
		if got := strings.Join(reported, ", "); got != test.want {
			t.Errorf("%s: reported %q; want %q", name, got, test.want)
		}
	}
}

// TestLeaseOutlastsTheRun that claims, by its margin: another run takes over only when this one can tell no more.
func TestLeaseOutlastsTheRun(t *testing.T) {
	for left, want := range map[time.Duration]time.Duration{
		time.Minute:  time.Minute + report.LeaseMargin,
		time.Hour:    clock.LongestRun + report.LeaseMargin,
		-time.Second: report.LeaseMargin,
	} {
		w, m, _ := sweeping(t, config.ModeNotify)
		w.Clock.Deadline = func(context.Context) (time.Time, bool) { return now.Add(left), true }
		w.Once.Clock = w.Clock
		w.Once.Claim(t.Context(), "subject", "sign")
		claim := producertest.Kept[struct{ Until time.Time }](t, m, "told")["subject"]
		if lease := claim.Until.Sub(now); lease != want {
			t.Errorf("with %v left the lease is %v; want %v", left, lease, want)
		}
	}
}
