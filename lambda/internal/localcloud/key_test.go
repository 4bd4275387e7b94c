package localcloud

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// TestKeyByAnyName: whatever names the key, CloudTrail keeps, shows and records its ARN; the request stands in the
// record as it was made.
func TestKeyByAnyName(t *testing.T) {
	const keyOf = "arn:aws:kms:eu-west-1:111122223333:key/"
	c := newCloud(t, nil)
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	client := trails(c, region)
	byAlias := map[string]string{}
	for given, want := range map[string]string{
		"1234abcd-12ab-34cd-56ef-1234567890ab":         keyOf + "1234abcd-12ab-34cd-56ef-1234567890ab",
		keyOf + "1234abcd-12ab-34cd-56ef-1234567890ab": keyOf + "1234abcd-12ab-34cd-56ef-1234567890ab",
		"arn:aws:kms:us-east-1:444455556666:key/mrk-1": "arn:aws:kms:us-east-1:444455556666:key/mrk-1",
		"alias/a": keyOf + "*",
		"arn:aws:kms:eu-west-1:111122223333:alias/a":           keyOf + "*",
		"arn:aws:kms:us-east-1:444455556666:alias/team/trails": "arn:aws:kms:us-east-1:444455556666:key/*",
		"": "",
	} {
		c.Pass(2 * time.Second)
		out, err := client.UpdateTrail(t.Context(),
			&cloudtrail.UpdateTrailInput{Name: aws.String("main"), KmsKeyId: aws.String(given)})
		if err != nil {
			t.Fatalf("%s: %v", given, err)
		}
		c.Pass(2 * time.Second) // a read may be late
		shown, err := client.DescribeTrails(t.Context(), &cloudtrail.DescribeTrailsInput{})
		if err != nil || len(shown.TrailList) != 1 {
			t.Fatal(shown, err)
		}
		for where, got := range map[string]string{
			"answer": aws.ToString(out.KmsKeyId), "DescribeTrails": aws.ToString(shown.TrailList[0].KmsKeyId),
		} {
			prefix, any := strings.CutSuffix(want, "*")
			if !any && got != want || any && (!strings.HasPrefix(got, prefix) || len(got) <= len(prefix)) {
				t.Errorf("%s: %s has %q, want %q", given, where, got, want)
			}
		}
		byAlias[given] = aws.ToString(out.KmsKeyId)
	}
	if byAlias["alias/a"] != byAlias["arn:aws:kms:eu-west-1:111122223333:alias/a"] || byAlias["alias/a"] == "" {
		t.Errorf("an alias has two keys: %v", byAlias)
	}
}

// A record has what was asked for, and what it came to.
func TestRecordOfAKeysAlias(t *testing.T) {
	c := newCloud(t, nil)
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	client := trails(c, region)
	if _, err := client.UpdateTrail(t.Context(),
		&cloudtrail.UpdateTrailInput{Name: aws.String("main"), KmsKeyId: aws.String("alias/a")}); err != nil {
		t.Fatal(err)
	}
	c.Pass(defaultHistoryDelay)
	found, err := client.LookupEvents(t.Context(), &cloudtrail.LookupEventsInput{})
	if err != nil || len(found.Events) != 1 {
		t.Fatal(found, err)
	}
	key := struct {
		KMSKeyID string `json:"kmsKeyId"`
	}{}
	var record map[string]json.RawMessage
	if err := json.Unmarshal([]byte(*found.Events[0].CloudTrailEvent), &record); err != nil {
		t.Fatal(err)
	}
	for element, want := range map[string]string{
		"requestParameters": "alias/a",
		"responseElements": "arn:aws:kms:eu-west-1:111122223333:key/" +
			kernel.UUID("key", "arn:aws:kms:eu-west-1:111122223333:alias/a"),
	} {
		if err := json.Unmarshal(record[element], &key); err != nil || key.KMSKeyID != want {
			t.Errorf("%s has the key %q, %v; want %q", element, key.KMSKeyID, err, want)
		}
	}
}
