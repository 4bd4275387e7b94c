package metric_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/metric"
)

// TestNames: alarms and dashboards of others go by them.
func TestNames(t *testing.T) {
	want := []string{
		"Trailkeeper",
		"Stack",
		"Channel",
		"Reason",
		"Heartbeat",
		"SweepDuration",
		"TrailsHealthy",
		"TrailsWeakened",
		"TrailsStopped",
		"CannotSee",
		"Findings",
		"HeartbeatFailures",
		"Incidents",
		"ContestedIncidents",
		"DarkTime",
		"Attempts",
		"TimeToRestore",
		"RemediationFailures",
		"Deliveries",
		"DeliveryFailures",
		"DeliveryLatency",
		"Parked",
		"Lost",
		"Redriven",
		"TestAlerts",
		"TestAlertsSent",
	}
	got := []string{
		metric.Namespace,
		metric.DimensionStack,
		metric.DimensionChannel,
		metric.DimensionReason,
		metric.Heartbeat,
		metric.SweepDuration,
		metric.TrailsHealthy,
		metric.TrailsWeakened,
		metric.TrailsStopped,
		metric.CannotSee,
		metric.Findings,
		metric.HeartbeatFailures,
		metric.Incidents,
		metric.Contested,
		metric.DarkTime,
		metric.Attempts,
		metric.TimeToRestore,
		metric.RemediationFailures,
		metric.Deliveries,
		metric.DeliveryFailures,
		metric.DeliveryLatency,
		metric.Parked,
		metric.Lost,
		metric.Redriven,
		metric.TestAlerts,
		metric.TestAlertsSent,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"throttled", "denied", "gone", "limit", "other"}, metric.Reasons()); diff != "" {
		t.Errorf("reasons (-want +got)\n%s", diff)
	}
}
