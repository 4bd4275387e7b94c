// Package metricfilter makes metric filters on a trail's log group, and for each an alarm that notifies a topic.
//
// It decides no pattern: package rules/metricfilter does. It makes no log group and no topic, and these alarms are about
// what was called in the account, not about Trailkeeper.
package metricfilter

import (
	"fmt"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/delivery"
	"trailkeeper/cdk/settings"
	"trailkeeper/rules/expression"
	"trailkeeper/rules/metricfilter"
)

// Props is what the filters are made of.
type Props struct {
	Settings settings.Settings
	Filters  []metricfilter.Filter
	LogGroup awslogs.LogGroup // that of the first trail; used where the settings name none
	Topic    *delivery.Topic  // that of SNS; used where the settings name none for these alarms
}

// Made is a metric filter and its alarm.
type Made struct {
	Filter awslogs.CfnMetricFilter
	Alarm  awscloudwatch.CfnAlarm
}

// New makes the filters and their alarms.
func New(scope constructs.Construct, p Props) []Made {
	at := constructs.NewConstruct(scope, jsii.String("MetricFilters"))
	made := make([]Made, len(p.Filters))
	for i, f := range p.Filters {
		made[i] = p.one(constructs.NewConstruct(at, jsii.String(constructID(f.Rule))), f)
	}
	return made
}

// digitBehindHyphen is in IDs such as a-1, which would be called as a1 is.
var digitBehindHyphen = regexp.MustCompile(`-[0-9]`)

// constructID is the construct's ID for a rule, and no other rule's.
func constructID(rule string) string {
	if digitBehindHyphen.MatchString(rule) {
		return rule
	}
	return convert.ConstructID(rule)
}

// one makes a filter that counts one for each record, and no zero where there is none: a metric without data costs
// nothing, and is no breach.
func (p Props) one(at constructs.Construct, f metricfilter.Filter) Made {
	s := p.Settings
	metric := s.StackName + "/" + f.Rule
	filter := awslogs.NewCfnMetricFilter(at, jsii.String("Filter"), &awslogs.CfnMetricFilterProps{
		FilterName:    jsii.String(s.StackName + "-" + f.Rule),
		LogGroupName:  p.logGroup(),
		FilterPattern: jsii.String(f.Pattern),
		MetricTransformations: []any{&awslogs.CfnMetricFilter_MetricTransformationProperty{
			MetricNamespace: jsii.String(s.MetricFilters.Namespace),
			MetricName:      jsii.String(metric),
			MetricValue:     jsii.String("1"),
			Unit:            jsii.String("Count"),
		}},
	})
	return Made{filter, awscloudwatch.NewCfnAlarm(at, jsii.String("Alarm"), &awscloudwatch.CfnAlarmProps{
		AlarmName:          jsii.String(s.StackName + "/rule-" + f.Rule),
		AlarmDescription:   jsii.String(p.description(f)),
		Namespace:          jsii.String(s.MetricFilters.Namespace),
		MetricName:         jsii.String(metric),
		Statistic:          jsii.String("Sum"),
		Period:             jsii.Number(300),
		EvaluationPeriods:  jsii.Number(1),
		DatapointsToAlarm:  jsii.Number(1),
		ComparisonOperator: jsii.String("GreaterThanOrEqualToThreshold"),
		Threshold:          jsii.Number(1),
		TreatMissingData:   jsii.String("notBreaching"),
		AlarmActions:       p.actions(),
		OkActions:          p.actions(),
	})}
}

func (p Props) logGroup() *string {
	if p.Settings.MetricFilters.LogGroup != "" {
		return jsii.String(p.Settings.MetricFilters.LogGroup)
	}
	return p.LogGroup.LogGroupName()
}

func (p Props) actions() *[]any {
	if topic := p.Settings.MetricFilters.TopicARN; topic != "" {
		return &[]any{jsii.String(topic)}
	}
	return p.Topic.AlarmActions()
}

// maxDescription is how long an alarm's description may be, in characters (CloudWatch API reference, PutMetricAlarm).
const maxDescription = 1024

// description is the rule's, with what an alarm of a metric filter cannot say.
func (p Props) description(f metricfilter.Filter) string {
	of := "the first trail's log group"
	if name := p.Settings.MetricFilters.LogGroup; name != "" {
		of = "log group " + name
	}
	end := fmt.Sprintf(" A metric filter counts these records in %s; who called, and what, stands there and in "+
		"CloudTrail's event history. OK means that five minutes passed without another.", of)
	if page := p.Settings.RunbookPage(); page != "" {
		end += " Runbook: " + page + "#runbook-rule-alarm"
	}
	return expression.Cut(f.Description, maxDescription-len(end)) + end
}
