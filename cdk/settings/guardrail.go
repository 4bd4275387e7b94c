package settings

import (
	"regexp"

	"trailkeeper/lambda/config"
)

// Guardrail is the organization policies that the stack makes and attaches; see package rules/guardrail.
type Guardrail struct {
	AttachTo   []string // IDs of roots, organizational units and accounts; empty: nothing is attached
	RCP        bool     // a resource control policy as well
	BreakGlass []string // ARNs of the roles that the policies do not bind
	Keys       []string // ARNs of keys of the deployment that no other setting names
}

// target follows the AWS Organizations API reference, AttachPolicy, TargetId.
var target = regexp.MustCompile(`^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|[0-9]{12})$`)

func guardrailSettings() []setting {
	return []setting{
		list("guardrail.attachTo", target.MatchString,
			"IDs of roots, organizational units or accounts such as r-a1b2, ou-a1b2-c3d4e5f6 or 111122223333",
			"Make the [guardrail](#guardrail) and attach it there: IDs of the root, of organizational units and of "+
				"accounts. From the management account, or a delegated administrator for policies. In one Region alone."),
		flag("guardrail.rcp", false, "Also the resource control policy; it needs `organizationId`."),
		inPartition(list("guardrail.breakGlass", config.FormRole.Matches,
			"ARNs of IAM roles such as arn:aws:iam::111122223333:role/BreakGlass",
			"ARNs of the roles that the guardrail does not bind, besides those that deploy.")),
		inPartition(list("guardrail.keys", config.FormKey.Matches, "ARNs of KMS keys",
			"Keys that the guardrail protects besides those that the settings and baselines name: those that the stack made.")),
	}
}

func guardrailContradictions(s Settings, p *problems) {
	g := s.Guardrail
	p.add(len(g.AttachTo) == 0 && (g.RCP || len(g.BreakGlass)+len(g.Keys) > 0),
		"guardrail.attachTo guardrail.rcp guardrail.breakGlass guardrail.keys",
		"guardrail.attachTo is empty, and guardrail has other settings; want the root, a unit or an account to attach it to")
	p.add(g.RCP && s.OrganizationID == "", "guardrail.rcp organizationId",
		"organizationId is empty; guardrail.rcp needs it to tell your organization from others")
}
