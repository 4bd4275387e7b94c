package stacks

import (
	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
)

// updateProtection protects a stack from DeleteStack, or not any more.
func (s *Stacks) updateProtection(cl *kernel.Call, st *cloudformation.Stack) (any, *kernel.Error) {
	now := s.states[st.ID()]
	now.protected = cl.Params["EnableTerminationProtection"] == true
	s.states[st.ID()] = now
	return map[string]any{"StackId": st.ID()}, nil
}

// deleteStack deletes a stack with its resources at once. It asks for no permission of the caller but its own, and the
// deletions of the single resources are in no record: on AWS they are CloudFormation's, with the caller's rights.
func (s *Stacks) deleteStack(_ *kernel.Call, st *cloudformation.Stack) (any, *kernel.Error) {
	now := s.states[st.ID()]
	if now.protected {
		return nil, kernel.Refuse("ValidationError",
			"Stack [%s] cannot be deleted while TerminationProtection is enabled", st.Name)
	}
	now.deleted = true
	s.states[st.ID()] = now
	s.Removed(st.Deletes())
	return nil, nil
}
