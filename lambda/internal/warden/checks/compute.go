package checks

import "trailkeeper/lambda/internal/warden/check"

// computeTypes are those of Lambda, IAM, EventBridge Scheduler and CloudWatch Logs.
func computeTypes(t Tools) map[string]check.Check {
	policies := &functionPolicies{Tools: t, known: map[string][]map[string]any{}}
	return map[string]check.Check{
		"AWS::IAM::ManagedPolicy":         managedPolicies{t}.check,
		"AWS::IAM::Policy":                inlinePolicies{t}.check,
		"AWS::IAM::Role":                  roles{t}.check,
		"AWS::Lambda::EventInvokeConfig":  invokeConfigs{t}.check,
		"AWS::Lambda::EventSourceMapping": mappings{t}.check,
		"AWS::Lambda::Function":           functions{t, policies}.check,
		"AWS::Lambda::Permission":         permissions{t, policies}.check,
		"AWS::Logs::LogGroup":             logGroups{t}.check,
		"AWS::Scheduler::Schedule":        schedules{t}.check,
	}
}
