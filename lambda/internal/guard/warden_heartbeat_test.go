package guard

import (
	"context"
	"errors"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/heartbeat"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/warden"
)

// TestWithheld: only a run that did all that it is for, and reached somebody, is a sign of life.
func TestWithheld(t *testing.T) {
	lost := errors.New("lost")
	for _, test := range []struct {
		reason string
		untold int
		err    error
		want   string
	}{
		{"", 0, nil, ""},
		{"not everything could be read", 1, lost, "not everything could be read"},
		{"", 1, lost, "a message was neither accepted nor kept"},
		{"", 0, lost, "a message was neither accepted nor kept"},
		{"", 1, nil, "no channel accepted a message"},
	} {
		if got := withheld(test.reason, test.untold, test.err); got != test.want {
			t.Errorf("%+v: %q", test, got)
		}
	}
}

// pingFunc is the service outside.
type pingFunc func() error

func (f pingFunc) Ping(context.Context) error { return f() }

// TestWardenPings: after a run that did all that it is for; what somebody must correct is reported once until it is over,
// and what passes by itself is not.
func TestWardenPings(t *testing.T) {
	wrong, passing := errors.New("heartbeat: no key"), &heartbeat.Failure{Passing: true}
	world := producertest.New(nil, nil, nil)
	world.Remember(producertest.NewTable())
	pings := 0
	var fails error
	h := &Warden{
		warden: &warden.Warden{
			Finder: "the warden", Reporter: world.Reporter, Once: world.Once, Clock: world.Clock, Log: world.Log,
		},
		outside: pingFunc(func() error { pings++; return fails }),
		measure: world.Measure,
		log:     world.Log,
	}
	for i, step := range []struct {
		why             string
		fails           error
		pings, messages int
		failures        float64
	}{
		{"", nil, 1, 0, 0},
		{"not everything could be seen", nil, 1, 0, 0},
		{"", passing, 2, 0, 1},
		{"", wrong, 3, 1, 2},
		{"", wrong, 4, 1, 3},
		{"not everything could be seen", wrong, 4, 1, 3},
		{"", nil, 5, 1, 3},
		{"", wrong, 6, 2, 4},
	} {
		fails = step.fails
		if err := h.pingOutside(t.Context(), step.why); err != nil {
			t.Errorf("step %d: %v", i, err)
		}
		if pings != step.pings || len(world.SNS) != step.messages {
			t.Errorf("step %d: %d pings, %d messages; want %d, %d", i, pings, len(world.SNS), step.pings, step.messages)
		}
		world.Want(t, "", map[string]float64{"HeartbeatFailures": step.failures})
	}
	if n := world.SNS[0]; n.Kind != finding.KindHeartbeat || n.Source != "the warden" || len(n.Next) != 1 {
		t.Errorf("reported %+v", n)
	}
	if !strings.Contains(world.Logged.String(), `"heartbeat withheld","reason":"not everything could be seen"`) {
		t.Error("the log does not say why a ping was withheld")
	}
	h.outside = nil
	if err := h.pingOutside(t.Context(), ""); err != nil || pings != 6 {
		t.Errorf("without a heartbeat: %v, %d pings", err, pings)
	}
	lost := producertest.New(errors.New("no"), errors.New("no"), errors.New("no"))
	h.warden.Reporter, h.warden.Once, h.outside = lost.Reporter, lost.Once, pingFunc(func() error { return wrong })
	if err := h.pingOutside(t.Context(), ""); err == nil {
		t.Error("a message is lost, and nobody is told")
	}
}
