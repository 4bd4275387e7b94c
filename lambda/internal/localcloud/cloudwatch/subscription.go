package cloudwatch

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
)

type subscriptionSpec struct {
	LogGroupName, DestinationArn, FilterPattern, FilterName string
}

// Check refuses what is not modelled: a pattern that leaves something out.
func (s subscriptionSpec) Check() error {
	if strings.TrimSpace(s.FilterPattern) != "" {
		return fmt.Errorf("the filter pattern %q is not modelled; want an empty one", s.FilterPattern)
	}
	return nil
}

// subscription is a subscription filter of a log group, with a function as its destination.
type subscription struct {
	name, to string
}

// mostSubscriptions is CloudWatch Logs' limit for a log group ("CloudWatch Logs quotas", Subscription filters).
const mostSubscriptions = 2

const logsService = "logs.amazonaws.com"

// deploySubscriptions makes the subscription filters of a template. CloudWatch Logs asks each function whether it may be
// invoked.
func (s *Monitor) deploySubscriptions(st *cloudformation.Stack) {
	cloudformation.Each(st, "AWS::Logs::SubscriptionFilter", func(id string, _ map[string]string, spec subscriptionSpec) {
		group := st.ARN("logs", "log-group:"+spec.LogGroupName)
		if s.groups[group] == nil {
			s.groups[group] = &logGroup{}
			st.Assume("the log group " + spec.LogGroupName + ", which is not in the template, exists")
		}
		if len(s.subscriptions[group]) == mostSubscriptions {
			st.Fail(id, fmt.Errorf("LimitExceededException: Resource limit exceeded: %s has %d subscription filters",
				spec.LogGroupName, mostSubscriptions))
			return
		}
		probe := s.toFunction(group, spec.DestinationArn, nil)
		probe.Probe = true
		if failed := s.kernel.Deliver(probe); failed != nil {
			st.Fail(id, errors.New("Could not execute the lambda function. Make sure you have given CloudWatch Logs "+
				"permission to execute your function: "+failed.Message))
		}
		s.subscriptions[group] = append(s.subscriptions[group], subscription{id, spec.DestinationArn})
	})
}

func (s *Monitor) toFunction(group, to string, body []byte) kernel.Delivery {
	return kernel.Delivery{To: to, By: logsService, Source: group + ":*", Body: body, Via: "CloudWatch Logs"}
}

// LogEvents puts events into a log stream of a log group, as CloudTrail does some five minutes after a call: the group's
// metric filters count them, and its subscriptions get them. The group goes by its ARN without ":*" at its end; one that
// was deleted takes none.
func (s *Monitor) LogEvents(group, stream string, messages ...string) {
	if s.kernel.Deleted(group) {
		return
	}
	s.mu.Lock()
	all := s.subscriptions[group]
	for _, m := range messages {
		s.count(group, []byte(m))
	}
	s.mu.Unlock()
	_, name, _ := strings.Cut(kernel.ARN(group).Resource, ":")
	for _, sub := range all {
		events := []any{}
		for i, m := range messages {
			events = append(events, map[string]any{
				"id": fmt.Sprintf("%056d", i), "timestamp": s.kernel.Now().UnixMilli(), "message": m,
			})
		}
		body := packed(map[string]any{
			"messageType": "DATA_MESSAGE", "owner": kernel.ARN(group).Account, "logGroup": name, "logStream": stream,
			"subscriptionFilters": []string{sub.name}, "logEvents": events,
		})
		s.kernel.After(0, func() {
			if failed := s.kernel.Deliver(s.toFunction(group, sub.to, body)); failed != nil {
				s.kernel.Note(kernel.Entry{
					Kind: kernel.KindLost, Subject: s.kernel.NameOf(sub.to), Via: name, Err: "log events: " + failed.Message,
				})
			}
		})
	}
}

// packed is what a function gets of log events ("Subscription filters with AWS Lambda").
func packed(batch map[string]any) []byte {
	text, err := json.Marshal(batch)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, wrong := z.Write(text)
	if err = errors.Join(err, wrong, z.Close()); err != nil {
		panic(err) // texts and numbers, in memory
	}
	return fmt.Appendf(nil, `{"awslogs":{"data":%q}}`, base64.StdEncoding.EncodeToString(b.Bytes()))
}
