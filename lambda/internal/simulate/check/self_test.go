package check

import (
	"errors"
	"testing"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/simulate/stage"
)

// TestSelfChecksBreak: each check of attacks on the deployment is broken by a timeline that breaks it and by nothing less.
func TestSelfChecksBreak(t *testing.T) {
	t.Parallel()
	call := localcloud.Entry{Kind: localcloud.KindNote, Who: "mallory", Op: "DisableRule", EventID: "e1"}
	own := call
	own.Who, own.Function, own.EventID = result.WardenRole, true, "e2"
	told := localcloud.Entry{
		Kind: localcloud.KindSNS, Via: localcloud.ViaRule, EventID: "e1",
		Text: "Trailkeeper (stack trailkeeper): DisableRule succeeded, event e1",
	}
	refused, nameless := told, told
	refused.Err, nameless.Text = "AccessDenied", "Trailkeeper (stack trailkeeper): something happened"
	posted := withText(told, "DisableRule succeeded, event e1") // by the rules on evidence
	posted.Kind, posted.Via = localcloud.KindSlack, localcloud.ViaDestination
	protects := withText(posted, told.Text)
	found := localcloud.Entry{
		Kind: localcloud.KindSlack, Via: localcloud.ViaFunction, Who: result.WardenRole, Text: "rule x was found changed and restored",
	}
	byGuard := found
	byGuard.Who = "GuardRole"
	for name, tt := range map[string]struct {
		check     []Check
		bad, good result.Timeline
	}{
		"not told":       {RulesToldTopic(1), result.Timeline{call}, result.Timeline{call, told}},
		"told twice":     {RulesToldTopic(1), result.Timeline{call, told, told}, result.Timeline{call, told}},
		"refused":        {RulesToldTopic(1), result.Timeline{call, refused}, result.Timeline{call, refused, told}},
		"nameless":       {RulesToldTopic(1), result.Timeline{call, nameless}, result.Timeline{call, told}},
		"no call":        {RulesToldTopic(1), result.Timeline{own}, result.Timeline{own, call, told}},
		"on evidence":    {EvidenceTold(1), result.Timeline{call, protects}, result.Timeline{call, protects, posted}},
		"on itself":      {RulesToldSlack(1), result.Timeline{call, posted}, result.Timeline{call, protects, posted}},
		"but another":    {ToldByRulesBut("DeleteStack"), result.Timeline{call}, result.Timeline{call, told}},
		"another":        {ToldByWarden("changed and restored"), result.Timeline{byGuard}, result.Timeline{found}},
		"another phrase": {ToldByWarden("was found deleted"), result.Timeline{found}, result.Timeline{withText(found, "was found deleted")}},
		"by the warden":  {ToldByGuardOfWarden("restored"), result.Timeline{found}, result.Timeline{byGuard}},
	} {
		if why := tt.check[0].verify(&Run{Timeline: tt.bad}); why == "" {
			t.Errorf("%s: the check is said to hold", name)
		}
		if why := tt.check[0].verify(&Run{Timeline: tt.good}); why != "" {
			t.Errorf("%s: %s", name, why)
		}
	}
}

func withText(e localcloud.Entry, text string) localcloud.Entry {
	e.Text = text
	return e
}

// TestPutBackBreaks: what is not as it was, cannot be read, or was never remembered is not put back.
func TestPutBackBreaks(t *testing.T) {
	t.Parallel()
	kept := func(now string, err error) stage.Kept {
		return stage.Kept{Name: "the rule", Before: "as it was", Now: func() (string, error) { return now, err }}
	}
	for name, tt := range map[string]struct {
		kept []stage.Kept
		good bool
	}{
		"as it was":     {[]stage.Kept{kept("as it was", nil)}, true},
		"another":       {[]stage.Kept{kept("as it was", nil), kept("changed", nil)}, false},
		"gone":          {[]stage.Kept{kept("", errors.New("gone"))}, false},
		"not looked at": {nil, false},
	} {
		if why := PutBackAsDeployed()[0].verify(&Run{Stage: &stage.Stage{Kept: tt.kept}}); (why == "") != tt.good {
			t.Errorf("%s: %q", name, why)
		}
	}
}
