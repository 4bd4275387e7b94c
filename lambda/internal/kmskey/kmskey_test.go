package kmskey

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/awsapi"
)

const key = "arn:aws:kms:eu-west-1:111122223333:key/0d4b0f0a-1111-2222-3333-444455556666"

// far answers each call with an object, and notes what was asked.
func far(out map[string]any, err error) (*Client, *[]awsapi.Call) {
	asked := &[]awsapi.Call{}
	return &Client{Call: func(_ context.Context, c awsapi.Call) (map[string]any, error) {
		*asked = append(*asked, c)
		return out, err
	}}, asked
}

func TestDescribe(t *testing.T) {
	c, asked := far(map[string]any{"KeyMetadata": map[string]any{"KeyState": "PendingDeletion"}}, nil)
	k, err := c.Describe(t.Context(), key)
	if err != nil || k.Enabled() || k.State != "PendingDeletion" {
		t.Errorf("%+v, %v", k, err)
	}
	want := []awsapi.Call{{Service: "kms", Operation: "DescribeKey", Region: "eu-west-1", Input: map[string]any{"KeyId": key}}}
	if diff := cmp.Diff(want, *asked); diff != "" {
		t.Error(diff)
	}
	c, _ = far(map[string]any{}, nil)
	if _, err := c.Describe(t.Context(), key); err == nil {
		t.Error("an answer without a state is one")
	}
}

func TestCalls(t *testing.T) {
	c, asked := far(map[string]any{"Policy": "{}"}, nil)
	if p, err := c.Policy(t.Context(), key); p != "{}" || err != nil {
		t.Error(p, err)
	}
	if err := errors.Join(c.CancelDeletion(t.Context(), key), c.Enable(t.Context(), key)); err != nil {
		t.Error(err)
	}
	for i, want := range []string{"GetKeyPolicy", "CancelKeyDeletion", "EnableKey"} {
		if (*asked)[i].Operation != want {
			t.Errorf("%s; want %s", (*asked)[i].Operation, want)
		}
	}
}

func TestProblems(t *testing.T) {
	c, _ := far(nil, errors.New("no"))
	if err := c.Enable(t.Context(), key); err == nil || !strings.Contains(err.Error(), "kms:EnableKey: no") {
		t.Error(err)
	}
	c, asked := far(nil, nil)
	for _, arn := range []string{"", "key/x", "arn:aws:s3:::x"} {
		if _, err := c.Describe(t.Context(), arn); err == nil || len(*asked) > 0 {
			t.Errorf("%q: %v", arn, err)
		}
	}
}
