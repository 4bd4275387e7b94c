package account

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/pages"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
	"trailkeeper/rules/evidence/calls"
)

// notInUse is the code with which AWS Organizations answers whoever is in no organization.
const notInUse = "AWSOrganizationsNotInUse"

// Delegated judges whether another account can change organization trails without this guard seeing the call: the calls of
// a delegated administrator, for a service of calls.Principals, are events in its own account.
func Delegated(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "delegated"
	var others []string
	rest := false
	for _, service := range calls.Principals() {
		found, more, err := delegated(ctx, d, service)
		if awscall.Code(err) == notInUse {
			return verdict.Good(name, "The account is in no organization, so that nobody else administers its trails.")
		}
		if err != nil {
			return verdict.Refused(name, "list the delegated administrators of "+service, "organizations:ListDelegatedAdministrators",
				err, map[string]string{"AccessDenied": "only the management account and delegated administrators may list them"})
		}
		others, rest = append(others, found...), rest || more
	}
	slices.Sort(others)
	others = slices.Compact(others)
	switch {
	case len(others) > 0:
		return verdict.Warn(name, fmt.Sprintf("Delegated administrators for CloudTrail or StackSets besides this account: %s. Whether a guard "+
			"runs there cannot be seen from here.", verdict.Names(others)),
			"Deploy Trailkeeper there as well, or attach the guardrail, which binds these accounts.")
	case rest:
		return verdict.Rest(name, "delegated administrators")
	}
	return verdict.Good(name, "No other account is a delegated administrator for CloudTrail or StackSets.")
}

// delegated lists the delegated administrators of a service but for the deployment's own account.
func delegated(ctx context.Context, d *deployed.Deployment, service string) (others []string, more bool, err error) {
	api := organizations.NewFromConfig(d.AWS)
	more, err = pages.Read(func(token *string) (*string, error) {
		page, err := api.ListDelegatedAdministrators(ctx, &organizations.ListDelegatedAdministratorsInput{
			ServicePrincipal: aws.String(service), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		for _, a := range page.DelegatedAdministrators {
			if id := aws.ToString(a.Id); id != d.Account {
				others = append(others, id)
			}
		}
		return page.NextToken, nil
	})
	return others, more, err
}
