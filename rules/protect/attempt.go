package protect

import (
	"slices"
	"strings"

	"trailkeeper/rules/composed"
	"trailkeeper/rules/guardrail"
)

// attempts are the rules for calls that failed: their parameters are often missing from the record, and what they were
// about stands in the error message alone. A message about a missing permission names the caller as well, so that the
// resource is looked for behind "resource: " there, and in the whole message elsewhere.
func attempts(d Deployment) []Rule {
	a := attempting{Deployment: d, number: composed.Names{}}
	a.refused(withColon, "*:"+d.Stack, d.Stack)
	a.refused(withSlash, "*/"+d.Stack, "role "+d.Stack)
	a.refused(nil, exact(d)...)
	a.add("protect-failed", "failed", []any{composed.But(denied...)}, a.sources(nil), []any{
		composed.Wildcard("*:" + d.Stack + "*"), composed.Wildcard("*/" + d.Stack + "*"),
	})
	return a.rules
}

// denied are how the codes begin with which AWS refuses a call for lack of a permission ("Common Errors" in the API
// references; SNS API reference, AuthorizationError).
var denied = []string{"AccessDenied", "Authorization", "NotAuthorized", "Unauthorized"}

// withColon are the services in whose ARNs a colon stands before the name of a resource, and withSlash those in whose ARNs
// a slash does (Service Authorization Reference, resource types). Log groups that Lambda names have a slash.
var (
	withColon = []string{"monitoring", "logs", "lambda", "sns", "sqs", "secretsmanager"}
	withSlash = []string{"events", "logs", "ssm", "dynamodb", "iam", "cloudformation", "scheduler"}
)

// maxExact is the most resources that exact has: EventBridge admits two of them in a rule, and a stack has 500 resources.
const maxExact = 8

// exact are resources whose names do not begin with the stack's, maxExact at the most, but for topics and queues. Messages
// name resources by their ARNs; IAM names a role as "role NAME" and puts "policy" before a policy's ARN, and Secrets
// Manager names a secret as the caller does (IAM User Guide, "Troubleshoot access denied error messages"; TestAttempt has
// the services' forms).
func exact(d Deployment) (all []string) {
	if d.Boundary != "" && !guardrail.IsOwn(d.Stack, d.Boundary) {
		all = append(all, "policy "+d.global().ARN("iam", "policy/"+d.Boundary))
	}
	if d.Bus != "" && !guardrail.IsOwn(d.Stack, d.Bus) {
		all = append(all, d.place().ARN("events", "event-bus/"+d.Bus))
	}
	if d.Function != "" && !guardrail.IsOwn(d.Stack, d.Function) {
		all = append(all, d.place().ARN("lambda", "function:"+d.Function), d.place().ARN("logs", "log-group:"+ofFunctions+d.Function))
	}
	if name := secretName(d); name != "" && !guardrail.IsOwn(d.Stack, name) {
		all = append(all, name, d.secretARN(name))
	}
	for _, is := range key(d) {
		if arn, _ := is.(string); len(all) < maxExact {
			all = append(all, arn)
		}
	}
	return all
}

// attempting makes rules.
type attempting struct {
	Deployment

	number composed.Names
	rules  []Rule
}

// refused makes a rule, or several, for calls of services that were refused on resources that begin so; no service is any
// of which there are rules.
func (a *attempting) refused(services []string, resources ...string) {
	var codes, messages []any
	for _, code := range denied {
		codes = append(codes, composed.Prefix(code))
	}
	for _, r := range resources {
		messages = append(messages, composed.Wildcard("*resource: "+r+"*"))
	}
	a.add("protect-attempt", "was refused", codes, a.sources(services), messages)
}

// add makes a rule, or several, for the messages of calls that failed with one of the codes.
func (a *attempting) add(name, verb string, codes, sources, messages []any) {
	pattern := func(part []any) map[string]any {
		return envelope(a.Deployment, map[string]any{
			"eventSource": sources, "readOnly": []any{false}, "errorCode": codes, "errorMessage": part,
		})
	}
	text, paths := attemptText(a.Deployment, verb)
	for _, part := range a.Longest.Split(messages, pattern) {
		if len(part) == 0 {
			continue
		}
		a.rules = append(a.rules, Rule{Kind: Attempt, Rule: composed.Rule{
			Name: a.number.Next(name), Description: "a call on a resource of Trailkeeper " + verb, Pattern: pattern(part),
			Text: text, Paths: paths,
		}})
	}
}

// sources are the event sources of which there are rules, of the services alone unless there are none.
func (a *attempting) sources(services []string) (all []any) {
	for _, g := range groups(a.Deployment) {
		service := strings.TrimSuffix(g.source, ".amazonaws.com")
		if !slices.Contains(all, any(g.source)) && (services == nil || slices.Contains(services, service)) {
			all = append(all, g.source)
		}
	}
	return all
}
