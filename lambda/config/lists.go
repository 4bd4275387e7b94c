package config

import (
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"trailkeeper/lambda/config/credential"
	"trailkeeper/lambda/config/file"
)

// ListsFile is the file of the lists in the function's asset, below LAMBDA_TASK_ROOT.
const ListsFile = "lists.json"

// Lists is what grows with the organization. It stands in the function's asset, because all environment variables of a
// function together have 4 KB (Lambda Developer Guide, "Lambda quotas").
type Lists struct {
	// Accounts are those whose records and trails the guard may act on; empty: those of the environment.
	Accounts []string `json:"accounts,omitempty"`
	// SweepRegions are the Regions that the sweep looks for trails in; empty: the function's own.
	SweepRegions []string `json:"sweepRegions,omitempty"`
	// AccountNames are shown beside the IDs of accounts.
	AccountNames map[string]string `json:"accountNames,omitempty"`
	// GuardedAccounts are, of the watch alone, those that the guard covers; empty: those of the environment.
	GuardedAccounts []string `json:"guardedAccounts,omitempty"`
}

// Empty reports whether there is no list.
func (l Lists) Empty() bool {
	return len(l.Accounts)+len(l.SweepRegions)+len(l.AccountNames)+len(l.GuardedAccounts) == 0
}

// FormatLists writes the lists as the file.
func FormatLists(l Lists) ([]byte, error) {
	content, err := file.Format(l)
	if err != nil {
		return nil, fmt.Errorf("write the lists: %w", err)
	}
	return content, nil
}

// ParseLists reads the file. It refuses what it does not know, and what is no account or Region.
func ParseLists(content []byte) (Lists, error) {
	l, err := file.Parse[Lists](content)
	if err != nil {
		return Lists{}, fmt.Errorf("%s: no lists: %w", ListsFile, err)
	}
	for _, list := range []struct {
		name   string
		values []string
		ok     func(string) bool
		want   string
	}{
		{"accounts", l.Accounts, ValidAccount, "an account ID of 12 digits"},
		{"guardedAccounts", l.GuardedAccounts, ValidAccount, "an account ID of 12 digits"},
		{"sweepRegions", l.SweepRegions, validRegion, "a Region such as eu-west-1"},
	} {
		if i := slices.IndexFunc(list.values, func(s string) bool { return !list.ok(s) }); i >= 0 {
			shown := Shown(list.values[i])
			return Lists{}, fmt.Errorf("%s: %s[%d] is %.200q; want %s", ListsFile, list.name, i, shown, list.want)
		}
	}
	for _, account := range slices.Sorted(maps.Keys(l.AccountNames)) {
		if name := l.AccountNames[account]; !ValidAccount(account) || !ValidAccountName(name) {
			return Lists{}, fmt.Errorf(
				"%s: accountNames has %.200q: %.200q; want an account ID of 12 digits, and a name of 1 to 50 characters",
				ListsFile,
				Shown(account),
				Shown(name),
			)
		}
	}
	return l, nil
}

// ValidAccountName reports whether name can stand beside the ID of an account. AWS Organizations takes names of at most
// 50 characters.
func ValidAccountName(name string) bool {
	return name != "" && utf8.RuneCountInString(name) <= 50 && !credential.Like(name)
}

// With adds the lists to what the environment says.
func (g Guard) With(l Lists) Guard {
	if len(l.Accounts) > 0 {
		g.Accounts = l.Accounts
	}
	g.SweepRegions, g.AccountNames = l.SweepRegions, l.AccountNames
	return g
}
