package own

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

// alarmsAtOnce is how many names a call has at most (CloudWatch API reference, DescribeAlarms and EnableAlarmActions).
const alarmsAtOnce = 100

// alarmed is what is wrong with alarms, by their names.
type alarmed struct {
	gone, off, elsewhere, unclear, raised []string
	notifying                             int // that have somebody to notify
}

// Alarms judges whether the stack's alarms are there, notify whom the template says, and whether one is raised. Where there
// is no topic an alarm has no action: EventBridge reports it.
func Alarms(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "alarms"
	made := d.Of("AWS::CloudWatch::Alarm")
	if len(made) == 0 {
		return verdict.Warn(name, "The stack has no alarms.", "Set alarms in the settings and deploy.")
	}
	found, refused := describeAlarms(ctx, d, made)
	if refused != nil {
		return refused
	}
	declared, err := d.Template(ctx)
	var a alarmed
	for _, r := range made {
		a.look(d, found, r.Name, declared[r.ID])
	}
	switch {
	case len(a.gone) > 0:
		return verdict.Bad(name, "Alarms are gone: "+verdict.Names(a.gone)+".", "Deploy with --revert-drift, and find out who deleted them (DeleteAlarms).")
	case len(a.off) > 0:
		return verdict.Bad(name, "Alarms whose actions are disabled: "+verdict.Names(a.off)+".",
			"Enable them, and find out who disabled them (DisableAlarmActions).", enabling(d, a.off)...)
	case len(a.elsewhere) > 0:
		return verdict.Bad(name, "Alarms do not notify the topics that the stack's template says: "+verdict.Names(a.elsewhere)+".",
			"Deploy with --revert-drift, and find out who changed them (PutMetricAlarm).")
	case len(a.raised) > 0:
		return verdict.Warn(name, "Alarms are raised: "+verdict.Names(a.raised)+".", "See Alarms in lambda/README.md for what each asks of you.")
	case err != nil:
		return verdict.Refused(name, "read whom the alarms should notify", "cloudformation:GetTemplate", err, nil)
	case len(a.unclear) > 0:
		return verdict.Unseen(name, "Whom these alarms should notify the template does not say plainly: "+verdict.Names(a.unclear)+".",
			"Compare their actions with the template by hand.")
	case a.notifying == 0:
		return verdict.Good(name, fmt.Sprintf("All %d alarms are there, and none is raised; there is no topic that they could notify.", len(made)))
	}
	return verdict.Good(name, fmt.Sprintf("All %d alarms are there and notify the topic, and none is raised.", len(made)))
}

// look judges one alarm, which must notify everybody whom the template says.
func (a *alarmed) look(d *deployed.Deployment, found map[string]types.MetricAlarm, name string, declared deployed.Declared) {
	alarm, there := found[name]
	wanted, clear := actions(d, declared)
	if len(wanted) > 0 {
		a.notifying++
	}
	switch {
	case !there:
		a.gone = append(a.gone, name)
	case !aws.ToBool(alarm.ActionsEnabled):
		a.off = append(a.off, name)
	case slices.ContainsFunc(wanted, func(topic string) bool { return !slices.Contains(alarm.AlarmActions, topic) }):
		a.elsewhere = append(a.elsewhere, name)
	case alarm.StateValue == types.StateValueAlarm:
		a.raised = append(a.raised, name)
	case !clear:
		a.unclear = append(a.unclear, name)
	}
}

// actions are the ARNs that an alarm of the template notifies; clear says that they are all.
func actions(d *deployed.Deployment, declared deployed.Declared) (all []string, clear bool) {
	value, there := declared.Properties["AlarmActions"]
	list, ok := value.([]any)
	clear = declared.Properties != nil && (!there || ok)
	for _, one := range list {
		arn, known := d.Named(one)
		if clear = clear && known; known {
			all = append(all, arn)
		}
	}
	return all, clear
}

// describeAlarms reads the alarms that the stack has made, by their names.
func describeAlarms(ctx context.Context, d *deployed.Deployment, made []deployed.Resource) (map[string]types.MetricAlarm, []verdict.Verdict) {
	api := cloudwatch.NewFromConfig(d.AWS)
	found := map[string]types.MetricAlarm{}
	for some := range slices.Chunk(made, alarmsAtOnce) {
		in := &cloudwatch.DescribeAlarmsInput{
			AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm}, MaxRecords: aws.Int32(alarmsAtOnce),
		}
		for _, r := range some {
			in.AlarmNames = append(in.AlarmNames, r.Name)
		}
		out, err := api.DescribeAlarms(ctx, in)
		if err != nil {
			return nil, verdict.Refused("alarms", "describe the alarms", "cloudwatch:DescribeAlarms", err, nil)
		}
		for _, a := range out.MetricAlarms {
			found[aws.ToString(a.AlarmName)] = a
		}
	}
	return found, nil
}

// enabling are the commands that enable the actions of alarms.
func enabling(d *deployed.Deployment, alarms []string) []string {
	var all []string
	for some := range slices.Chunk(alarms, alarmsAtOnce) {
		all = append(all, d.AWSCommand(append([]string{"cloudwatch", "enable-alarm-actions", "--alarm-names"}, some...)...))
	}
	return all
}
