package baseline

import (
	"strings"
	"testing"
	"time"
)

func TestDigest(t *testing.T) {
	first, err := Digest(`{"Version": "2012-10-17", "Statement": [{"Sid": "a&b", "Effect": "Allow"}]}`)
	same, sameErr := Digest("{\"Statement\":[{\"Effect\":\"Allow\",\n\"Sid\":\"a&b\"}],\"Version\":\"2012-10-17\"}")
	other, _ := Digest(`{"Version": "2012-10-17", "Statement": [{"Sid": "a&b", "Effect": "Deny"}]}`)
	if err != nil || sameErr != nil || first != same || first == other || len(first) != 64 {
		t.Errorf("%s %s %s %v %v", first, same, other, err, sameErr)
	}
	for _, no := range []string{"", "[]", "null", "{", `"x"`} {
		if got, err := Digest(no); err == nil {
			t.Errorf("%q: %s", no, got)
		}
	}
}

// TestEvidenceIsChecked: what a file says of bucket and key is read back, and what is wrong with it is named.
func TestEvidenceIsChecked(t *testing.T) {
	const (
		arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"
		sum = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	)
	of := func(key string, bucket *Bucket, k *Key) Baseline {
		return Baseline{
			Version: 1, CapturedAt: time.Unix(1e9, 0).UTC(), Bucket: bucket, Key: k,
			Trail: State{ARN: arn, Settings: Settings{S3Bucket: "logs-1", KMSKeyID: key}},
		}
	}
	const own, foreign = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
		"arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	for name, test := range map[string]struct {
		b    Baseline
		says string // empty: nothing is wrong
	}{
		"all":                  {of(own, &Bucket{"111122223333", "eu-west-1", sum, &Lifecycle{}, "Off"}, &Key{true, sum}), ""},
		"owner alone":          {of("", &Bucket{Owner: "444455556666", Region: "us-east-1"}, nil), ""},
		"another's key":        {of(foreign, nil, &Key{Enabled: true}), ""},
		"no owner":             {of("", &Bucket{Region: "eu-west-1"}, nil), "bucket.owner is"},
		"no Region":            {of("", &Bucket{Owner: "111122223333", Region: "x"}, nil), "bucket.region is"},
		"no digest":            {of("", &Bucket{Owner: "111122223333", Region: "eu-west-1", PolicySHA256: sum[1:]}, nil), "bucket.policySha256 is"},
		"days":                 {of("", &Bucket{Owner: "111122223333", Region: "eu-west-1", Lifecycle: &Lifecycle{ExpirationDays: -1}}, nil), "bucket.lifecycle.expirationDays is"},
		"days of older":        {of("", &Bucket{Owner: "111122223333", Region: "eu-west-1", Lifecycle: &Lifecycle{NoncurrentDays: -1}}, nil), "bucket.lifecycle.noncurrentDays is"},
		"versioning":           {of("", &Bucket{Owner: "111122223333", Region: "eu-west-1", Versioning: "enabled"}, nil), "bucket.versioning is"},
		"no key":               {of("", nil, &Key{Enabled: true}), "key is"},
		"another's key policy": {of(foreign, nil, &Key{true, sum}), "none for a key of another account"},
	} {
		content, err := Format(test.b)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Parse(FileName(arn), content)
		switch {
		case test.says == "" && (err != nil || (got.Bucket == nil) != (test.b.Bucket == nil) || (got.Key == nil) != (test.b.Key == nil)):
			t.Errorf("%s: %v %+v", name, err, got)
		case test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)):
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Parse(FileName(arn), []byte(`{"version":1,"bucket":{"owner":"111122223333","regions":"x"}}`)); err == nil ||
		!strings.Contains(err.Error(), "regions") {
		t.Errorf("an unknown key: %v", err)
	}
}
