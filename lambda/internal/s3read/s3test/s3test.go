// Package s3test lists objects as S3 does, and makes clients of package s3read, for tests. Of a listing it knows the
// prefix, the delimiter "/", where it starts and the pages; it checks no signature and refuses nothing.
package s3test

import (
	"context"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/s3read"
	"trailkeeper/lambda/internal/s3read/s3list"
)

// Client is a client in eu-west-1 whose requests go to a server.
func Client(server *httptest.Server) *s3read.Client {
	return &s3read.Client{
		HTTP: server.Client(),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "key"}, nil
		}),
		Region:   "eu-west-1",
		Endpoint: awsenv.Endpoint{URL: server.URL},
		Now:      time.Now,
	}
}

// List is a page of a bucket that has these objects, in any order. There are at most so many objects on it, one or
// more, and any number of folders.
func List(ask s3list.Ask, all []s3list.Object, most int) (page s3list.Page) {
	all = slices.SortedFunc(slices.Values(all), func(a, b s3list.Object) int { return strings.Compare(a.Key, b.Key) })
	after, last := max(ask.Token, ask.After), ""
	for _, o := range all {
		below, ok := strings.CutPrefix(o.Key, ask.Prefix)
		if !ok || o.Key <= after {
			continue
		}
		folder, _, deeper := strings.Cut(below, "/")
		folder = ask.Prefix + folder + "/"
		switch {
		case ask.Delimiter == "" || !deeper:
			if len(page.Objects) == most {
				page.Next = last
				return page
			}
			page.Objects = append(page.Objects, o)
		case !slices.Contains(page.Folders, folder):
			page.Folders = append(page.Folders, folder)
		}
		last = o.Key
	}
	return page
}

// ServeList answers a request of ListObjectsV2 with a page as List gives it.
func ServeList(w http.ResponseWriter, r *http.Request, all []s3list.Object, most int) {
	q := r.URL.Query()
	escape := func(text string) string { return text }
	if q.Get("encoding-type") == "url" {
		escape = url.QueryEscape
	}
	page := List(s3list.Ask{
		Prefix:    q.Get("prefix"),
		Delimiter: q.Get("delimiter"),
		After:     q.Get("start-after"),
		Token:     q.Get("continuation-token"),
	}, all, most)
	type object struct {
		Key          string
		Size         int64
		StorageClass string `xml:",omitempty"`
		ETag         string `xml:",omitempty"`
	}
	answer := struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		EncodingType          string   `xml:",omitempty"`
		IsTruncated           bool
		NextContinuationToken string `xml:",omitempty"`
		Contents              []object
		CommonPrefixes        []struct{ Prefix string }
	}{EncodingType: q.Get("encoding-type"), IsTruncated: page.Next != "", NextContinuationToken: page.Next}
	for _, o := range page.Objects {
		answer.Contents = append(answer.Contents, object{escape(o.Key), o.Size, o.Class, o.ETag})
	}
	for _, folder := range page.Folders {
		answer.CommonPrefixes = append(answer.CommonPrefixes, struct{ Prefix string }{escape(folder)})
	}
	_ = xml.NewEncoder(w).Encode(answer)
}
