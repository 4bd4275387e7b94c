package cloudtrail

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
)

// Types are the resource types of the service.
func Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{
		"AWS::CloudTrail::Trail": {
			Name: "TrailName",
			Attributes: func(p cloudformation.Place, _, name string) map[string]string {
				return map[string]string{"Ref": name, "Arn": p.ARN("cloudtrail", "trail/"+name)}
			},
		},
	}
}

type trailSpec struct {
	TrailName, S3BucketName, S3KeyPrefix, SnsTopicName         string
	CloudWatchLogsLogGroupArn, CloudWatchLogsRoleArn, KMSKeyId string //nolint:revive // CloudFormation's names
	IsLogging                                                  *bool
	IsMultiRegionTrail, IncludeGlobalServiceEvents             *bool
	EnableLogFileValidation, IsOrganizationTrail               *bool
	EventSelectors                                             []basicSelector
	AdvancedEventSelectors                                     []advancedSelector
	InsightSelectors                                           []insightSelector
	Tags                                                       []struct{ Key, Value string }
}

// Check refuses values that the service would refuse.
func (s trailSpec) Check() error {
	var errs []error
	if s.TrailName != "" && !baseline.ValidName(s.TrailName) {
		errs = append(
			errs,
			fmt.Errorf("the name %q is not valid: it must have 3 to 128 letters, digits, periods, underscores or dashes",
				s.TrailName),
		)
	}
	if s.IsLogging == nil {
		errs = append(errs, errors.New("IsLogging is missing"))
	}
	if s.S3BucketName == "" {
		errs = append(errs, errors.New("S3BucketName is missing"))
	}
	return errors.Join(errs...)
}

// settings are the members of CreateTrail by which CloudFormation makes the trail.
func (s trailSpec) settings() map[string]any {
	settings := map[string]any{"IncludeGlobalServiceEvents": true}
	for name, v := range map[string]string{
		"S3BucketName":              s.S3BucketName,
		"S3KeyPrefix":               s.S3KeyPrefix,
		"SnsTopicName":              s.SnsTopicName,
		"KmsKeyId":                  s.KMSKeyId,
		"CloudWatchLogsLogGroupArn": s.CloudWatchLogsLogGroupArn,
		"CloudWatchLogsRoleArn":     s.CloudWatchLogsRoleArn,
	} {
		if v != "" {
			settings[name] = v
		}
	}
	for name, v := range map[string]*bool{
		"IsMultiRegionTrail":         s.IsMultiRegionTrail,
		"IncludeGlobalServiceEvents": s.IncludeGlobalServiceEvents,
		"EnableLogFileValidation":    s.EnableLogFileValidation,
		"IsOrganizationTrail":        s.IsOrganizationTrail,
	} {
		if v != nil {
			settings[name] = *v
		}
	}
	return settings
}

// Deploy makes the trails of a template, a month ago as AddTrail does, once everything that they use is there. What
// CloudTrail would refuse is refused.
func (s *Trails) Deploy(st *cloudformation.Stack) {
	specs := map[string]trailSpec{}
	arns := map[string]string{}
	cloudformation.Each(st, "AWS::CloudTrail::Trail", func(id string, att map[string]string, spec trailSpec) {
		st.Wants(id, "key", spec.KMSKeyId)
		if strings.HasPrefix(spec.S3BucketName, st.Name+"-") {
			st.Wants(id, "bucket", spec.S3BucketName)
		}
		specs[id], arns[id] = spec, att["Arn"]
	})
	if st.Err() != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(specs)) {
		st.Fail(id, s.deploy(st, arns[id], specs[id]))
	}
}

func (s *Trails) deploy(st *cloudformation.Stack, arn string, spec trailSpec) error {
	id, err := events.ParseTrailARN(arn)
	if err != nil {
		return err
	}
	state := trailState{
		Settings:  spec.settings(),
		Selectors: untyped(spec.EventSelectors),
		Advanced:  untyped(spec.AdvancedEventSelectors),
		Insights:  untyped(spec.InsightSelectors),
		Tags:      map[string]string{},
		Logging:   spec.IsLogging != nil && *spec.IsLogging,
	}
	for _, tag := range spec.Tags {
		state.Tags[tag.Key] = tag.Value
	}
	s.uses.resolveKey(state.Settings, id)
	if failed := taken(state.asBaseline(arn, topicOf(id, state))); failed != nil {
		return failed
	}
	// A scenario may move a template that is bound to its account into a member account; there its trails only do not
	// deliver.
	bound := s.options.ManagementAccount == st.Account
	owner := &kernel.Call{Who: kernel.Principal{Account: id.Account}}
	if failed := s.uses.check(owner, id, state); failed != nil && bound {
		return failed
	}
	if s.trailsIn(id.Account, id.Region) >= trailsPerRegion {
		return fmt.Errorf("more than %d trails in %s", trailsPerRegion, id.Region)
	}
	s.seed(id, state)
	return nil
}
