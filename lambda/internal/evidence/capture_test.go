package evidence

import (
	"strings"
	"testing"

	"trailkeeper/lambda/config/baseline"
)

// TestCapture: what can be read is described; what cannot, and what is of another account, is left out and named.
func TestCapture(t *testing.T) {
	const denied = "403 AccessDenied User: arn:aws:sts::111122223333:assumed-role/x is not authorized to perform: s3:GetBucketPolicy because no identity-based policy allows it"
	located := func(region string) string {
		return `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` + region + "</LocationConstraint>"
	}
	for name, test := range map[string]struct {
		change   func(*world)
		region   string // of the bucket; empty: nothing is said of it
		key      bool   // something is said of the key
		left     string
		complete bool
	}{
		"all":              {func(*world) {}, "eu-west-1", true, "", true},
		"us-east-1":        {func(w *world) { w.parts["location"] = located("") }, "us-east-1", true, "", true},
		"an old location":  {func(w *world) { w.parts["location"] = located("EU") }, "eu-west-1", true, "", true},
		"another Region":   {func(w *world) { w.parts["location"] = located("ap-south-1") }, "ap-south-1", true, "", true},
		"no location":      {func(w *world) { w.parts["location"] = denied }, "", true, "Where the bucket org-logs of account 111122223333 is could not be read (s3:GetBucketLocation)", false},
		"no answer of S3":  {func(w *world) { w.parts["location"] = "<" }, "", true, "S3's answer is none.", false},
		"another's bucket": {func(w *world) { w.parts["policy"] = "403 AccessDenied Access Denied" }, "", true, "not there, or not of account 111122223333", false},
		"gone":             {func(w *world) { w.parts["versioning"] = "404 NoSuchBucket" }, "", true, "not there, or not of account", false},
		"a policy hidden":  {func(w *world) { w.parts["policy"] = denied }, "eu-west-1", true, "The policy of the bucket org-logs could not be read", false},
		"no key":           {func(w *world) { w.state = "" }, "eu-west-1", false, "There is no key " + keyARN, true},
		"key hidden":       {func(w *world) { w.refuses = "DescribeKey" }, "eu-west-1", false, "could not be read", true},
		"its policy":       {func(w *world) { w.refuses = "GetKeyPolicy" }, "eu-west-1", true, "could not be read", true},
	} {
		w := newWorld()
		w.parts["location"] = located("eu-west-1")
		w.parts["lifecycle"] = strings.Replace(lifecycleXML(400), "</Rule>", "<NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays></NoncurrentVersionExpiration></Rule>", 1)
		test.change(w)
		s, _, _ := w.sweeper(t, false)
		bucket, key, left := s.Reader.Capture(t.Context(), declared()[0].Trail, "111122223333")
		if (bucket != nil) != (test.region != "") || (key != nil) != test.key {
			t.Errorf("%s: %+v %+v", name, bucket, key)
		}
		if got := strings.Join(left, " "); !strings.Contains(got, test.left) || test.left == "" && got != "" {
			t.Errorf("%s: left out %q; want %q", name, got, test.left)
		}
		if bucket == nil {
			continue
		}
		whole := bucket.PolicySHA256 != "" && *bucket.Lifecycle == baseline.Lifecycle{ExpirationDays: 400, NoncurrentDays: 30} && bucket.Versioning == "Enabled"
		if bucket.Region != test.region || bucket.Owner != "111122223333" || whole != test.complete {
			t.Errorf("%s: %+v", name, bucket)
		}
	}
}
