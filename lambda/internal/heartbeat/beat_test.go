package heartbeat_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/heartbeat"
	"trailkeeper/lambda/internal/metrics"
)

// outsideFunc is a service outside.
type outsideFunc func() error

func (f outsideFunc) Ping(context.Context) error { return f() }

// TestSend: nothing is pinged by a run that did not do all that it is for; what somebody must correct is told from what
// passes by itself.
func TestSend(t *testing.T) {
	wrong := errors.New("heartbeat: no key")
	for name, tt := range map[string]struct {
		withheld string
		fails    error
		taken    bool
		wrong    error
		pings    int
		failures int
		logged   string
	}{
		"taken":         {"", nil, true, nil, 1, 0, ""},
		"withheld":      {"not everything could be seen", nil, false, nil, 0, 0, `"heartbeat withheld","reason":"not everything could be seen"`},
		"passes":        {"", &heartbeat.Failure{Passing: true}, false, nil, 1, 1, `"heartbeat failed","error":"heartbeat: "`},
		"wrong":         {"", wrong, false, wrong, 1, 1, `"heartbeat failed","error":"heartbeat: no key"`},
		"wrong, no run": {"no time was left", wrong, false, nil, 0, 0, `"reason":"no time was left"`},
	} {
		var logged bytes.Buffer
		pings, failures := 0, 0
		b := heartbeat.Beat{
			Outside: outsideFunc(func() error { pings++; return tt.fails }),
			Log:     slog.New(slog.NewJSONHandler(&logged, nil)),
			Measure: func(_ context.Context, all ...metrics.Metric) {
				for _, m := range all {
					if m.Name == "HeartbeatFailures" && m.Value == 1 {
						failures++
					}
				}
			},
		}
		taken, got := b.Send(t.Context(), tt.withheld)
		if taken != tt.taken || !errors.Is(got, tt.wrong) || pings != tt.pings || failures != tt.failures {
			t.Errorf("%s: taken %t, %v, %d pings, %d failures", name, taken, got, pings, failures)
		}
		if !strings.Contains(logged.String(), tt.logged) || tt.logged == "" && logged.Len() > 0 {
			t.Errorf("%s: logged %s", name, logged.String())
		}
	}
}
