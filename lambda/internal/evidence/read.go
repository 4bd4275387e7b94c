package evidence

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/smithy-go"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/kmskey"
	"trailkeeper/lambda/internal/s3read"
	"trailkeeper/lambda/internal/sanitize"
)

// Reader reads buckets and keys as they are. Its fields are set once; it is safe for concurrent use.
type Reader struct {
	// Buckets makes S3's client for a Region.
	Buckets func(region string) *s3read.Client
	Keys    *kmskey.Client
	// Account is the reader's own: its own buckets say why a call is refused.
	Account string
}

// Bucket is a bucket as it is, as far as a baseline asks.
type Bucket struct {
	Gone bool // there is none of the name
	// Foreign says that there is one, and not of the account that is expected.
	Foreign bool
	// PolicySHA256 is empty where there is no policy.
	PolicySHA256 string
	Versioning   string
	// Unseen are the parts that could not be read, with the reason.
	Unseen map[Part]string

	rules []rule // of the lifecycle
}

// Lifecycle is what the bucket's lifecycle deletes of a trail's files; what it deletes at once, after a day.
func (b Bucket) Lifecycle(trail baseline.State) baseline.Lifecycle {
	number := func(d days) int {
		if !d.set {
			return 0
		}
		return max(1, d.n)
	}
	of := soonest(b.rules, baseline.FilesPrefix(trail))
	return baseline.Lifecycle{ExpirationDays: number(of.current), NoncurrentDays: number(of.noncurrent)}
}

// Part is what one call shows of a bucket, as messages name it.
type Part string

// The parts of a bucket.
const (
	PartPolicy     Part = "policy"
	PartLifecycle  Part = "lifecycle"
	PartVersioning Part = "versioning"
)

// maxAnswer bounds what is read of an answer: a lifecycle has 1,000 rules at most, and a policy 20 KB.
const maxAnswer = 4 << 20

// Bucket reads the parts of a bucket. Every call names the owner that is expected, so that of another account's bucket of
// the same name nothing is read.
func (r *Reader) Bucket(ctx context.Context, name, owner, region string, parts ...Part) Bucket {
	out := Bucket{Unseen: map[Part]string{}}
	client := r.Buckets(region)
	for _, part := range parts {
		text, err := get(ctx, client, name, owner, part)
		refusal, refused := errors.AsType[*s3read.Error](err)
		switch {
		case err == nil:
			out.take(part, text)
		case refused && (refusal.Code == "NoSuchBucketPolicy" || refusal.Code == "NoSuchLifecycleConfiguration"):
		case refused && refusal.Code == "NoSuchBucket":
			return Bucket{Gone: true}
		case refused && owner == r.Account && foreign(refusal):
			return Bucket{Foreign: true}
		case refused:
			out.Unseen[part] = reason(refusal)
		default:
			out.Unseen[part] = sanitize.Sentence(err)
		}
	}
	return out
}

func get(ctx context.Context, client *s3read.Client, bucket, owner string, part Part) ([]byte, error) {
	body, err := client.Do(ctx, s3read.Request{Object: s3read.Object{Bucket: bucket, Owner: owner}, Query: url.Values{string(part): {""}}})
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }()
	return io.ReadAll(io.LimitReader(body, maxAnswer))
}

// take reads the answer for a part.
func (b *Bucket) take(part Part, text []byte) {
	var err error
	switch part {
	case PartPolicy:
		b.PolicySHA256, err = baseline.Digest(string(text))
	case PartLifecycle:
		var l struct {
			Rule []rule `xml:"Rule"`
		}
		if err = xml.Unmarshal(text, &l); err == nil {
			b.rules = l.Rule
		}
	case PartVersioning:
		var v struct {
			Status string `xml:"Status"`
		}
		if err = xml.Unmarshal(text, &v); err == nil {
			if b.Versioning = v.Status; v.Status == "" {
				b.Versioning = baseline.VersioningOff
			}
		}
	}
	if err != nil {
		b.Unseen[part] = "S3's answer cannot be read: " + sanitize.Sentence(err)
	}
}

// foreign reports whether a refusal is that of a bucket that belongs to another account than the caller's. To a caller of
// the owner's own account S3 says who may not do what, and why; to others outside of the organization it says "Access
// Denied" alone, and within it that no policy of the bucket lets them in (Amazon S3 User Guide, "Troubleshoot access denied
// (403 Forbidden) errors").
func foreign(e *s3read.Error) bool {
	return e.Status == http.StatusForbidden && e.Code == "AccessDenied" &&
		(!strings.Contains(e.Message, "is not authorized to perform") || strings.Contains(e.Message, "no resource-based policy allows"))
}

func reason(e *s3read.Error) string {
	return sanitize.Bound(strings.TrimSuffix(fmt.Sprintf("S3 answers %s: %s", e.Code, e.Message), ": "), maxReason)
}

// maxReason bounds a reason, in runes.
const maxReason = 300

// Key is a key as it is.
type Key struct {
	Gone         bool
	State        string // as DescribeKey has it; empty: it could not be read
	PolicySHA256 string
	Unseen       []string // why something could not be read
}

// Key reads a key, and its policy where that is asked for.
func (r *Reader) Key(ctx context.Context, arn string, policy bool) (out Key) {
	k, err := r.Keys.Describe(ctx, arn)
	if refusal, refused := errors.AsType[smithy.APIError](err); refused && refusal.ErrorCode() == "NotFoundException" {
		return Key{Gone: true}
	}
	if err != nil {
		return Key{Unseen: []string{sanitize.Sentence(err)}}
	}
	out.State = k.State
	if !policy {
		return out
	}
	text, err := r.Keys.Policy(ctx, arn)
	if err == nil {
		out.PolicySHA256, err = baseline.Digest(text)
	}
	if err != nil {
		out.Unseen = append(out.Unseen, sanitize.Sentence(err))
	}
	return out
}
