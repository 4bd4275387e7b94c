package metrics_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/metrics"
)

// directive is the part of a document that says what in it is a metric.
type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []struct{ Name, Unit string }
}

// checkFormat reads the lines as CloudWatch does (CloudWatch User Guide, "Specification: Embedded metric format"), and
// finds every figure once for the stack, and as often for its channel or reason.
func checkFormat(t *testing.T, lines []byte, figures []metrics.Metric) {
	t.Helper()
	found := make(map[string]int64) // name and dimension set: sum
	for raw := range bytes.Lines(lines) {
		var root map[string]json.RawMessage
		var meta struct {
			Timestamp         int64
			CloudWatchMetrics []directive
		}
		if err := json.Unmarshal(raw, &root); err != nil {
			t.Fatalf("line %q: %v", raw, err)
		}
		dec := json.NewDecoder(bytes.NewReader(root["_aws"]))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&meta); err != nil || len(raw) > 256<<10 {
			t.Fatalf("line of %d bytes: %v", len(raw), err)
		}
		if got := time.UnixMilli(meta.Timestamp); !got.Equal(at) {
			t.Errorf("timestamp %s; want %s", got, at)
		}
		for _, d := range meta.CloudWatchMetrics {
			checkDirective(t, root, d, found)
		}
	}
	want := make(map[string]int64)
	for _, f := range figures {
		want[f.Name+" [Stack]"] += f.Value
		if f.Channel != "" {
			want[f.Name+" [Stack Channel]"] += f.Value
		}
		if f.Reason != "" {
			want[f.Name+" [Stack Reason]"] += f.Value
		}
	}
	if !maps.Equal(found, want) {
		t.Errorf("CloudWatch extracts %v; want %v", found, want)
	}
}

func checkDirective(t *testing.T, root map[string]json.RawMessage, d directive, found map[string]int64) {
	t.Helper()
	if d.Namespace != metric.Namespace || len(d.Metrics) == 0 || len(d.Metrics) > 100 || len(d.Dimensions) == 0 {
		t.Errorf("directive in %q with %d metrics and %d dimension sets", d.Namespace, len(d.Metrics), len(d.Dimensions))
	}
	values := map[string][]string{
		"Stack": {"trailkeeper"}, "Channel": {"slack", "sns", "other"}, "Reason": metric.Reasons(),
	}
	for _, set := range d.Dimensions {
		sum := ""
		for _, name := range set {
			var value string
			if err := json.Unmarshal(root[name], &value); err != nil || !slices.Contains(values[name], value) {
				t.Errorf("dimension %s is %s; want one of %q", name, root[name], values[name])
			}
			sum += " " + name
		}
		for _, m := range d.Metrics {
			var value int64
			if err := json.Unmarshal(root[m.Name], &value); err != nil {
				t.Errorf("metric %s is %s", m.Name, root[m.Name])
			}
			if !slices.Contains([]string{"Count", "Milliseconds"}, m.Unit) {
				t.Errorf("metric %s has the unit %q", m.Name, m.Unit)
			}
			found[m.Name+" ["+sum[1:]+"]"] += value
		}
	}
}
