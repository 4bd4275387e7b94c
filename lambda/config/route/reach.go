package route

import (
	"fmt"
	"slices"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
)

// relations lists the routes that can never be reached and those that overlap. A route whose conditions are not sound
// takes no part.
//
// It is exact: what fits a route is a finite number of cases, of which each stands for all that the other routes cannot
// tell from it or fit no less. Of several events, accounts or trails each is a case; where a route has no such
// condition, the one that no route names is the hardest for the others to take; and so is the least severity.
func (l List) relations(sound []bool) []error {
	var found []error
	all := l.resolved(sound)
	for i, r := range all {
		if takers, covered := all[:i].takers(r); covered {
			found = append(
				found,
				fmt.Errorf("routes[%d] can never be reached, because %s all that fits it; want it before, or without it",
					r.index, named(takers)),
			)
			continue
		}
		for j, earlier := range all[:i] {
			if f, ok := all[:j].overlap(earlier, r); ok {
				found = append(
					found,
					fmt.Errorf("routes[%d] overlaps routes[%d], which takes what fits both, such as %s, and sends it elsewhere; "+
						"want a route for what fits both before them, or conditions that exclude "+
						"each other", r.index, earlier.index, described(f)),
				)
			}
		}
	}
	return found
}

// resolved is a route with the accounts that its groups stand for.
type resolved struct {
	Route
	index    int
	accounts []string
	set      map[string]bool // of accounts
}

type resolvedRoutes []resolved

func (l List) resolved(sound []bool) resolvedRoutes {
	var all resolvedRoutes
	for i, r := range l.Routes {
		if !sound[i] {
			continue
		}
		one := resolved{Route: r, index: i, set: make(map[string]bool)}
		for _, name := range r.Accounts {
			if config.ValidAccount(name) {
				one.accounts = append(one.accounts, name)
			} else {
				one.accounts = append(one.accounts, l.Groups[name]...)
			}
		}
		for _, id := range one.accounts {
			one.set[id] = true
		}
		all = append(all, one)
	}
	return all
}

// fits is what List.Match asks of a route.
func (r resolved) fits(f Facts) bool {
	return r.fitsAccount(f) && fitsSeverity(r.Route, f) &&
		(len(r.Events) == 0 || slices.Contains(r.Events, f.Event)) &&
		(len(r.Trails) == 0 || slices.Contains(r.Trails, f.Trail))
}

func (r resolved) fitsAccount(f Facts) bool {
	return len(r.Accounts) == 0 || r.set[f.Recipient] || r.set[f.Owner]
}

// takers returns which of the routes take what fits r, and whether they take all.
func (all resolvedRoutes) takers(r resolved) (takers []int, covered bool) {
	for f := range cases(r, r) {
		i := slices.IndexFunc(all, func(earlier resolved) bool { return earlier.fits(f) })
		if i < 0 {
			return nil, false
		}
		if !slices.Contains(takers, all[i].index) {
			takers = append(takers, all[i].index)
		}
	}
	slices.Sort(takers)
	return takers, true
}

// overlap returns a case that fits a and, behind it, b, and that none of the routes before both takes; false where
// there is none, or where it is meant: a sends it where b does, or is a special case of b.
func (all resolvedRoutes) overlap(a, b resolved) (Facts, bool) {
	if sameDestinations(a.Route, b.Route) || a.special(b) {
		return Facts{}, false
	}
	for f := range cases(a, b) {
		if !slices.ContainsFunc(all, func(before resolved) bool { return before.fits(f) }) {
			return f, true
		}
	}
	return Facts{}, false
}

// special reports whether all that fits a also fits b.
func (r resolved) special(b resolved) bool {
	for f := range cases(r, r) {
		if !b.fits(f) {
			return false
		}
	}
	return true
}

// cases yields what fits both routes; of a route with itself, what fits it.
func cases(a, b resolved) func(yield func(Facts) bool) {
	severity := severities[max(0, slices.Index(severities, a.Severity), slices.Index(severities, b.Severity))]
	return func(yield func(Facts) bool) {
		names := both(a.Events, b.Events)
		for _, trail := range both(a.Trails, b.Trails) {
			for _, f := range accountCases(a, b, trail) {
				for _, f.Event = range names {
					f.Severity, f.Trail = severity, trail
					if !yield(f) {
						return
					}
				}
			}
		}
	}
}

// both returns the values that two conditions have in common; "" stands for a value that no route names.
func both(a, b []string) []string {
	switch {
	case len(a) == 0 && len(b) == 0:
		return []string{""}
	case len(a) == 0:
		return b
	case len(b) == 0:
		return a
	}
	in := make(map[string]bool, len(b))
	for _, s := range b {
		in[s] = true
	}
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return !in[s] })
}

// accountCases returns the accounts of what fits both routes. A trail belongs to the account in its ARN, and most that
// happens to it is recorded there; only a route that names a trail and other accounts is about what those do to it.
func accountCases(a, b resolved, trail string) []Facts {
	var found []Facts
	if trail == "" {
		for _, id := range both(a.accounts, b.accounts) {
			found = append(found, Facts{Recipient: id})
		}
		return found
	}
	t, err := events.ParseTrailARN(trail)
	if err != nil {
		return nil // the trails of a sound route are ARNs
	}
	if own := (Facts{Recipient: t.Account, Owner: t.Account}); a.fitsAccount(own) && b.fitsAccount(own) {
		return []Facts{own}
	}
	for _, r := range []resolved{a, b} {
		if !slices.Contains(r.Trails, trail) || r.fitsAccount(Facts{Owner: t.Account}) {
			continue
		}
		for _, id := range r.accounts {
			if f := (Facts{Recipient: id, Owner: t.Account}); a.fitsAccount(f) && b.fitsAccount(f) {
				found = append(found, f)
			}
		}
	}
	return found
}

func sameDestinations(a, b Route) bool {
	same := func(x, y []string) bool {
		return slices.Equal(slices.Sorted(slices.Values(x)), slices.Sorted(slices.Values(y)))
	}
	return same(a.Slack, b.Slack) && same(a.Topics, b.Topics)
}
