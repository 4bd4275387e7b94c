package evidence

import (
	"context"
	"encoding/xml"
	"fmt"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/sanitize"
)

// partLocation is the call that says where a bucket is.
const partLocation Part = "location"

// Capture reads what a baseline may say of the bucket and the key of a trail, the bucket that of an owner. Nil: nothing
// could be read of it, or there is none. Left is what could not be read and is left out, as sentences.
func (r *Reader) Capture(ctx context.Context, trail baseline.State, owner string) (b *baseline.Bucket, k *baseline.Key, left []string) {
	b, left = r.captureBucket(ctx, trail, owner)
	k, more := r.captureKey(ctx, trail)
	return b, k, append(left, more...)
}

func (r *Reader) captureBucket(ctx context.Context, trail baseline.State, owner string) (*baseline.Bucket, []string) {
	name := trail.Settings.S3Bucket
	_, home, _ := trail.Home()
	text, err := get(ctx, r.Buckets(home), name, owner, partLocation)
	if err != nil {
		return nil, []string{fmt.Sprintf("Where the bucket %s of account %s is could not be read (s3:GetBucketLocation): %s", name, owner, sanitize.Sentence(err))}
	}
	var location struct {
		Region string `xml:",chardata"`
	}
	if err := xml.Unmarshal(text, &location); err != nil {
		return nil, []string{"Where the bucket " + name + " is could not be read: S3's answer is none."}
	}
	b := &baseline.Bucket{Owner: owner, Region: regionOf(location.Region)}
	is := r.Bucket(ctx, name, owner, b.Region, PartPolicy, PartLifecycle, PartVersioning)
	if is.Gone || is.Foreign {
		return nil, []string{"The bucket " + name + " is not there, or not of account " + owner + "."}
	}
	seen := func(p Part) bool { return is.Unseen[p] == "" }
	if seen(PartPolicy) {
		b.PolicySHA256 = is.PolicySHA256
	}
	if seen(PartLifecycle) {
		l := is.Lifecycle(trail)
		b.Lifecycle = &l
	}
	if seen(PartVersioning) {
		b.Versioning = is.Versioning
	}
	return b, unseenOf(name, is.Unseen)
}

// regionOf is the Region of a location: none is us-east-1, and EU eu-west-1 (Amazon S3 API reference, GetBucketLocation).
func regionOf(location string) string {
	switch location {
	case "":
		return "us-east-1"
	case "EU":
		return "eu-west-1"
	}
	return location
}

func (r *Reader) captureKey(ctx context.Context, trail baseline.State) (*baseline.Key, []string) {
	arn, err := events.ParseARN(trail.Settings.KMSKeyID)
	if err != nil {
		return nil, nil
	}
	is := r.Key(ctx, arn.String(), arn.Account == r.Account)
	var left []string
	for _, why := range is.Unseen {
		left = append(left, "The key "+arn.String()+" could not be read: "+why)
	}
	if is.Gone {
		return nil, []string{"There is no key " + arn.String() + "."}
	}
	if is.State == "" {
		return nil, left
	}
	return &baseline.Key{Enabled: is.State == stateEnabled, PolicySHA256: is.PolicySHA256}, left
}
