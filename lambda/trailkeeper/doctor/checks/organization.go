package checks

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// principals are the services whose delegated administrators can weaken what the guard keeps: organization trails, and
// the stacks that StackSets deploys into every account.
var principals = []string{"cloudtrail.amazonaws.com", "member.org.stacksets.cloudformation.amazonaws.com"}

// organization judges whether another account can change organization trails without this guard seeing the call: the
// calls of a delegated administrator are events in its own account.
func organization(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "delegated"
	api := organizations.NewFromConfig(d.AWS)
	var others []string
	for _, service := range principals {
		var token *string
		for range mostPages {
			page, err := api.ListDelegatedAdministrators(ctx, &organizations.ListDelegatedAdministratorsInput{
				ServicePrincipal: aws.String(service), NextToken: token,
			})
			if isCode(err, notInUse) {
				return one(verdict.Good(name, "The account is in no organization, so that nobody else administers its trails."))
			}
			if err != nil {
				return one(verdict.Refused(name, "list the delegated administrators of "+service, "organizations:ListDelegatedAdministrators",
					err, map[string]string{noSuchUser: "only the management account and delegated administrators may list them"}))
			}
			for _, a := range page.DelegatedAdministrators {
				if id := aws.ToString(a.Id); id != d.Account && !slices.Contains(others, id) {
					others = append(others, id)
				}
			}
			if token = page.NextToken; token == nil {
				break
			}
		}
	}
	if len(others) > 0 {
		return one(verdict.Warn(name, fmt.Sprintf("Delegated administrators for CloudTrail or StackSets besides this account: %s. Whether a guard "+
			"runs there cannot be seen from here.", names(others)),
			"Deploy Trailkeeper there as well, or attach the guardrail, which binds these accounts."))
	}
	return one(verdict.Good(name, "No other account is a delegated administrator for CloudTrail or StackSets."))
}

// isCode reports whether AWS answered with this code, without "Exception".
func isCode(err error, code string) bool { return err != nil && awscall.Code(err) == code }
