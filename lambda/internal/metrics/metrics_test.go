package metrics_test

import (
	"bytes"
	"flag"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/goldentest"
	"trailkeeper/lambda/internal/metrics"
)

var update = flag.Bool("update", false, "write the golden files anew")

var at = time.Date(2026, 3, 2, 9, 15, 0, 250_000_000, time.UTC)

// written returns the lines as the function logs them, at a fixed time.
func written(t *testing.T, figures ...metrics.Metric) []byte {
	t.Helper()
	var out bytes.Buffer
	metrics.Write(t.Context(), metrics.NewLogger(&out), "trailkeeper", at, figures...)
	return regexp.MustCompile(
		`"timestamp":"[^"]*"`,
	).ReplaceAll(
		out.Bytes(),
		[]byte(`"timestamp":"2026-03-02T09:15:00.25Z"`),
	)
}

// count is a figure of that unit.
func count(name string, value int64) metrics.Metric {
	return metrics.Metric{Name: name, Unit: "Count", Value: value}
}

func delivery(channel string, latency int64) []metrics.Metric {
	return []metrics.Metric{
		{
			Name:    metric.Deliveries,
			Unit:    "Count",
			Value:   1,
			Channel: channel,
		},
		{
			Name:    metric.DeliveryLatency,
			Unit:    "Milliseconds",
			Value:   latency,
			Channel: channel,
		},
	}
}

func TestWrite(t *testing.T) {
	failure := func(reason string) metrics.Metric {
		return metrics.Metric{
			Name:   metric.RemediationFailures,
			Unit:   "Count",
			Value:  1,
			Reason: reason,
		}
	}
	for _, tt := range []struct {
		name    string
		figures []metrics.Metric
	}{
		{"none", nil},
		{
			"plain",
			[]metrics.Metric{count(metric.Heartbeat, 1), {Name: metric.SweepDuration, Unit: "Milliseconds", Value: 812}},
		},
		{"zero-is-a-figure", []metrics.Metric{count(metric.TrailsStopped, 0)}},
		{"channels", slices.Concat(delivery("slack", 210), delivery("sns", 35))},
		{"same-channel-twice", slices.Concat(delivery("slack", 210), delivery("slack:C0123456789", 340))},
		{"unknown-channel", slices.Concat(delivery("pager", 1), delivery("slackish", 2), delivery(":", 3))},
		{"reasons", []metrics.Metric{failure(metric.ReasonDenied), failure(metric.ReasonThrottled)}},
		{"unknown-reason", []metrics.Metric{failure("mallory was here"), failure("Denied")}},
		{"mixed", slices.Concat([]metrics.Metric{count(metric.Incidents, 1)}, delivery("sns", 35),
			[]metrics.Metric{count(metric.Attempts, 2), failure(metric.ReasonGone)})},
		{"same-name-twice", []metrics.Metric{count(metric.Parked, 1), count(metric.Parked, 2), count(metric.Lost, 3)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := written(t, tt.figures...)
			checkFormat(t, got, tt.figures)
			goldentest.Compare(t, filepath.Join("testdata", tt.name+".jsonl"), string(got), *update)
		})
	}
}

// TestWriteMany: a directive holds 100 metrics; one more takes a second line.
func TestWriteMany(t *testing.T) {
	var many []metrics.Metric
	for i := range 101 {
		many = append(many, count(fmt.Sprintf("Many%03d", i), int64(i)))
		got := written(t, many...)
		checkFormat(t, got, many)
		if lines := bytes.Count(got, []byte("\n")); lines != 1+i/100 {
			t.Errorf("%d metrics take %d lines", len(many), lines)
		}
	}
}

// TestChannelsHaveOneName: the channels of the metrics are those of the notifiers.
func TestChannelsHaveOneName(t *testing.T) {
	for _, channel := range []string{finding.ChannelSlack, finding.ChannelSNS} {
		if got := written(t, delivery(channel, 1)...); !bytes.Contains(got, []byte(`"Channel":"`+channel+`"`)) {
			t.Errorf("a delivery on %s is written as %s", channel, got)
		}
	}
}

// TestRequestID: a line of metrics says of which run it is, as every other line of the log.
func TestRequestID(t *testing.T) {
	var out bytes.Buffer
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "r-1"})
	metrics.Write(ctx, metrics.NewLogger(&out), "trailkeeper", at, count(metric.Heartbeat, 1))
	if !strings.Contains(out.String(), `"requestId":"r-1"`) || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("%s", out.String())
	}
}
