package techniques

import (
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/simulatetest"
)

// TestDarkTimeOfAFight: 66 strikes in three hours leave a trail dark for less than a tenth of the time, as it is
// counted from the calls and as the guard says it.
func TestDarkTimeOfAFight(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]act.Act{
		"fight-over-selectors": act.PutSelectors,
		"stop-loop":            act.StopLogging,
		"fight-unseen":         act.Losing(3, act.StopLogging),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := simulatetest.Scenario(t, name)
			s.Act, s.Checks = act.Strikes(act.ManyStrikes, do), check.All(check.DarkAtMost(), check.ContestedThenOver())
			if name != "fight-unseen" {
				s.Checks = check.All(s.Checks, check.ToldOrCounted())
			}
			template, _ := golden.Variant(s.Golden())
			r, err := simulate.Play(t.Context(), template, s)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range r.Broken() {
				t.Errorf("%s: %s", v.Check, v.Why)
			}
			t.Logf("%d strikes in three hours: dark for %s; %d messages on SNS", act.ManyStrikes,
				finding.Duration(r.Trail.Dark()), len(r.Timeline.Accepted(localcloud.KindSNS)))
		})
	}
}
