package sqs

import (
	"errors"
	"time"

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
	QueueName, KmsMasterKeyId                          string //nolint:revive // CloudFormation's names
	SqsManagedSseEnabled, KmsDataKeyReusePeriodSeconds cloudformation.Unused
	MessageRetentionPeriod, MaximumMessageSize         *int
	VisibilityTimeout                                  *int
	Tags                                               cloudformation.Unused
	ReceiveMessageWaitTimeSeconds, RedriveAllowPolicy  cloudformation.Unused
	RedrivePolicy                                      *redrivePolicy
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
		q := newQueue(att["QueueName"], att["Arn"], att["QueueUrl"])
		q.key = spec.KmsMasterKeyId
		if spec.VisibilityTimeout != nil {
			q.hides = time.Duration(*spec.VisibilityTimeout) * time.Second
		}
		if spec.MessageRetentionPeriod != nil {
			q.keeps = *spec.MessageRetentionPeriod
		}
		if spec.MaximumMessageSize != nil {
			q.most = *spec.MaximumMessageSize
		}
		if r := spec.RedrivePolicy; r != nil {
			q.dead, q.tries = r.DeadLetterTargetARN, r.MaxReceiveCount
		}
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

func newQueue(name, arn, url string) *queue {
	return &queue{
		name:  name,
		arn:   arn,
		url:   url,
		most:  mostQueued,
		keeps: defaultKept,
		hides: defaultHidden,
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
	s.queues[arn] = newQueue(at.Resource, arn, "https://"+host+"/"+at.Account+"/"+at.Resource)
	s.called(s.queues[arn])
	st.Assume("the queue " + arn + ", which is not in the template, exists and lets in every role that may send to it")
	return true
}
