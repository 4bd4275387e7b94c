package simulate

import (
	"testing"

	"trailkeeper/lambda/internal/localcloud"
)

// Each promise is broken by a timeline that breaks it and by nothing less.
func TestPromisesBreak(t *testing.T) {
	t.Parallel()
	call := func(op string, write bool) localcloud.Entry {
		return localcloud.Entry{Kind: localcloud.KindCall, Function: true, Op: op, Write: write}
	}
	for name, tt := range map[string]struct {
		promise   []promise
		bad, good []localcloud.Entry
	}{
		"restartedFirst": {restartedFirst(), []localcloud.Entry{call("GetTrailStatus", false), call("StartLogging", true)}, []localcloud.Entry{call("StartLogging", true)}},
		"no call":        {restartedFirst(), nil, []localcloud.Entry{call("StartLogging", true)}},
		"harmless":       {harmless(), []localcloud.Entry{call("StartLogging", true)}, []localcloud.Entry{call("GetTrailStatus", false)}},
		"silent":         {silentTowardsCloudTrail(), []localcloud.Entry{call("GetTrailStatus", false)}, nil},
		"toldToNobody":   {toldToNobody(), []localcloud.Entry{{Kind: localcloud.KindSlack, Text: "x"}}, []localcloud.Entry{{Kind: localcloud.KindMatched}}},
		"calm":           {calm(), []localcloud.Entry{{Kind: localcloud.KindAlarm, Text: "ALARM"}}, []localcloud.Entry{{Kind: localcloud.KindAlarm, Text: "OK"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if why := tt.promise[0].check(&Result{Timeline: tt.bad}); why == "" {
				t.Error("the promise is said to hold")
			}
			if why := tt.promise[0].check(&Result{Timeline: tt.good}); why != "" {
				t.Error(why)
			}
		})
	}
}
