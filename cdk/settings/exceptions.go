package settings

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/exception"
)

// exceeding are the overrides whose mode is more than the deployment's. What is wrong for another reason is reported by
// their own setting.
func exceeding(s Settings, unread []string) []error {
	list := exception.List{Overrides: s.Overrides}
	if concerns([]string{"mode", "overrides"}, unread) || !slices.Contains(config.Modes(), s.Mode) ||
		holdsCredential(s.Overrides) ||
		len(list.Check(config.ModeRecreate)) > 0 {
		return nil
	}
	return redacted(list.Check(s.Mode))
}

func redacted(errs []error) []error {
	for i, err := range errs {
		errs[i] = errors.New(redact(err.Error()))
	}
	return errs
}

// ExpiredNotes says, one text for each, which approvals no longer count.
func ExpiredNotes(s Settings, now time.Time) []string {
	var notes []string
	for _, a := range s.Exceptions().Expired(now) {
		notes = append(
			notes,
			fmt.Sprintf("The approval of %s on %s by %s (%q) expired at %s and no longer counts: remove it from approvals",
				strings.Join(a.Events, ", "), a.Trail, a.Principal, a.Reason, a.Expires.UTC().Format(time.RFC3339)),
		)
	}
	return notes
}

// ours are the accounts whose trails this deployment keeps; none: it is not known before the deployment.
func ours(s Settings) []string {
	if len(s.Accounts) == 0 && s.Env.Account != "" {
		return []string{s.Env.Account}
	}
	return s.Accounts
}

// OwnAccountNote says that the stack's own account is not among the configured ones, which is rarely meant; empty where
// it is, or is not known. Likely is the account to which a stack that is bound to none is deployed.
func OwnAccountNote(s Settings, likely string) string {
	own := cmp.Or(s.Env.Account, likely)
	if len(s.Accounts) == 0 || own == "" || slices.Contains(s.Accounts, own) {
		return ""
	}
	return fmt.Sprintf(
		"accounts does not name %s, the account of the stack: its own trails are neither watched nor restored. Add it, "+
			"unless that is meant",
		own,
	)
}

// foreign are the trails of approvals and overrides that no event and no sweep of this deployment can be about: an
// exemption that is never used hides a mistake.
func foreign(s Settings, unread []string) []error {
	ours := ours(s)
	if len(ours) == 0 || concerns([]string{"accounts", "env.account", "approvals", "overrides"}, unread) {
		return nil
	}
	var errs []error
	check := func(key string, i int, trail string) {
		a, err := config.ParseARN(trail)
		if err == nil && !slices.Contains(ours, a.Account) && !holdsCredential(trail) {
			errs = append(errs, fmt.Errorf("%s[%d].trail is %s, a trail of account %s; want one of %s",
				key, i, show(trail), show(a.Account), show(ours)))
		}
	}
	for i, a := range s.Approvals {
		check("approvals", i, a.Trail)
	}
	for i, o := range s.Overrides {
		check("overrides", i, o.Trail)
	}
	return errs
}
