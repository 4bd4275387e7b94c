package localcloud

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"trailkeeper/lambda/config/baseline"
)

func (s tableSpec) check() error {
	errs := []error{s.ResourcePolicy.PolicyDocument.check(), oneOf("BillingMode", s.BillingMode, "PAY_PER_REQUEST")}
	if s.TableClass != "" {
		errs = append(errs, oneOf("TableClass", s.TableClass, "STANDARD", "STANDARD_INFREQUENT_ACCESS"))
	}
	if s.ProvisionedThroughput != nil || s.StreamSpecification != nil {
		errs = append(errs, errors.New("ProvisionedThroughput and StreamSpecification are not modelled"))
	}
	defined := map[string]string{}
	for _, d := range s.AttributeDefinitions {
		errs = append(errs, oneOf("the type of "+d.AttributeName, d.AttributeType, "S", "N"))
		defined[d.AttributeName] = d.AttributeType
	}
	for i, k := range s.KeySchema {
		errs = append(errs, oneOf("KeyType of "+k.AttributeName, k.KeyType, []string{"HASH", "RANGE"}[min(i, 1)]))
		if defined[k.AttributeName] == "" {
			errs = append(errs, fmt.Errorf("the key %s is not among the AttributeDefinitions", k.AttributeName))
		}
	}
	if n := len(s.KeySchema); n < 1 || n > 2 || n != len(defined) {
		errs = append(errs, fmt.Errorf("%d keys and %d AttributeDefinitions; want one or two keys, and the definitions of these", n, len(defined)))
	}
	if ttl := s.TimeToLiveSpecification; ttl.Enabled != nil && *ttl.Enabled && ttl.AttributeName == "" {
		errs = append(errs, errors.New("TimeToLiveSpecification has no AttributeName"))
	}
	if s.SSESpecification.SSEType != "" {
		errs = append(errs, oneOf("SSEType", s.SSESpecification.SSEType, "KMS"))
	}
	return errors.Join(append(errs, within("RecoveryPeriodInDays", s.PointInTimeRecoverySpecification.RecoveryPeriodInDays, 1, 35))...)
}

var rate = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^rate\(([1-9][0-9]*) (minutes?|hours?|days?)\)$`) })

// every is the period of a rate expression; false: it is none. Scheduler takes the singular and the plural for every number.
func (s scheduleSpec) every() (time.Duration, bool) {
	m := rate().FindStringSubmatch(s.ScheduleExpression)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	unit := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[strings.TrimSuffix(m[2], "s")]
	return time.Duration(n) * unit, err == nil && n <= 1<<20
}

func (s scheduleSpec) check() error {
	errs := []error{
		oneOf("FlexibleTimeWindow.Mode", s.FlexibleTimeWindow.Mode, "OFF"),
		within("MaximumRetryAttempts", s.Target.RetryPolicy.MaximumRetryAttempts, 0, defaultAttempts),
		within("MaximumEventAgeInSeconds", s.Target.RetryPolicy.MaximumEventAgeInSeconds, 60, 86400),
	}
	if s.State != "" {
		errs = append(errs, oneOf("State", s.State, "ENABLED", "DISABLED"))
	}
	if s.FlexibleTimeWindow.MaximumWindowInMinutes != nil {
		errs = append(errs, errors.New("MaximumWindowInMinutes goes with the mode FLEXIBLE only"))
	}
	if zone := s.ScheduleExpressionTimezone; zone != "" {
		errs = append(errs, oneOf("ScheduleExpressionTimezone", zone, "UTC"))
	}
	if _, ok := s.every(); !ok {
		if _, err := parseCron(s.ScheduleExpression); err != nil {
			errs = append(errs, fmt.Errorf("ScheduleExpression %q is not modelled; want rate(5 minutes) or cron(7 9 ? * MON *)", s.ScheduleExpression))
		}
	}
	if s.Name != "" && !ruleName().MatchString(s.Name) {
		errs = append(errs, fmt.Errorf("the name %q; want 1 to 64 of [.A-Za-z0-9_-]", s.Name))
	}
	if s.Target.RoleArn == "" {
		errs = append(errs, errors.New("the target has no RoleArn"))
	}
	return errors.Join(errs...)
}

func (s trailSpec) check() error {
	var errs []error
	if s.TrailName != "" && !baseline.ValidName(s.TrailName) {
		errs = append(errs, fmt.Errorf("the name %q is not valid: it must have 3 to 128 letters, digits, periods, underscores or dashes", s.TrailName))
	}
	if s.IsLogging == nil {
		errs = append(errs, errors.New("IsLogging is missing"))
	}
	if s.S3BucketName == "" {
		errs = append(errs, errors.New("S3BucketName is missing"))
	}
	return errors.Join(errs...)
}

// bucketName is S3's rule for names ("General purpose bucket naming rules").
var bucketName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`) })

func (s bucketSpec) check() error {
	var errs []error
	if s.BucketName != "" && !bucketName().MatchString(s.BucketName) {
		errs = append(errs, fmt.Errorf("the name %q; want 3 to 63 of [a-z0-9.-]", s.BucketName))
	}
	if status := s.VersioningConfiguration.Status; status != "" {
		errs = append(errs, oneOf("VersioningConfiguration.Status", status, "Enabled", "Suspended"))
	}
	for _, r := range s.OwnershipControls.Rules {
		errs = append(errs, oneOf("ObjectOwnership", r.ObjectOwnership, "BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"))
	}
	for _, e := range s.BucketEncryption.ServerSideEncryptionConfiguration {
		errs = append(errs, oneOf("SSEAlgorithm", e.ServerSideEncryptionByDefault.SSEAlgorithm, "AES256", "aws:kms", "aws:kms:dsse"))
	}
	for _, r := range s.LifecycleConfiguration.Rules {
		errs = append(errs, oneOf("Status of a lifecycle rule", r.Status, "Enabled", "Disabled"), within("ExpirationInDays", r.ExpirationInDays, 1, 1<<31-1),
			within("NoncurrentDays", r.NoncurrentVersionExpiration.NoncurrentDays, 1, 1<<31-1))
		if r.ExpirationInDays == nil && r.ExpiredObjectDeleteMarker == nil && r.NoncurrentVersionExpiration.NoncurrentDays == nil &&
			r.AbortIncompleteMultipartUpload.DaysAfterInitiation == nil {
			errs = append(errs, errors.New("a lifecycle rule does nothing"))
		}
	}
	return errors.Join(errs...)
}

func (s bucketPolicySpec) check() error {
	errs := []error{s.PolicyDocument.check()}
	if slices.ContainsFunc(s.PolicyDocument.Statement, func(st statement) bool { return len(st.Principal) == 0 }) {
		errs = append(errs, errors.New("a statement has no Principal"))
	}
	return errors.Join(errs...)
}
