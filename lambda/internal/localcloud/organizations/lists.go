package organizations

import (
	"slices"
	"strings"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// cloudTrail is the service that the delegated administrators of a run are for.
const cloudTrail = "cloudtrail.amazonaws.com"

// mostListed is how much AWS Organizations lists at once (API reference, MaxResults).
const mostListed = 20

func page(cl *kernel.Call, member string, all []any) (any, *kernel.Error) {
	return wire.List(cl, member, all, "NextToken", wire.Paging{
		Limit: "MaxResults", Token: "NextToken", Most: mostListed, Invalid: "InvalidInputException",
	})
}

func (s *Organization) listDelegated(cl *kernel.Call) (any, *kernel.Error) {
	all := []any{}
	if p := cl.Text("ServicePrincipal"); p == "" || p == cloudTrail {
		for _, account := range s.options.Delegated {
			all = append(all, map[string]any{
				"Id":                    account,
				"Arn":                   s.arn("account/" + s.options.ID + "/" + account),
				"Status":                "ACTIVE",
				"DelegationEnabledDate": s.kernel.Began,
			})
		}
	}
	return page(cl, "DelegatedAdministrators", all)
}

func (s *Organization) listServices(cl *kernel.Call) (any, *kernel.Error) {
	if !slices.Contains(s.options.Delegated, cl.Text("AccountId")) {
		return nil, kernel.Refuse("AccountNotRegisteredException", "The provided account is not a registered delegated administrator.")
	}
	return page(cl, "DelegatedServices", []any{
		map[string]any{"ServicePrincipal": cloudTrail, "DelegationEnabledDate": s.kernel.Began},
	})
}

// listPolicies answers ListPolicies and ListPoliciesForTarget: those of one type, of a target where it names one.
func (s *Organization) listPolicies(cl *kernel.Call) (any, *kernel.Error) {
	all := []any{}
	for _, p := range s.policies {
		if p.kind != cl.Text("Filter") || cl.Op == "ListPoliciesForTarget" && !slices.Contains(p.targets, cl.Text("TargetId")) {
			continue
		}
		all = append(all, s.summary(p))
	}
	return page(cl, "Policies", all)
}

func (s *Organization) summary(p attached) map[string]any {
	return map[string]any{
		"Id":          p.id,
		"Arn":         s.arn("policy/" + s.options.ID + "/" + strings.ToLower(p.kind) + "/" + p.id),
		"Name":        p.name,
		"Description": p.description,
		"Type":        p.kind,
		"AwsManaged":  false,
	}
}

// asked is the policy that a call names.
func (s *Organization) asked(cl *kernel.Call) (attached, *kernel.Error) {
	at := slices.IndexFunc(s.policies, func(p attached) bool { return p.id == cl.Text("PolicyId") })
	if at < 0 {
		return attached{}, kernel.Refuse("PolicyNotFoundException", "We can't find a policy with the PolicyId that you specified.")
	}
	return s.policies[at], nil
}

func (s *Organization) describePolicy(cl *kernel.Call) (any, *kernel.Error) {
	p, failed := s.asked(cl)
	if failed != nil {
		return nil, failed
	}
	return map[string]any{"Policy": map[string]any{"PolicySummary": s.summary(p), "Content": p.content}}, nil
}

func (s *Organization) listTargets(cl *kernel.Call) (any, *kernel.Error) {
	p, failed := s.asked(cl)
	if failed != nil {
		return nil, failed
	}
	all := []any{}
	for _, target := range p.targets {
		kind := map[byte]string{'r': "ROOT", 'o': "ORGANIZATIONAL_UNIT"}[target[0]]
		if kind == "" {
			kind = "ACCOUNT"
		}
		all = append(all, map[string]any{"TargetId": target, "Arn": s.arn("target/" + target), "Name": target, "Type": kind})
	}
	return page(cl, "Targets", all)
}
