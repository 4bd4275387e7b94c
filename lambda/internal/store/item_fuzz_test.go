package store

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// FuzzItem: whatever somebody writes into an item, what is read of it is about its own trail.
func FuzzItem(f *testing.F) {
	const arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"
	f.Add(`{"version":1,"capturedAt":"2026-01-01T00:00:00Z","trail":{"arn":"`+arn+`","logging":true,"settings":{"s3BucketName":"logs"}}}`,
		`{"fields":["tags"],"state":{"arn":"`+arn+`"}}`, "7")
	f.Add(`{`, `[1]`, "-1e9")
	f.Fuzz(func(t *testing.T, recorded, approved, n string) {
		number := types.AttributeValue(&types.AttributeValueMemberN{Value: n})
		known := trailOf(arn, item{
			attrBaseline: text(recorded), attrApproved + "0": text(approved), Approved{}.attribute(): text(approved), attrVersion: number, attrSeen: number, attrWindow: number, attrAttempts: number,
		})
		if known.ARN != arn || known.Recorded != nil && known.Recorded.State.ARN != arn {
			t.Errorf("%+v", known)
		}
		for _, a := range known.Approved {
			if a.State.ARN != arn {
				t.Errorf("approved: %+v", a)
			}
		}
	})
}
