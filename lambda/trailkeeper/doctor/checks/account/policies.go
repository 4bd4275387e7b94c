package account

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/pages"
)

// mostPolicies bounds the policies of a guardrail that are read: it has five at most.
const mostPolicies = 10

// made are the IDs of the organization policies that the stack puts out, in order.
func made(d *deployed.Deployment) (ids []string) {
	for i := range mostPolicies {
		if id := d.Outputs[fmt.Sprintf("GuardrailPolicy%d", i+1)]; id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// declaredPolicy is an organization policy of the stack's template.
type declaredPolicy struct {
	name, kind string
	content    any
	targets    []string
}

// declared are the organization policies of the stack's template.
func declared(ctx context.Context, d *deployed.Deployment) (all []declaredPolicy, err error) {
	resources, err := d.Template(ctx)
	for _, r := range resources {
		if r.Type != "AWS::Organizations::Policy" {
			continue
		}
		p := declaredPolicy{content: r.Properties["Content"]}
		p.name, _ = r.Properties["Name"].(string)
		p.kind, _ = r.Properties["Type"].(string)
		at, _ := r.Properties["TargetIds"].([]any)
		for _, target := range at {
			id, _ := target.(string)
			p.targets = append(p.targets, id)
		}
		all = append(all, p)
	}
	return all, err
}

// policy is one as AWS Organizations has it.
type policy struct{ name, kind, content string }

func describe(ctx context.Context, d *deployed.Deployment, id string) (policy, error) {
	out, err := organizations.NewFromConfig(d.AWS).DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: aws.String(id)})
	if err != nil || out.Policy == nil || out.Policy.PolicySummary == nil {
		return policy{name: id}, err
	}
	s := out.Policy.PolicySummary
	return policy{aws.ToString(s.Name), string(s.Type), aws.ToString(out.Policy.Content)}, nil
}

// attachedTo lists the IDs of what a policy is attached to.
func attachedTo(ctx context.Context, d *deployed.Deployment, id string) (ids []string, more bool, err error) {
	api := organizations.NewFromConfig(d.AWS)
	more, err = pages.Read(func(token *string) (*string, error) {
		page, err := api.ListTargetsForPolicy(ctx, &organizations.ListTargetsForPolicyInput{PolicyId: aws.String(id), NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, t := range page.Targets {
			ids = append(ids, aws.ToString(t.TargetId))
		}
		return page.NextToken, nil
	})
	return ids, more, err
}

// wantedOf is what the template says of a policy.
func wantedOf(wanted []declaredPolicy, p policy) (declaredPolicy, bool) {
	i := slices.IndexFunc(wanted, func(w declaredPolicy) bool { return w.name == p.name && w.kind == p.kind })
	if i < 0 {
		return declaredPolicy{}, false
	}
	return wanted[i], true
}

func within(some, all []string) bool {
	return !slices.ContainsFunc(some, func(one string) bool { return !slices.Contains(all, one) })
}

// sameDocument compares a policy of a template, which is an object or a text of JSON, with the text that AWS has. The
// order of what is in an object does not count.
func sameDocument(want any, is string) bool {
	if text, ok := want.(string); ok {
		want = nil
		if json.Unmarshal([]byte(text), &want) != nil {
			return false
		}
	}
	var got any
	return json.Unmarshal([]byte(is), &got) == nil && reflect.DeepEqual(want, got)
}
