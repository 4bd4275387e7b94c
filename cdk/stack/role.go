package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/settings"
)

// roleProps is what a role of the stack is: one service may assume it, and one inline policy says everything that it
// may do.
type roleProps struct {
	service, description string
	// sources are the ARNs, with wildcards, of what the service may assume the role for; none: the account is all that the
	// service is documented to name.
	sources    []string
	policy     string // the policy's name
	statements []awsiam.PolicyStatement
}

// rolePath is the path of every role. Nothing but roles of Trailkeeper is there, so that whoever deploys needs no right
// over any other (cdk/execution-policy.json): neither an action on a trust policy nor iam:PassRole has a condition that
// tells roles apart.
const rolePath = "/trailkeeper/"

// newRole makes a role as "Role" in scope. Every role of the stack comes from here, so that each has the permissions
// boundary that the settings name.
func newRole(scope constructs.Construct, s settings.Settings, p roleProps) awsiam.Role {
	props := &awsiam.RoleProps{
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String(p.service), p.trust(scope)),
		Description: jsii.String(p.description),
		Path:        jsii.String(rolePath),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			p.policy: awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &p.statements}),
		},
	}
	if s.PermissionsBoundary != "" {
		props.PermissionsBoundary = awsiam.ManagedPolicy_FromManagedPolicyName(
			scope,
			jsii.String("Boundary"),
			jsii.String(s.PermissionsBoundary),
		)
	}
	return awsiam.NewRole(scope, jsii.String("Role"), props)
}

// trust is when the service may assume the role: for this account, and for the sources. CloudTrail is documented to
// name neither ("Role policy document for CloudTrail to use CloudWatch Logs for monitoring"): with a condition it could
// not assume its role at all.
func (p roleProps) trust(scope constructs.Construct) *awsiam.ServicePrincipalOpts {
	if p.service == "cloudtrail.amazonaws.com" {
		return nil
	}
	conditions := sameAccount(scope)
	if len(p.sources) > 0 {
		conditions["ArnLike"] = map[string]any{"aws:SourceArn": p.sources}
	}
	return &awsiam.ServicePrincipalOpts{Conditions: &conditions}
}

// ruleARNs are the rules of that name, which may hold wildcards (EventBridge User Guide, "Cross-service confused deputy
// prevention": the source is the rule). Written out: a rule's own ARN would be a cycle.
func ruleARNs(scope constructs.Construct, s settings.Settings, name string) []string {
	place := placeOf(scope)
	arns := []string{place.ARN("events", "rule/"+name)}
	if bus := s.OwnBus(); bus != "" {
		arns = append(arns, place.ARN("events", "rule/"+bus+"/"+name))
	}
	return arns
}

// scheduleSource is the group of every schedule of the stack: Scheduler names the group and no schedule (EventBridge
// Scheduler User Guide, "Confused deputy prevention").
func scheduleSource(scope constructs.Construct) []string {
	return []string{placeOf(scope).ARN("scheduler", "schedule-group/default")}
}
