package simulate

import (
	"slices"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/rules/attacks"
)

// onPolicies are the calls whose rule is there only where the stack attaches organization policies, as no deployment of
// the scenarios does; TestEveryCall of package protect has them.
var onPolicies = []string{"organizations:DetachPolicy", "organizations:UpdatePolicy", "organizations:DisablePolicyType"}

// checkAttacks holds the table of attacks (rules/ATTACKS.md) against what was played, by the names of the scenarios: each
// scenario that a row names was played and sent a message, and each call of the row that EventBridge reports by itself was
// reported in one of them.
func checkAttacks(t *testing.T, played map[string]result.Result) {
	t.Helper()
	for _, row := range attacks.Rows() {
		var told []string
		for _, name := range row.Played {
			r, found := played[name]
			if !found {
				t.Errorf("%s: there is no scenario %s", row.ID, name)
			} else if len(messages(r)) == 0 {
				t.Errorf("%s: the scenario %s sends no message", row.ID, name)
			}
			told = append(told, toldOf(r)...)
		}
		checkFound(t, row, played)
		for _, c := range row.Calls {
			_, event := attacks.Recorded(c.Action)
			byRule := len(attacks.Rules(row.Technique, c.Action)) > 0 && !slices.Contains(onPolicies, c.Action)
			if len(row.Played) > 0 && byRule && !has(told, event) {
				t.Errorf("%s: no scenario of %q tells of %s", row.ID, row.Played, event)
			}
		}
	}
}

// ownKinds are the letters of the techniques that are used on the deployment itself.
const ownKinds = "FGHIK"

// checkFound holds what the table says of the functions against the scenarios of a row: whoever finds it says so in one of
// them; what somebody undoes is there as it was in one, or is said to be restored; and where that takes a trail to be
// created, the row says so.
func checkFound(t *testing.T, row attacks.Row, played map[string]result.Result) {
	t.Helper()
	if row.CallsAlone != "" || len(row.Played) == 0 {
		return
	}
	var said result.Timeline
	asDeployed, creates := false, true
	for _, name := range row.Played {
		r := played[name]
		said = append(said, messages(r)...)
		asDeployed = asDeployed || slices.ContainsFunc(r.Checks, func(v result.Verdict) bool { return v.Check == check.AsDeployed && v.Why == "" })
		creates = creates && slices.Contains(r.Timeline.Writes(), "CreateTrail")
	}
	for reporter, role := range map[attacks.Reporter]string{attacks.Guard: "GuardRole", attacks.Warden: result.WardenRole} {
		own := said.Where(func(e localcloud.Entry) bool { return e.Who == role })
		restored := slices.ContainsFunc(own, func(e localcloud.Entry) bool {
			return strings.Contains(result.Plain(e.Raw), `"outcome":"restored"`)
		})
		if strings.Contains(ownKinds, row.ID[:1]) {
			restored = asDeployed
		}
		if slices.Contains(row.Found, reporter) && len(own) == 0 {
			t.Errorf("%s: in none of %q the %s finds it", row.ID, row.Played, reporter)
		}
		if slices.Contains(row.Repaired, reporter) && !restored && row.Tested == "" {
			t.Errorf("%s: in none of %q it is restored, as the %s is said to", row.ID, row.Played, reporter)
		}
	}
	if creates && !strings.Contains(row.Unseen, "`recreate`") {
		t.Errorf("%s: each of %q creates a trail, and the row does not say that it takes mode recreate", row.ID, row.Played)
	}
}

// has reports whether a name is one of those, but for the version behind those of Lambda.
func has(told []string, event string) bool {
	for _, op := range told {
		if version, ok := strings.CutPrefix(op, event); ok && (version == "" || strings.HasPrefix(version, "20")) {
			return true
		}
	}
	return false
}

func messages(r result.Result) result.Timeline {
	return r.Timeline.Where(func(e localcloud.Entry) bool {
		return (e.Kind == localcloud.KindSlack || e.Kind == localcloud.KindSNS) && e.Err == ""
	})
}

// toldOf are the calls, not of the functions, of which a message tells.
func toldOf(r result.Result) (all []string) {
	about := messages(r)
	for _, call := range r.Timeline {
		if call.Op == "" || call.EventID == "" || call.Function || call.Kind != localcloud.KindCall && call.Kind != localcloud.KindNote {
			continue
		}
		told := about.Where(func(m localcloud.Entry) bool { return m.EventID == call.EventID || result.About(m, call.EventID) })
		if len(told) > 0 {
			all = append(all, call.Op)
		}
	}
	return all
}
