package stack

import (
	"slices"
	"strings"

	"trailkeeper/cdk/archive"
	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config"
)

// Right is what CloudFormation needs for a setting beyond cdk/execution-policy.json.
type Right struct {
	Setting string // its key
	Add     string // what is added to the policy
}

// FurtherRights are those that the settings need, in a fixed order: what cdk/README.md's "Deploying policy" tells to
// add. What is named trailkeeper… needs none. It says nothing of the setting permissionsBoundary, without which
// another policy deploys, nor of cdk/boundary-policy.json.
func FurtherRights(s settings.Settings) []Right {
	all := otherNames(s)
	add := func(key string, needed bool, what string) {
		if needed {
			all = append(all, Right{key, what})
		}
	}
	secret := secretName(s)
	add("secret", resolvesSecret(s) && !ours(secret), "secretsmanager:GetSecretValue on the secret "+secret)
	topics := s.Archive.Topics()
	topics = slices.DeleteFunc(topics, func(arn string) bool { return ours(arn[strings.LastIndex(arn, ":")+1:]) })
	var buckets []string
	if len(topics) > 0 {
		buckets = append(buckets, "sns:Subscribe on "+strings.Join(topics, ", "))
	}
	if len(archive.Forwarding(s)) > 0 {
		buckets = append(buckets, "events:PutPermission, events:RemovePermission and events:DescribeEventBus on *")
	}
	add("archive.buckets", s.ReadsLogFiles() && len(buckets) > 0, strings.Join(buckets, ", and "))
	topic, _ := config.FormTopic.Parse(s.SNS.TopicARN)
	add("sns.topicArn", s.SNS.Enabled && topic.Resource != "" && !ours(topic.Resource) && len(s.SNS.Subscriptions) > 0,
		"sns:Subscribe on "+s.SNS.TopicARN)
	filtered := s.MetricFilters.LogGroup
	add("metricFilters.logGroup", filtered != "" && !ours(filtered), onLogGroups("MetricFilter", filtered))
	groups := slices.DeleteFunc(s.Archive.LogGroupNames(), ours)
	add("archive.logGroups", s.SubscribesLogs() && len(groups) > 0, onLogGroups("SubscriptionFilter", groups...))
	add("guardrail.attachTo", len(s.Guardrail.AttachTo) > 0, "the statements of cdk/guardrail-policy.json")
	return all
}

// ours reports whether a name is one that cdk/execution-policy.json reaches.
func ours(name string) bool { return strings.HasPrefix(name, "trailkeeper") }

// otherNames are the settings that give what the stack makes another name than the policy reaches. The name of what the
// settings leave out is not needed.
func otherNames(s settings.Settings) []Right {
	var all []Right
	for _, n := range []struct {
		key, name string
		made      bool
	}{
		{"stackName", s.StackName, true},
		{"function.name", s.Function.Name, true},
		{"watch.name", s.Watch.Name, s.Watch.Enabled},
		{"sns.topicName", s.SNS.TopicName, s.SNS.Enabled},
	} {
		if n.made && n.name != "" && !ours(n.name) {
			all = append(all, Right{n.key, n.name + "* beside trailkeeper*"})
		}
	}
	return all
}

// onLogGroups are the calls for filters of one kind on log groups.
func onLogGroups(kind string, groups ...string) string {
	return "logs:Put" + kind + ", logs:Describe" + kind + "s and logs:Delete" + kind + " on log-group:" +
		strings.Join(groups, ":*, log-group:") + ":*"
}

// resolvesSecret reports whether CloudFormation reads the secret: for the connection to Slack and for endpoints that are
// in it.
func resolvesSecret(s settings.Settings) bool {
	return s.Path1() || s.SecretEndpoints()
}

// secretName is the name of the secret, which may be given as an ARN.
func secretName(s settings.Settings) string {
	if a, isARN := config.FormSecret.Parse(s.Secret); isARN {
		name, _ := a.Name(config.FormSecret)
		return name
	}
	return s.Secret
}
