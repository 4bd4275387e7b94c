package archive

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/archive/layout"
)

// objects is a bucket of keys, which lists two at a time and notes what it was asked for.
type objects struct {
	keys  []string
	asked []string
}

func (o *objects) ListObjectsV2(
	_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options),
) (*s3.ListObjectsV2Output, error) {
	prefix, delimiter := aws.ToString(in.Prefix), aws.ToString(in.Delimiter)
	after := max(aws.ToString(in.ContinuationToken), aws.ToString(in.StartAfter))
	o.asked = append(o.asked, prefix+"|"+delimiter+"|"+after)
	if strings.Contains(prefix, "denied") {
		return nil, &smithy.GenericAPIError{Code: "AccessDenied", Message: "no"}
	}
	out, folders := &s3.ListObjectsV2Output{}, map[string]bool{}
	for _, key := range slices.Sorted(slices.Values(o.keys)) {
		below, ok := strings.CutPrefix(key, prefix)
		if !ok || key <= after {
			continue
		}
		if name, _, deeper := strings.Cut(below, "/"); delimiter != "" && deeper {
			folders[prefix+name+"/"] = true
			continue
		}
		if len(out.Contents) == 2 {
			out.IsTruncated, out.NextContinuationToken = aws.Bool(true), out.Contents[1].Key
			break
		}
		out.Contents = append(out.Contents, types.Object{Key: aws.String(key), Size: aws.Int64(5)})
	}
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		out.CommonPrefixes = append(out.CommonPrefixes, types.CommonPrefix{Prefix: aws.String(folder)})
	}
	return out, nil
}

func logKey(account, kind, region string, at time.Time) string {
	return fmt.Sprintf("AWSLogs/%s/%s/%s/%s/%s_%s_%s_%s_x.json.gz", account, kind, region, at.Format("2006/01/02"),
		account, kind, region, at.Format("20060102T1504Z"))
}

// TestBucketFiles: whatever a filter leaves out without listing it, it would leave out of all that is listed.
func TestBucketFiles(t *testing.T) {
	start := time.Date(2026, 3, 1, 0, 5, 0, 0, time.UTC)
	var keys []string
	for _, account := range []string{"111122223333", "444455556666"} {
		for _, region := range []string{"eu-west-1", "us-east-1"} {
			for day := range 10 {
				keys = append(keys, logKey(account, layout.Logs, region, start.AddDate(0, 0, day)),
					logKey(account, layout.Logs, region, start.AddDate(0, 0, day).Add(23*time.Hour)),
					logKey(account, layout.Digests, region, start.AddDate(0, 0, day)))
			}
		}
	}
	keys = append(keys, "AWSLogs/111122223333/Config/us-east-1/2026/3/1/x.json.gz", "elsewhere/mine.json", "top.json")
	for _, tt := range []struct {
		name, prefix string
		filter       Filter
		most         int // calls; 0: any number
	}{
		{"all", "", Filter{}, 0},
		{"one account and Region", "", Filter{Accounts: []string{"111122223333"}, Regions: []string{"us-east-1"}}, 30},
		{"from the account's folder", "AWSLogs/111122223333/", Filter{Regions: []string{"us-east-1"}}, 0},
		{"a day", "", Filter{Since: start.AddDate(0, 0, 4), Until: start.AddDate(0, 0, 5)}, 60},
		{"until", "AWSLogs/", Filter{Until: start.AddDate(0, 0, 2)}, 0},
		{"since", "AWSLogs/", Filter{Since: start.AddDate(0, 0, 8)}, 0},
		{"a day of one", "AWSLogs/111122223333/CloudTrail/us-east-1/", Filter{
			Since: start.AddDate(0, 0, 4), Until: start.AddDate(0, 0, 4).Add(12 * time.Hour),
		}, 4},
		{"a piece of a name", "AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/0", Filter{
			Since: start.AddDate(0, 0, 6),
		}, 0},
		{"one object", keys[0], Filter{Regions: []string{"eu-west-1"}}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all := &objects{keys: keys}
			b := &Bucket{Name: "b", Prefix: tt.prefix, list: all}
			var got, want []string
			for f := range Selected(b.Files(t.Context(), tt.filter), tt.filter, Shard{}) {
				got = append(got, f.Name)
			}
			for _, key := range keys {
				if f := b.file(key, 5); strings.HasPrefix(key, tt.prefix) && tt.filter.Has(f.Key) {
					want = append(want, f.Name)
				}
			}
			slices.Sort(got)
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
				t.Errorf("of %d files: %s", len(want), diff)
			}
			if tt.most > 0 && len(all.asked) > tt.most {
				t.Errorf("%d calls, want at most %d: %q", len(all.asked), tt.most, all.asked)
			}
		})
	}
}

func TestBucketProblems(t *testing.T) {
	for prefix, want := range map[string]string{
		"denied/": "s3://b/denied/: list it: AccessDenied: the permission s3:ListBucket is missing, or a policy denies it",
		"none/":   "s3://b/none/: there is no object below it",
	} {
		var got []string
		for f := range (&Bucket{Name: "b", Prefix: prefix, list: &objects{}}).Files(t.Context(), Filter{}) {
			got = append(got, f.Name+": "+f.Err.Error())
		}
		if len(got) != 1 || got[0] != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for _, name := range []string{"s3://", "s3:///x", "http://b/x"} {
		if _, _, err := ParseBucket(name); err == nil {
			t.Errorf("%q names a bucket", name)
		}
	}
}

// answer is what GetObject gives.
type answer func() (*s3.GetObjectOutput, error)

func (a answer) GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	return a()
}

func TestOpenObject(t *testing.T) {
	for code, want := range map[string]string{
		"AccessDenied":           "AccessDenied: the permission s3:GetObject is missing, or a policy denies it",
		"NoSuchKey":              "NoSuchKey: the object is gone: it was there when the bucket was listed",
		"KMS.DisabledException":  "KMS.Disabled: the key of the object cannot be used",
		"InvalidObjectState":     "InvalidObjectState: it is archived; restore it first",
		"SlowDown":               "S3 refused the call with SlowDown: kind words; look the code up in its API reference",
		"AccessDeniedFromTheKMS": "AccessDenied: the permission kms:Decrypt for the key of the object is missing",
	} {
		b := &Bucket{Name: "b", get: answer(func() (*s3.GetObjectOutput, error) {
			message := "kind words"
			if strings.HasSuffix(code, "KMS") {
				code, message = "AccessDenied", "not allowed to perform: kms:Decrypt"
			}
			return nil, &smithy.GenericAPIError{Code: code, Message: message}
		})}
		if _, err := b.file("k", 1).Open(t.Context()); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	b := &Bucket{Name: "b", get: answer(func() (*s3.GetObjectOutput, error) {
		return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader("text"))}, nil
	})}
	in, err := b.file("k", 1).Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := io.ReadAll(in); string(text) != "text" {
		t.Errorf("it has %q", text)
	}
}
