package account

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/pages"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
	"trailkeeper/rules/guardrail"
)

// named judges service control policies that bear the guardrail's name and are not the stack's, such as those that were
// attached by hand or by a stack of another Region. Of what they say their actions are compared; the resources, and who is
// exempt, follow settings that are not known here.
func named(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	policies, more, err := listNamed(ctx, d)
	switch code := awscall.Code(err); {
	case code == notInUse:
		return nil
	case err != nil:
		return refused("list the organization's policies", "organizations:ListPolicies", err)
	case len(policies) == 0 && more:
		return verdict.Rest(guardrailName, "policies of the organization")
	case len(policies) == 0:
		return verdict.Warn(guardrailName, "No service control policy of the organization is named "+d.Stack+"-guardrail.",
			"Set guardrail.attachTo and deploy, or attach what trailkeeper guardrail prints, by that name; see Guardrail in cdk/README.md.")
	}
	var names, bare, denied []string
	for _, p := range policies[:min(len(policies), mostPolicies)] {
		name, id := aws.ToString(p.Name), aws.ToString(p.Id)
		at, _, err := attachedTo(ctx, d, id)
		if err != nil {
			return refused("list the targets of "+name, "organizations:ListTargetsForPolicy", err)
		}
		if names = append(names, name); len(at) == 0 {
			bare = append(bare, name)
		}
		is, err := describe(ctx, d, id)
		if err != nil {
			return refused("describe the policy "+name, "organizations:DescribePolicy", err)
		}
		denied = append(denied, denies(is.content)...)
	}
	if len(bare) > 0 {
		return verdict.Bad(guardrailName, "Policies of the guardrail are attached to nothing: "+verdict.Names(bare)+".",
			"Attach them, and find out who detached them (DetachPolicy).")
	}
	if missing := undenied(d.Stack, denied); len(missing) > 0 {
		return verdict.Warn(guardrailName, "Policies named "+d.Stack+"-guardrail do not deny what this version's guardrail denies: "+
			verdict.Names(missing)+".", "Attach what trailkeeper guardrail prints, and find out who changed them (UpdatePolicy).")
	}
	return verdict.Unseen(guardrailName, "Policies are attached that are known by their names and actions only, which the stack did not make: "+
		verdict.Names(names)+".", "Compare each with what trailkeeper guardrail prints, or set guardrail.attachTo and deploy.")
}

// denies are the actions that a policy denies.
func denies(content string) (all []string) {
	var p struct {
		Statement []struct {
			Effect string
			Action any
		}
	}
	if json.Unmarshal([]byte(content), &p) != nil {
		return nil
	}
	for _, s := range p.Statement {
		if s.Effect != "Deny" {
			continue
		}
		if one, ok := s.Action.(string); ok {
			all = append(all, one)
		}
		list, _ := s.Action.([]any)
		for _, item := range list {
			one, _ := item.(string)
			all = append(all, one)
		}
	}
	return all
}

// undenied are the actions that the guardrail of a stack denies and policies do not.
func undenied(stack string, denied []string) (missing []string) {
	for _, s := range (guardrail.Deployment{Stack: stack}).SCP().Statement {
		for _, action := range s.Action {
			if !slices.Contains(denied, action) {
				missing = append(missing, action)
			}
		}
	}
	return missing
}

// listNamed lists the service control policies that are named as the guardrail names its own.
func listNamed(ctx context.Context, d *deployed.Deployment) (all []types.PolicySummary, more bool, err error) {
	api := organizations.NewFromConfig(d.AWS)
	more, err = pages.Read(func(token *string) (*string, error) {
		page, err := api.ListPolicies(ctx, &organizations.ListPoliciesInput{Filter: types.PolicyTypeServiceControlPolicy, NextToken: token})
		if err != nil {
			return nil, err
		}
		all = append(all, slices.DeleteFunc(page.Policies, func(p types.PolicySummary) bool {
			rest, ours := strings.CutPrefix(aws.ToString(p.Name), d.Stack+"-guardrail")
			return !ours || rest != "" && !numbered(rest)
		})...)
		return page.NextToken, nil
	})
	return all, more, err
}

// numbered reports whether what follows the guardrail's name makes it that of a further part, such as "-2".
func numbered(rest string) bool {
	digit, ok := strings.CutPrefix(rest, "-")
	return ok && len(digit) == 1 && digit >= "2" && digit <= "9"
}
