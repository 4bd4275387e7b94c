package s3

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// Types are the resource types of the service.
func Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{
		"AWS::S3::Bucket": {
			Name:  "BucketName",
			Lower: true,
			Attributes: func(p cloudformation.Place, _, name string) map[string]string {
				return map[string]string{
					"Ref":                name,
					"Arn":                events.Place{Partition: p.Partition}.ARN("s3", name),
					"DomainName":         name + ".s3." + cloudformation.URLSuffix(p.Partition),
					"RegionalDomainName": name + ".s3." + p.Region + "." + cloudformation.URLSuffix(p.Partition),
				}
			},
		},
		"AWS::S3::BucketPolicy": {Attributes: cloudformation.RefToName},
	}
}

type bucketSpec struct {
	BucketName                     string
	PublicAccessBlockConfiguration struct {
		BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets *bool
	}
	VersioningConfiguration struct{ Status string }
	OwnershipControls       struct {
		Rules []struct{ ObjectOwnership string }
	}
	BucketEncryption struct {
		ServerSideEncryptionConfiguration []struct {
			BucketKeyEnabled              *bool
			ServerSideEncryptionByDefault struct{ SSEAlgorithm, KMSMasterKeyID string }
		}
	}
	LifecycleConfiguration struct {
		Rules                              []lifecycleRule
		TransitionDefaultMinimumObjectSize cloudformation.Unused
	}
	NotificationConfiguration notificationSpec
	ObjectLockEnabled         *bool
	Tags                      cloudformation.Unused
}

type notificationSpec struct {
	QueueConfigurations []struct {
		Event, Queue string
		Filter       filterSpec
	}
	TopicConfigurations []struct {
		Event, Topic string
		Filter       filterSpec
	}
	EventBridgeConfiguration *struct{ EventBridgeEnabled *bool }
}

type filterSpec struct {
	S3Key struct {
		Rules []struct{ Name, Value string }
	}
}

// read is the configuration as S3 has it.
func (s notificationSpec) read() (all []notification, bridge bool, err error) {
	add := func(event, to string, f filterSpec) {
		n := notification{id: fmt.Sprintf("template-%d", len(all)+1), to: to, events: []string{event}}
		for _, r := range f.S3Key.Rules {
			if failed := n.set(r.Name, r.Value); failed != nil {
				err = failed
			}
		}
		all = append(all, n)
	}
	for _, q := range s.QueueConfigurations {
		add(q.Event, q.Queue, q.Filter)
	}
	for _, t := range s.TopicConfigurations {
		add(t.Event, t.Topic, t.Filter)
	}
	b := s.EventBridgeConfiguration
	return all, b != nil && (b.EventBridgeEnabled == nil || *b.EventBridgeEnabled), err
}

type lifecycleRule struct {
	Id, Status, Prefix                       string //nolint:revive // CloudFormation's names
	ExpirationInDays                         *int
	ExpiredObjectDeleteMarker                *bool
	NoncurrentVersionExpiration              struct{ NoncurrentDays, NewerNoncurrentVersions *int }
	AbortIncompleteMultipartUpload           struct{ DaysAfterInitiation *int }
	Transitions, NoncurrentVersionTransition cloudformation.Unused
}

type bucketPolicySpec struct {
	Bucket         string
	PolicyDocument policy.Document
}

// bucketName is S3's rule for names ("General purpose bucket naming rules").
var bucketName = sync.OnceValue(
	func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`) },
)

// Check refuses values that the service would refuse.
func (s bucketSpec) Check() error {
	var errs []error
	if s.BucketName != "" && !bucketName().MatchString(s.BucketName) {
		errs = append(errs, fmt.Errorf("the name %q; want 3 to 63 of [a-z0-9.-]", s.BucketName))
	}
	if status := s.VersioningConfiguration.Status; status != "" {
		errs = append(errs, cloudformation.OneOf("VersioningConfiguration.Status", status, "Enabled", "Suspended"))
	}
	for _, r := range s.OwnershipControls.Rules {
		errs = append(
			errs,
			cloudformation.OneOf("ObjectOwnership", r.ObjectOwnership, "BucketOwnerEnforced", "BucketOwnerPreferred",
				"ObjectWriter"),
		)
	}
	for _, e := range s.BucketEncryption.ServerSideEncryptionConfiguration {
		errs = append(
			errs,
			cloudformation.OneOf("SSEAlgorithm", e.ServerSideEncryptionByDefault.SSEAlgorithm, "AES256", "aws:kms",
				"aws:kms:dsse"),
		)
	}
	for _, r := range s.LifecycleConfiguration.Rules {
		errs = append(errs, cloudformation.OneOf("Status of a lifecycle rule", r.Status, "Enabled", "Disabled"),
			cloudformation.Within("ExpirationInDays", r.ExpirationInDays, 1, 1<<31-1),
			cloudformation.Within("NoncurrentDays", r.NoncurrentVersionExpiration.NoncurrentDays, 1, 1<<31-1))
		if r.ExpirationInDays == nil && r.ExpiredObjectDeleteMarker == nil &&
			r.NoncurrentVersionExpiration.NoncurrentDays == nil &&
			r.AbortIncompleteMultipartUpload.DaysAfterInitiation == nil {
			errs = append(errs, errors.New("a lifecycle rule does nothing"))
		}
	}
	return errors.Join(errs...)
}

// Check refuses what is not modelled.
func (s bucketPolicySpec) Check() error {
	errs := []error{s.PolicyDocument.Check()}
	if slices.ContainsFunc(s.PolicyDocument.Statement, func(st policy.Statement) bool { return len(st.Principal) == 0 }) {
		errs = append(errs, errors.New("a statement has no Principal"))
	}
	return errors.Join(errs...)
}

// Deploy makes the buckets of a template.
func (s *Buckets) Deploy(st *cloudformation.Stack) {
	s.mu.Lock()
	defer s.mu.Unlock()
	byName := map[string]*bucket{}
	cloudformation.Each(st, "AWS::S3::Bucket", func(id string, att map[string]string, spec bucketSpec) {
		b := &bucket{
			Site:      kernel.Site{Account: st.Account, Region: st.Region},
			name:      att["Ref"],
			created:   s.kernel.Began,
			versions:  spec.VersioningConfiguration.Status == "Enabled",
			versioned: spec.VersioningConfiguration.Status != "",
		}
		byName[b.name], s.buckets[att["Arn"]] = b, b
		for _, e := range spec.BucketEncryption.ServerSideEncryptionConfiguration {
			b.algorithm, b.kms = e.ServerSideEncryptionByDefault.SSEAlgorithm, e.ServerSideEncryptionByDefault.KMSMasterKeyID
			st.Wants(id, "key", b.kms)
		}
		all, bridge, err := spec.NotificationConfiguration.read()
		st.Fail(id, err)
		if failed := s.configure(att["Arn"], b, all, bridge); failed != nil {
			st.Fail(id, failed)
		}
	})
	cloudformation.Each(st, "AWS::S3::BucketPolicy", func(id string, _ map[string]string, spec bucketPolicySpec) {
		if b, ok := byName[spec.Bucket]; ok {
			b.policies = append(b.policies, spec.PolicyDocument)
		} else {
			st.Missing(id, "bucket", spec.Bucket)
		}
	})
	st.Holds("bucket", func(name string, _ bool) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.buckets[events.Place{Partition: st.Partition}.ARN("s3", name)] != nil
	})
}
