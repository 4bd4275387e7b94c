package s3

import (
	"fmt"
	"net/http"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// kinds are the lists of a notification configuration, as the call and as CloudFormation have them.
var kinds = []struct{ list, arn string }{
	{"QueueConfigurations", "QueueArn"},
	{"TopicConfigurations", "TopicArn"},
	{"LambdaFunctionConfigurations", "LambdaFunctionArn"},
}

// putNotifications answers PutBucketNotificationConfiguration.
func (s *Buckets) putNotifications(cl *kernel.Call, arn string, b *bucket) (any, *kernel.Error) {
	given, _ := cl.Params["NotificationConfiguration"].(map[string]any)
	var all []notification
	for _, kind := range kinds {
		entries, _ := given[kind.list].([]any)
		for i, v := range entries {
			entry, _ := v.(map[string]any)
			n := notification{}
			n.id, _ = entry["Id"].(string)
			if n.id == "" {
				n.id = fmt.Sprintf("%s-%d", kind.list, i+1)
			}
			n.to, _ = entry[kind.arn].(string)
			n.events = texts(entry["Events"])
			if failed := n.filter(entry["Filter"]); failed != nil {
				return nil, failed
			}
			all = append(all, n)
		}
	}
	_, bridge := given["EventBridgeConfiguration"]
	return nil, s.configure(arn, b, all, bridge)
}

func texts(v any) (all []string) {
	items, _ := v.([]any)
	for _, item := range items {
		text, _ := item.(string)
		all = append(all, text)
	}
	return all
}

// filter reads the rules of a filter: of each name, in any case, one at most.
func (n *notification) filter(v any) *kernel.Error {
	filter, _ := v.(map[string]any)
	key, _ := filter["Key"].(map[string]any)
	rules, _ := key["FilterRules"].([]any)
	for _, r := range rules {
		rule, _ := r.(map[string]any)
		name, _ := rule["Name"].(string)
		value, _ := rule["Value"].(string)
		if failed := n.set(name, value); failed != nil {
			return failed
		}
	}
	return nil
}

func (n *notification) set(name, value string) *kernel.Error {
	switch {
	case (name == "prefix" || name == "Prefix") && n.prefix == "":
		n.prefix = value
	case (name == "suffix" || name == "Suffix") && n.suffix == "":
		n.suffix = value
	default:
		return refuse(http.StatusBadRequest, "InvalidArgument", "filter rule name must be either prefix or suffix")
	}
	return nil
}

// getNotifications answers GetBucketNotificationConfiguration.
func (b *bucket) getNotifications() map[string]any {
	out := map[string]any{}
	lists := map[string]int{"sqs": 0, "sns": 1, "lambda": 2}
	for _, n := range b.notifications {
		kind := kinds[lists[kernel.ARN(n.to).Service]]
		entry := map[string]any{"Id": n.id, kind.arn: n.to, "Events": n.events}
		var rules []any
		for _, rule := range []struct{ name, value string }{{"Prefix", n.prefix}, {"Suffix", n.suffix}} {
			if rule.value != "" {
				rules = append(rules, map[string]any{"Name": rule.name, "Value": rule.value})
			}
		}
		if len(rules) > 0 {
			entry["Filter"] = map[string]any{"Key": map[string]any{"FilterRules": rules}}
		}
		list, _ := out[kind.list].([]any)
		out[kind.list] = append(list, entry)
	}
	if b.bridge {
		out["EventBridgeConfiguration"] = map[string]any{}
	}
	return out
}
