// Package policy says who may do what: statements, the stack's roles and customer keys, and lists that are too long for
// one policy.
//
// It decides nothing: which role gets which statement stands beside the resource that the role is for.
package policy

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// Allow is an identity policy's statement.
func Allow(sid string, actions []string, resources ...string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String(sid), Actions: jsii.Strings(actions...), Resources: jsii.Strings(resources...),
	})
}

// DeadLetterTarget lets a function's role send to its dead-letter target, a queue or a topic; an empty ARN is none.
func DeadLetterTarget(arn string) []awsiam.PolicyStatement {
	const sid = "DeadLetterTarget"
	switch {
	case arn == "":
		return nil
	case strings.Contains(arn, ":sqs:"):
		return []awsiam.PolicyStatement{Allow(sid, []string{"sqs:SendMessage"}, arn)}
	}
	return []awsiam.PolicyStatement{Allow(sid, []string{"sns:Publish"}, arn)}
}

// Deny is an identity policy's statement that no grant outweighs.
func Deny(sid string, actions []string, resources ...string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:       jsii.String(sid),
		Effect:    awsiam.Effect_DENY,
		Actions:   jsii.Strings(actions...),
		Resources: jsii.Strings(resources...),
	})
}

// Admit is a resource policy's statement for an AWS service. Conditions may be nil.
func Admit(sid, service string, actions []string, resource string, conditions map[string]any) awsiam.PolicyStatement {
	props := &awsiam.PolicyStatementProps{
		Sid:        jsii.String(sid),
		Actions:    jsii.Strings(actions...),
		Resources:  jsii.Strings(resource),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String(service), nil)},
	}
	if conditions != nil {
		props.Conditions = &conditions
	}
	return awsiam.NewPolicyStatement(props)
}
