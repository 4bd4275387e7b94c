// Package kmskey asks AWS KMS about a key, and enables it: one signed request a call, without KMS's client, whose code
// would cost the function a good part of its start.
//
// It decides nothing, never retries, and knows no other call than those of a trail's key.
package kmskey

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/sanitize"
)

// Client makes the calls. Its fields are set once; it is safe for concurrent use.
type Client struct {
	HTTP        *http.Client
	Credentials aws.CredentialsProvider
	Endpoint    awsenv.Endpoint
	Now         func() time.Time
}

// Key is a key as DescribeKey shows it.
type Key struct {
	State string // "Enabled", "Disabled", "PendingDeletion", "PendingImport", …
	// Deletion is when it is deleted; zero: it is not to be.
	Deletion time.Time
}

// Enabled reports whether the key can be used.
func (k Key) Enabled() bool { return k.State == "Enabled" }

// Describe reads a key, by its ARN. The error, where KMS answered, is an *Error.
func (c *Client) Describe(ctx context.Context, arn string) (Key, error) {
	var out struct {
		KeyMetadata struct {
			KeyState     string
			DeletionDate float64
		}
	}
	if err := c.Call(ctx, "DescribeKey", arn, map[string]string{"KeyId": arn}, &out); err != nil {
		return Key{}, err
	}
	k := Key{State: out.KeyMetadata.KeyState}
	if at := out.KeyMetadata.DeletionDate; at > 0 {
		k.Deletion = time.Unix(int64(at), 0).UTC()
	}
	return k, nil
}

// Policy reads the policy of a key of the caller's own account: KMS gives that of no other (AWS KMS API reference,
// GetKeyPolicy).
func (c *Client) Policy(ctx context.Context, arn string) (string, error) {
	var out struct{ Policy string }
	err := c.Call(ctx, "GetKeyPolicy", arn, map[string]string{"KeyId": arn, "PolicyName": "default"}, &out)
	return out.Policy, err
}

// Enable enables a key.
func (c *Client) Enable(ctx context.Context, arn string) error {
	return c.Call(ctx, "EnableKey", arn, map[string]string{"KeyId": arn}, nil)
}

// CancelDeletion cancels the deletion of a key, which is disabled afterwards (AWS KMS API reference, CancelKeyDeletion).
func (c *Client) CancelDeletion(ctx context.Context, arn string) error {
	return c.Call(ctx, "CancelKeyDeletion", arn, map[string]string{"KeyId": arn}, nil)
}

// Error is KMS's refusal.
type Error struct {
	Op, Code, Message string
	Status            int // of HTTP
}

// maxMessage bounds what is shown of KMS's own words, in runes.
const maxMessage = 300

// Error says which call was refused, and why, in KMS's words.
func (e *Error) Error() string {
	return sanitize.Bound(strings.TrimSuffix(fmt.Sprintf("kms:%s: %s: %s", e.Op, cmp.Or(e.Code, fmt.Sprintf("HTTP %d", e.Status)), e.Message), ": "), maxMessage)
}

// maxAnswer bounds what is read: a policy has 32 KB at most ("Resource quotas", AWS KMS Developer Guide).
const maxAnswer = 256 << 10

// Call makes one call in the Region of the key. A nil out takes any answer.
func (c *Client) Call(ctx context.Context, op, arn string, in, out any) error {
	key, err := events.ParseARN(arn)
	if err != nil || key.Service != "kms" {
		return fmt.Errorf("%.200q is no ARN of a key", arn)
	}
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("kms:%s: %w", op, err)
	}
	address, err := url.Parse(cmp.Or(c.Endpoint.URL, "https://"+hostOf(c.Endpoint, key.Region)))
	if err != nil || address.Host == "" {
		return fmt.Errorf("%.100q is no address of AWS KMS", c.Endpoint.URL)
	}
	if address.Path == "" {
		address.Path = "/"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address.String(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("kms:%s: %w", op, err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "TrentService."+op)
	keys, err := c.Credentials.Retrieve(ctx)
	if err != nil {
		return fmt.Errorf("kms:%s: %w", op, err)
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, keys, req, hex.EncodeToString(sum[:]), "kms", key.Region, c.Now().UTC()); err != nil {
		return fmt.Errorf("kms:%s: sign: %w", op, err)
	}
	answer, err := c.HTTP.Do(req)
	if err != nil {
		return fmt.Errorf("kms:%s: KMS cannot be reached: %w", op, err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	switch {
	case answer.StatusCode != http.StatusOK:
		return refused(op, answer.StatusCode, text)
	case err != nil:
		return fmt.Errorf("kms:%s: read the answer: %w", op, err)
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("kms:%s: the answer cannot be read: %w", op, err)
	}
	return nil
}

// refused reads a refusal, whose type may have a namespace before it.
func refused(op string, status int, text []byte) *Error {
	var said struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	_ = json.Unmarshal(text, &said)
	return &Error{Op: op, Code: said.Type[strings.LastIndexByte(said.Type, '#')+1:], Message: said.Message, Status: status}
}

// hostOf is KMS's in a Region ("AWS Key Management Service endpoints and quotas", AWS General Reference).
func hostOf(e awsenv.Endpoint, region string) string {
	host := "kms"
	if e.FIPS {
		host += "-fips"
	}
	if e.DualStack {
		return host + "." + region + "." + awsenv.DualStackSuffix(region)
	}
	return host + "." + region + "." + awsenv.Suffix(region)
}
