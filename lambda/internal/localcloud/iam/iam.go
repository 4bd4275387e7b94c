// Package iam has the roles of the templates and their policies, and answers whether somebody may do something.
// It knows no resource but by its ARN: the policies of a resource are brought along by the service that has it.
package iam

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// Roles are all roles of the cloud. A role that no template holds is not here.
type Roles struct {
	kernel *kernel.Kernel
	// organization is the ID of the organization that an account is in; empty: none.
	organization func(account string) string

	wire.Front

	mu      sync.Mutex
	roles   map[string]*role    // by ARN
	managed map[string]*managed // by ARN
}

type role struct {
	kernel.Role

	account, path string
	inline        map[string]policy.Document // by name
	attached      []string                   // managed policies, by ARN
	boundary      string                     // a managed policy's ARN; empty: none
	trust         policy.Document
}

// New returns IAM without a role.
func New(k *kernel.Kernel, organization func(account string) string) *Roles {
	s := &Roles{
		kernel:       k,
		organization: organization,
		roles:        map[string]*role{},
		managed:      managedByAWS(k.Partition),
	}
	s.Front = wire.New(k, "iam", s.answer, wire.Named("RoleName"))
	s.Bounds = true
	return s
}

// policies are those of a role. The caller holds the lock.
func (s *Roles) policies(r *role) []policy.Document {
	var all []policy.Document
	for _, name := range slices.Sorted(maps.Keys(r.inline)) {
		all = append(all, r.inline[name])
	}
	for _, arn := range r.attached {
		if m := s.managed[arn]; m != nil {
			all = append(all, m.document())
		}
	}
	return all
}

// verdict is what a role's policies say of an access, and whether its permissions boundary allows it. A boundary that is
// in no template is taken to allow everything.
func (s *Roles) verdict(arn string, a policy.Access) (own, bound policy.Verdict) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.roles[arn]
	if r == nil {
		return policy.Silent, policy.Allowed
	}
	own, bound = policy.OfCaller(s.policies(r), a), policy.Allowed
	if m := s.managed[r.boundary]; m != nil {
		bound = policy.OfCaller([]policy.Document{m.document()}, a)
	}
	return own, bound
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
	own, bound := s.verdict(who.Role.ARN, a)
	switch {
	case own == policy.Denied:
		return "an explicit deny in an identity-based policy", false
	case theirs == policy.Denied:
		return "an explicit deny in a resource-based policy", false
	case bound == policy.Denied:
		return "an explicit deny in a permissions boundary", false
	case bound == policy.Silent:
		return fmt.Sprintf("no permissions boundary allows the %s action", a.Action), false
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
		for _, d := range s.policies(r) {
			for _, st := range d.Statement {
				use(r, st)
			}
		}
	}
}

// ForOrganizations reports whether a role is granted something that only organization trails need: calls of AWS
// Organizations, or to see CloudTrail's service-linked role.
func (s *Roles) ForOrganizations(arn string) bool {
	found := false
	s.each(func(r *role, st policy.Statement) {
		needs := func(action string) bool {
			return strings.HasPrefix(action, "organizations:") || action == "iam:GetRole" && slices.ContainsFunc(st.Resource, serviceLinked)
		}
		found = found || r.ARN == arn && st.Effect == "Allow" && slices.ContainsFunc(st.Action, needs)
	})
	return found
}

// serviceLinked reports whether a resource of a statement is a role that a service has made for itself.
func serviceLinked(arn string) bool { return strings.Contains(arn, ":role/aws-service-role/") }

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
