package account

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/observabilityadmin"
	"github.com/aws/aws-sdk-go-v2/service/observabilityadmin/types"

	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/pages"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// Telemetry judges the rules by which CloudWatch collects CloudTrail's events by itself (CloudWatch User Guide, "Auditing
// CloudWatch telemetry configurations"). No guard restores them, and a deployment needs none.
func Telemetry(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "telemetry"
	api := observabilityadmin.NewFromConfig(d.AWS)
	status, err := api.GetTelemetryEvaluationStatus(ctx, &observabilityadmin.GetTelemetryEvaluationStatusInput{})
	if err != nil {
		return verdict.Refused(name, "read the state of CloudWatch's telemetry rules",
			"observabilityadmin:GetTelemetryEvaluationStatus", err, nil)
	}
	var rules []string
	more, err := pages.Read(func(token *string) (*string, error) {
		page, err := api.ListTelemetryRules(ctx, &observabilityadmin.ListTelemetryRulesInput{NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, r := range page.TelemetryRuleSummaries {
			if r.ResourceType == types.ResourceTypeAwsCloudtrail {
				rules = append(rules, aws.ToString(r.RuleName))
			}
		}
		return page.NextToken, nil
	})
	if err != nil {
		return verdict.Refused(name, "list CloudWatch's telemetry rules", "observabilityadmin:ListTelemetryRules", err, nil)
	}
	switch {
	case len(rules) > 0 && status.Status != types.StatusRunning:
		return verdict.Warn(name, fmt.Sprintf("CloudWatch's telemetry evaluation is %s, so that these rules on CloudTrail do nothing: %s.",
			status.Status, verdict.Names(rules)), "Start it again, and find out who stopped it (StopTelemetryEvaluation).",
			d.AWSCommand("observabilityadmin", "start-telemetry-evaluation"))
	case more:
		return verdict.Rest(name, "telemetry rules")
	case len(rules) == 0:
		return verdict.Good(name, "CloudWatch collects no events of CloudTrail by telemetry rules here.")
	}
	return verdict.Good(name, fmt.Sprintf("CloudWatch collects CloudTrail's events by telemetry rules (%d).", len(rules)))
}
