package checks

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/observabilityadmin"
	"github.com/aws/aws-sdk-go-v2/service/observabilityadmin/types"

	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// telemetry judges the rules by which CloudWatch collects CloudTrail's events by itself (CloudWatch User Guide, "Auditing
// CloudWatch telemetry configurations"). No guard restores them, and a deployment needs none.
func telemetry(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "telemetry"
	api := observabilityadmin.NewFromConfig(d.AWS)
	status, err := api.GetTelemetryEvaluationStatus(ctx, &observabilityadmin.GetTelemetryEvaluationStatusInput{})
	if err != nil {
		return one(verdict.Refused(name, "read the state of CloudWatch's telemetry rules",
			"observabilityadmin:GetTelemetryEvaluationStatus", err, nil))
	}
	var rules []string
	var token *string
	for range mostPages {
		page, err := api.ListTelemetryRules(ctx, &observabilityadmin.ListTelemetryRulesInput{NextToken: token})
		if err != nil {
			return one(verdict.Refused(name, "list CloudWatch's telemetry rules", "observabilityadmin:ListTelemetryRules", err, nil))
		}
		for _, r := range page.TelemetryRuleSummaries {
			if r.ResourceType == types.ResourceTypeAwsCloudtrail {
				rules = append(rules, aws.ToString(r.RuleName))
			}
		}
		if token = page.NextToken; token == nil {
			break
		}
	}
	switch {
	case len(rules) == 0:
		return one(verdict.Good(name, "CloudWatch collects no events of CloudTrail by telemetry rules here."))
	case status.Status != types.StatusRunning:
		return one(verdict.Warn(name, fmt.Sprintf("CloudWatch's telemetry evaluation is %s, so that these rules on CloudTrail do nothing: %s.",
			status.Status, names(rules)), "Start it again, and find out who stopped it (StopTelemetryEvaluation).",
			verdict.Command("aws", "observabilityadmin", "start-telemetry-evaluation", "--region", d.Region())))
	}
	return one(verdict.Good(name, fmt.Sprintf("CloudWatch collects CloudTrail's events by %d telemetry rules.", len(rules))))
}
