// Package iam has the roles of the templates and their policies, and answers whether somebody may do something.
// It knows no resource but by its ARN: the policies of a resource are brought along by the service that has it.
package iam

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// Roles are all roles of the cloud. A role that no template holds is not here.
type Roles struct {
	kernel *kernel.Kernel
	// organization is the ID of the organization that an account is in; empty: none.
	organization func(account string) string

	mu    sync.Mutex
	roles map[string]*role // by ARN
}

type role struct {
	kernel.Role
	account  string
	policies []policy.Document
	trust    policy.Document
}

// New returns IAM without a role.
func New(k *kernel.Kernel, organization func(account string) string) *Roles {
	return &Roles{
		kernel:       k,
		organization: organization,
		roles:        map[string]*role{},
	}
}

func (s *Roles) find(arn string) *role {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.roles[arn]
}

// Authorize implements kernel.Services.
func (s *Roles) Authorize(who kernel.Principal, a policy.Access, resource []policy.Document) (string, bool) {
	if why, ok := who.Denied[a.Action]; ok {
		return why, false
	}
	a.Who, a.Organization = who.IAMARN(s.kernel.Partition), s.organization(a.Owner())
	theirs := policy.OfResource(resource, a, cmp.Or(a.Owner(), who.Account))
	if who.Role == nil {
		if theirs == policy.Denied {
			return "an explicit deny in a resource-based policy", false
		}
		return "", true
	}
	var own policy.Verdict
	if r := s.find(who.Role.ARN); r != nil {
		own = policy.OfCaller(r.policies, a)
	}
	switch {
	case own == policy.Denied:
		return "an explicit deny in an identity-based policy", false
	case theirs == policy.Denied:
		return "an explicit deny in a resource-based policy", false
	case own == policy.Allowed, theirs == policy.Allowed && policy.Direct(resource, a):
		return "", true
	default:
		return fmt.Sprintf(kernel.NoIdentityPolicy, a.Action), false
	}
}

// Assume implements kernel.Services.
func (s *Roles) Assume(service, arn string, source map[string]string) (kernel.Principal, *kernel.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.roles[arn]
	switch {
	case s.kernel.Deleted(arn):
		return kernel.Principal{}, kernel.Refuse(kernel.NoPermission, "the role %s was deleted", arn)
	case r == nil:
		return kernel.Principal{}, kernel.Refuse(kernel.NoResource, "the role %s is in no template", arn)
	case !r.trust.Trusts(service, source, r.account):
		return kernel.Principal{}, kernel.Refuse(kernel.NoPermission, "the role %s does not trust %s", arn, service)
	}
	return kernel.Principal{Account: r.account, Role: &r.Role}, nil
}

// Role is a role of a template; nil: there is none.
func (s *Roles) Role(arn string) *kernel.Role {
	if r := s.find(arn); r != nil {
		return &r.Role
	}
	return nil
}

// Granted are the full ARNs for which some role is granted an action.
func (s *Roles) Granted(action string) []string {
	var all []string
	s.each(func(_ *role, st policy.Statement) {
		if st.Effect != "Allow" || !st.Covers(action) {
			return
		}
		for _, arn := range st.Resource {
			if !strings.ContainsAny(arn, "*?") {
				all = append(all, arn)
			}
		}
	})
	slices.Sort(all)
	return slices.Compact(all)
}

func (s *Roles) each(use func(*role, policy.Statement)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.roles {
		for _, d := range r.policies {
			for _, st := range d.Statement {
				use(r, st)
			}
		}
	}
}

// ForOrganizations reports whether a role is granted something that only organization trails need.
func (s *Roles) ForOrganizations(arn string) bool {
	found := false
	s.each(func(r *role, st policy.Statement) {
		needs := func(action string) bool {
			return strings.HasPrefix(action, "organizations:") || action == "iam:GetRole"
		}
		found = found || r.ARN == arn && st.Effect == "Allow" && slices.ContainsFunc(st.Action, needs)
	})
	return found
}

// ForOthers reports whether one of a role's statements is about trails of accounts besides its own.
func (s *Roles) ForOthers(arn string) bool {
	found := false
	s.each(func(r *role, st policy.Statement) {
		other := func(account string) bool { return account != r.account }
		for _, key := range []string{"aws:ResourceAccount", "aws:ResourceOrgID"} {
			found = found || r.ARN == arn && slices.ContainsFunc(st.Condition["StringEquals"][key], other)
		}
	})
	return found
}
