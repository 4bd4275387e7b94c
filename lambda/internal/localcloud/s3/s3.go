// Package s3 has the buckets, as far as CloudTrail writes to them: who may, by their policies. It stores nothing. It
// knows no trail. A bucket that no template holds is assumed to exist and to let CloudTrail in, until the run breaks
// it.
package s3

import (
	"slices"
	"sync"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// Buckets are all buckets of the cloud.
type Buckets struct {
	kernel *kernel.Kernel

	mu      sync.Mutex
	buckets map[string]*bucket // by ARN
}

type bucket struct {
	outside  bool
	policies []policy.Document
}

// New returns S3 without a bucket.
func New(k *kernel.Kernel) *Buckets { return &Buckets{kernel: k, buckets: map[string]*bucket{}} }

// at is a bucket by its ARN.
func (s *Buckets) at(arn string) *bucket {
	b, ok := s.buckets[arn]
	if !ok {
		b = &bucket{outside: true}
		s.buckets[arn] = b
	}
	return b
}

// Receive asks whether a service may write a file ("Amazon S3 bucket policy for CloudTrail").
func (s *Buckets) Receive(d kernel.Delivery) *kernel.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, account := s.at(d.To), kernel.ARN(d.Source).Account
	if s.kernel.Deleted(d.To) {
		return kernel.Refuse(kernel.NoResource, "the bucket does not exist")
	}
	context := policy.Source(d.Source, account)
	context["s3:x-amz-acl"] = "bucket-owner-full-control"
	for action, resource := range map[string]string{"s3:GetBucketAcl": d.To, "s3:PutObject": d.To + "/" + d.Subject} {
		says := policy.OfResource(b.policies, policy.Access{
			Who:      d.By,
			Action:   action,
			Resource: resource,
			Context:  context,
		},
			account)
		if says == policy.Denied || says == policy.Silent && !b.outside {
			return kernel.Refuse(kernel.NoPermission, "the bucket's policy does not let %s in", d.By)
		}
	}
	return nil
}

// Deny puts a statement into a bucket's policy that refuses a service.
func (s *Buckets) Deny(arn, service string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.at(arn)
	b.policies = append(slices.Clone(b.policies), denial(service))
}

// Allow undoes Delete and Deny.
func (s *Buckets) Allow(arn string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.at(arn)
	s.kernel.Delete(arn, false)
	b.policies = slices.DeleteFunc(slices.Clone(b.policies),
		func(d policy.Document) bool { return d.ID == deniedByAttacker })
}

const deniedByAttacker = "attacker"

func denial(service string) policy.Document {
	return policy.Document{ID: deniedByAttacker, Statement: policy.Statements{{
		Effect:    "Deny",
		Action:    policy.Texts{"s3:*"},
		Resource:  policy.Texts{"*"},
		Principal: policy.Principals{"Service": {service}},
	}}}
}
