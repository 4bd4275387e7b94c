package accounts

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/trailkeeper/cli"
)

const (
	// everyone is the group of all accounts: the path of the root.
	everyone = "/"
	// deepest is how far units can be nested (AWS Organizations quotas: five levels), with room for more.
	deepest = 20
)

// organization is what was read. Each group is sorted.
type organization struct {
	groups   map[string][]string
	inactive int
}

// readOrganization reads the whole organization or fails.
func readOrganization(ctx context.Context, api *organizations.Client) (organization, error) {
	found := organization{groups: make(map[string][]string)}
	roots, err := organizations.NewListRootsPaginator(api, &organizations.ListRootsInput{}).NextPage(ctx) // there is one
	if err != nil {
		return found, explain("list the organization's roots", "organizations:ListRoots", err)
	}
	if len(roots.Roots) == 0 {
		return found, errors.New("list the organization's roots: there is none to be seen; " +
			"use credentials of the management account")
	}
	_, err = found.add(ctx, api, aws.ToString(roots.Roots[0].Id), everyone, 0)
	return found, err
}

// add reads a unit and those below it, and returns its accounts.
func (o *organization) add(
	ctx context.Context,
	api *organizations.Client,
	id, path string,
	depth int,
) ([]string, error) {
	if _, twice := o.groups[path]; twice || path == "" || config.ValidAccount(path) || depth > deepest {
		return nil, fmt.Errorf("the organizational unit %.200q (%.60s) cannot be a group: its path must be its own, "+
			"and no account ID; rename it, or write the groups by hand", path, id)
	}
	o.groups[path] = []string{} // taken
	ids, err := o.direct(ctx, api, id, path)
	if err != nil {
		return nil, err
	}
	in := &organizations.ListOrganizationalUnitsForParentInput{ParentId: &id}
	pages := organizations.NewListOrganizationalUnitsForParentPaginator(api, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, explain("list the units in "+shownName(path), "organizations:ListOrganizationalUnitsForParent", err)
		}
		for _, unit := range page.OrganizationalUnits {
			below, err := o.add(ctx, api, aws.ToString(unit.Id), joinPath(path, aws.ToString(unit.Name)), depth+1)
			if err != nil {
				return nil, err
			}
			ids = append(ids, below...)
		}
	}
	slices.Sort(ids)
	o.groups[path] = ids
	return ids, nil
}

// direct returns the active accounts in the unit itself.
func (o *organization) direct(ctx context.Context, api *organizations.Client, id, path string) ([]string, error) {
	ids := []string{}
	pages := organizations.NewListAccountsForParentPaginator(api, &organizations.ListAccountsForParentInput{ParentId: &id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, explain("list the accounts in "+shownName(path), "organizations:ListAccountsForParent", err)
		}
		for _, account := range page.Accounts {
			if active(account) {
				ids = append(ids, aws.ToString(account.Id))
			} else {
				o.inactive++
			}
		}
	}
	return ids, nil
}

// active goes by State, and by Status where that is not given: Organizations retired the latter on 2026-09-09 (SDK,
// types.Account).
func active(a types.Account) bool {
	if a.State == "" {
		return a.Status == types.AccountStatusActive //nolint:staticcheck // partitions without State
	}
	return a.State == types.AccountStateActive
}

// joinPath names the group of a unit: by its name as it is seen, so that what a reviewer cannot see is not in the file.
func joinPath(path, name string) string {
	name = sanitize.Clean(name)
	if path == everyone {
		return name
	}
	return path + "/" + name
}

func explain(doing, permission string, err error) error {
	return cli.Explain(doing, permission, err, map[string]string{
		"AccessDenied": "the permission " + permission + " is missing, or the credentials are not of the organization's " +
			"management account or a delegated administrator",
		"AWSOrganizationsNotInUse": "the account is in no organization; " +
			"write the groups by hand in the setting accountGroups",
		"TooManyRequests": "AWS Organizations is throttling; try again in a minute",
	})
}
