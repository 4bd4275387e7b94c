package techniques

import (
	"regexp"
	"strings"
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/simulate/scenarios"
	"trailkeeper/lambda/internal/simulate/simulatetest"
)

var incidentOf = regexp.MustCompile(`"incident":\{"id":"(inc-[0-9a-f]+)"`)

// TestDeletionOfTheOnlyTrailIsOneIncident: that it is gone, and that nothing records any more, belong to the incident
// of its deletion: one thread in Slack, and one page for whoever goes by the incident.
func TestDeletionOfTheOnlyTrailIsOneIncident(t *testing.T) {
	t.Parallel()
	template, _ := golden.Variant("bot-token")
	r, err := simulate.Play(t.Context(), template, scenarios.Scenario{
		Name:    "the only trail is deleted",
		Threads: true,
		Sweeps:  true,
		Act:     act.ThenSweep(act.DeleteTrail),
		Checks:  check.All(check.Told("deleted"), check.Quiet()),
	})
	if err != nil {
		t.Fatal(err)
	}
	simulatetest.Held(t, r)
	ids, threads := map[string]int{}, map[string]int{}
	for _, e := range r.Timeline {
		switch {
		case e.Via != localcloud.ViaFunction || e.Err != "" || e.Update:
		case e.Kind == localcloud.KindSNS:
			id := ""
			if found := incidentOf.FindStringSubmatch(strings.ReplaceAll(e.Raw, `\`, "")); found != nil {
				id = found[1]
			}
			ids[id]++
		case e.Kind == localcloud.KindSlack:
			threads[e.Thread]++
		}
	}
	if len(ids) != 1 || ids[""] > 0 {
		t.Errorf("messages of SNS by incident: %v; want all in one", ids)
	}
	if threads[""] != 1 || len(threads) != 2 {
		t.Errorf("messages in Slack by thread: %v; want one that opens the thread of the others", threads)
	}
	told := r.Timeline.Accepted(localcloud.KindSNS).Where(func(e localcloud.Entry) bool {
		return strings.Contains(result.Plain(e.Raw), `"finding":"no_trail"`)
	})
	if len(told) == 0 {
		t.Error("that nothing records any more is not told")
	}
}
