// Package protect composes the EventBridge rules that report calls against a deployment of Trailkeeper itself: the calls
// of the catalogue (package guardrail) that name its functions, rules, schedules, channels, queues, tables, keys, log
// groups, alarms, roles and stack. EventBridge delivers what they match without any code of the deployment.
//
// It sees what CloudTrail records and EventBridge delivers, and no more: no data events, no unsubscription by the link in
// an e-mail, nothing while no trail logs write management events in the Region. IAM and Organizations are recorded in
// us-east-1, so that a deployment elsewhere sees these calls only where they are forwarded to its bus. It makes no
// resource.
package protect

import (
	"cmp"

	"trailkeeper/events"
	"trailkeeper/rules/composed"
)

// Deployment is what the rules are about. A text may be a placeholder for what is known at deployment; see Longest.
type Deployment struct {
	// Stack is the stack's name: the prefix of every physical name.
	Stack string
	// Partition, Region and Account are those of the stack.
	Partition, Region, Account string
	// Accounts are those whose trails are guarded; none: Account.
	Accounts []string
	// Deployer is the ARN of the role with which CloudFormation deploys the stack; empty: not known, and a deployment
	// is reported as any other call is.
	Deployer string
	// Function is the name of the guard's function where the settings give it one.
	Function string
	// Bus is the name of the rules' own event bus; empty: the default bus.
	Bus string
	// Topics are the ARNs of the topics whose names do not begin with the stack's, Queues those of such queues.
	Topics, Queues []string
	// Tables are the names of the tables, Keys the IDs or ARNs of the customer keys. Refused calls are reported of the first
	// keys alone; see maxExact.
	Tables, Keys []string
	// Secret is the name or the ARN of the secret; empty: none.
	Secret string
	// Boundary is the name of the managed policy that bounds the stack's roles; empty: none.
	Boundary string
	// Policies are the IDs of the organization policies that the stack attaches.
	Policies []string
	// Longest is for the placeholders.
	Longest composed.Longest
}

func (d Deployment) place() events.Place {
	return events.Place{Partition: d.Partition, Region: d.Region, Account: d.Account}
}

// global is the place of what no Region has.
func (d Deployment) global() events.Place {
	return d.place().Global()
}

func (d Deployment) bus() string { return cmp.Or(d.Bus, "default") }

// accounts are those whose trails are guarded.
func (d Deployment) accounts() []string {
	if len(d.Accounts) > 0 {
		return d.Accounts
	}
	return []string{d.Account}
}
