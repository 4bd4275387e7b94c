package s3read_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/s3read"
	"trailkeeper/lambda/internal/s3read/s3list"
	"trailkeeper/lambda/internal/s3read/s3test"
)

// listing answers every request with one text, and notes the query.
func listing(t *testing.T, status int, text string) (*s3read.Client, *url.Values) {
	t.Helper()
	asked := &url.Values{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if *asked = r.URL.Query(); strings.Contains(r.URL.RawQuery, "+") || r.URL.Path != "/logs/" {
			t.Errorf("%s?%s", r.URL.Path, r.URL.RawQuery)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(server.Close)
	return s3test.Client(server), asked
}

func TestList(t *testing.T) {
	c, asked := listing(t, http.StatusOK, `<?xml version="1.0"?><ListBucketResult><Contents><Key>a%20b%2Bc+d%0A</Key>
		<Size>7</Size><StorageClass>GLACIER</StorageClass><ETag>&quot;e&quot;</ETag></Contents><CommonPrefixes><Prefix>p%C3%A9/</Prefix></CommonPrefixes>
		<IsTruncated>true</IsTruncated><NextContinuationToken>1+/=</NextContinuationToken><EncodingType>url</EncodingType>
		</ListBucketResult>`)
	got, err := c.List(t.Context(), "logs", "111122223333", s3list.Ask{Prefix: "p q/", Delimiter: "/", After: "p q/+", Token: "t+="})
	want := s3list.Page{
		Objects: []s3list.Object{{Key: "a b+c d\n", Size: 7, Class: "GLACIER", ETag: `"e"`}}, Folders: []string{"pé/"}, Next: "1+/=",
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if diff := cmp.Diff(&url.Values{
		"list-type": {"2"}, "encoding-type": {"url"}, "prefix": {"p q/"}, "delimiter": {"/"}, "start-after": {"p q/+"},
		"continuation-token": {"t+="},
	}, asked); diff != "" {
		t.Error(diff)
	}
}

func TestListProblems(t *testing.T) {
	for text, want := range map[string]string{
		"<ListBucketResult><Contents>": "S3's listing cannot be read: ",
		"<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>%zz</Key></Contents></ListBucketResult>":                 "has a key",
		"<ListBucketResult><EncodingType>url</EncodingType><CommonPrefixes><Prefix>%</Prefix></CommonPrefixes></ListBucketResult>": "has a folder",
	} {
		c, _ := listing(t, http.StatusOK, text)
		if _, err := c.List(t.Context(), "logs", "", s3list.Ask{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	c, _ := listing(t, http.StatusForbidden, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>")
	_, err := c.List(t.Context(), "logs", "", s3list.Ask{})
	if refused, ok := err.(*s3read.Error); !ok || refused.Code != "AccessDenied" || refused.Message != "no" { //nolint:errorlint // it is not wrapped
		t.Errorf("%#v", err)
	}
}
