package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/settings"
)

// roleProps is what a role of the stack is: one service may assume it, and one inline policy says everything that it may do.
type roleProps struct {
	service, description string
	policy               string // the policy's name
	statements           []awsiam.PolicyStatement
}

// newRole makes a role as "Role" in scope. Every role of the stack comes from here, so that each has the permissions boundary that the
// settings name.
func newRole(scope constructs.Construct, s settings.Settings, p roleProps) awsiam.Role {
	props := &awsiam.RoleProps{
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String(p.service), nil),
		Description: jsii.String(p.description),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			p.policy: awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &p.statements}),
		},
	}
	if s.PermissionsBoundary != "" {
		props.PermissionsBoundary = awsiam.ManagedPolicy_FromManagedPolicyName(scope, jsii.String("Boundary"), jsii.String(s.PermissionsBoundary))
	}
	return awsiam.NewRole(scope, jsii.String("Role"), props)
}
