// Package route says who gets what: the first route that fits a notification names its destinations, and what
// fits none goes to the default ones. The list is reviewed in git and shipped inside the function's asset, out of an
// attacker's reach.
//
// It knows no AWS client, file or clock, and no message: it chooses by where something happened, never by who did it.
package route

import (
	"slices"

	"trailkeeper/lambda/config"
)

// FileName is the list's file in the function's asset, below LAMBDA_TASK_ROOT.
const FileName = "routes.json"

// List is every route, in order, and the groups of accounts that they name.
type List struct {
	Groups map[string][]string `json:"groups,omitempty"` // account IDs, by the group's name
	Routes []Route             `json:"routes,omitempty"`
}

// Route sends what fits all of its conditions to its destinations. A condition that is empty fits everything.
type Route struct {
	// Name is that by which a rule over records takes the route, whatever its conditions are; empty: no rule can. Without
	// a condition nothing else takes a route that has a name.
	Name     string   `json:"name,omitempty"`
	Accounts []string `json:"accounts,omitempty"` // account IDs and names of groups
	Severity string   `json:"severity,omitempty"` // the least: low, medium, high or critical
	Events   []string `json:"events,omitempty"`   // calls such as "StopLogging", and findings such as "weakened"
	Trails   []string `json:"trails,omitempty"`   // ARNs
	// Slack are channel IDs for the bot token, and "secret:KEY" for the incoming webhook whose URL is under KEY in the
	// secret.
	Slack  []string `json:"slack,omitempty"`
	Topics []string `json:"topics,omitempty"` // ARNs of SNS topics
}

// Facts are what a route chooses by.
type Facts struct {
	Recipient string // the account that the record was delivered to (recipientAccountId), or of the finding
	Owner     string // the trail's account, of its ARN; empty: not known
	Severity  string
	Event     string // the call, or the finding
	Trail     string // ARN; empty: not known
}

// Severities are those of notifications, from the least.
func Severities() []string { return slices.Clone(severities) }

var severities = []string{"low", "medium", "high", "critical"}

// Empty reports whether there is no route.
func (l List) Empty() bool { return len(l.Routes) == 0 }

// byName reports whether only rules that name the route take it.
func (r Route) byName() bool {
	return r.Name != "" && len(r.Accounts)+len(r.Events)+len(r.Trails) == 0 && r.Severity == ""
}

// Named returns the route of a name, and false where there is none.
func (l List) Named(name string) (Route, bool) {
	i := slices.IndexFunc(l.Routes, func(r Route) bool { return name != "" && r.Name == name })
	if i < 0 {
		return Route{}, false
	}
	return l.Routes[i], true
}

// Match returns the first route that fits, and false where none does. By account a route fits if the record was
// delivered to one of its accounts, or the trail belongs to one.
func (l List) Match(f Facts) (Route, bool) {
	for _, r := range l.Routes {
		if !r.byName() && l.fits(r, f) {
			return r, true
		}
	}
	return Route{}, false
}

func (l List) fits(r Route, f Facts) bool {
	return l.fitsAccount(r, f) && fitsSeverity(r, f) &&
		(len(r.Events) == 0 || slices.Contains(r.Events, f.Event)) &&
		(len(r.Trails) == 0 || slices.Contains(r.Trails, f.Trail))
}

func (l List) fitsAccount(r Route, f Facts) bool {
	if len(r.Accounts) == 0 {
		return true
	}
	return slices.ContainsFunc(r.Accounts, func(name string) bool {
		if config.ValidAccount(name) {
			return name == f.Recipient || name == f.Owner
		}
		return slices.ContainsFunc(
			l.Groups[name],
			func(id string) bool { return id != "" && (id == f.Recipient || id == f.Owner) },
		)
	})
}

// fitsSeverity: a severity that is not known counts as the least.
func fitsSeverity(r Route, f Facts) bool {
	return r.Severity == "" || slices.Index(severities, f.Severity) >= slices.Index(severities, r.Severity)
}

// Destinations returns every Slack destination and every topic that a route names, each once, in the order of the
// routes.
func (l List) Destinations() (slack, topics []string) {
	for _, r := range l.Routes {
		slack, topics = appendNew(slack, r.Slack), appendNew(topics, r.Topics)
	}
	return slack, topics
}

func appendNew(to, some []string) []string {
	for _, s := range some {
		if !slices.Contains(to, s) {
			to = append(to, s)
		}
	}
	return to
}
