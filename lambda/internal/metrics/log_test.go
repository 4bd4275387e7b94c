package metrics_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"trailkeeper/lambda/internal/metrics"
)

// TestLogIsJSONInEveryFormat: with and without Lambda's format JSON the lines have the same fields, and the level that
// counts is ours where there is one.
func TestLogIsJSONInEveryFormat(t *testing.T) {
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "r-1"})
	for name, tt := range map[string]struct {
		env   map[string]string
		lines int
	}{
		"JSON":          {map[string]string{"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "WARN"}, 1},
		"text":          {map[string]string{"AWS_LAMBDA_LOG_FORMAT": "Text", "TRAILKEEPER_LOG_LEVEL": "DEBUG"}, 3},
		"text at ERROR": {map[string]string{"TRAILKEEPER_LOG_LEVEL": "ERROR"}, 0},
		"nothing said":  {nil, 2},
	} {
		var out bytes.Buffer
		log := metrics.NewLog(&out, func(k string) string { return tt.env[k] }).With("stack", "s")
		log.DebugContext(ctx, "d")
		log.InfoContext(ctx, "i")
		log.WarnContext(ctx, "w")
		lines := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n"))
		if out.Len() == 0 {
			lines = nil
		}
		if len(lines) != tt.lines {
			t.Errorf("%s: %d lines; want %d:\n%s", name, len(lines), tt.lines, out.String())
		}
		for _, line := range lines {
			var l struct{ Timestamp, Level, Message, RequestID, Stack string }
			if err := json.Unmarshal(
				line,
				&l,
			); err != nil || l.Timestamp == "" || l.Level == "" || l.Message == "" || l.RequestID != "r-1" ||
				l.Stack != "s" {
				t.Errorf("%s: line %s: %v", name, line, err)
			}
		}
	}
}
