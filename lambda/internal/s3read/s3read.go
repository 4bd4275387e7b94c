// Package s3read opens and lists objects of S3: one signed request, without S3's client, whose code would cost the
// function a good part of its start.
//
// It reads nothing of what it opens, and never retries: a caller with a queue has that do it. What writes an object is
// package s3write.
package s3read

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/awsenv"
)

// Client opens objects. Its fields are set once; it is safe for concurrent use, and must not be copied.
type Client struct {
	HTTP        *http.Client
	Credentials aws.CredentialsProvider
	Region      string // the function's own, where a bucket is looked for first
	Endpoint    awsenv.Endpoint
	Now         func() time.Time

	regions sync.Map // by bucket, where another Region has it
}

// Object is one object of a bucket.
type Object struct {
	Bucket, Key string
	Owner       string // the account that owns the bucket: of another's, S3 gives nothing
	Version     string // empty: the latest. A version takes s3:GetObjectVersion instead of s3:GetObject
}

// Body is an object that is open.
type Body struct {
	io.ReadCloser

	ETag   string // what S3 says of this text, with quotation marks; empty: nothing
	Length int64  // in bytes, as it is stored; -1: S3 does not say
}

// Request is a request for an object, or, without a key, for a bucket.
type Request struct {
	Object
	Method string // empty: GET
	Query  url.Values
	Body   []byte
}

// Open opens the object as it is stored, whatever its encoding. The caller closes it. The error, where S3 answered, is
// an *Error. A bucket in another Region is asked there, once.
func (c *Client) Open(ctx context.Context, o Object) (*Body, error) {
	r := Request{Object: o}
	if o.Version != "" {
		r.Query = url.Values{"versionId": {o.Version}}
	}
	return c.Do(ctx, r)
}

// Do sends a request and gives the body of its answer, which the caller closes. Errors and Regions are as with Open.
func (c *Client) Do(ctx context.Context, r Request) (*Body, error) {
	region := c.Region
	if known, ok := c.regions.Load(r.Bucket); ok {
		region, _ = known.(string)
	}
	body, err := c.send(ctx, r, region)
	moved, ok := err.(*Error) //nolint:errorlint // send wraps none
	if !ok || moved.region == "" || moved.region == region {
		return body, err
	}
	body, err = c.send(ctx, r, moved.region)
	if again, ok := err.(*Error); !ok || again.region == "" { //nolint:errorlint // as above
		c.regions.Store(r.Bucket, moved.region)
	}
	return body, err
}

func (c *Client) send(ctx context.Context, r Request, region string) (*Body, error) {
	address, err := c.address(r.Object, region)
	if err != nil {
		return nil, err
	}
	// S3 signs a space in a query as %20 (Amazon S3 API Reference, "Authenticating Requests").
	address.RawQuery = strings.ReplaceAll(r.Query.Encode(), "+", "%20")
	body := io.Reader(http.NoBody)
	if len(r.Body) > 0 {
		body = bytes.NewReader(r.Body)
	}
	req, err := http.NewRequestWithContext(ctx, cmp.Or(r.Method, http.MethodGet), "", body)
	if err != nil {
		return nil, fmt.Errorf("send the request: %w", err)
	}
	hash := sha256.Sum256(r.Body)
	sum := hex.EncodeToString(hash[:])
	req.URL, req.Host = address, address.Host
	req.Header.Set("Accept-Encoding", "identity") // or it is unpacked on the way
	req.Header.Set("X-Amz-Content-Sha256", sum)
	if r.Owner != "" {
		req.Header.Set("X-Amz-Expected-Bucket-Owner", r.Owner)
	}
	keys, err := c.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("send the request: %w", err)
	}
	signer := v4.NewSigner(func(s *v4.SignerOptions) { s.DisableURIPathEscaping = true })
	if err := signer.SignHTTP(ctx, keys, req, sum, "s3", region, c.Now().UTC()); err != nil {
		return nil, fmt.Errorf("sign the request: %w", err)
	}
	answer, err := c.HTTP.Do(req)
	if err != nil {
		return nil, fmt.Errorf("S3 cannot be reached: %w", err)
	}
	if answer.StatusCode == http.StatusOK {
		return &Body{answer.Body, answer.Header.Get("ETag"), answer.ContentLength}, nil
	}
	defer func() { _ = answer.Body.Close() }()
	return nil, refused(answer)
}

// address is where the object is: the bucket in the host's name, and in the path where that name would fit no
// certificate, or where there is no name for each bucket (Amazon S3 User Guide, "Virtual hosting of buckets").
func (c *Client) address(o Object, region string) (*url.URL, error) {
	base := c.Endpoint.URL
	inPath := base != "" || strings.Contains(o.Bucket, ".") || !isLabel(o.Bucket)
	if base == "" {
		if !isLabel(region) {
			return nil, fmt.Errorf("%.40q is no Region", region)
		}
		base = "https://" + hostOf(c.Endpoint, region)
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%.100q is no address of S3", base)
	}
	path := "/" + o.Key
	if inPath {
		path = "/" + o.Bucket + path
	} else {
		u.Host = o.Bucket + "." + u.Host
	}
	u.Path = strings.TrimSuffix(u.Path, "/") + path
	u.RawPath, u.RawQuery = escaped(u.Path), ""
	return u, nil
}

const (
	letters = "abcdefghijklmnopqrstuvwxyz"
	digits  = "0123456789"
)

// isLabel reports whether s can stand in a host's name.
func isLabel(s string) bool { return len(s) <= 63 && events.ConsistsOf(s, letters+digits+"-") }

// escaped is a path as S3 signs it: each byte of the key but letters, digits and "-._~/" (Amazon S3 API Reference,
// "Authenticating Requests").
func escaped(path string) string {
	const plain = letters + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + digits + "-._~/"
	var b strings.Builder
	for i := range len(path) {
		if c := path[i]; strings.IndexByte(plain, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// maxAnswer bounds what is read of a refusal.
const maxAnswer = 64 << 10

// refused reads a refusal. An answer without a body has a code in its status alone.
func refused(answer *http.Response) *Error {
	var said struct {
		Code    string `xml:"Code"`
		Message string `xml:"Message"`
		Region  string `xml:"Region"`
	}
	text, _ := io.ReadAll(io.LimitReader(answer.Body, maxAnswer)) // what was read says enough, or nothing does
	_ = xml.Unmarshal(text, &said)
	e := &Error{Code: said.Code, Status: answer.StatusCode, Message: said.Message}
	switch answer.StatusCode {
	case http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusBadRequest:
		if region := cmp.Or(answer.Header.Get("X-Amz-Bucket-Region"), said.Region); isLabel(region) && region != "" {
			e.region = region
		}
	}
	return e
}
