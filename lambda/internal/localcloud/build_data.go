package localcloud

import (
	"errors"
	"fmt"
	"strings"
)

// storage builds tables and buckets; their policies name roles, which need not be in the template.
func (b *builder) storage() {
	each(b, "AWS::DynamoDB::Table", func(id string, att map[string]string, s tableSpec) {
		t := &table{id: id, name: att["Ref"], arn: att["Arn"], policies: []policyDocument{s.ResourcePolicy.PolicyDocument}, items: map[string]Item{}}
		for _, k := range s.KeySchema {
			for _, d := range s.AttributeDefinitions {
				if d.AttributeName == k.AttributeName {
					t.keys = append(t.keys, keyAttribute{d.AttributeName, d.AttributeType})
				}
			}
		}
		if ttl := s.TimeToLiveSpecification; ttl.Enabled != nil && *ttl.Enabled {
			t.ttl = ttl.AttributeName
		}
		if s.SSESpecification.KMSMasterKeyId != "" {
			t.key = s.SSESpecification.KMSMasterKeyId
			b.knownKey(id, t.key)
		}
		b.tables[t.arn] = t
	})
	each(b, "AWS::S3::Bucket", func(id string, att map[string]string, s bucketSpec) {
		b.buckets[att["Ref"]] = &logBucket{id: id, name: att["Ref"], arn: att["Arn"]}
		for _, e := range s.BucketEncryption.ServerSideEncryptionConfiguration {
			b.knownKey(id, e.ServerSideEncryptionByDefault.KMSMasterKeyID)
		}
	})
	each(b, "AWS::S3::BucketPolicy", func(id string, _ map[string]string, s bucketPolicySpec) {
		if bucket, ok := b.buckets[s.Bucket]; ok {
			bucket.policies = append(bucket.policies, s.PolicyDocument)
		} else {
			b.missing(id, "bucket", s.Bucket)
		}
	})
}

// schedulesAndTrails builds what refers to functions, queues, topics and buckets.
func (b *builder) schedulesAndTrails() {
	each(b, "AWS::Scheduler::Schedule", func(id string, att map[string]string, s scheduleSpec) {
		every, _ := s.every()
		group := s.GroupName
		if group == "" {
			group = "default"
		}
		sch := &schedule{scheduleSpec: s, id: id, name: att["Ref"], arn: att["Arn"], group: group, every: every, enabled: s.State != "DISABLED"}
		sch.cron, _ = parseCron(s.ScheduleExpression)
		if b.functions[s.Target.Arn] == nil && !sch.putsEvents() {
			b.missing(id, "target", s.Target.Arn)
		}
		if b.roles[s.Target.RoleArn] == nil {
			b.missing(id, "role", s.Target.RoleArn)
		}
		if arn := s.Target.DeadLetterConfig.Arn; arn != "" {
			b.knownQueue(arn)
			if b.queues[arn] == nil {
				b.missing(id, "queue", arn)
			}
		}
		b.fail(id, b.uniqueSchedule(sch))
		b.schedules = append(b.schedules, sch)
	})
	each(b, "AWS::CloudTrail::Trail", func(id string, att map[string]string, s trailSpec) {
		b.knownKey(id, s.KMSKeyId)
		if strings.HasPrefix(s.S3BucketName, b.evaluator.Stack+"-") && b.buckets[s.S3BucketName] == nil {
			b.missing(id, "bucket", s.S3BucketName)
		}
		b.deployed = append(b.deployed, deployedTrail{id: id, arn: att["Arn"], spec: s})
	})
}

func (b *builder) uniqueSchedule(s *schedule) error {
	for _, other := range b.schedules {
		if other.arn == s.arn {
			return fmt.Errorf("another schedule has the name %s as well", s.name)
		}
	}
	if s.Target.Input == "" {
		return errors.New("the target has no Input; a function would get an event that nobody knows")
	}
	return nil
}
