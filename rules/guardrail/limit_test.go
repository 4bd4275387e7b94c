package guardrail_test

import (
	"fmt"
	"strings"
	"testing"

	"trailkeeper/rules/guardrail"
)

// padded makes a deployment whose policy, which measured picks, has n characters; make is asked for one with so much
// padding.
func padded(t *testing.T, n int, measured func(guardrail.Deployment) guardrail.Policy,
	make func(padding string) guardrail.Deployment,
) guardrail.Deployment {
	t.Helper()
	padding := ""
	for range 3 { // a text may stand in the policy several times
		d := make(padding)
		missing := n - len(measured(d).Text())
		if missing == 0 {
			return d
		}
		again := len(measured(make(padding+"x")).Text()) - len(measured(d).Text())
		if again == 0 || missing < again || missing%again != 0 {
			break
		}
		padding += strings.Repeat("x", missing/again)
	}
	t.Fatalf("no padding makes a policy of %d characters", n)
	return guardrail.Deployment{}
}

func group(name string) string { return "CloudTrail/" + name }

// TestSplitAtLimit: a policy of exactly as many characters as AWS Organizations takes is not split, and one of a
// character more is.
func TestSplitAtLimit(t *testing.T) {
	whole := func(padding string) guardrail.Deployment {
		d := small()
		d.LogGroups = []string{group("a" + padding)}
		return d
	}
	further := func(padding string) guardrail.Deployment {
		d := small()
		d.Trails, d.LogGroups = nil, []string{group("a" + strings.Repeat("y", 3000)), group("b" + padding)}
		return d
	}
	scp := func(d guardrail.Deployment) guardrail.Policy { return d.SCP() }
	second := func(d guardrail.Deployment) guardrail.Policy { return d.SCPs()[1] }
	for _, c := range []struct {
		name           string
		d              guardrail.Deployment
		parts, largest int
	}{
		{"whole", padded(t, guardrail.MaxSize, scp, whole), 1, guardrail.MaxSize},
		{"whole and one more", padded(t, guardrail.MaxSize+1, scp, whole), 2, 0},
		{"further", padded(t, guardrail.MaxSize, second, further), 2, guardrail.MaxSize},
	} {
		parts := c.d.SCPs()
		if n := len(parts[len(parts)-1].Text()); len(parts) != c.parts || c.largest > 0 && n != c.largest {
			t.Errorf("%s: %d policies, the last of %d characters; want %d", c.name, len(parts), n, c.parts)
		}
	}
	// One character more than fits beside the first log group goes into a third policy.
	d := padded(t, guardrail.MaxSize, second, further)
	d.LogGroups[1] += "x"
	if n := len(d.SCPs()); n != 3 {
		t.Errorf("further and one more: %d policies; want 3", n)
	}
}

// TestProblemsAtLimit: a policy of exactly as many characters as AWS Organizations takes, and as many policies as a target
// has room for, are no problem; one more is.
func TestProblemsAtLimit(t *testing.T) {
	topic := func(padding string) guardrail.Deployment {
		d := small()
		d.Trails, d.Topics = nil, []string{"arn:aws:sns:eu-west-1:111122223333:a" + padding}
		return d
	}
	organization := func(padding string) guardrail.Deployment {
		d := small()
		d.Organization = "o-" + padding
		return d
	}
	scp := func(d guardrail.Deployment) guardrail.Policy { return d.SCP() }
	rcp := func(d guardrail.Deployment) guardrail.Policy { return d.RCP() }
	const most = guardrail.MaxSize
	odd := len(organization("").RCP().Text()) % 2 // every text that differs stands in the RCP twice
	for _, c := range []struct {
		name string
		d    guardrail.Deployment
		want string // in the problem; empty: there is none
	}{
		{"an SCP that fits", padded(t, most, scp, topic), ""},
		{"an SCP too large", padded(t, most+1, scp, topic), fmt.Sprintf("has %d characters", most+1)},
		{"an RCP that fits", padded(t, most-odd, rcp, organization), ""},
		{"an RCP too large", padded(t, most+2-odd, rcp, organization), fmt.Sprintf("has %d characters", most+2-odd)},
		{"as many SCPs as fit", parted(guardrail.MaxSCPs), ""},
		{"an SCP too many", parted(guardrail.MaxSCPs + 1), fmt.Sprintf("takes %d service control policies", guardrail.MaxSCPs+1)},
	} {
		errs := c.d.Problems(strings.Contains(c.name, "RCP"))
		if c.want == "" && len(errs) > 0 || c.want != "" && (len(errs) != 1 || !strings.Contains(errs[0].Error(), c.want)) {
			t.Errorf("%s: %v; want one with %q", c.name, errs, c.want)
		}
	}
}

// parted is a deployment whose guardrail takes n policies, of which each but the first has one long log group.
func parted(n int) guardrail.Deployment {
	d := small()
	d.Trails, d.LogGroups = nil, nil
	for i := range n - 1 {
		d.LogGroups = append(d.LogGroups, group(fmt.Sprintf("%d%s", i, strings.Repeat("y", 3000))))
	}
	return d
}
