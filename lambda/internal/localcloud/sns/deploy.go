package sns

import (
	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// Types are the resource types of the service.
func Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{
		"AWS::SNS::Topic": {Name: "TopicName", Attributes: func(p cloudformation.Place, _, name string) map[string]string {
			return map[string]string{"Ref": p.ARN("sns", name), "TopicArn": p.ARN("sns", name), "TopicName": name}
		}},
		"AWS::SNS::TopicPolicy": {Attributes: cloudformation.RefToName},
		"AWS::SNS::Subscription": {
			Qualifier: "TopicArn",
			Qualified: func(topic, name string) string { return topic + ":" + kernel.UUID("subscription", topic, name) },
			Attributes: func(_ cloudformation.Place, _, arn string) map[string]string {
				return map[string]string{"Ref": arn, "Arn": arn}
			},
		},
	}
}

type topicSpec struct {
	TopicName, DisplayName, KmsMasterKeyId string //nolint:revive // CloudFormation's names
	Tags, SignatureVersion, TracingConfig  cloudformation.Unused
}

type topicPolicySpec struct {
	Topics         []string
	PolicyDocument policy.Document
}

type subscriptionSpec struct {
	TopicArn, Protocol, Endpoint string
	FilterPolicy                 filterPolicy
	FilterPolicyScope            string
	RawMessageDelivery           *bool
	// What a queue or a function of a template does not take goes there; all other subscribers take every message.
	RedrivePolicy *struct {
		DeadLetterTargetArn string `json:"deadLetterTargetArn"`
	}
	Region cloudformation.Unused
}

// Deploy makes the topics of a template, and takes those for granted to which a role may publish by their full ARNs:
// destinations that only the function's asset names.
func (s *Topics) Deploy(st *cloudformation.Stack, granted []string) {
	st.Holds("topic", func(arn string, assume bool) bool { return s.holds(st, arn, assume) })
	cloudformation.Each(st, "AWS::SNS::Topic", func(id string, att map[string]string, spec topicSpec) {
		arn := att["TopicArn"]
		s.mu.Lock()
		s.topics[arn] = &topic{arn: arn, key: spec.KmsMasterKeyId, display: spec.DisplayName}
		s.mu.Unlock()
		s.kernel.Name(arn, cloudformation.ShortID(id))
		st.Wants(id, "key", spec.KmsMasterKeyId)
	})
	cloudformation.Each(st, "AWS::SNS::TopicPolicy", func(id string, _ map[string]string, spec topicPolicySpec) {
		st.Fail(id, spec.PolicyDocument.Check())
		for _, arn := range spec.Topics {
			if t, ok := s.topics[arn]; ok {
				t.policies = append(t.policies, spec.PolicyDocument)
			} else {
				st.Missing(id, "topic", arn)
			}
		}
	})
	cloudformation.Each(st, "AWS::SNS::Subscription", func(id string, att map[string]string, spec subscriptionSpec) {
		st.Wants(id, "topic", spec.TopicArn)
		if t := s.topics[spec.TopicArn]; t != nil {
			t.subscriptions = append(t.subscriptions, deployed(att["Ref"], spec))
			s.kernel.Name(att["Ref"], cloudformation.ShortID(id))
		}
	})
	for _, arn := range granted {
		st.Has("topic", arn, true)
	}
}

// holds takes a topic for granted that is given by an ARN.
func (s *Topics) holds(st *cloudformation.Stack, arn string, assume bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.topics[arn] != nil {
		return true
	}
	if !assume || !st.Names(arn, "sns") {
		return false
	}
	s.topics[arn] = &topic{arn: arn, outside: true}
	s.kernel.Name(arn, kernel.ARN(arn).Resource)
	st.Assume(
		"the topic " + arn + ", which is not in the template, has subscribers and lets in every service and role that " +
			"publishes to it",
	)
	return true
}
