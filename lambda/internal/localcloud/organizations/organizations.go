// Package organizations answers AWS Organizations' questions about the organization of a run: who manages it, who is a
// delegated administrator for CloudTrail, and which policies the deployed stacks have attached. It changes nothing, and
// no policy of it binds anybody in the run.
package organizations

import (
	"slices"
	"sync"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// Options say what the organization is.
type Options struct {
	ID        string // empty: nobody is in one
	Master    string // the management account
	Delegated []string
	Members   []string
}

// Organization is the one of a run.
type Organization struct {
	wire.Front
	kernel  *kernel.Kernel
	options Options

	mu       sync.Mutex
	policies []attached
}

// attached is a policy and what it is attached to.
type attached struct {
	id, name, kind, description, content string
	targets                              []string
}

// New returns an organization.
func New(k *kernel.Kernel, o Options) *Organization {
	s := &Organization{kernel: k, options: o}
	s.Front = wire.New(k, "organizations", s.answer, wire.Body)
	s.Bounds = true
	return s
}

// answer answers whoever may ask: DescribeOrganization everybody in it, the rest the management account and delegated
// administrators (AWS Organizations API reference).
func (s *Organization) answer(cl *kernel.Call) (any, *kernel.Error) {
	if failed := s.kernel.May(cl, policy.Access{Action: "organizations:" + cl.Op, Resource: "*"}, nil); failed != nil {
		return nil, failed
	}
	o := s.options
	if o.ID == "" || !slices.Contains(slices.Concat([]string{o.Master}, o.Delegated, o.Members), cl.Who.Account) {
		return nil, kernel.Refuse("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
	}
	if cl.Op == "DescribeOrganization" {
		return map[string]any{"Organization": s.described()}, nil
	}
	if cl.Who.Account != o.Master && !slices.Contains(o.Delegated, cl.Who.Account) {
		return nil, kernel.Refuse("AccessDeniedException", "You don't have permissions to access this resource.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch cl.Op {
	case "ListDelegatedAdministrators":
		return s.listDelegated(cl)
	case "ListDelegatedServicesForAccount":
		return s.listServices(cl)
	case "ListTargetsForPolicy":
		return s.listTargets(cl)
	case "DescribePolicy":
		return s.describePolicy(cl)
	}
	return s.listPolicies(cl)
}

// arn is that of a part of the organization, which is in no Region.
func (s *Organization) arn(resource string) string {
	return events.Place{Partition: s.kernel.Partition, Account: s.options.Master}.ARN("organizations", resource)
}

func (s *Organization) described() map[string]any {
	o := s.options
	return map[string]any{
		"Id":               o.ID,
		"Arn":              s.arn("organization/" + o.ID),
		"FeatureSet":       "ALL",
		"MasterAccountId":  o.Master,
		"MasterAccountArn": s.arn("account/" + o.ID + "/" + o.Master),
	}
}
