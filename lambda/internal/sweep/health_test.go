package sweep

import (
	"testing"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// TestHealth: each trail counts as one of three, and one that cannot be seen as it was last told to be: never as
// healthy.
func TestHealth(t *testing.T) {
	named := func(name string, change func(*look.Sight)) look.Sight {
		s := sighted(change)
		s.Trail.Name = name
		return s
	}
	unseen := func(s *look.Sight) { s.State = trail.State{} }
	hidden := func(parts ...trail.Part) func(*look.Sight) {
		return func(s *look.Sight) {
			s.State.Unseen = map[trail.Part]string{}
			for _, p := range parts {
				s.State.Unseen[p] = "AccessDenied."
			}
		}
	}
	for mode, want := range map[config.Mode]map[string]float64{
		config.ModeNotify:  {"TrailsHealthy": 2, "TrailsWeakened": 3, "TrailsStopped": 4},
		config.ModeRestore: {"TrailsHealthy": 5, "TrailsWeakened": 1, "TrailsStopped": 3}, // c, d and m are put back
	} {
		w, m, _ := sweeping(
			t,
			mode,
			named(
				"a", func(*look.Sight) {},
			),
			named("b", func(*look.Sight) {}),
			named("c", weaker),
			named("d", off),
			named("e", gone),
			named(
				"f", unseen,
			),
			named("g", unseen),
			named("h", unseen),
			named("i", hidden(trail.PartLogging)),
			named("j", hidden(trail.PartLogging)),
			named("k", hidden(trail.PartTags)),
			named("l", hidden(trail.PartTags)),
			named("m", func(s *look.Sight) { weaker(s); hidden(trail.PartTags)(s) }),
		)
		w.sight.Blind = []look.Finding{{Kind: finding.KindCannotSee, Region: "eu-west-1", Reasons: because("AccessDenied.")}}
		reported := func(name string, kind finding.Kind, sign string) {
			s := named(name, unseen)
			reported(t, m, look.Finding{Kind: kind, Trail: s.Trail}.Subject(), sign)
		}
		reported("g", finding.KindNotLogging, "open:"+"x") // f was told nothing about
		reported("h", finding.KindWeakened, "open:"+"x")
		reported("j", finding.KindNotLogging, "open:"+"x") // i was told nothing about
		reported("k", finding.KindNotLogging, "open:"+"x") // but that it logs is seen
		reported("l", finding.KindWeakened, "done:"+"x")   // was put back
		reported("m", finding.KindWeakened, "open:"+"x")
		at := now
		w.Clock.Now = func() time.Time { at = at.Add(time.Millisecond); return at }
		w.sweepNow(t)
		if got := w.Metrics(t); got["SweepDuration"] < 1 || got["Heartbeat"] != 1 || got["CannotSee"] != 1 {
			t.Errorf("%s: %v", mode, got)
		}
		w.Want(t, string(mode), want)
	}
}

// TestCannotSee lasts as long as it does: the next sweep looks everywhere, and forgets what it sees again.
func TestCannotSee(t *testing.T) {
	subject := look.Finding{Kind: finding.KindCannotSee, Region: "eu-west-1"}.Subject()
	w, m, _ := sweeping(t, config.ModeNotify, sighted(func(*look.Sight) {}))
	w.sight.Blind = []look.Finding{{Kind: finding.KindCannotSee, Region: "eu-west-1", Reasons: because("Throttled.")}}
	w.sweepNow(t)
	w.sweepNow(t)
	w.Want(t, "blind twice", map[string]float64{"CannotSee": 2})
	if len(w.SNS) != 1 || reports(t, m)[subject].Sign == "" {
		t.Errorf("delivered %d times; want once", len(w.SNS))
	}
	w.sight.Blind = nil
	w.sweepNow(t)
	w.Want(t, "then it sees", map[string]float64{"CannotSee": 2})
	if reports(t, m)[subject].Sign != "" {
		t.Error("it sees everything, and has not forgotten that it did not")
	}
}

// TestTimeToRestore is from the stop to the verified restore, and from what was accepted to the sweep that confirms it.
func TestTimeToRestore(t *testing.T) {
	w, _, _ := sweeping(t, config.ModeRestart, sighted(off))
	w.restarts = restartFunc(func(_ events.Trail, _, _ time.Time) remediate.Result {
		return remediate.Result{
			Outcome:    finding.OutcomeRestored,
			Stopped:    now.Add(-4 * time.Minute),
			RestoredAt: now,
			Notes:      producertest.Because("ok."),
		}
	})
	w.sweepNow(t)
	w.Want(t, "found by the sweep", map[string]float64{"TimeToRestore": float64((4 * time.Minute).Milliseconds())})

	w, _, _ = sweeping(t, config.ModeRestart, sighted(func(s *look.Sight) {
		s.Known.Pending.EventID, s.Known.Pending.EventName, s.Known.Pending.Since = "e1", "StopLogging", now.Add(
			-5*time.Minute,
		)
	}))
	w.sweepNow(t)
	w.Want(t, "confirmed by the sweep", map[string]float64{"TimeToRestore": float64((5 * time.Minute).Milliseconds())})
}
