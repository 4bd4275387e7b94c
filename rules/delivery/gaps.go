package delivery

import (
	"fmt"
	"slices"
	"strings"

	"trailkeeper/rules/detect"
	"trailkeeper/rules/expression"
)

// Sources are what is delivered to the rules.
type Sources struct {
	// Account is the account whose event bus it is, empty where that is not known, and OtherAccounts says that events of
	// others arrive as well. By itself EventBridge delivers those of one account.
	Account       string
	OtherAccounts bool
	// Regions are those whose events arrive: the stack's, and those that forward theirs to it.
	Regions []string
	// GlobalRegion is where the partition's global services record their calls, such as us-east-1; empty where it is not
	// known.
	GlobalRegion string
	// LogFiles says that log files or log groups are read, which have what their trail logs in all its accounts and
	// Regions.
	LogFiles bool
	// What a trail logs beside management events that change something: EventBridge gets nothing that no trail logs.
	ReadEvents, DataEvents, NetworkActivity, Insights bool
}

// Gap is a rule that needs records which do not arrive.
type Gap struct {
	Rule   string // its ID
	Reason string // one sentence: which records, and what to switch on
}

// Gaps are those of the rules that are on, by ID. A rule that a part of its records reaches has one for each other
// part.
func Gaps(set *detect.Set, sources Sources) []Gap {
	var gaps []Gap
	for _, rule := range set.Rules {
		if !rule.On() {
			continue
		}
		var reasons []string
		for _, c := range rule.Clauses() {
			c.Fields = boxOf(c, rule.ID).fields
			reasons = union(reasons, sources.missing(c))
		}
		if rule.Threshold.Distinct() == "recipientAccountId" && !sources.OtherAccounts && !sources.LogFiles {
			reasons = union(reasons, []string{otherAccounts})
		}
		for _, reason := range reasons {
			gaps = append(gaps, Gap{rule.ID, reason})
		}
	}
	return gaps
}

const otherAccounts = "it is about several accounts, and EventBridge delivers the events of one: forward those of " +
	"the others to this account's event bus"

// missing says which records of a clause do not arrive.
func (s Sources) missing(c expression.Clause) []string {
	if s.LogFiles {
		return s.unlogged(c)
	}
	reasons := append(s.unlogged(c), s.elsewhere(c)...)
	accounts, all := exact(c.Fields["recipientAccountId"])
	if all && s.Account != "" && !s.OtherAccounts && !slices.Contains(accounts, s.Account) {
		reasons = append(reasons, fmt.Sprintf("it is about account %s, and the events of %s arrive: forward those of the "+
			"other to this account's event bus", strings.Join(accounts, ", "), s.Account))
	}
	return reasons
}

// unlogged says which records of a clause no trail logs.
func (s Sources) unlogged(c expression.Clause) []string {
	var reasons []string
	types := detailTypes(c)
	if data := dataOf(c.Fields); data != "" && !s.DataEvents {
		reasons = append(reasons, "it needs data events, which arrive only if a trail logs them: switch the data events of "+
			data+" on in a trail")
	}
	if slices.Equal(types, []string{insight}) && !s.Insights {
		reasons = append(reasons, "it needs Insights events: switch CloudTrail Insights on in a trail")
	}
	network := slices.Equal(types, []string{networkActivity}) || isOnly(c.Fields, "eventCategory", "NetworkActivity")
	if network && !s.NetworkActivity {
		reasons = append(reasons, "it needs network activity events: switch them on in a trail")
	}
	if onlyReads(c) && !s.ReadEvents {
		reasons = append(reasons, "it needs management events that only read: let a trail log read events as well")
	}
	return reasons
}

// dataOf is what the fields are data events of, and empty where they may be about other calls.
func dataOf(fields map[string][]expression.Test) string {
	of := strings.Join(dataEvents(fields), ", ")
	if of == "" && isOnly(fields, "eventCategory", "Data") {
		return "these services"
	}
	return of
}

// isOnly reports whether a field must be that text.
func isOnly(fields map[string][]expression.Test, path, text string) bool {
	return onlyOf(fields[path], []string{text})
}

// onlyReads reports whether all records of a clause are calls that read.
func onlyReads(c expression.Clause) bool {
	if slices.Equal(c.Fields["readOnly"], []expression.Test{{Op: expression.Truth, Text: "true"}}) {
		return true
	}
	names, all := exact(c.Fields["eventName"])
	return all && len(dataEvents(c.Fields)) == 0 && !slices.ContainsFunc(names, func(name string) bool {
		name = strings.ToLower(name)
		return !slices.ContainsFunc(readVerbs, func(verb string) bool { return strings.HasPrefix(name, verb) })
	})
}

// globalServices are those whose calls are recorded in one Region of the partition, and in which one of the commercial
// partition where that is not us-east-1 (CloudTrail User Guide, "CloudTrail concepts", global service events).
var globalServices = map[string]string{
	"account.amazonaws.com":           "",
	"billing.amazonaws.com":           "",
	"budgets.amazonaws.com":           "",
	"ce.amazonaws.com":                "",
	"cloudfront.amazonaws.com":        "",
	"globalaccelerator.amazonaws.com": "us-west-2",
	"iam.amazonaws.com":               "",
	"networkmanager.amazonaws.com":    "us-west-2",
	"organizations.amazonaws.com":     "",
	"route53.amazonaws.com":           "",
	"route53domains.amazonaws.com":    "",
	"shield.amazonaws.com":            "",
	"support.amazonaws.com":           "",
	"waf.amazonaws.com":               "",
}

// commercial is the global Region of the partition aws, and signInRegions where it records sign-ins through the global
// endpoint; a sign-in of root is in the first (CloudTrail User Guide, "AWS Management Console sign-in events").
const commercial = "us-east-1"

var signInRegions = []string{commercial, "us-east-2", "eu-north-1", "ap-southeast-2"}

// elsewhere says which records of a clause are recorded in Regions whose events do not arrive.
func (s Sources) elsewhere(c expression.Clause) []string {
	var reasons []string
	add := func(what string, where ...string) {
		where = slices.DeleteFunc(slices.Clone(where), func(r string) bool {
			return r == "" || slices.Contains(s.Regions, r)
		})
		if len(where) > 0 {
			reasons = append(reasons, fmt.Sprintf("%s recorded in %s, and those events do not arrive here: forward them to "+
				"this Region's event bus, or deploy there", what, strings.Join(where, ", ")))
		}
	}
	root := isOnly(c.Fields, "userIdentity.type", "Root")
	services, all := exact(c.Fields["eventSource"])
	switch {
	case onlyOf(c.Fields["eventName"], signIns) || isOnly(c.Fields, "eventSource", signInSource):
		where := []string{s.GlobalRegion}
		if s.GlobalRegion == commercial && !root {
			where = signInRegions
		}
		add("console sign-ins through the global endpoint are", where...)
	case root && !all:
		add("what root does with IAM, and its sign-ins, are", s.GlobalRegion)
	}
	for _, service := range services {
		region, global := globalServices[service]
		if region == "" || s.GlobalRegion != commercial {
			region = s.GlobalRegion
		}
		if global && all {
			add("calls of "+strings.TrimSuffix(service, ".amazonaws.com")+" are", region)
		}
	}
	return reasons
}
