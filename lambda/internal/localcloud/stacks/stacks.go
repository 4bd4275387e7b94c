// Package stacks answers CloudFormation's questions about the stacks that were deployed: what they hold, what they put
// out, and their templates; protects them and deletes them. It makes and updates no stack, and knows no resource but by
// its name and type.
package stacks

import (
	"net/http"
	"sync"

	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// mostListed is how much CloudFormation lists at once (ListStackResources, DescribeStacks).
const mostListed = 100

// Stacks are those that were deployed, for whoever asks CloudFormation about them.
type Stacks struct {
	kernel *kernel.Kernel
	wire.Front

	// Removed is told the ARNs of what is deleted with a stack.
	Removed func(arns []string)

	mu     sync.Mutex
	stacks []*cloudformation.Stack
	states map[string]state // by the stack's ID
}

// state is what calls change of a stack.
type state struct{ protected, deleted bool }

// New returns CloudFormation without a stack.
func New(k *kernel.Kernel) *Stacks {
	s := &Stacks{kernel: k, Removed: func([]string) {}, states: map[string]state{}}
	s.Front = wire.New(k, "cloudformation", s.answer, wire.Body)
	s.Bounds = true
	return s
}

// Add adds a stack that is deployed.
func (s *Stacks) Add(st *cloudformation.Stack) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stacks = append(s.stacks, st)
}

func (s *Stacks) answer(cl *kernel.Call) (any, *kernel.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := cl.Text("StackName")
	found := s.named(cl, name)
	resource := s.kernel.PlaceOf(cl).ARN("cloudformation", "stack/"+name+"/*")
	if len(found) == 1 {
		resource = found[0].ID()
	}
	if failed := s.kernel.Allow(cl, policy.Access{Action: "cloudformation:" + cl.Op, Resource: resource},
		nil); failed != nil {
		failed.Code, failed.Status, failed.Recorded = "AccessDenied", http.StatusForbidden, "AccessDenied"
		return nil, failed
	}
	if failed := s.kernel.Refusal(cl); failed != nil {
		return nil, failed
	}
	switch {
	case name == "" && cl.Op == "GetTemplate":
		return nil, kernel.Refuse("ValidationError", "Either Stack Name or Change Set Name must be specified.")
	case name == "" && cl.Op == "DescribeStackResources":
		return nil, kernel.Refuse("ValidationError", "Either StackName or PhysicalResourceId must be specified.")
	case name != "" && len(found) == 0 && cl.Op == "DeleteStack":
		return nil, nil // it succeeds
	case name != "" && len(found) == 0:
		return nil, kernel.Refuse("ValidationError", "Stack with id %s does not exist", name)
	}
	if op := operations[cl.Op]; op != nil {
		return op(s, cl, found[0])
	}
	var all []any
	for _, st := range found {
		all = append(all, s.described(st))
	}
	return page(cl, "Stacks", all)
}

// operations are all but DescribeStacks: those about one stack.
var operations = map[string]func(*Stacks, *kernel.Call, *cloudformation.Stack) (any, *kernel.Error){
	"DeleteStack":                 (*Stacks).deleteStack,
	"DescribeStackResources":      (*Stacks).describeResources,
	"GetTemplate":                 (*Stacks).getTemplate,
	"ListStackResources":          (*Stacks).listResources,
	"UpdateTerminationProtection": (*Stacks).updateProtection,
}

func (s *Stacks) getTemplate(_ *kernel.Call, st *cloudformation.Stack) (any, *kernel.Error) {
	return map[string]any{"TemplateBody": st.Template(), "StagesAvailable": []string{"Original", "Processed"}}, nil
}

// named are the stacks of the call's account and Region that a name or an ID means; all of them, without one.
func (s *Stacks) named(cl *kernel.Call, name string) []*cloudformation.Stack {
	var found []*cloudformation.Stack
	for _, st := range s.stacks {
		here := st.Account == cl.Who.Account && st.Region == cl.Region
		// One that is deleted has no name any more, but an ID ("DescribeStacks").
		named := (name == "" || name == st.Name) && !s.states[st.ID()].deleted || name == st.ID()
		if here && named {
			found = append(found, st)
		}
	}
	return found
}

func page(cl *kernel.Call, member string, all []any) (any, *kernel.Error) {
	return wire.List(cl, member, all, "NextToken", wire.Paging{
		Token:   "NextToken",
		Most:    mostListed,
		Invalid: "ValidationError",
	})
}

func (s *Stacks) described(st *cloudformation.Stack) map[string]any {
	now := s.states[st.ID()]
	status := "CREATE_COMPLETE"
	if now.deleted {
		status = "DELETE_COMPLETE"
	}
	var outputs []any
	for _, o := range st.Outputs() {
		shown := map[string]any{"OutputKey": o.Key, "OutputValue": o.Value}
		if o.Description != "" {
			shown["Description"] = o.Description
		}
		outputs = append(outputs, shown)
	}
	return map[string]any{
		"StackId":                     st.ID(),
		"StackName":                   st.Name,
		"CreationTime":                s.kernel.Began,
		"StackStatus":                 status,
		"Capabilities":                []string{"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"},
		"Outputs":                     outputs,
		"Tags":                        []any{},
		"DisableRollback":             false,
		"EnableTerminationProtection": now.protected,
		"DriftInformation":            map[string]any{"StackDriftStatus": "NOT_CHECKED"},
	}
}
