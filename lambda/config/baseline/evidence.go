package baseline

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
	// ExpirationDays is the least number of days after which it deletes a current or an older version; 0: never.
	ExpirationDays int `json:"expirationDays"`
}

// Key is what a baseline may say of the key that its trail encrypts with.
type Key struct {
	// Enabled says that it can be used.
	Enabled bool `json:"enabled"`
	// PolicySHA256 is that of its policy; see Digest. Empty: it is not compared.
	PolicySHA256 string `json:"policySha256,omitempty"`
}

// FilesPrefix is what the keys of a trail's files begin with (CloudTrail User Guide, "Finding your CloudTrail log files").
func FilesPrefix(s State) string {
	const folder = "AWSLogs/"
	if s.Settings.S3Prefix == "" {
		return folder
	}
	return s.Settings.S3Prefix + "/" + folder
}

// The states of a bucket's versioning (Amazon S3 API reference, GetBucketVersioning); off is what it answers nothing for.
const (
	VersioningEnabled   = "Enabled"
	VersioningSuspended = "Suspended"
	VersioningOff       = "Off"
)
