// Package stacks answers CloudFormation's questions about the stacks that were deployed: what they hold, what they put
// out, and their templates. It changes no stack, and knows no resource but by its name and type.
package stacks

import (
	"net/http"
	"sync"
	"time"

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

	mu     sync.Mutex
	stacks []*cloudformation.Stack
}

// New returns CloudFormation without a stack.
func New(k *kernel.Kernel) *Stacks {
	s := &Stacks{kernel: k}
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
	case name != "" && len(found) == 0:
		return nil, kernel.Refuse("ValidationError", "Stack with id %s does not exist", name)
	case cl.Op == "GetTemplate":
		return map[string]any{
			"TemplateBody":    found[0].Template(),
			"StagesAvailable": []string{"Original", "Processed"},
		}, nil
	case cl.Op == "ListStackResources":
		return page(cl, "StackResourceSummaries", summaries(found[0], s.kernel.Began))
	}
	var all []any
	for _, st := range found {
		all = append(all, described(st, s.kernel.Began))
	}
	return page(cl, "Stacks", all)
}

// named are the stacks of the call's account and Region that a name or an ID means; all of them, without one.
func (s *Stacks) named(cl *kernel.Call, name string) []*cloudformation.Stack {
	var found []*cloudformation.Stack
	for _, st := range s.stacks {
		here := st.Account == cl.Who.Account && st.Region == cl.Region
		if here && (name == "" || name == st.Name || name == st.ID()) {
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

func described(st *cloudformation.Stack, created time.Time) map[string]any {
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

func summaries(st *cloudformation.Stack, created time.Time) []any {
	var all []any
	for _, r := range st.Resources() {
		all = append(all, map[string]any{
			"LogicalResourceId":    r.ID,
			"PhysicalResourceId":   r.Name,
			"ResourceType":         r.Type,
			"ResourceStatus":       "CREATE_COMPLETE",
			"LastUpdatedTimestamp": created,
			"DriftInformation":     map[string]any{"StackResourceDriftStatus": "NOT_CHECKED"},
		})
	}
	return all
}
