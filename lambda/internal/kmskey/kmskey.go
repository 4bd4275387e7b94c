// Package kmskey asks AWS KMS about a trail's key, and enables it.
//
// It decides nothing, never retries, and makes no other call than those of a trail's key.
package kmskey

import (
	"context"
	"fmt"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/awsapi"
)

// Client makes the calls, each in the Region of the key. Errors, where KMS answered, are smithy.APIError.
type Client struct{ Call awsapi.Caller }

// Key is a key as DescribeKey shows it.
type Key struct {
	State string // "Enabled", "Disabled", "PendingDeletion", "PendingImport", …
}

// Enabled reports whether the key can be used.
func (k Key) Enabled() bool { return k.State == "Enabled" }

// Describe reads a key, by its ARN.
func (c *Client) Describe(ctx context.Context, arn string) (Key, error) {
	out, err := c.Do(ctx, "DescribeKey", arn, nil)
	if err != nil {
		return Key{}, err
	}
	k := Key{State: awsapi.Text(awsapi.Object(out["KeyMetadata"])["KeyState"])}
	if k.State == "" {
		return Key{}, fmt.Errorf("kms:DescribeKey: the answer has no state of the key")
	}
	return k, nil
}

// Policy reads the policy of a key of the caller's own account: KMS gives that of no other (AWS KMS API reference,
// GetKeyPolicy).
func (c *Client) Policy(ctx context.Context, arn string) (string, error) {
	out, err := c.Do(ctx, "GetKeyPolicy", arn, map[string]any{"PolicyName": "default"})
	return awsapi.Text(out["Policy"]), err
}

// Enable enables a key.
func (c *Client) Enable(ctx context.Context, arn string) error {
	_, err := c.Do(ctx, "EnableKey", arn, nil)
	return err
}

// CancelDeletion cancels the deletion of a key, which is disabled afterwards (AWS KMS API reference, CancelKeyDeletion).
func (c *Client) CancelDeletion(ctx context.Context, arn string) error {
	_, err := c.Do(ctx, "CancelKeyDeletion", arn, nil)
	return err
}

// Do makes a call about a key.
func (c *Client) Do(ctx context.Context, op, arn string, in map[string]any) (map[string]any, error) {
	key, err := events.ParseARN(arn)
	if err != nil || key.Service != "kms" {
		return nil, fmt.Errorf("%.200q is no ARN of a key", arn)
	}
	asked := map[string]any{"KeyId": arn}
	for name, v := range in {
		asked[name] = v
	}
	out, err := c.Call(ctx, awsapi.Call{Service: "kms", Operation: op, Region: key.Region, Input: asked})
	if err != nil {
		return nil, fmt.Errorf("kms:%s: %w", op, err)
	}
	return out, nil
}
