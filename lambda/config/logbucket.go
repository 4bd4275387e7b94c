package config

import (
	"fmt"
	"strings"

	"trailkeeper/events"
)

// LogBucket is a bucket whose log files are read.
type LogBucket struct {
	Owner  string // the account that owns it: of another's bucket of this name, nothing is read
	Name   string
	Prefix string // what the keys of its log files begin with; never empty
}

// defaultLogPrefix is that of a trail without a prefix of its own (CloudTrail User Guide, "Finding your CloudTrail log
// files").
const defaultLogPrefix = "AWSLogs/"

// maxPrefix is what S3 takes for a key, in bytes.
const maxPrefix = 1024

// ParseLogBucket reads OWNER/BUCKET/PREFIX. Without a prefix, it is defaultLogPrefix.
func ParseLogBucket(text string) (LogBucket, error) {
	owner, rest, _ := strings.Cut(text, "/")
	name, prefix, _ := strings.Cut(rest, "/")
	if prefix == "" {
		prefix = defaultLogPrefix
	}
	b := LogBucket{owner, name, prefix}
	if !ValidAccount(owner) || !validBucket(name) || len(prefix) > maxPrefix || strings.ContainsAny(prefix, ",\x00") {
		return LogBucket{}, fmt.Errorf("%.200q is no bucket; want OWNER/BUCKET/PREFIX, such as "+
			"111122223333/org-logs/AWSLogs/", text)
	}
	return b, nil
}

// String is what ParseLogBucket reads back.
func (b LogBucket) String() string { return b.Owner + "/" + b.Name + "/" + b.Prefix }

// LogFileBuckets are the LogBuckets, parsed; what WatchFromEnv refuses is not among them.
func (w Watch) LogFileBuckets() []LogBucket {
	var all []LogBucket
	for _, text := range w.LogBuckets {
		if b, err := ParseLogBucket(text); err == nil {
			all = append(all, b)
		}
	}
	return all
}

func validLogBucket(s string) bool {
	_, err := ParseLogBucket(s)
	return err == nil
}

// validBucket goes by the names of old buckets as well (Amazon S3 User Guide, "General purpose bucket naming rules").
func validBucket(s string) bool {
	return len(s) >= 3 && len(s) <= 255 && events.ConsistsOf(s, lower+upper+digits+".-_")
}
