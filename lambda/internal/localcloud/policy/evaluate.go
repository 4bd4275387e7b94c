package policy

import (
	"slices"
	"strings"

	"trailkeeper/events"
)

// Access is one question to IAM.
type Access struct {
	Who      string // the ARN of a role or user, or a service's principal such as events.amazonaws.com
	Action   string
	Resource string
	Context  map[string]string // condition keys, besides those that follow from the others

	Organization string // of the resource's account; empty: none
}

// Owner is the account in the resource's ARN; empty: the ARN has none.
func (a Access) Owner() string { return accountIn(a.Resource) }

func (a Access) service() bool { return !events.IsARN(a.Who) }

func accountIn(arn string) string {
	a, _ := events.ParseARN(arn)
	return a.Account
}

// Verdict is what a set of policies says.
type Verdict int

// The verdicts: a Deny wins.
const (
	Silent Verdict = iota
	Allowed
	Denied
)

// OfCaller is what the policies of a role say.
func OfCaller(docs []Document, a Access) Verdict {
	return evaluate(docs, a, func(Statement) bool { return true })
}

// OfResource is what the policies of a resource say; account is whose root a delegation means.
func OfResource(docs []Document, a Access, account string) Verdict {
	return evaluate(docs, a, func(s Statement) bool { return s.Principal.covers(a, account) })
}

func evaluate(docs []Document, a Access, about func(Statement) bool) Verdict {
	result := Silent
	for _, d := range docs {
		for _, s := range d.Statement {
			if !about(s) || !matchAny(s.Action, a.Action, true) || !matchAny(s.Resource, a.Resource, false) ||
				!s.conditionsMet(a) {
				continue
			}
			if s.Effect == "Deny" {
				return Denied
			}
			result = Allowed
		}
	}
	return result
}

// Trusts reports whether a service may assume the role whose trust policy this is: a Deny wins, and every condition
// must be met. Of the keys of the source, one that AWS does not document for the service is absent, so that a policy
// that asks for it lets nobody in.
func (d Document) Trusts(service string, source map[string]string, account string) bool {
	a := Access{Who: service, Action: "sts:AssumeRole", Context: source}
	trusted := false
	for _, s := range d.Statement {
		if !s.Principal.covers(a, account) || !matchAny(s.Action, a.Action, true) || !s.conditionsMet(a) {
			continue
		}
		if s.Effect == "Deny" {
			return false
		}
		trusted = true
	}
	return trusted
}

// Source is what a service says of the resource for which it acts ("Cross-service confused deputy prevention").
func Source(arn, account string) map[string]string {
	return map[string]string{"aws:SourceArn": arn, "aws:SourceAccount": account}
}

// covers reports whether the principal element means the caller. An account's root stands for every principal of the
// account that its own policies allow, which IAM checks as well.
func (p Principals) covers(a Access, account string) bool {
	if a.service() {
		return slices.Contains(p["Service"], a.Who) || slices.Contains(p["AWS"], "*")
	}
	return slices.ContainsFunc(p["AWS"], func(want string) bool {
		return want == "*" || want == a.Who || want == account || strings.HasSuffix(want, ":"+account+":root")
	})
}

// Direct reports whether the principal element names the caller or everybody, so that no identity policy is needed.
func Direct(docs []Document, a Access) bool {
	for _, d := range docs {
		for _, s := range d.Statement {
			if s.Effect == "Allow" && matchAny(s.Action, a.Action, true) && s.conditionsMet(a) &&
				(slices.Contains(s.Principal["AWS"], a.Who) || slices.Contains(s.Principal["AWS"], "*")) {
				return true
			}
		}
	}
	return false
}

// Covers reports whether the statement is about an action.
func (s Statement) Covers(action string) bool { return matchAny(s.Action, action, true) }
