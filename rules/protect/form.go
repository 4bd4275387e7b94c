package protect

import (
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/rules/composed"
	"trailkeeper/rules/guardrail"
)

// form is what a field holds where a call is about the deployment, as conditions of an event pattern. Nil: the
// deployment has nothing of the kind.
type form func(Deployment) []any

// named is a name that begins with the stack's, alone or in an ARN of the service behind what stands before the name.
// An empty service: the call takes no ARN.
func named(service, before string) form {
	return func(d Deployment) []any {
		all := []any{composed.Prefix(d.Stack)}
		if service != "" {
			all = append(all, composed.Prefix(d.place().ARN(service, before+d.Stack)))
		}
		return all
	}
}

var (
	alarm      = named("", "")
	stackSet   = named("cloudformation", "stackset/")
	always     = func(Deployment) []any { return []any{} }
	cloudTrail = func(Deployment) []any { return []any{"cloudtrail.amazonaws.com"} }
)

// function is a name, a partial or a full ARN, with or without a qualifier (Lambda API reference, FunctionName).
func function(d Deployment) (all []any) {
	forms := func(name string) []string {
		return []string{name, d.Account + ":function:" + name, d.place().ARN("lambda", "function:"+name)}
	}
	for _, f := range forms(d.Stack) {
		all = append(all, composed.Prefix(f))
	}
	if d.Function != "" && !guardrail.IsOwn(d.Stack, d.Function) {
		for _, f := range forms(d.Function) {
			all = append(all, f, composed.Prefix(f+":"))
		}
	}
	return all
}

// functionARN is a full ARN, with or without a qualifier.
func functionARN(d Deployment) []any {
	return slices.DeleteFunc(function(d), func(is any) bool {
		text, exact := is.(string)
		if !exact {
			of, _ := is.(map[string]any)
			text, _ = of["prefix"].(string)
		}
		return !events.IsARN(text)
	})
}

// topic is an ARN; an SNS topic has no other name in a call.
func topic(d Deployment) []any {
	return append([]any{composed.Prefix(d.place().ARN("sns", d.Stack))}, composed.Exactly(d.Topics)...)
}

// subscription is the ARN of the topic, a colon and an ID.
func subscription(d Deployment) []any {
	all := []any{composed.Prefix(d.place().ARN("sns", d.Stack))}
	for _, t := range d.Topics {
		all = append(all, composed.Prefix(t+":"))
	}
	return all
}

// queueURL is a URL that ends in the account and the name. Its host is as the caller wrote it: there are several for
// each Region, and Amazon SQS has taken others.
func queueURL(d Deployment) []any {
	all := []any{composed.Wildcard("*/" + d.Account + "/" + d.Stack + "*")}
	for _, arn := range d.Queues {
		if part := strings.Split(arn, ":"); len(part) == arnParts {
			all = append(all, composed.Wildcard("*/"+part[4]+"/"+part[5]))
		}
	}
	return all
}

// arnParts are those of the ARN of a queue or a secret's beginning.
const arnParts = 6

func queueARN(d Deployment) []any {
	return append([]any{composed.Prefix(d.place().ARN("sqs", d.Stack))}, composed.Exactly(d.Queues)...)
}

// secret is a name or an ARN, whole or without the six characters that AWS adds to the name (Secrets Manager User Guide,
// "What's in a Secrets Manager secret?").
func secret(d Deployment) []any {
	name := secretName(d)
	if name == "" {
		return nil
	}
	arn := d.secretARN(name)
	return []any{name, arn, composed.Prefix(arn + "-")}
}

// secretARN is the beginning of the ARN of the secret of that name.
func (d Deployment) secretARN(name string) string {
	if before, _, is := strings.Cut(d.Secret, ":secret:"); is {
		return before + ":secret:" + name
	}
	return d.place().ARN("secretsmanager", "secret:"+name)
}

// secretName is the secret's name where the deployment has its ARN, without the six characters.
func secretName(d Deployment) string {
	if !events.IsARN(d.Secret) {
		return d.Secret
	}
	_, name, _ := strings.Cut(d.Secret, ":secret:")
	if i := strings.LastIndexByte(name, '-'); i > 0 && len(name)-i == len("-123456") {
		name = name[:i]
	}
	return name
}

// parameter is a name, with or without the slash that begins a path, or an ARN.
func parameter(d Deployment) []any {
	return []any{composed.Prefix(d.Stack), composed.Prefix("/" + d.Stack), composed.Prefix(d.place().ARN("ssm", "parameter/"+d.Stack))}
}

// table is a name or an ARN.
func table(d Deployment) (all []any) {
	for _, name := range d.Tables {
		all = append(all, name, d.place().ARN("dynamodb", "table/"+name))
	}
	return all
}

// key is an ARN.
func key(d Deployment) (all []any) {
	for _, k := range d.Keys {
		if !strings.Contains(k, ":key/") {
			k = d.place().ARN("kms", "key/"+k)
		}
		all = append(all, k)
	}
	return all
}

// ofFunctions is where Lambda makes log groups.
const ofFunctions = "/aws/lambda/"

// logGroup is a name or an ARN. CloudFormation names the log groups after the stack; Lambda would name one after the
// function.
func logGroup(d Deployment) []any {
	var all []any
	for _, name := range []string{d.Stack, ofFunctions + d.Stack} {
		all = append(all, composed.Prefix(name), composed.Prefix(d.place().ARN("logs", "log-group:"+name)))
	}
	if name := ofFunctions + d.Function; d.Function != "" && !guardrail.IsOwn(d.Stack, d.Function) {
		all = append(all, name, composed.Prefix(d.place().ARN("logs", "log-group:"+name)))
	}
	return all
}

// managedPolicy is an ARN: of one of the stack's, or of the boundary.
func managedPolicy(d Deployment) []any {
	all := []any{composed.Prefix(d.global().ARN("iam", "policy/"+guardrail.OwnPath+"/"+d.Stack))}
	if d.Boundary != "" {
		all = append(all, d.global().ARN("iam", "policy/"+d.Boundary))
	}
	return all
}

// stack is a name, or an ARN with an ID behind the name.
func stack(d Deployment) []any {
	return []any{d.Stack, composed.Prefix(d.place().ARN("cloudformation", "stack/"+d.Stack+"/"))}
}

func ownBus(d Deployment) []any {
	return []any{d.bus(), d.place().ARN("events", "event-bus/"+d.bus())}
}

// busOrNone is the bus of a call that means the default one where it names none.
func busOrNone(d Deployment) []any {
	if d.Bus == "" {
		return append(ownBus(d), composed.Exists(false))
	}
	return ownBus(d)
}

func orgPolicy(d Deployment) []any { return composed.Exactly(d.Policies) }

// ifPolicies is no condition where the stack attaches organization policies.
func ifPolicies(d Deployment) []any {
	if len(d.Policies) == 0 {
		return nil
	}
	return []any{}
}

func member(d Deployment) []any { return composed.Exactly(d.accounts()) }
