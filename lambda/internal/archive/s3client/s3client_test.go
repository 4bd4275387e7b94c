package s3client

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/s3read/s3list"
)

// listed is what ListObjectsV2 gives.
type listed func(*s3.ListObjectsV2Input) (*s3.ListObjectsV2Output, error)

func (l listed) ListObjectsV2(
	_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options),
) (*s3.ListObjectsV2Output, error) {
	return l(in)
}

func TestList(t *testing.T) {
	var asked *s3.ListObjectsV2Input
	out := &s3.ListObjectsV2Output{
		Contents: []types.Object{{
			Key: aws.String("p/k"), Size: aws.Int64(5), StorageClass: types.ObjectStorageClassGlacier,
		}},
		CommonPrefixes:        []types.CommonPrefix{{Prefix: aws.String("p/f/")}},
		IsTruncated:           aws.Bool(true),
		NextContinuationToken: aws.String("next"),
	}
	b := bucketOf("b", "p/", listed(func(in *s3.ListObjectsV2Input) (*s3.ListObjectsV2Output, error) {
		asked = in
		return out, nil
	}), nil)
	got, err := b.List(t.Context(), s3list.Ask{Prefix: "p/", Delimiter: "/", After: "p/a", Token: "t"})
	want := s3list.Page{Objects: []s3list.Object{{Key: "p/k", Size: 5, Class: "GLACIER"}}, Folders: []string{"p/f/"}, Next: "next"}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	said := []string{*asked.Bucket, *asked.Prefix, *asked.Delimiter, *asked.StartAfter, *asked.ContinuationToken}
	if diff := cmp.Diff([]string{"b", "p/", "/", "p/a", "t"}, said); diff != "" {
		t.Error(diff)
	}
	out.IsTruncated = aws.Bool(false)
	if got, _ = b.List(t.Context(), s3list.Ask{}); got.Next != "" || asked.StartAfter != nil || asked.ContinuationToken != nil {
		t.Errorf("a last page: %+v, asked for %+v", got, asked)
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
		b := bucketOf("b", "", nil, answer(func() (*s3.GetObjectOutput, error) {
			message := "kind words"
			if strings.HasSuffix(code, "KMS") {
				code, message = "AccessDenied", "not allowed to perform: kms:Decrypt"
			}
			return nil, &smithy.GenericAPIError{Code: code, Message: message}
		}))
		if _, err := b.File("k", 1).Open(t.Context()); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	b := bucketOf("b", "", nil, answer(func() (*s3.GetObjectOutput, error) {
		return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader("text"))}, nil
	}))
	in, err := b.File("k", 1).Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := io.ReadAll(in); string(text) != "text" {
		t.Errorf("it has %q", text)
	}
}
