package account

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/pages"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// named judges service control policies that bear the guardrail's name and are not the stack's, such as those that were
// attached by hand or by a stack of another Region. What they say is not known.
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
	var names, bare []string
	for _, p := range policies[:min(len(policies), mostPolicies)] {
		name := aws.ToString(p.Name)
		at, _, err := attachedTo(ctx, d, aws.ToString(p.Id))
		if err != nil {
			return refused("list the targets of "+name, "organizations:ListTargetsForPolicy", err)
		}
		if names = append(names, name); len(at) == 0 {
			bare = append(bare, name)
		}
	}
	if len(bare) > 0 {
		return verdict.Bad(guardrailName, "Policies of the guardrail are attached to nothing: "+verdict.Names(bare)+".",
			"Attach them, and find out who detached them (DetachPolicy).")
	}
	return verdict.Unseen(guardrailName, fmt.Sprintf("Policies are attached that are known by their names only, which the stack did not make: %s.",
		verdict.Names(names)), "Compare each with what trailkeeper guardrail prints, or set guardrail.attachTo and deploy.")
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
