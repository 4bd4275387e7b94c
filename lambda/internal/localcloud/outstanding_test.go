package localcloud

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// outstandingAlarm is raised when what was sent does not arrive within five minutes, as the stack has it with thirty.
func outstandingAlarm(o *Options) {
	of := func(id, metric string) string {
		return `{"Id": "` + id + `", "ReturnData": false, "MetricStat": {"Period": 60, "Stat": "Sum", "Metric": {
			"Namespace": "Trailkeeper", "MetricName": "` + metric + `", "Dimensions": [{"Name": "Stack", "Value": "s"}]}}},`
	}
	o.Template = []byte(strings.Replace(string(o.Template), `"Resources": {`, `"Resources": {
		"Lost": {"Type": "AWS::CloudWatch::Alarm", "Properties": {
			"AlarmName": "lost", "EvaluationPeriods": 5, "DatapointsToAlarm": 5, "Threshold": 0,
			"ComparisonOperator": "GreaterThanThreshold",
			"TreatMissingData": "notBreaching", "Metrics": [`+of("sent", "Sent")+of("arrived", "Arrived")+`
				{"Id": "e", "ReturnData": true,
				"Expression": "RUNNING_SUM(FILL(sent, 0) - MAX([FILL(arrived, 0), 0 * FILL(sent, 0)]))"}]
		}},`, 1))
}

// TestOutstanding: what arrives in time raises nothing, wherever the ends of minutes and hours fall; what does not,
// does.
func TestOutstanding(t *testing.T) {
	for name, tt := range map[string]struct {
		arrives time.Duration // 0: never
		want    string
	}{
		"at once":           {time.Second, ""},
		"two minutes later": {2 * time.Minute, ""},
		"too late":          {8 * time.Minute, "ALARM OK"},
		"never":             {0, "ALARM OK"},
	} {
		run := 0
		c := stateCloud(t, func(ctx context.Context, env FunctionEnv, _ []byte) error {
			if run++; run > 1 {
				return nil // sent once
			}
			embed(ctx, env, slog.LevelError, "Sent", 1)
			return nil
		}, outstandingAlarm)
		if tt.arrives > 0 {
			c.kernel.After(5*time.Minute+tt.arrives, func() { // the first run is after five minutes
				dims := []kernel.Dim{{Name: "Stack", Value: "s"}}
				c.Measure(kernel.Sample{
					Site:      c.home(),
					Namespace: "Trailkeeper",
					Name:      "Arrived",
					Dims:      dims,
					Value:     1,
				})
			})
		}
		if err := c.RunFor(40 * time.Minute); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(alarmStates(c, "lost"), " "); got != tt.want {
			t.Errorf("%s: alarm %q; want %q", name, got, tt.want)
		}
	}
}
