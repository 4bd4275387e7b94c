package sqs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// whole is an attribute that is a number within bounds (SQS API reference, SetQueueAttributes).
type whole struct {
	low, high int
	read      func(*queue) int
	set       func(*queue, int)
}

var numbers = sync.OnceValue(func() map[string]whole {
	return map[string]whole{
		"VisibilityTimeout": {
			0, mostHidden,
			func(q *queue) int { return int(q.hides / time.Second) },
			func(q *queue, n int) { q.hides = time.Duration(n) * time.Second },
		},
		"MaximumMessageSize":     {1024, mostQueued, func(q *queue) int { return q.most }, func(q *queue, n int) { q.most = n }},
		"MessageRetentionPeriod": {60, 1_209_600, func(q *queue) int { return q.keeps }, func(q *queue, n int) { q.keeps = n }},
		"DelaySeconds": {
			0, 900,
			func(q *queue) int { return int(q.delays / time.Second) },
			func(q *queue, n int) { q.delays = time.Duration(n) * time.Second },
		},
		"ReceiveMessageWaitTimeSeconds": {0, 20, func(q *queue) int { return q.waits }, func(q *queue, n int) { q.waits = n }},
		"KmsDataKeyReusePeriodSeconds":  {60, 86_400, func(q *queue) int { return q.reuses }, func(q *queue, n int) { q.reuses = n }},
	}
})

