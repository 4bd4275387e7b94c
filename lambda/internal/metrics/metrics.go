// Package metrics writes metrics as log lines in CloudWatch's embedded metric format (CloudWatch User Guide, "Embedded metric format"), so
// that they cost no call. It knows no CloudWatch client, and what a figure means is its caller's business.
package metrics

import (
	"context"
	"log/slog"
	"time"
)

// Namespace is that of every metric.
const Namespace = "Trailkeeper"

// stackDimension is the only dimension: the deployment's name.
const stackDimension = "Stack"

// Metric is one figure.
type Metric struct {
	Name  string // "Heartbeat"
	Unit  string // a unit of CloudWatch: "Count", "Milliseconds"
	Value int64
}

// Write logs the figures of one moment. The line's level is ERROR, because no setting of the function's log level leaves that out.
func Write(ctx context.Context, log *slog.Logger, stack string, at time.Time, figures ...Metric) {
	var about []map[string]string
	var attrs []slog.Attr
	add := func(key string, value any) { attrs = append(attrs, slog.Attr{Key: key, Value: slog.AnyValue(value)}) }
	for _, f := range figures {
		about = append(about, map[string]string{"Name": f.Name, "Unit": f.Unit})
		add(f.Name, f.Value)
	}
	add(stackDimension, stack)
	add("_aws", map[string]any{
		"Timestamp":         at.UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{"Namespace": Namespace, "Dimensions": [][]string{{stackDimension}}, "Metrics": about}},
	})
	log.LogAttrs(ctx, slog.LevelError, "metrics", attrs...)
}
