// Package simulatetest runs the tests that play scenarios. It is for tests only, and knows no scenario.
//
// It decides nothing: what must come of a scenario is in its checks.
package simulatetest

import (
	"flag"
	"os"
	"runtime/debug"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/simulate/render"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/simulate/scenarios"
)

// Main runs the tests with more of them side by side than there are processors: the function and the far ends talk over
// real connections, and wait for each other. It does not return.
func Main(m *testing.M) {
	debug.SetGCPercent(400) // each run makes a cloud and drops it
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err) // package testing has the flag
	}
	os.Exit(m.Run())
}

// Held fails with the timeline where a check is broken.
func Held(t *testing.T, r result.Result) {
	t.Helper()
	for _, v := range r.Broken() {
		t.Errorf("%s: %s", v.Check, v.Why)
	}
	if t.Failed() {
		var b strings.Builder
		if err := render.WriteText(&b, r, 80); err != nil {
			t.Error(err)
		}
		t.Log(b.String())
	}
}

// Scenario is the scenario of that name.
func Scenario(t *testing.T, name string) scenarios.Scenario {
	t.Helper()
	found, err := scenarios.Match(name)
	if err != nil || len(found) != 1 {
		t.Fatalf("%d scenarios are called %s: %v", len(found), name, err)
	}
	return found[0]
}
