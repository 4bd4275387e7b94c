package finding_test

import (
	"encoding/json"
	"testing"

	"trailkeeper/lambda/internal/finding"
)

// TestSubjectKeepsItsKeys: what earlier versions have parked is read, and they read what this one parks.
func TestSubjectKeepsItsKeys(t *testing.T) {
	const parked = `{"event_id":"e1","severity":"high","outcome":"restored",` +
		`"trail_arn":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/t",` +
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

// TestSubjectOf is as much as an ARN says, whatever it is of.
func TestSubjectOf(t *testing.T) {
	for arn, want := range map[string]finding.Subject{
		"arn:aws:cloudtrail:eu-west-1:111122223333:trail/a.b": {
			Name:      "a.b",
			Account:   "111122223333",
			Region:    "eu-west-1",
			Partition: "aws",
		},
		"arn:aws-cn:sns:cn-north-1:111122223333:topic": {
			Name:      "topic",
			Account:   "111122223333",
			Region:    "cn-north-1",
			Partition: "aws-cn",
		},
		"arn:aws:lambda:eu-west-1:111122223333:function:f": {
			Name:      "f",
			Account:   "111122223333",
			Region:    "eu-west-1",
			Partition: "aws",
		},
		"arn:aws:iam::111122223333:role/path/Deployer": {Name: "Deployer", Account: "111122223333", Partition: "aws"},
		"arn:aws:cloudtrail:eu-west-1:111122223333":    {},
		"trail": {},
		"":      {},
	} {
		isARN := want != finding.Subject{}
		if isARN {
			want.ARN = arn
		}
		if got, ok := finding.SubjectOf(arn); got != want || ok != isARN {
			t.Errorf("%q: %+v, %v; want %+v", arn, got, ok, want)
		}
	}
}
