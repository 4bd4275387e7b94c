package simulate

import (
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/localcloud"
)

// TestDarkTimeOfAFight: 66 strikes in three hours leave a trail dark for less than a tenth of the time, as it is
// counted from the calls and as the guard says it.
func TestDarkTimeOfAFight(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]act{
		"fight-over-selectors": putSelectors, "stop-loop": stopLogging, "fight-unseen": losing(3, stopLogging),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Find(name)
			if err != nil {
				t.Fatal(err)
			}
			s.act, s.checks = strikes(manyStrikes, do), checks(darkAtMost(), contestedThenOver())
			if name != "fight-unseen" {
				s.checks = checks(s.checks, toldOrCounted())
			}
			template, _ := golden.Variant(s.Golden())
			r, err := Play(t.Context(), template, s)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range r.Broken() {
				t.Errorf("%s: %s", v.Check, v.Why)
			}
			dark, share := r.dark()
			t.Logf(
				"%d strikes in three hours: dark for %s, %.1f %%; %d messages on SNS",
				manyStrikes,
				finding.Duration(dark),
				share,
				len(r.accepted(localcloud.KindSNS)),
			)
		})
	}
}
