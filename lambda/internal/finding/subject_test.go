package finding_test

import (
	"encoding/json"
	"testing"

	"trailkeeper/lambda/internal/finding"
)

// TestSubjectKeepsItsKeys: what earlier versions have parked is read, and they read what this one parks.
func TestSubjectKeepsItsKeys(t *testing.T) {
	const parked = `{"event_id":"e1","severity":"high","outcome":"restored","trail_arn":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/t",` +
		`"trail_name":"t","account":"111122223333","region":"eu-west-1","partition":"aws"}`
	var n finding.Finding
	if err := json.Unmarshal([]byte(parked), &n); err != nil {
		t.Fatal(err)
	}
	want := finding.Subject{
		ARN:       "arn:aws:cloudtrail:eu-west-1:111122223333:trail/t",
		Name:      "t",
		Account:   "111122223333",
		Region:    "eu-west-1",
		Partition: "aws",
	}
	if n.Subject != want {
		t.Errorf("%+v; want %+v", n.Subject, want)
	}
	if again, err := json.Marshal(n); err != nil || string(again) != parked {
		t.Errorf("%v, %s", err, again)
	}
}
