package simulate

import (
	"regexp"
	"strings"
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/localcloud"
)

var incidentOf = regexp.MustCompile(`"incident":\{"id":"(inc-[0-9a-f]+)"`)

// TestDeletionOfTheOnlyTrailIsOneIncident: that it is gone, and that nothing records any more, belong to the incident
// of its deletion: one thread in Slack, and one page for whoever goes by the incident.
func TestDeletionOfTheOnlyTrailIsOneIncident(t *testing.T) {
	t.Parallel()
	template, _ := golden.Variant("bot-token")
	r, err := Play(t.Context(), template, Scenario{
		Name:    "the only trail is deleted",
		Threads: true,
		sweeps:  true,
		act:     thenSweep(deleteTrail),
		checks:  checks(told("deleted"), handled(), calm(), safe(), sound()),
	})
	if err != nil {
		t.Fatal(err)
	}
	held(t, r)
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
	if told := r.toldOf("no_trail"); told == 0 {
		t.Error("that nothing records any more is not told")
	}
}

// toldOf counts the messages of SNS about a finding of this kind.
func (r *Result) toldOf(kind string) (told int) {
	for _, e := range r.accepted(localcloud.KindSNS) {
		if strings.Contains(strings.ReplaceAll(e.Raw, `\`, ""), `"finding":"`+kind+`"`) {
			told++
		}
	}
	return told
}