// getQueueAttributes tells what a queue is, and how many messages there are.
func (s *Queues) getQueueAttributes(cl *kernel.Call, q *queue) (any, *kernel.Error) {
	all, out := s.attributes(q), map[string]string{}
	for _, name := range cl.Texts("AttributeNames") {
		if !slices.Contains(attributeNames(), name) {
			return nil, kernel.Refuse("InvalidAttributeName", "Unknown Attribute %.100s.", name)
		}
		for known, value := range all {
			if name == known || name == "All" {
				out[known] = value
			}
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return map[string]any{"Attributes": out}, nil
}

// attributes are all of a queue; those that it does not have are left out.
func (s *Queues) attributes(q *queue) map[string]string {
	hidden, now := 0, s.kernel.Now()
	for _, m := range q.messages {
		if now.Before(m.hidden) {
			hidden++
		}
	}
	all := map[string]string{
		"ApproximateNumberOfMessages":           fmt.Sprint(len(q.messages) - hidden),
		"ApproximateNumberOfMessagesNotVisible": fmt.Sprint(hidden),
		"ApproximateNumberOfMessagesDelayed":    "0",
		"QueueArn":                              q.arn,
		"CreatedTimestamp":                      fmt.Sprint(s.kernel.Began.Unix()),
		"LastModifiedTimestamp":                 fmt.Sprint(q.changed.Unix()),
		"SqsManagedSseEnabled":                  fmt.Sprint(q.managed && q.key == ""),
		"RedriveAllowPolicy":                    q.allows,
		"KmsMasterKeyId":                        q.key,
	}
	for name, of := range numbers() {
		all[name] = fmt.Sprint(of.read(q))
	}
	if q.key == "" {
		delete(all, "KmsDataKeyReusePeriodSeconds")
	}
	if q.dead != "" {
		all["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, q.dead, q.tries)
	}
	if len(q.policies) > 0 {
		all["Policy"] = q.policies[0].Text()
	}
	maps.DeleteFunc(all, func(_, value string) bool { return value == "" })
	return all
}

// attributeNames are those that a queue may be asked for.
func attributeNames() []string { return wire.Models()["sqs"].Shapes["QueueAttributeName"].Enum }

// setQueueAttributes sets all of the attributes or none.
func (s *Queues) setQueueAttributes(cl *kernel.Call, q *queue) (any, *kernel.Error) {
	given, _ := cl.Params["Attributes"].(map[string]any)
	if len(given) == 0 {
		return nil, kernel.Refuse("MissingParameter", "The request must contain the parameter Attributes.")
	}
	changed := *q
	for _, name := range slices.Sorted(maps.Keys(given)) {
		value, _ := given[name].(string)
		if failed := s.set(&changed, name, value); failed != nil {
			return nil, failed
		}
	}
	if key, _ := given["KmsMasterKeyId"].(string); key != "" && given["SqsManagedSseEnabled"] == "true" {
		return nil, invalidValue("SqsManagedSseEnabled", "You can use one type of server-side encryption (SSE) at one time.")
	}
	changed.changed = s.kernel.Now()
	*q = changed
	s.count(q)
	return nil, nil
}

func (s *Queues) set(q *queue, name, value string) *kernel.Error {
	if of, isNumber := numbers()[name]; isNumber {
		n, err := strconv.Atoi(value)
		if err != nil || n < of.low || n > of.high {
			return invalidValue(name, fmt.Sprintf("Must be between %d and %d.", of.low, of.high))
		}
		of.set(q, n)
		return nil
	}
	switch name {
	case "Policy":
		return setPolicy(q, value)
	case "RedrivePolicy":
		return s.setRedrive(q, value)
	case "RedriveAllowPolicy":
		if value != "" && !json.Valid([]byte(value)) {
			return invalidValue(name, "Amazon SQS can't parse it.")
		}
		q.allows = value
	case "KmsMasterKeyId":
		q.key, q.managed = value, q.managed && value == ""
	case "SqsManagedSseEnabled":
		on, err := strconv.ParseBool(value)
		if err != nil {
			return invalidValue(name, "It must be true or false.")
		}
		if q.managed = on; on {
			q.key = ""
		}
	default:
		return kernel.Refuse("InvalidAttributeName", "Unknown Attribute %.100s.", name)
	}
	return nil
}

func invalidValue(name, why string) *kernel.Error {
	return kernel.Refuse("InvalidAttributeValue", "Invalid value for the parameter %s. Reason: %s", name, why)
}

// setPolicy replaces the policy of a queue; an empty one takes it away.
func setPolicy(q *queue, text string) *kernel.Error {
	if q.policies = nil; text == "" {
		return nil
	}
	given, err := policy.Parse([]byte(text))
	if err == nil {
		err = given.Check()
	}
	if err != nil {
		return invalidValue("Policy", err.Error())
	}
	q.policies = []policy.Document{given}
	return nil
}

// setRedrive replaces the redrive policy of a queue; an empty one takes it away.
func (s *Queues) setRedrive(q *queue, text string) *kernel.Error {
	if q.dead, q.tries = "", 0; text == "" {
		return nil
	}
	var p struct {
		Target string      `json:"deadLetterTargetArn"`
		Count  json.Number `json:"maxReceiveCount"` // a text or a number
	}
	err := json.Unmarshal([]byte(text), &p)
	n, bad := p.Count.Int64()
	switch {
	case err != nil || bad != nil || n < 1 || n > 1000:
		return invalidValue("RedrivePolicy", "It needs a deadLetterTargetArn, and a maxReceiveCount between 1 and 1000.")
	case s.queues[p.Target] == nil || s.kernel.Deleted(p.Target):
		return invalidValue("RedrivePolicy", "Dead letter target does not exist.")
	case kernel.SiteOf(p.Target) != kernel.SiteOf(q.arn) || strings.HasSuffix(p.Target, ".fifo"):
		return invalidValue("RedrivePolicy", "Dead-letter target must be a queue of the same account, Region and kind.")
	}
	q.dead, q.tries = p.Target, int(n)
	return nil
}

// deleteQueue deletes the queue with what lies in it.
func (s *Queues) deleteQueue(_ *kernel.Call, q *queue) (any, *kernel.Error) {
	q.messages = nil
	s.count(q)
	s.kernel.Delete(q.arn, true)
	return nil, nil
}
