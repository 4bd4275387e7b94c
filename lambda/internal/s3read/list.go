package s3read

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"

	"trailkeeper/lambda/internal/s3read/s3list"
)

// maxPage bounds a page that is read: 1,000 keys of 1,024 bytes, escaped threefold, with room for what S3 says of each.
const maxPage = 8 << 20

// List lists a page of a bucket. Errors are as with Open.
func (c *Client) List(ctx context.Context, bucket, owner string, ask s3list.Ask) (s3list.Page, error) {
	query := url.Values{"list-type": {"2"}, "encoding-type": {"url"}} // XML cannot hold every key as it is
	for name, value := range map[string]string{
		"prefix": ask.Prefix, "delimiter": ask.Delimiter, "start-after": ask.After, "continuation-token": ask.Token,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	body, err := c.Do(ctx, Request{Object: Object{Bucket: bucket, Owner: owner}, Query: query})
	if err != nil {
		return s3list.Page{}, err
	}
	defer func() { _ = body.Close() }()
	var answer struct {
		Contents []struct {
			Key          string `xml:"Key"`
			Size         int64  `xml:"Size"`
			StorageClass string `xml:"StorageClass"`
			ETag         string `xml:"ETag"`
		} `xml:"Contents"`
		CommonPrefixes []struct {
			Prefix string `xml:"Prefix"`
		} `xml:"CommonPrefixes"`
		IsTruncated           bool   `xml:"IsTruncated"`
		NextContinuationToken string `xml:"NextContinuationToken"`
		EncodingType          string `xml:"EncodingType"`
	}
	if err := xml.NewDecoder(io.LimitReader(body, maxPage)).Decode(&answer); err != nil {
		return s3list.Page{}, fmt.Errorf("S3's listing cannot be read: %w", err)
	}
	plain := func(text string) (string, error) { return text, nil }
	if answer.EncodingType == "url" {
		plain = url.QueryUnescape
	}
	var page s3list.Page
	for _, o := range answer.Contents {
		key, err := plain(o.Key)
		if err != nil {
			return s3list.Page{}, fmt.Errorf("S3's listing has a key that cannot be read: %w", err)
		}
		page.Objects = append(page.Objects, s3list.Object{Key: key, Size: o.Size, Class: o.StorageClass, ETag: o.ETag})
	}
	for _, p := range answer.CommonPrefixes {
		folder, err := plain(p.Prefix)
		if err != nil {
			return s3list.Page{}, fmt.Errorf("S3's listing has a folder that cannot be read: %w", err)
		}
		page.Folders = append(page.Folders, folder)
	}
	if answer.IsTruncated {
		page.Next = answer.NextContinuationToken
	}
	return page, nil
}
