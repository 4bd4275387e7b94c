package cloudformation

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

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

	mu     sync.Mutex
	stacks []*Stack
}

// NewStacks returns CloudFormation without a stack.
func NewStacks(k *kernel.Kernel) *Stacks {
	s := &Stacks{kernel: k}
	s.Front = wire.New(k, "cloudformation", s.answer, wire.Body)
	s.Bounds = true
	return s
}

// Add adds a stack that is deployed.
func (s *Stacks) Add(st *Stack) {
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
		resource = found[0].id()
	}
	if failed := s.kernel.Allow(cl, policy.Access{Action: "cloudformation:" + cl.Op, Resource: resource},
		nil); failed != nil {
		failed.Code, failed.Status, failed.Recorded = "AccessDenied", 403, "AccessDenied"
		return nil, failed
	}
	if failed := s.kernel.Refusal(cl); failed != nil {
		return nil, failed
	}
	switch {
	case name == "" && cl.Op == "GetTemplate":
		return nil, kernel.Refuse("ValidationError", "Either Stack Name or Change Set Name must be specified.")
	case name != "" && len(found) == 0:
		return nil, kernel.Refuse("ValidationError", "Stack with id %s does not exist", name)
	case cl.Op == "GetTemplate":
		return map[string]any{
			"TemplateBody":    string(found[0].raw),
			"StagesAvailable": []string{"Original", "Processed"},
		}, nil
	case cl.Op == "ListStackResources":
		return page(cl, "StackResourceSummaries", found[0].summaries(s.kernel.Began))
	}
	var all []any
	for _, st := range found {
		all = append(all, st.described(s.kernel.Began))
	}
	return page(cl, "Stacks", all)
}

// named are the stacks of the call's account and Region that a name or an ID means; all of them, without one.
func (s *Stacks) named(cl *kernel.Call, name string) []*Stack {
	var found []*Stack
	for _, st := range s.stacks {
		here := st.Account == cl.Who.Account && st.Region == cl.Region
		if here && (name == "" || name == st.Name || name == st.id()) {
			found = append(found, st)
		}
	}
	return found
}

func page(cl *kernel.Call, member string, all []any) (any, *kernel.Error) {
	found, next, failed := wire.Page(cl, all, wire.Paging{
		Token:   "NextToken",
		Most:    mostListed,
		Invalid: "ValidationError",
	})
	out := map[string]any{member: found}
	if next != "" {
		out["NextToken"] = next
	}
	return out, failed
}

func (s *Stack) id() string {
	return s.ARN("cloudformation", "stack/"+s.Name+"/"+kernel.UUID("stack", s.Name))
}

func (s *Stack) described(created time.Time) map[string]any {
	var outputs []any
	for _, key := range slices.Sorted(maps.Keys(s.outputs)) {
		output, _ := s.outputs[key].(map[string]any)
		v, err := s.eval(output["Value"])
		value, known := text(v)
		if err != nil || !known || strings.Contains(fmt.Sprint(output), "{{resolve:") {
			continue // of what only looks; CloudFormation resolves no secret here
		}
		shown := map[string]any{"OutputKey": key, "OutputValue": value}
		if about, ok := output["Description"].(string); ok {
			shown["Description"] = about
		}
		outputs = append(outputs, shown)
	}
	return map[string]any{
		"StackId":                     s.id(),
		"StackName":                   s.Name,
		"CreationTime":                created,
		"StackStatus":                 "CREATE_COMPLETE",
		"Capabilities":                []string{"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"},
		"Outputs":                     outputs,
		"Tags":                        []any{},
		"DisableRollback":             false,
		"EnableTerminationProtection": false,
		"DriftInformation":            map[string]any{"StackDriftStatus": "NOT_CHECKED"},
	}
}

func (s *Stack) summaries(created time.Time) []any {
	var all []any
	for _, id := range slices.Sorted(maps.Keys(s.resources)) {
		summary := map[string]any{
			"LogicalResourceId":    id,
			"ResourceType":         s.resources[id].kind,
			"ResourceStatus":       "CREATE_COMPLETE",
			"LastUpdatedTimestamp": created,
			"DriftInformation":     map[string]any{"StackResourceDriftStatus": "NOT_CHECKED"},
		}
		if name, err := s.attribute(id, "Ref"); err == nil {
			summary["PhysicalResourceId"] = name
		}
		all = append(all, summary)
	}
	return all
}
