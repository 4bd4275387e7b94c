package metrics_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/metrics"
)

// TestWrite: the line is what CloudWatch extracts metrics from, at a level that every setting keeps.
func TestWrite(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelError}))
	at := time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC)
	metrics.Write(t.Context(), log, "trailkeeper", at, metrics.Metric{"Heartbeat", "Count", 1}, metrics.Metric{"SweepDuration", "Milliseconds", 812})
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	delete(got, "time")
	want := map[string]any{
		"level": "ERROR", "msg": "metrics", "Stack": "trailkeeper", "Heartbeat": 1.0, "SweepDuration": 812.0,
		"_aws": map[string]any{"Timestamp": 1772442900000.0, "CloudWatchMetrics": []any{map[string]any{
			"Namespace": "Trailkeeper", "Dimensions": []any{[]any{"Stack"}},
			"Metrics": []any{map[string]any{"Name": "Heartbeat", "Unit": "Count"}, map[string]any{"Name": "SweepDuration", "Unit": "Milliseconds"}},
		}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("line (-want +got):\n%s", diff)
	}
}
