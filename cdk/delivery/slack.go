// Package delivery makes what notifications leave by: the connection and API destinations with which EventBridge posts
// to Slack, the SNS topics with their subscriptions, and the references to the secret.
//
// It says no word of a message and makes no rule: what is sent, and when, stands in package eventrule and in the guard.
package delivery

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/settings"
)

// Slack is path 1: what EventBridge posts to Slack with.
type Slack struct {
	Construct constructs.Construct

	Connection  awsevents.CfnConnection
	Destination awsevents.CfnApiDestination // for calls that succeeded
	// Rest is for all else: refused calls, test alerts and alarms. Each destination has a rate of its own, and what is
	// over it waits: whoever has calls refused by the hundred makes none wait that succeeded.
	Rest awsevents.CfnApiDestination
	// Protect is for calls against the deployment itself: whoever floods another destination before holds up none of
	// these, nor they what is said of trails. Nil where nothing reports them.
	Protect awsevents.CfnApiDestination
	Role    awsiam.Role // may post to these and do nothing else
}

// NewSlack makes them.
func NewSlack(scope constructs.Construct, s settings.Settings) *Slack {
	k := &Slack{Construct: constructs.NewConstruct(scope, jsii.String("Slack"))}
	// The names are the stack's, so that whoever deploys needs no right over other connections, and their secrets, and
	// destinations.
	name := jsii.String(s.StackName + "-slack")
	k.Connection = awsevents.NewCfnConnection(k.Construct, jsii.String("Connection"), &awsevents.CfnConnectionProps{
		Name:              name,
		Description:       jsii.String(connectionDescription(s)),
		AuthorizationType: jsii.String("API_KEY"),
		AuthParameters:    &awsevents.CfnConnection_AuthParametersProperty{ApiKeyAuthParameters: apiKey(s)},
	})
	k.Destination = k.newDestination(s, "Destination", "", "calls that succeeded")
	k.Rest = k.newDestination(s, "Rest", "-rest", "refused calls, test alerts and alarms")
	post := []string{*k.Destination.AttrArn(), *k.Rest.AttrArn()}
	if s.Protects() {
		k.Protect = k.newDestination(s, "Protect", "-protect", "calls against the deployment itself")
		post = append(post, *k.Protect.AttrArn())
	}
	k.Role = policy.NewRole(k.Construct, s, policy.RoleProps{
		Service:     "events.amazonaws.com",
		Description: "Trailkeeper: EventBridge posts to Slack",
		Sources:     policy.RuleARNs(scope, s, s.StackName+"-*"),
		Policy:      "Post",
		Statements: []awsiam.PolicyStatement{
			policy.Allow("Post", []string{"events:InvokeApiDestination"}, post...),
		},
	})
	if s.Place().Disputed {
		acknowledge(
			k.Construct,
			"CloudFormation-Validate::F3006",
			"EventBridge has API destinations in this Region; the validator's table is older",
		)
	}
	return k
}

func (k *Slack) newDestination(s settings.Settings, id, suffix, of string) awsevents.CfnApiDestination {
	// Slack takes one message a second for each channel (Slack API, "Rate limits").
	const perSecond = 1
	return awsevents.NewCfnApiDestination(k.Construct, jsii.String(id), &awsevents.CfnApiDestinationProps{
		Name:                         jsii.String(s.StackName + "-slack" + suffix),
		Description:                  jsii.String("Trailkeeper: posts to Slack without the guard, of " + of),
		ConnectionArn:                k.Connection.AttrArn(),
		HttpMethod:                   jsii.String("POST"),
		InvocationEndpoint:           jsii.String(slackEndpoint(s)),
		InvocationRateLimitPerSecond: jsii.Number(perSecond),
	})
}

// acknowledge tells CDK's validator that a finding of it is known not to hold, below the construct.
func acknowledge(scope constructs.Construct, id, reason string) {
	awscdk.Validations_Of(scope).Acknowledge(&awscdk.Acknowledgment{Id: jsii.String(id), Reason: jsii.String(reason)})
}

// connectionDescription names the version of the secret, so that the connection follows every change of it.
func connectionDescription(s settings.Settings) string {
	if s.SecretVersion == "" {
		return "Trailkeeper: Slack"
	}
	return "Trailkeeper: Slack, secret version " + s.SecretVersion
}

// apiKey is the header that a connection must have. A webhook needs none: its URL is the secret.
func apiKey(s settings.Settings) *awsevents.CfnConnection_ApiKeyAuthParametersProperty {
	if s.Slack.BotToken {
		return &awsevents.CfnConnection_ApiKeyAuthParametersProperty{
			ApiKeyName:  jsii.String("Authorization"),
			ApiKeyValue: jsii.String("Bearer " + secretValue(s, "bot_token", s.SecretVersion)),
		}
	}
	return &awsevents.CfnConnection_ApiKeyAuthParametersProperty{
		ApiKeyName: jsii.String("X-Trailkeeper"), ApiKeyValue: jsii.String("eventbridge"),
	}
}

// slackEndpoint prefers the webhook: its refusals are real HTTP errors, while chat.postMessage answers 200.
func slackEndpoint(s settings.Settings) string {
	if s.UsesChatAPI() {
		return s.Slack.API + "chat.postMessage"
	}
	return secretValue(s, "webhook", s.SecretVersion)
}

// Channel is what the message itself must name; empty with a webhook.
func Channel(s settings.Settings) string {
	if s.UsesChatAPI() {
		return s.Slack.Channel
	}
	return ""
}
