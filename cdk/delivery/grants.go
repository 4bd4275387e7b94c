package delivery

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"

	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/settings"
)

// Grants is what a function may do to deliver messages: publish to the topic, which may be nil, and to those of the
// routes, and read the secret for Slack. The lists of what may be many grow with the settings.
func Grants(
	scope constructs.Construct, s settings.Settings, topic *Topic,
) (few []awsiam.PolicyStatement, many []policy.Long) {
	if topic != nil {
		few, many = topic.PublishTo(), routeStatements(s)
	}
	if s.Slack.Enabled {
		few = append(few, readSecret(scope, s, "SlackSecret")...)
	}
	return few, many
}

// HeartbeatGrants is what a function may do besides Grants to find the URL of its heartbeat.
func HeartbeatGrants(scope constructs.Construct, s settings.Settings) []awsiam.PolicyStatement {
	if s.Slack.Enabled {
		return nil // Grants has it
	}
	return readSecret(scope, s, "HeartbeatSecret")
}

// CheckGrants is what a function may do besides Grants to check the secret, and the endpoints that are in it.
func CheckGrants(scope constructs.Construct, s settings.Settings) []awsiam.PolicyStatement {
	var few []awsiam.PolicyStatement
	if s.Slack.Enabled {
		few = append(few, policy.Allow("CheckSecret", []string{"secretsmanager:DescribeSecret"}, secretARN(scope, s)))
	} else if s.Heartbeat.Warden == "" && s.SecretEndpoints() { // otherwise it has it
		few = append(few, readSecret(scope, s, "EndpointSecret")...)
	}
	return few
}

func readSecret(scope constructs.Construct, s settings.Settings, sid string) []awsiam.PolicyStatement {
	few := []awsiam.PolicyStatement{policy.Allow(sid, []string{"secretsmanager:GetSecretValue"}, secretARN(scope, s))}
	if s.SecretKeyARN != "" {
		few = append(few, secretKeyStatement(scope, s))
	}
	return few
}

// routeStatements let a function publish to exactly the topics that the routes name, and use exactly the keys that the
// settings name for them.
func routeStatements(s settings.Settings) []policy.Long {
	var statements []policy.Long
	if topics := settings.RouteTopics(s); len(topics) > 0 {
		statements = append(statements, policy.LongAllow("RouteTopics", []string{"sns:Publish"}, topics))
	}
	if keys := s.SNS.RouteKeyARNs; len(keys) > 0 {
		statements = append(statements, policy.LongAllow("RouteTopicKeys", policy.UseKey, keys))
	}
	return statements
}
