package checks

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// alarmsAtOnce is how many names an enabling command has at most (CloudWatch API reference, EnableAlarmActions).
const alarmsAtOnce = 100

// alarms judges whether the stack's alarms are there with their actions, and whether one is raised. Where there is no
// topic an alarm has no action: EventBridge reports it.
func alarms(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "alarms"
	made := d.Of("AWS::CloudWatch::Alarm")
	if len(made) == 0 {
		return one(verdict.Warn(name, "The stack has no alarms.", "Set alarms in the settings and deploy."))
	}
	api := cloudwatch.NewFromConfig(d.AWS)
	found := map[string]types.MetricAlarm{}
	var token *string
	for range mostPages {
		page, err := api.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
			AlarmNamePrefix: aws.String(d.Stack + "/"), AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm}, NextToken: token,
		})
		if err != nil {
			return one(verdict.Refused(name, "describe the alarms", "cloudwatch:DescribeAlarms", err, nil))
		}
		for _, a := range page.MetricAlarms {
			found[aws.ToString(a.AlarmName)] = a
		}
		if token = page.NextToken; token == nil {
			break
		}
	}
	var gone, off, bare, raised []string
	for _, r := range made {
		a, ok := found[r.Name]
		switch {
		case !ok:
			gone = append(gone, r.Name)
		case !aws.ToBool(a.ActionsEnabled):
			off = append(off, r.Name)
		case d.Guard.Settings.TopicARN != "" && len(a.AlarmActions) == 0:
			bare = append(bare, r.Name)
		case a.StateValue == types.StateValueAlarm:
			raised = append(raised, r.Name)
		}
	}
	switch {
	case len(gone) > 0:
		return one(verdict.Bad(name, "Alarms are gone: "+names(gone)+".", "Deploy again, and find out who deleted them (DeleteAlarms)."))
	case len(off) > 0:
		return one(verdict.Bad(name, "Alarms whose actions are disabled: "+names(off)+".",
			"Enable them, and find out who disabled them (DisableAlarmActions).", enabling(off)...))
	case len(bare) > 0:
		return one(verdict.Bad(name, "Alarms without an action: "+names(bare)+".", "Deploy again, and find out who changed them (PutMetricAlarm)."))
	case len(raised) > 0:
		return one(verdict.Warn(name, "Alarms are raised: "+names(raised)+".", "See Alarms in lambda/README.md for what each asks of you."))
	}
	return one(verdict.Good(name, fmt.Sprintf("All %d alarms are there with their actions, and none is raised.", len(made))))
}

// enabling are the commands that enable the actions of alarms.
func enabling(alarms []string) []string {
	var all []string
	for some := range slices.Chunk(alarms, alarmsAtOnce) {
		all = append(all, verdict.Command(append([]string{"aws", "cloudwatch", "enable-alarm-actions", "--alarm-names"}, some...)...))
	}
	return all
}
