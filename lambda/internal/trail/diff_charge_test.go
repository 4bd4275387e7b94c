package trail

import (
	"strings"
	"testing"
)

// TestEventsOfEverythingAreReportedWithTheirCost: recording more strengthens, and somebody pays for it.
func TestEventsOfEverythingAreReportedWithTheirCost(t *testing.T) {
	network := []FieldSelector{eq("eventCategory", "NetworkActivity"), eq("eventSource", kms)}
	both := func(more ...[]FieldSelector) State {
		return advanced(append([][]FieldSelector{management()}, more...)...)
	}
	for name, tt := range map[string]struct {
		now     State
		charged bool
	}{
		"every object": {
			basic(Selector{Management: true, DataResources: s3("arn:aws:s3:::a/", "arn:aws:s3")}), true,
		},
		"every object, advanced": {both(data(object)), true},
		"every object but one":   {both(data(object, ne("resources.ARN", "arn:aws:s3:::a/x"))), true},
		"every write":            {both(data(object, eq("readOnly", "false"))), true},
		"every function": {
			basic(
				Selector{Management: true, DataResources: []DataResource{{Type: function, Values: []string{"arn:aws:lambda"}}}},
			),
			true,
		},
		"network activity": {both(network), true},
		"two buckets": {
			basic(Selector{Management: true, DataResources: s3("arn:aws:s3:::a/", "arn:aws:s3:::b/")}), false,
		},
		"one bucket, advanced":    {both(data(object, starts("resources.ARN", "arn:aws:s3:::a/"))), false},
		"management events twice": {both(management()), false},
	} {
		changes := Diff(all, tt.now)
		reported := 0
		for _, c := range changes {
			if c.Effect.Worse() {
				t.Errorf("%s: %+v", name, c)
			}
			if strings.Contains(c.Sentence, " are recorded now. CloudTrail charges for each of these events") {
				reported++
			}
		}
		if (reported > 0) != tt.charged {
			t.Errorf("%s: %+v", name, changes)
		}
		for _, c := range Diff(tt.now, all) {
			if strings.Contains(c.Sentence, "charges") {
				t.Errorf("%s, the other way round: %+v", name, c)
			}
		}
	}
}
