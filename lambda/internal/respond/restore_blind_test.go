package respond

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/trail"
)

// TestAskedFor: what is restored without reading is what the call has set worse than the baseline, and nothing that it
// has set as the baseline has it.
func TestAskedFor(t *testing.T) {
	const arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"
	id, err := events.ParseTrailARN(arn)
	if err != nil {
		t.Fatal(err)
	}
	baseline := trail.State{
		ARN:     arn,
		Logging: true,
		Settings: trail.Settings{
			S3Bucket:      "logs",
			S3Prefix:      "org",
			MultiRegion:   true,
			GlobalEvents:  true,
			LogValidation: true,
		},
		Selectors: []trail.Selector{{ReadWrite: "All", Management: true}},
		Tags:      map[string]string{"team": "security", "env": "prod"},
	}
	const large = `"requestParameters":{"omitted":true,"reason":"requestParameters too large"}`
	for name, tt := range map[string]struct {
		call, parameters string
		own              bool
		want             []trail.Field
		known            bool
	}{
		"two of three worse": {
			"UpdateTrail", `"requestParameters":{"name":"main","s3KeyPrefix":"org",
			"s3BucketName":"evil","kmsKeyId":"arn:aws:kms:eu-west-1:111122223333:key/1"}`, false,
			[]trail.Field{trail.FieldS3Bucket, trail.FieldKMSKey},
			true,
		},
		"as the baseline has it": {
			"UpdateTrail", `"requestParameters":{"name":"main","s3BucketName":"logs","enableLogFileValidation":true}`, true, nil,
			true,
		},
		"by the guard's role, and worse": {
			"UpdateTrail",
			`"requestParameters":{"name":"main","s3BucketName":"evil"}`,
			true,
			[]trail.Field{trail.FieldS3Bucket},
			true,
		},
		"half-blind": {
			"PutEventSelectors", `"requestParameters":{"trailName":"main",
			"eventSelectors":[{"readWriteType":"ReadOnly","includeManagementEvents":true}]}`, false,
			[]trail.Field{trail.FieldSelectors},
			true,
		},
		"not shown":       {"PutEventSelectors", large, false, []trail.Field{trail.FieldSelectors}, false},
		"our own, hidden": {"PutEventSelectors", large, true, nil, false},
	} {
		ev, err := events.Parse(
			[]byte(`{"eventSource":"cloudtrail.amazonaws.com","eventName":"` + tt.call + `",` + tt.parameters + `}`),
		)
		if err != nil {
			t.Fatal(err)
		}
		changes, wanted := askedFor(ev, id, baseline, tt.own)
		var got []trail.Field
		for _, c := range changes {
			got = append(got, c.Field)
			if !c.Effect.Worse() || c.Sentence == "" {
				t.Errorf("%s: %+v", name, c)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || (wanted.ARN != "") != tt.known {
			t.Errorf("%s, known %v (-want +got)\n%s", name, wanted.ARN != "", diff)
		}
	}
}
