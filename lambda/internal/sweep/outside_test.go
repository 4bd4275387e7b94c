package sweep

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/heartbeat"
	"trailkeeper/lambda/internal/sweep/look"
)

// pingFunc is the service outside.
type pingFunc func() error

func (f pingFunc) Ping(context.Context) error { return f() }

// summedFunc is what sends summaries.
type summedFunc func() (int, error)

func (f summedFunc) Send(context.Context) (int, error) { return f() }

// checkedFunc is the check of the deployment's other part.
type checkedFunc func() (string, error)

func (f checkedFunc) Check(context.Context, string) (string, error) { return f() }

var (
	errDown = errors.New("down")
	// errWrong and errPassing are pings that were not taken.
	errWrong   = errors.New("heartbeat: no key")
	errPassing = &heartbeat.Failure{Passing: true}
)

// TestPingOutside: only a sweep that did all that it is for is a sign of life, whatever it found.
func TestPingOutside(t *testing.T) {
	blind := []look.Finding{{Kind: finding.KindCannotSee, Region: "eu-west-1", Reasons: because("AccessDenied.")}}
	healthy := sighted(func(*look.Sight) {})
	for name, test := range map[string]struct {
		mode   config.Mode
		fails  channelErrors
		sight  look.Sight
		change func(*world)
		reason string // why it is withheld; empty: it is not
	}{
		"all is well":             {mode: config.ModeNotify, sight: healthy},
		"a weak trail, reported":  {mode: config.ModeNotify, sight: sighted(weaker)},
		"a stopped one, reported": {mode: config.ModeNotify, sight: sighted(off)},
		"a stopped one, restored": {mode: config.ModeRestart, sight: sighted(off)},
		"one channel is left":     {mode: config.ModeNotify, sight: sighted(off), fails: channelErrors{slack: errDown}},
		"a Region is not seen": {
			mode: config.ModeNotify, sight: healthy, change: func(w *world) { w.sight.Blind = blind },
			reason: "not everything could be seen",
		},
		"the table is not read": {
			mode: config.ModeNotify, sight: healthy, change: func(w *world) { w.sight.MemoryErr = errDown },
			reason: "not everything could be seen",
		},
		"the baselines are not read": {
			mode: config.ModeNotify, sight: healthy, change: func(w *world) { w.sight.BaselineErr = errDown },
			reason: "not everything could be seen",
		},
		"nobody is told": {
			mode: config.ModeNotify, sight: sighted(off), fails: channelErrors{slack: errDown, sns: errDown},
			reason: "no channel accepted a message",
		},
		"a message is lost": {
			mode: config.ModeNotify, sight: sighted(off), fails: channelErrors{slack: errDown, park: errDown},
			reason: "a message was neither accepted nor kept",
		},
		"a bucket is not read": {
			mode: config.ModeNotify, sight: healthy, change: func(w *world) {
				w.evidence = &compared{unseen: map[string][]string{"us-east-1": {"No bucket."}}}
			}, reason: "not everything could be seen",
		},
		"buckets and keys are": {mode: config.ModeNotify, sight: healthy, change: func(w *world) {
			w.evidence = &compared{unseen: map[string][]string{"us-east-1": nil}}
		}},
		"nobody is told of a summary": {
			mode: config.ModeNotify, sight: healthy, change: func(w *world) { w.summaries = summedFunc(func() (int, error) { return 1, nil }) },
			reason: "no channel accepted a message",
		},
		"a summary is lost": {
			mode: config.ModeNotify, sight: healthy, change: func(w *world) { w.summaries = summedFunc(func() (int, error) { return 0, errDown }) },
			reason: "a message was neither accepted nor kept",
		},
		"nobody is told of a bucket": {
			mode: config.ModeNotify, sight: healthy, change: func(w *world) { w.evidence = &compared{untold: 1} },
			reason: "no channel accepted a message",
		},
		"a message about a bucket is lost": {
			mode: config.ModeNotify, sight: healthy, change: func(w *world) { w.evidence = &compared{err: errDown} },
			reason: "a message was neither accepted nor kept",
		},
		"the deployment is not checked": {
			mode: config.ModeNotify, sight: healthy, change: func(w *world) { w.deployment = checkedFunc(func() (string, error) { return "no parameter", nil }) },
			reason: "no parameter",
		},
		"a message about it is lost": {
			mode: config.ModeNotify, sight: healthy, change: func(w *world) { w.deployment = checkedFunc(func() (string, error) { return "", errDown }) },
			reason: "a message was neither accepted nor kept",
		},
		"the deployment is checked": {mode: config.ModeNotify, sight: healthy, change: func(w *world) {
			w.deployment = checkedFunc(func() (string, error) { return "", nil })
		}},
		"no time is left": {
			mode: config.ModeRestart, sight: sighted(off), change: func(w *world) {
				w.Clock.Deadline = func(context.Context) (time.Time, bool) { return now.Add(24 * time.Second), true }
			}, reason: "no time was left for a trail",
		},
	} {
		w, _, _ := failingWorld(t, test.mode, test.fails, test.sight)
		if test.change != nil {
			test.change(w)
		}
		pings := 0
		w.outside = pingFunc(func() error { pings++; return nil })
		_, _ = w.Invoke(t.Context(), payload(t, "scheduled-event"))
		logged := w.Logged.String()
		switch withheld := `"msg":"heartbeat withheld","reason":"` + test.reason + `"`; {
		case test.reason == "" && (pings != 1 || strings.Contains(logged, "withheld")),
			test.reason != "" && (pings != 0 || !strings.Contains(logged, withheld)):
			t.Errorf("%s: %d pings, withheld %q\n%s", name, pings, test.reason, logged)
		}
		w.Want(t, name, map[string]float64{"HeartbeatFailures": 0, "Heartbeat": 1})
	}
}

// TestPingFails: what somebody must correct is reported once, until it is over; what passes by itself is only logged
// and measured.
func TestPingFails(t *testing.T) {
	w, m, _ := sweeping(t, config.ModeNotify, sighted(func(*look.Sight) {}))
	subject := look.Finding{Kind: finding.KindHeartbeat, Region: "eu-west-1"}.Subject()
	var fails error
	w.outside = pingFunc(func() error { return fails })
	for i, step := range []struct {
		fails    error
		messages int
		failures float64
		open     bool
	}{
		{nil, 0, 0, false},
		{errPassing, 0, 1, false},
		{errWrong, 1, 2, true},
		{errWrong, 1, 3, true},
		{errPassing, 1, 4, true},
		{nil, 1, 4, false},
		{errWrong, 2, 5, true},
	} {
		fails = step.fails
		w.sweepNow(t)
		_, open := reports(t, m)[subject]
		if len(w.SNS) != step.messages || open != step.open {
			t.Errorf("step %d: %d messages, open %v; want %d, %v", i, len(w.SNS), open, step.messages, step.open)
		}
		w.Want(t, "", map[string]float64{"HeartbeatFailures": step.failures})
	}
	if n := w.SNS[0]; n.Kind != finding.KindHeartbeat || n.Severity != finding.SeverityHigh || len(n.Next) != 1 {
		t.Errorf("reported %+v", n)
	}
	w.outside, fails = nil, nil
	if w.sweepNow(t); reports(t, m)[subject].Sign != "" {
		t.Error("there is no heartbeat any more, and its fault is not forgotten")
	}
}
