// Package s3 has the buckets: who owns them, and by their policies who may read and write what is in them. It tells
// queues, topics, functions and the default bus of objects that come and go. It knows no trail, and keeps of what
// CloudTrail delivers only that there is something. A bucket that no template holds is assumed to exist and to let CloudTrail in, until the run breaks
// it; in a strict run it must have been made.
package s3

import (
	"slices"
	"sync"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// Buckets are all buckets of the cloud.
type Buckets struct {
	kernel *kernel.Kernel
	wire.Front

	mu      sync.Mutex
	buckets map[string]*bucket // by ARN
}

type bucket struct {
	kernel.Site

	name     string
	created  time.Time
	outside  bool // assumed to let in who asks
	used     bool // a service has written to it
	policies []policy.Document

	objects        map[string]*object   // by key
	history        map[string][]*object // the versions of each key, markers among them, the latest last
	versions       bool
	versioned      bool   // it has versions, or had
	lifecycle      []any  // the rules, as the call has them
	algorithm, kms string // of objects that do not say how they are encrypted; the key by any name
	notifications  []notification
	bridge         bool // events go to the default bus
	sequence       int
}

// New returns S3 without a bucket.
func New(k *kernel.Kernel) *Buckets {
	s := &Buckets{kernel: k, buckets: map[string]*bucket{}}
	s.Front = wire.New(k, "s3", s.answer, wire.Named("Bucket"))
	s.Bounds = true
	return s
}

// at is a bucket by its ARN; nil: there is none.
func (s *Buckets) at(arn string) *bucket {
	b, ok := s.buckets[arn]
	switch {
	case ok && s.kernel.Deleted(arn), !ok && !s.kernel.Made(arn):
		return nil
	case !ok:
		b = &bucket{
			Site:    kernel.Site{Account: s.kernel.OwnerOf(arn)},
			name:    kernel.ARN(arn).Resource,
			created: s.kernel.Began,
			outside: true,
		}
		s.buckets[arn] = b
	}
	return b
}

// Receive asks whether a service may write a file ("Amazon S3 bucket policy for CloudTrail").
func (s *Buckets) Receive(d kernel.Delivery) *kernel.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, account := s.at(d.To), kernel.ARN(d.Source).Account
	if b == nil {
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
	b.used = true
	return nil
}

// Empty deletes all that is in a bucket, what a service has written included, as somebody who may delete any object does.
func (s *Buckets) Empty(arn string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.at(arn); b != nil {
		b.used, b.objects, b.history = false, nil, nil
	}
}

// Deny puts a statement into a bucket's policy that refuses a service.
func (s *Buckets) Deny(arn, service string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.at(arn); b != nil {
		b.policies = append(slices.Clone(b.policies), denial(service))
	}
}

// Allow undoes Delete and Deny.
func (s *Buckets) Allow(arn string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kernel.Delete(arn, false)
	if b := s.at(arn); b != nil {
		b.policies = slices.DeleteFunc(slices.Clone(b.policies),
			func(d policy.Document) bool { return d.ID == deniedByAttacker })
	}
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
