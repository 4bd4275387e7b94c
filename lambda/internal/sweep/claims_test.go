package sweep

import (
	"slices"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// TestSweepSettlesClaims: what CloudTrail confirms is reported once, what it does not know is reported loudly, and
// neither is kept.
func TestSweepSettlesClaims(t *testing.T) {
	note := known.Approved{
		EventID:   "e",
		EventName: "StopLogging",
		Principal: deployer,
		At:        now,
		Expires:   now.Add(time.Hour),
		Fields:    []string{"logging"},
	}
	reported := note
	reported.Reported = true
	change := approval.Change{
		Note:      note,
		Approval:  exception.Approval{Principal: deployer, Reason: "move", Expires: now.Add(time.Hour)},
		Principal: deployer,
		At:        now,
	}
	change.Request.EventName, change.Request.Fields = "StopLogging", []trail.Field{trail.FieldLogging}
	again := change
	again.Note = reported
	stopped := func(s *look.Sight) { s.State.Logging, s.Declared = false, fit() }
	for name, test := range map[string]struct {
		claims approval.Judged
		found  string
		noted  string
	}{
		"false": {
			approval.Judged{Doubted: []approval.Doubt{{Note: note, Why: because("Unknown.")[0], False: true}}},
			"false_approval critical",
			"unapprove StopLogging",
		},
		"of long ago": {approval.Judged{Doubted: []approval.Doubt{{
			Note:  note,
			Why:   because("Late.")[0],
			False: true,
			Late:  true,
		}}}, "false_approval critical", "unapprove StopLogging"},
		"not yet": {approval.Judged{Doubted: []approval.Doubt{{Note: note, Why: because("Not yet.")[0]}}}, "", ""},
		"waiting": {approval.Judged{Waiting: []approval.Change{change}}, "", ""},
		"confirmed": {
			approval.Judged{Proven: []approval.Change{change}}, "true_approval low", "approve StopLogging logging release",
		},
		"confirmed, another waits": {
			approval.Judged{Proven: []approval.Change{change}, Waiting: []approval.Change{change}},
			"true_approval low",
			"approve StopLogging logging",
		},
		"confirmed before": {approval.Judged{Proven: []approval.Change{again}}, "", ""},
		"confirmed otherwise": {
			approval.Judged{
				Proven:  []approval.Change{again},
				Doubted: []approval.Doubt{{Note: reported, Why: because("It differs.")[0], False: true}},
			},
			"false_approval critical",
			"approve StopLogging logging",
		},
	} {
		w, m, _ := sweeping(
			t, config.ModeRestore, sighted(func(s *look.Sight) { stopped(s); s.Claims, s.Known.Held = test.claims, now }),
		)
		w.sweepNow(t)
		var found []string
		for _, n := range w.Slack {
			found = append(found, string(n.Kind)+" "+string(n.Severity))
		}
		if strings.Join(found, ", ") != test.found || strings.Join(m.Noted, " ") != test.noted {
			t.Errorf("%s: reported %q, noted %q", name, found, m.Noted)
		}
	}
}

// TestNoGoodNewsOfAStoppedTrail: while an approval, or a claim to one, keeps a trail off or weaker, the sweep calls
// nothing confirmed, recovered, healthy or in order.
func TestNoGoodNewsOfAStoppedTrail(t *testing.T) {
	for name, change := range map[string]func(*look.Sight){
		"off":  func(s *look.Sight) { s.State.Logging, s.Baseline.Logging = false, false },
		"weak": func(s *look.Sight) { s.State.Settings.S3Bucket, s.Baseline.Settings.S3Bucket = "new", "new" },
	} {
		w, m, _ := sweeping(t, config.ModeRestore, sighted(func(s *look.Sight) {
			s.Declared = fit()
			change(s)
			s.Known.Pending = known.Pending{
				EventID:   "e",
				EventName: map[string]string{"off": "StopLogging", "weak": "UpdateTrail"}[name],
			}
		}))
		reported(t, m, map[string]string{"off": "not_logging ", "weak": "weakened "}[name]+management.ARN(), "open:x")
		w.sweepNow(t)
		if len(w.Slack) != 0 || slices.Contains(m.Noted, "settle") || len(reports(t, m)) != 1 {
			t.Errorf("%s: reported %+v, noted %v, %v is left", name, w.Slack, m.Noted, reports(t, m))
		}
		if off := strings.Contains(w.Logged.String(), `"TrailsHealthy":1`); off {
			t.Errorf("%s: counted as healthy", name)
		}
	}
}
