package sqs

import (
	"encoding/json"
	"errors"

	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// Types are the resource types of the service.
func Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{
		"AWS::SQS::Queue": {Name: "QueueName", Attributes: func(p cloudformation.Place, _, name string) map[string]string {
			url := "https://sqs." + p.Region + "." + cloudformation.URLSuffix(p.Partition) + "/" + p.Account + "/" + name
			return map[string]string{
				"Ref":       url,
				"QueueUrl":  url,
				"Arn":       p.ARN("sqs", name),
				"QueueName": name,
			}
		}},
		"AWS::SQS::QueuePolicy": {Attributes: cloudformation.RefToName},
	}
}

type queueSpec struct {
	QueueName, KmsMasterKeyId                  string //nolint:revive // CloudFormation's names
	SqsManagedSseEnabled                       *bool
	KmsDataKeyReusePeriodSeconds               *int
	MessageRetentionPeriod, MaximumMessageSize *int
	VisibilityTimeout                          *int
	Tags                                       cloudformation.Unused
	ReceiveMessageWaitTimeSeconds              *int
	RedriveAllowPolicy                         json.RawMessage
	RedrivePolicy                              *redrivePolicy
}

type redrivePolicy struct {
	DeadLetterTargetARN string `json:"deadLetterTargetArn"`
	MaxReceiveCount     int    `json:"maxReceiveCount"`
}

type queuePolicySpec struct {
	Queues         []string
	PolicyDocument policy.Document
}

// Check refuses values that the service would refuse.
func (s queueSpec) Check() error {
	return errors.Join(
		cloudformation.Within("MessageRetentionPeriod", s.MessageRetentionPeriod, 60, 1209600),
		cloudformation.Within("MaximumMessageSize", s.MaximumMessageSize, 1024, mostQueued),
		cloudformation.Within("VisibilityTimeout", s.VisibilityTimeout, 0, mostHidden),
		cloudformation.Within("ReceiveMessageWaitTimeSeconds", s.ReceiveMessageWaitTimeSeconds, 0, 20),
		cloudformation.Within("KmsDataKeyReusePeriodSeconds", s.KmsDataKeyReusePeriodSeconds, 60, 86_400),
		s.RedrivePolicy.check(),
	)
}

func (p *redrivePolicy) check() error {
	if p == nil {
		return nil
	}
	return cloudformation.Within("maxReceiveCount", &p.MaxReceiveCount, 1, 1000)
}

// Deploy makes the queues of a template.
func (s *Queues) Deploy(st *cloudformation.Stack) {
	s.mu.Lock()
	defer s.mu.Unlock()
	byURL := map[string]*queue{}
	cloudformation.Each(st, "AWS::SQS::Queue", func(id string, att map[string]string, spec queueSpec) {
		q := s.newQueue(att["QueueName"], att["Arn"], att["QueueUrl"])
		spec.apply(q)
		s.queues[q.arn], byURL[q.url] = q, q
		s.kernel.Name(q.arn, cloudformation.ShortID(id))
		s.called(q)
		st.Wants(id, "key", q.key)
	})
	cloudformation.Each(st, "AWS::SQS::QueuePolicy", func(id string, _ map[string]string, spec queuePolicySpec) {
		st.Fail(id, spec.PolicyDocument.Check())
		for _, url := range spec.Queues {
			if q, ok := byURL[url]; ok {
				q.policies = append(q.policies, spec.PolicyDocument)
			} else {
				st.Missing(id, "queue", url)
			}
		}
	})
	for _, q := range byURL {
		dead := s.queues[q.dead]
		if q.dead != "" && (dead == nil || kernel.SiteOf(q.dead) != kernel.SiteOf(q.arn)) {
			st.Missing(q.name, "dead-letter queue of this account and Region", q.dead)
		}
	}
	st.Holds("queue", func(arn string, assume bool) bool { return s.holds(st, arn, assume) })
}

// apply gives a queue what the template says of it.
func (s queueSpec) apply(q *queue) {
	q.key, q.managed = s.KmsMasterKeyId, s.KmsMasterKeyId == ""
	for name, value := range map[string]*int{
		"VisibilityTimeout": s.VisibilityTimeout, "MessageRetentionPeriod": s.MessageRetentionPeriod,
		"MaximumMessageSize": s.MaximumMessageSize, "ReceiveMessageWaitTimeSeconds": s.ReceiveMessageWaitTimeSeconds,
		"KmsDataKeyReusePeriodSeconds": s.KmsDataKeyReusePeriodSeconds,
	} {
		if value != nil {
			numbers()[name].set(q, *value)
		}
	}
	if s.SqsManagedSseEnabled != nil {
		q.managed = *s.SqsManagedSseEnabled
	}
	if s.RedriveAllowPolicy != nil {
		q.allows = string(s.RedriveAllowPolicy)
	}
	if r := s.RedrivePolicy; r != nil {
		q.dead, q.tries = r.DeadLetterTargetARN, r.MaxReceiveCount
	}
}

func (s *Queues) newQueue(name, arn, url string) *queue {
	return &queue{
		name:    name,
		arn:     arn,
		url:     url,
		most:    mostQueued,
		keeps:   defaultKept,
		hides:   defaultHidden,
		reuses:  defaultReused,
		managed: true, // since 2022 ("Amazon SQS encrypts new queues by default")
		changed: s.kernel.Began,
	}
}

// holds takes a queue for granted that is given by an ARN.
func (s *Queues) holds(st *cloudformation.Stack, arn string, assume bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.queues[arn] != nil {
		return true
	}
	if !assume || !st.Names(arn, "sqs") {
		return false
	}
	at := kernel.ARN(arn)
	host := "sqs." + at.Region + "." + cloudformation.URLSuffix(at.Partition)
	s.queues[arn] = s.newQueue(at.Resource, arn, "https://"+host+"/"+at.Account+"/"+at.Resource)
	s.called(s.queues[arn])
	st.Assume("the queue " + arn + ", which is not in the template, exists and lets in every role that may send to it")
	return true
}
