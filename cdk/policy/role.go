package policy

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/settings"
	"trailkeeper/rules/guardrail"
)

// RoleProps is what a role of the stack is: one service may assume it, and one inline policy says everything that it
// may do.
type RoleProps struct {
	Service, Description string
	// Name is for a role that others name without a reference; empty: CloudFormation makes one.
	Name string
	// Sources are the ARNs, with wildcards, of what the service may assume the role for; none: the account is all that the
	// service is documented to name.
	Sources    []string
	Policy     string // the policy's name
	Statements []awsiam.PolicyStatement
}

// ownPath is the IAM path of every role and managed policy of the stack; see guardrail.OwnPath.
const ownPath = "/" + guardrail.OwnPath + "/"

// NewRole makes a role as "Role" in scope. Every role of the stack comes from here, so that each has the permissions
// boundary that the settings name.
func NewRole(scope constructs.Construct, s settings.Settings, p RoleProps) awsiam.Role {
	props := &awsiam.RoleProps{
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String(p.Service), p.trust(scope)),
		Description: jsii.String(p.Description),
		Path:        jsii.String(ownPath),
		RoleName:    convert.Optional(p.Name),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			p.Policy: awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &p.Statements}),
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
func (p RoleProps) trust(scope constructs.Construct) *awsiam.ServicePrincipalOpts {
	if p.Service == "cloudtrail.amazonaws.com" {
		return nil
	}
	conditions := SameAccount(scope)
	if len(p.Sources) > 0 {
		conditions["ArnLike"] = map[string]any{"aws:SourceArn": p.Sources}
	}
	return &awsiam.ServicePrincipalOpts{Conditions: &conditions}
}

// RuleARNs are the rules of that name, which may hold wildcards (EventBridge User Guide, "Cross-service confused deputy
// prevention": the source is the rule). Written out: a rule's own ARN would be a cycle.
func RuleARNs(scope constructs.Construct, s settings.Settings, name string) []string {
	place := convert.PlaceOf(scope)
	arns := []string{place.ARN("events", "rule/"+name)}
	if bus := s.OwnBus(); bus != "" {
		arns = append(arns, place.ARN("events", "rule/"+bus+"/"+name))
	}
	return arns
}

// ScheduleSource is the group of every schedule of the stack: Scheduler names the group and no schedule (EventBridge
// Scheduler User Guide, "Confused deputy prevention").
func ScheduleSource(scope constructs.Construct) []string {
	return []string{convert.PlaceOf(scope).ARN("scheduler", "schedule-group/default")}
}
