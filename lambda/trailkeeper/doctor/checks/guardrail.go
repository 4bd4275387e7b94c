package checks

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// outsideOrganizations are the codes with which AWS Organizations answers whoever is in none, and those who may not ask.
const (
	notInUse   = "AWSOrganizationsNotInUse"
	noSuchUser = "AccessDenied"
)

// guardrail judges whether the guardrail's service control policies, which bear the stack's name, are attached somewhere.
func guardrail(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "guardrail"
	api := organizations.NewFromConfig(d.AWS)
	attached, found := 0, 0
	var token *string
	for range mostPages {
		page, err := api.ListPolicies(ctx, &organizations.ListPoliciesInput{
			Filter: types.PolicyTypeServiceControlPolicy, NextToken: token,
		})
		if isCode(err, notInUse) {
			return nil
		}
		if err != nil {
			return one(verdict.Refused(name, "list the organization's policies", "organizations:ListPolicies", err, map[string]string{
				noSuchUser: "only the management account and delegated administrators for policies may list them",
			}))
		}
		for _, p := range page.Policies {
			if !strings.HasPrefix(aws.ToString(p.Name), d.Stack+"-guardrail") {
				continue
			}
			found++
			targets, err := api.ListTargetsForPolicy(ctx, &organizations.ListTargetsForPolicyInput{PolicyId: p.Id})
			if err != nil {
				return one(verdict.Refused(name, "list the targets of "+aws.ToString(p.Name), "organizations:ListTargetsForPolicy", err, nil))
			}
			attached += len(targets.Targets)
		}
		if token = page.NextToken; token == nil {
			break
		}
	}
	switch {
	case found == 0:
		return one(verdict.Warn(name, "No service control policy of the organization is named "+d.Stack+"-guardrail.",
			"Set guardrail.attachTo and deploy, or attach what trailkeeper guardrail prints, by that name; see Guardrail in cdk/README.md."))
	case attached == 0:
		return one(verdict.Bad(name, "The guardrail's policies are attached to nothing.",
			"Deploy again, or attach them, and find out who detached them (DetachPolicy)."))
	}
	return one(verdict.Good(name, fmt.Sprintf("The guardrail's policies (%d) are attached to %d targets; they never bind the management account.",
		found, attached)))
}
