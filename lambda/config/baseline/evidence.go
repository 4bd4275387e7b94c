package baseline

import (
	"slices"
	"strconv"

	"trailkeeper/events"
)

// Bucket is what a baseline may say of the bucket that its trail delivers to.
type Bucket struct {
	// Owner is the account that owns it: of another account's bucket of the same name, S3 answers nothing
	// (ExpectedBucketOwner).
	Owner string `json:"owner"`
	// Region is where it is.
	Region string `json:"region"`
	// PolicySHA256 is that of its policy; see Digest. Empty: it is not compared.
	PolicySHA256 string `json:"policySha256,omitempty"`
	// Lifecycle is what its lifecycle deletes; nil: it is not compared.
	Lifecycle *Lifecycle `json:"lifecycle,omitempty"`
	// Versioning is "Enabled", "Suspended" or "Off"; empty: it is not compared.
	Versioning string `json:"versioning,omitempty"`
}

// Lifecycle is what a bucket's lifecycle deletes of what begins with the prefix of the trail's files.
type Lifecycle struct {
	// ExpirationDays is the least number of days after which it deletes a current version; 0: never.
	ExpirationDays int `json:"expirationDays"`
	// NoncurrentDays is the same of an older version, counted from when it was replaced or deleted; 0: never.
	NoncurrentDays int `json:"noncurrentDays"`
}

// Key is what a baseline may say of the key that its trail encrypts with.
type Key struct {
	// Enabled says that it can be used.
	Enabled bool `json:"enabled"`
	// PolicySHA256 is that of its policy; see Digest. Empty: it is not compared.
	PolicySHA256 string `json:"policySha256,omitempty"`
}

// evidence checks what a file says of the bucket and the key.
func (c *checker) evidence(b Baseline) {
	isDigest := func(s string) bool { return s == "" || len(s) == 64 && events.ConsistsOf(s, "0123456789abcdef") }
	const digest = "64 hexadecimal digits, as trailkeeper baseline capture writes them"
	if k := b.Key; k != nil {
		c.want(b.Trail.Settings.KMSKeyID != "", "key", "", "no key, where trail.settings.kmsKeyId names none")
		c.want(isDigest(k.PolicySHA256), "key.policySha256", k.PolicySHA256, digest)
		account, _, _ := b.Trail.Home()
		key, err := events.ParseARN(b.Trail.Settings.KMSKeyID)
		c.want(k.PolicySHA256 == "" || err != nil || key.Account == account, "key.policySha256", k.PolicySHA256,
			"none for a key of another account, whose policy AWS KMS shows to that account alone")
	}
	if b.Bucket == nil {
		return
	}
	c.want(events.IsAccount(b.Bucket.Owner), "bucket.owner", b.Bucket.Owner, "the account that owns the bucket, 12 digits")
	_, known := events.PartitionOf(b.Bucket.Region)
	c.want(known, "bucket.region", b.Bucket.Region, "a Region such as eu-west-1")
	c.want(isDigest(b.Bucket.PolicySHA256), "bucket.policySha256", b.Bucket.PolicySHA256, digest)
	if l := b.Bucket.Lifecycle; l != nil {
		const number = "a number of days, or 0 for never"
		c.want(l.ExpirationDays >= 0, "bucket.lifecycle.expirationDays", strconv.Itoa(l.ExpirationDays), number)
		c.want(l.NoncurrentDays >= 0, "bucket.lifecycle.noncurrentDays", strconv.Itoa(l.NoncurrentDays), number)
	}
	c.want(slices.Contains([]string{"", VersioningEnabled, VersioningSuspended, VersioningOff}, b.Bucket.Versioning),
		"bucket.versioning", b.Bucket.Versioning, "Enabled, Suspended or Off")
}

// FilesPrefix is what the keys of a trail's files begin with (CloudTrail User Guide, "Finding your CloudTrail log files").
func FilesPrefix(s State) string {
	const folder = "AWSLogs/"
	if s.Settings.S3Prefix == "" {
		return folder
	}
	return s.Settings.S3Prefix + "/" + folder
}

// DescribeKey is the action that reads a key's state.
const DescribeKey = "kms:DescribeKey"

// Reads are the actions in IAM by which the bucket is compared. One of them is there in any case: it tells whose it is.
func (b Bucket) Reads() (actions []string) {
	if b.PolicySHA256 != "" {
		actions = append(actions, "s3:GetBucketPolicy")
	}
	if b.Lifecycle != nil {
		actions = append(actions, "s3:GetLifecycleConfiguration")
	}
	if b.Versioning != "" || len(actions) == 0 {
		actions = append(actions, "s3:GetBucketVersioning")
	}
	return actions
}

// Reads are the actions in IAM by which the key is compared.
func (k Key) Reads() []string {
	if k.PolicySHA256 == "" {
		return []string{DescribeKey}
	}
	return []string{DescribeKey, "kms:GetKeyPolicy"}
}

// The states of a bucket's versioning (Amazon S3 API reference, GetBucketVersioning); off is what it answers nothing for.
const (
	VersioningEnabled   = "Enabled"
	VersioningSuspended = "Suspended"
	VersioningOff       = "Off"
)
