package evidence

import (
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/rules/composed"
	"trailkeeper/rules/evidence/calls"
)

const requested = "requestParameters."

// succeeded are the groups of calls that succeeded. Keys stand in resources, whatever the caller called them.
func (n Names) succeeded() []group {
	return slices.Concat(n.onBuckets(false), n.onFiles(), n.onKeys(), n.onLogGroups(), onLake(false), around(false))
}

// refused are those of refused calls. But for S3, a call that was refused for lack of a permission has no parameters, and
// what it was about stands in the error message alone (IAM User Guide, "Troubleshoot access denied error messages").
func (n Names) refused() []group {
	groups := n.onBuckets(true)
	message := func(name, source, what string, of calls.Of, values []any) {
		if len(values) > 0 {
			groups = append(groups, group{
				name: name, source: source, what: what, events: namesOf(of, source, ""), attempt: true,
				field: "errorMessage", values: values,
			})
		}
	}
	var keys, logGroups []any
	for _, arn := range n.Keys {
		keys = append(keys, composed.Wildcard("*"+arn+"*"))
	}
	for _, arn := range n.LogGroups {
		_, short := logGroup(arn)
		logGroups = append(logGroups, composed.Wildcard("*"+short+":*"))
	}
	message("evidence-attempt-kms", calls.KMS, "the key of a trail", calls.Key, keys)
	message("evidence-attempt-logs", calls.Logs, "the log group of a trail", calls.LogGroup, logGroups)
	return slices.Concat(groups, onLake(true), around(true))
}

func (n Names) onBuckets(attempt bool) []group {
	var names []string
	for _, b := range n.Buckets {
		if !slices.Contains(names, b.Name) {
			names = append(names, b.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	g := group{
		name: "evidence-s3", source: calls.S3, what: "the bucket of a trail", attempt: attempt,
		events: namesOf(calls.Bucket, calls.S3, ""), field: requested + "bucketName", values: composed.Exactly(names),
	}
	if attempt {
		g.name, g.what = "evidence-attempt-s3", "the bucket of a trail or objects in it"
		g.events = append(g.events, namesOf(calls.LogFile, calls.S3, "")...)
		return []group{g}
	}
	g.shown = g.field
	many := g
	many.name, many.many, many.what = "evidence-deletes", true, "objects in the bucket of a trail"
	many.events = namesOf(calls.LogFile, calls.S3, "bucketName")
	return []group{g, many}
}

// onFiles is a group for each bucket and prefix. What else is in the bucket is not about a trail.
func (n Names) onFiles() (all []group) {
	for _, b := range n.Buckets {
		all = append(all, group{
			name: "evidence-files", source: calls.S3, what: "a log or digest file of a trail", many: true,
			events: namesOf(calls.LogFile, calls.S3, "key"), field: requested + "bucketName", values: []any{b.Name},
			further: map[string][]any{requested + "key": {composed.Prefix(b.Prefix)}}, shown: requested + "bucketName",
		})
	}
	return all
}

func (n Names) onKeys() []group {
	if len(n.Keys) == 0 {
		return nil
	}
	return []group{{
		name: "evidence-kms", source: calls.KMS, what: "the key of a trail", events: namesOf(calls.Key, calls.KMS, ""),
		field: "resources.ARN", values: composed.Exactly(n.Keys),
	}}
}

// onLogGroups pins account and Region: another account has log groups of the same name.
func (n Names) onLogGroups() (all []group) {
	for _, arn := range n.LogGroups {
		name, short := logGroup(arn)
		at, _ := events.ParseARN(short)
		where := map[string][]any{"recipientAccountId": {at.Account}, "awsRegion": {at.Region}}
		for field, values := range map[string][]any{
			"logGroupName": {name}, "logGroupIdentifier": {name, short, short + ":*"}, "resourceIdentifier": {short, short + ":*"},
		} {
			all = append(all, group{
				name: "evidence-logs", source: calls.Logs, what: "the log group of a trail",
				events: namesOf(calls.LogGroup, calls.Logs, field), field: requested + field, values: values, further: where,
				shown: requested + field,
			})
		}
	}
	slices.SortStableFunc(all, func(a, b group) int { return strings.Compare(a.field, b.field) })
	return all
}

func named(name string, attempt bool) string {
	if attempt {
		return "evidence-attempt-" + name
	}
	return "evidence-" + name
}

func onLake(attempt bool) []group {
	return []group{{
		name: named("cloudtrail", attempt), source: calls.CloudTrail, attempt: attempt,
		what: "CloudTrail Lake, an event configuration or a delegated administrator",
		events: slices.Concat(namesOf(calls.Lake, calls.CloudTrail, ""), namesOf(calls.Configuration, calls.CloudTrail, ""),
			namesOf(calls.Administrator, calls.CloudTrail, "")),
	}}
}

// around is the groups on the organization and account. Who administers other services concerns no trail; what a refused
// call was about is not known.
func around(attempt bool) []group {
	administers := group{
		name: named("administrators", attempt), source: calls.Organizations, attempt: attempt,
		what:   "trusted access or a delegated administrator of CloudTrail or of stack sets",
		events: namesOf(calls.Administrator, calls.Organizations, ""),
		field:  requested + "servicePrincipal", values: composed.Exactly(calls.Principals()), shown: requested + "servicePrincipal",
	}
	role := group{
		name: named("iam", attempt), source: calls.IAM, attempt: attempt, what: "the service-linked role of CloudTrail",
		events: namesOf(calls.ServiceRole, calls.IAM, ""), field: requested + "roleName", values: []any{calls.ServiceRoleName},
	}
	if attempt {
		administers.values, administers.shown = nil, ""
		role.field, role.values = "errorMessage", []any{composed.Wildcard("*" + calls.ServiceRoleName + "*")}
	}
	return []group{
		administers,
		{
			name: named("organizations", attempt), source: calls.Organizations, attempt: attempt,
			what: "the organization, its policies or its accounts", events: namesOf(calls.Organization, calls.Organizations, ""),
		},
		{
			name: named("account", attempt), source: calls.AccountAPI, attempt: attempt, what: "the Regions of the account",
			events: namesOf(calls.Account, calls.AccountAPI, ""),
		},
		role,
	}
}

// rule is the group as a rule, with what EventBridge itself says of a match.
func (g group) rule() Rule {
	paths := composed.Callers()
	said := "<event> succeeded on " + g.what
	if g.shown != "" {
		paths["resource"] = "$.detail." + g.shown
		said += " (<resource>)"
	}
	said += ", called " + composed.Who + ", " + composed.Where + ". It may take evidence away, or " +
		"have it taken away. The guard's message says what it was about and what to do."
	if g.attempt {
		paths["error"] = "$.detail.errorCode"
		said = "<event> on " + g.what + " was refused (<error>), called " + composed.Who + ", " +
			composed.Where + ". It has changed nothing."
	}
	description := "calls on " + g.what
	if g.attempt {
		description += " that were refused"
	}
	return Rule{Attempt: g.attempt, Many: g.many, Rule: composed.Rule{
		Name: g.name, Description: description, Pattern: g.pattern(), Text: said, Paths: paths,
	}}
}
