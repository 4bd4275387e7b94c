package detection_test

import (
	"context"
	"encoding/json"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/report"
)

// reporterFunc fails, or not, and reports nothing.
type reporterFunc func() error

// Report is that of report.Reporter.
func (f reporterFunc) Report(context.Context, finding.Finding, json.RawMessage) (report.Deliveries, error) {
	return nil, f()
}
