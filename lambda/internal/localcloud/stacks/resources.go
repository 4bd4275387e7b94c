package stacks

import (
	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
)

// mostDescribed is how many resources DescribeStackResources answers: the first hundred.
const mostDescribed = 100

func (s *Stacks) listResources(cl *kernel.Call, st *cloudformation.Stack) (any, *kernel.Error) {
	return page(cl, "StackResourceSummaries", s.resources(st, "LastUpdatedTimestamp"))
}

// describeResources has the first hundred alone (CloudFormation API reference, DescribeStackResources).
func (s *Stacks) describeResources(cl *kernel.Call, st *cloudformation.Stack) (any, *kernel.Error) {
	var all []any
	for _, v := range s.resources(st, "Timestamp") {
		r, _ := v.(map[string]any)
		if id := cl.Text("LogicalResourceId"); id == "" || id == r["LogicalResourceId"] {
			r["StackName"], r["StackId"] = st.Name, st.ID()
			all = append(all, r)
		}
	}
	return map[string]any{"StackResources": all[:min(len(all), mostDescribed)]}, nil
}

func (s *Stacks) resources(st *cloudformation.Stack, changed string) []any {
	status := "CREATE_COMPLETE"
	if s.states[st.ID()].deleted {
		status = "DELETE_COMPLETE"
	}
	var all []any
	for _, r := range st.Resources() {
		all = append(all, map[string]any{
			"LogicalResourceId":  r.ID,
			"PhysicalResourceId": r.Name,
			"ResourceType":       r.Type,
			"ResourceStatus":     status,
			changed:              s.kernel.Began,
			"DriftInformation":   map[string]any{"StackResourceDriftStatus": "NOT_CHECKED"},
		})
	}
	return all
}
