package techniques

import (
	"strings"
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/simulate"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/scenarios"
)

// TestChecksAboutTheTrailBreak: a deployment that only tells leaves a stopped trail off, and what is checkd of a
// trail that logs does not hold there.
func TestChecksAboutTheTrailBreak(t *testing.T) {
	t.Parallel()
	template, _ := golden.Variant("notify")
	res, err := simulate.Play(t.Context(), template, scenarios.Scenario{
		Name: "stopped", Act: act.StopLogging,
		Checks: check.All(check.Untouched(), check.Outcome("restored"), check.Outcome("notified_only")),
	})
	if err != nil {
		t.Fatal(err)
	}
	why := []string{"the trail is not logging", "told notified_only; want restored", ""}
	if len(res.Checks) != len(why) {
		t.Fatalf("%d checks were judged; want %d", len(res.Checks), len(why))
	}
	for i, want := range why {
		if got := res.Checks[i].Why; got != want && (want == "" || !strings.Contains(got, want)) {
			t.Errorf("check %d: %q; want %q", i, got, want)
		}
	}
}
