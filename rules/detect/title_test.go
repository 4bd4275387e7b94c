package detect_test

import (
	"strings"
	"testing"

	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
	"trailkeeper/rules/expression"
)

// TestLongValues: however long the names in a record are, the title says what was done.
func TestLongValues(t *testing.T) {
	set, problems := detect.Load(detect.Options{Stack: "trailkeeper"}, detections.Source())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	long := strings.Repeat("a", 500)
	text := `{"eventSource": "s3.amazonaws.com", "eventName": "PutBucketPolicy",` +
		` "requestParameters": {"bucketName": "` + long +
		`"}, "userIdentity": {"arn": "arn:aws:sts::111122223333:assumed-role/` + long + `"}}`
	record, err := expression.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	matching := set.Decide(record).Rules
	if len(matching) != 1 {
		t.Fatalf("%v", matching)
	}
	hit, errs := matching[0].Describe(record)
	if len(hit.Title) > 140 || len(errs) > 0 ||
		!strings.HasPrefix(hit.Title, "arn:aws:sts::111122223333:assumed-role/aa") ||
		!strings.HasSuffix(hit.Title, "…: PutBucketPolicy") ||
		!strings.Contains(hit.Title, "… changed the policy of bucket aa") {
		t.Errorf("%d bytes: %s", len(hit.Title), hit.Title)
	}
}
