package organizations

import (
	"encoding/json"

	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
)

const policyType = "AWS::Organizations::Policy"

// Types are the resource types of the service.
func Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{policyType: {
		Name: "Name",
		Attributes: func(p cloudformation.Place, id, _ string) map[string]string {
			policy := "p-" + kernel.UUID("policy", p.Name, id)[:8]
			return map[string]string{"Ref": policy, "Id": policy}
		},
	}}
}

type policySpec struct {
	Name, Description, Type string
	TargetIds               []string //nolint:revive // CloudFormation's name
	Content                 json.RawMessage
}

// Deploy adds the organization policies of a stack. Nobody is bound by them: the account of the run is taken for the
// management account.
func (s *Organization) Deploy(st *cloudformation.Stack) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cloudformation.Each(st, policyType, func(_ string, att map[string]string, spec policySpec) {
		s.policies = append(s.policies, attached{att["Id"], spec.Name, spec.Type, spec.Description, text(spec.Content), spec.TargetIds})
	})
}

// Policies are the IDs of the policies that the stack attaches.
func (s *Organization) Policies() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for _, p := range s.policies {
		ids = append(ids, p.id)
	}
	return ids
}

// text is a policy's content, which a template has as an object or as a text of JSON.
func text(content json.RawMessage) string {
	var s string
	if json.Unmarshal(content, &s) == nil {
		return s
	}
	return string(content)
}
