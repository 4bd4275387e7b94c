// Package guardrail composes the organization policies that keep others from tampering with what a deployment of
// Trailkeeper guards and with the deployment itself: a service control policy (SCP), which bounds the principals of
// member accounts, and a resource control policy (RCP), which bounds who from outside the organization may reach its
// resources. It also says, technique by technique, what they deny and what they leave, and why.
//
// Neither kind of policy ever binds the organization's management account or a service-linked role (AWS Organizations
// User Guide, "Service control policies", "Resource control policies"). The package reads nothing, attaches nothing and
// knows no account but those it is given.
package guardrail

// Deployment is what the policies are about. All but Stack may be left out.
type Deployment struct {
	// Stack is the stack's name: the prefix of every physical name. Own resources are recognized by it, in every account
	// and Region.
	Stack string
	// Account is that of the stack, of 12 digits; empty: any.
	Account string
	// Qualifier is that of the CDK bootstrap whose roles deploy; empty: none of them does.
	Qualifier string
	// DeployRoles are the ARNs of further roles that deploy.
	DeployRoles []string
	// BreakGlass are the ARNs of the roles for emergencies.
	BreakGlass []string
	// Organization is the organization's ID, such as o-a1b2c3d4e5. The RCP needs it.
	Organization string
	// Boundary is the name of the managed policy that bounds the stack's roles; empty: none.
	Boundary string
	// Secret is the name or the ARN of the secret; empty: none.
	Secret string
	// Function is the name of the guard's function where the settings give it one.
	Function string
	// Bus is the name of the rules' own event bus; empty: the default bus.
	Bus string
	// TopicNames are the names that the settings give topics of the stack.
	TopicNames []string
	// Topics and Queues are the ARNs of those that were there before the stack.
	Topics, Queues []string
	// Keys are the ARNs of the customer keys of the deployment, besides those of Trails.
	Keys []string
	// LogGroups are the names of log groups whose metric filters are part of the deployment.
	LogGroups []string
	// Trails are those with a declared baseline, and the log buckets that the watch reads.
	Trails []Trail
}

// Trail is where a trail delivers; each may be empty but Bucket.
type Trail struct {
	Bucket   string // its name
	Key      string // ARN of the KMS key
	LogGroup string // ARN of the log group, which ends in ":*"
}

// OwnPath is the IAM path of every role and managed policy of the stack, without the slashes around it. Nothing but
// Trailkeeper's is there, so that whoever deploys needs no right over any other (cdk/execution-policy.json): neither an
// action on a trust policy nor iam:PassRole has a condition that tells roles apart.
const OwnPath = "trailkeeper"

// guardRoles are the beginnings of the logical IDs of the roles that repair, which are in the roles' names behind the
// stack's: the guard's, and the warden's.
var guardRoles = []string{"GuardRole", "WardenRole"}

// SCP is the service control policy. Each statement denies to all but the exempt roles:
//
//   - what takes an account out of the organization, to all but the roles for emergencies and those that deploy;
//   - what stops, deletes or blinds a trail or an event data store, opens a Region or closes an account, in every
//     account; and what tampers with the deployment's own resources, with the buckets, keys and log groups of Trails, and
//     with the exempt roles themselves, so that nobody makes one for its exemption;
//   - what the guard and the warden do as well, to restore a trail or each other: their roles are exempt here alone.
func (d Deployment) SCP() Policy {
	exempt := d.exempt()
	return Policy{Version: version, Statement: []Statement{
		deny(leaving(), Texts{"*"}, d.trusted()),
		deny(tampering(), d.protected(), exempt),
		deny(repairs(), d.repaired(), unique(append(d.guards(), exempt...))),
	}}
}

// RCP is the resource control policy: on the buckets, keys, secret and queues no principal of another organization, and
// no service that acts for another organization, may do anything. Requests of services that name no account they act
// for pass (IAM User Guide, "The confused deputy problem"). Without an Organization, or with nothing to protect, it has
// no statement.
func (d Deployment) RCP() Policy {
	p := Policy{Version: version}
	resources := d.shared()
	if d.Organization == "" || len(resources) == 0 {
		return p
	}
	actions := Texts{"kms:*", "s3:*", "secretsmanager:*", "sqs:*"}
	org := Texts{d.Organization}
	p.Statement = []Statement{
		{Effect: "Deny", Principal: "*", Action: actions, Resource: resources, Condition: Conditions{
			"BoolIfExists":            {"aws:PrincipalIsAWSService": {"false"}},
			"StringNotEqualsIfExists": {"aws:PrincipalOrgID": org},
		}},
		{Effect: "Deny", Principal: "*", Action: actions, Resource: resources, Condition: Conditions{
			"Bool":                    {"aws:PrincipalIsAWSService": {"true"}},
			"Null":                    {"aws:SourceAccount": {"false"}},
			"StringNotEqualsIfExists": {"aws:SourceOrgID": org},
		}},
	}
	return p
}

func deny(actions, resources, exempt Texts) Statement {
	return Statement{
		Effect:    "Deny",
		Action:    actions,
		Resource:  resources,
		Condition: Conditions{"ArnNotLike": {principalARN: exempt}},
	}
}

// principalARN is the condition key of the caller's role, user or root; of a session it is the role's ARN (IAM User
// Guide, "AWS global condition context keys").
const principalARN = "aws:PrincipalArn"
