package localcloud

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// An alarm whose actions are disabled changes its state and tells nobody; one that was deleted does not even do that.
func TestSilencedAlarms(t *testing.T) {
	dead := []string{"app/dead"}
	for name, tt := range map[string]struct {
		silence func(*cloudwatch.Client) error
		states  string
		told    int
	}{
		"as deployed": {func(*cloudwatch.Client) error { return nil }, "ALARM", 1},
		"disabled": {func(client *cloudwatch.Client) error {
			_, err := client.DisableAlarmActions(t.Context(), &cloudwatch.DisableAlarmActionsInput{AlarmNames: dead})
			return err
		}, "ALARM", 0},
		"enabled again": {func(client *cloudwatch.Client) error {
			_, err := client.DisableAlarmActions(t.Context(), &cloudwatch.DisableAlarmActionsInput{AlarmNames: dead})
			if err == nil {
				_, err = client.EnableAlarmActions(t.Context(), &cloudwatch.EnableAlarmActionsInput{AlarmNames: dead})
			}
			return err
		}, "ALARM", 1},
		"deleted": {func(client *cloudwatch.Client) error {
			_, err := client.DeleteAlarms(t.Context(), &cloudwatch.DeleteAlarmsInput{AlarmNames: dead})
			return err
		}, "", 0},
		"a threshold that is never reached": {func(client *cloudwatch.Client) error {
			_, err := client.PutMetricAlarm(t.Context(), &cloudwatch.PutMetricAlarmInput{
				AlarmName: aws.String("app/dead"), Namespace: aws.String("AWS/SQS"),
				MetricName: aws.String("ApproximateNumberOfMessagesVisible"), Statistic: types.StatisticMaximum,
				Period: aws.Int32(60), EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1e6),
				ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold,
			})
			return err
		}, "", 0},
	} {
		c := newCloud(t, nil)
		if err := tt.silence(cloudwatch.NewFromConfig(awsConfig(c, region, "operator"))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		c.ForceMessage("Dead", "x")
		run(t, c)
		if got := strings.Join(alarmStates(c, "app/dead"), " "); got != tt.states || len(of(c, KindSNS)) != tt.told {
			t.Errorf("%s: states %q, %d messages", name, got, len(of(c, KindSNS)))
		}
	}
}

// A state that somebody sets holds until the alarm is evaluated.
func TestSetAlarmState(t *testing.T) {
	c := newCloud(t, nil)
	client := cloudwatch.NewFromConfig(awsConfig(c, region, "operator"))
	c.ForceMessage("Dead", "x")
	run(t, c)
	set := func(name, state string) error {
		_, err := client.SetAlarmState(t.Context(), &cloudwatch.SetAlarmStateInput{
			AlarmName: &name, StateValue: types.StateValue(state), StateReason: aws.String("calm"),
		})
		return err
	}
	if err := set("app/none", "OK"); code(err) != "ResourceNotFound" {
		t.Errorf("no alarm: %v", err)
	}
	if err := set("app/dead", "FINE"); code(err) != "ValidationError" {
		t.Errorf("no state: %v", err)
	}
	if err := set("app/dead", "OK"); err != nil {
		t.Fatal(err)
	}
	run(t, c)
	if got := strings.Join(alarmStates(c, "app/dead"), " "); got != "ALARM OK ALARM" {
		t.Errorf("states %s", got)
	}
}

// DescribeAlarms tells what the template says, of those that are asked for and there.
func TestDescribeAlarms(t *testing.T) {
	c := newCloud(t, nil)
	client := cloudwatch.NewFromConfig(awsConfig(c, region, "operator"))
	for _, tt := range []struct {
		in   cloudwatch.DescribeAlarmsInput
		want string
	}{
		{cloudwatch.DescribeAlarmsInput{}, "app/dead app/errors"},
		{cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"app/errors", "none"}}, "app/errors"},
		{cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String("app/d")}, "app/dead"},
		{cloudwatch.DescribeAlarmsInput{StateValue: "ALARM"}, ""},
		{cloudwatch.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{"CompositeAlarm"}}, ""},
		{cloudwatch.DescribeAlarmsInput{MaxRecords: aws.Int32(1)}, "app/dead app/errors"},
	} {
		var names []string
		p := cloudwatch.NewDescribeAlarmsPaginator(client, &tt.in)
		for p.HasMorePages() {
			out, err := p.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range out.MetricAlarms {
				names = append(names, *a.AlarmName)
			}
		}
		if got := strings.Join(names, " "); got != tt.want {
			t.Errorf("%+v: %s", tt.in, got)
		}
	}
	other := cloudwatch.NewFromConfig(awsConfig(c, "us-east-1", "operator"))
	if out, err := other.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{}); err != nil || len(out.MetricAlarms) > 0 {
		t.Errorf("another Region: %+v, %v", out, err)
	}
}
