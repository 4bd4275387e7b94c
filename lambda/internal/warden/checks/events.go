package checks

import "trailkeeper/lambda/internal/warden/check"

// eventTypes are those of EventBridge's rules and of Systems Manager.
func eventTypes(t Tools) map[string]check.Check {
	return map[string]check.Check{
		"AWS::Events::Rule":   rules{t}.check,
		"AWS::SSM::Parameter": parameters{t}.check,
	}
}
