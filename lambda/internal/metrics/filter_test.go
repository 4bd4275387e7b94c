package metrics_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/config/metric"
)

// levels are Lambda's, from the most detail to the least (Lambda Developer Guide, "Log-level filtering").
func levels() []string { return []string{"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"} }

// kept is Lambda's filter as documented: a line goes to CloudWatch if its level is that of the function or above. A
// line whose level is missing or invalid, or whose timestamp is not of RFC 3339, has the level INFO.
func kept(line []byte, function string) bool {
	var fields struct{ Level, Timestamp string }
	level := slices.Index(levels(), "INFO")
	if err := json.Unmarshal(line, &fields); err == nil {
		if _, err := time.Parse(
			time.RFC3339,
			fields.Timestamp,
		); err == nil &&
			slices.Contains(levels(), strings.ToUpper(fields.Level)) {
			level = slices.Index(levels(), strings.ToUpper(fields.Level))
		}
	}
	return level >= slices.Index(levels(), function)
}

// TestFilter: the model of the filter drops what Lambda drops.
func TestFilter(t *testing.T) {
	const time = `"timestamp":"2026-03-02T09:15:00.25Z"`
	for _, tt := range []struct {
		line  string
		limit string // the highest level of a function that keeps it
	}{
		{`{` + time + `,"level":"ERROR"}`, "ERROR"},
		{`{` + time + `,"level":"error"}`, "ERROR"},
		{`{` + time + `,"level":"FATAL"}`, "FATAL"},
		{`{` + time + `,"level":"debug"}`, "DEBUG"},
		{`{` + time + `}`, "INFO"},                        // no level
		{`{` + time + `,"level":"ERROR+4"}`, "INFO"},      // what slog makes of a level above ERROR
		{`{"level":"ERROR"}`, "INFO"},                     // no timestamp
		{`{"timestamp":"09:15","level":"ERROR"}`, "INFO"}, // none of RFC 3339
		{`level=ERROR msg=metrics`, "INFO"},               // no JSON
	} {
		for i, function := range levels() {
			if got, want := kept([]byte(tt.line), function), i <= slices.Index(levels(), tt.limit); got != want {
				t.Errorf("at %s the line %s is kept %t; want %t", function, tt.line, got, want)
			}
		}
	}
}

// TestEveryLogLevelKeepsTheMetrics: the lines get past Lambda's filter at every level that it can be set to, with the
// setting function.logLevel or past it.
func TestEveryLogLevelKeepsTheMetrics(t *testing.T) {
	line := written(t, count(metric.Heartbeat, 1))
	for _, function := range levels() {
		if !kept(line, function) {
			t.Errorf("at log level %s the metrics are dropped: %s", function, line)
		}
	}
}
