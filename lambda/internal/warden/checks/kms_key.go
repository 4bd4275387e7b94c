package checks

import (
	"context"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// keys checks AWS::KMS::Key: that it can be used, its policy, and whether it is rotated. Nothing is put back: whoever may
// write a key's policy may have what it encrypts.
type keys struct{ Tools }

func (c keys) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	input := map[string]any{"KeyId": of.ARN}
	out, err := c.ask(ctx, of, "kms", "DescribeKey", input)
	if missing(err) {
		return []check.Difference{compare.Missing("key", of.ARN)}, nil
	}
	if err != nil {
		return nil, err
	}
	found := keyState(of, awsapi.Object(out["KeyMetadata"]))
	out, err = c.ask(ctx, of, "kms", "GetKeyPolicy", map[string]any{"KeyId": of.ARN, "PolicyName": "default"})
	if err != nil {
		return found, err
	}
	found = append(found, policyDifference("KeyPolicy", of.Properties["KeyPolicy"], out["Policy"])...)
	if !compare.Scalar(of.Properties["EnableKeyRotation"], true) || len(found) > 0 && found[0].Field == "KeyState" {
		return found, nil // of a key that is disabled KMS says nothing about rotation
	}
	if out, err = c.ask(ctx, of, "kms", "GetKeyRotationStatus", input); err != nil {
		return found, err
	}
	rotation := compare.Fields(of.Properties, out, compare.Field{Name: "EnableKeyRotation", Got: "KeyRotationEnabled"})
	return append(found, compare.With(rotation, nil, "aws kms enable-key-rotation --key-id "+compare.Word(of.ARN))...), nil
}

// keyState is the difference of a key that cannot be used.
func keyState(of deployment.Deployed, got map[string]any) []check.Difference {
	want, state := "Enabled", awsapi.Text(got["KeyState"])
	if v := of.Properties["Enabled"]; v != nil && compare.Scalar(v, false) {
		want = "Disabled"
	}
	if state == want {
		return nil
	}
	next := "aws kms enable-key --key-id " + compare.Word(of.ARN)
	if state == "PendingDeletion" {
		next = "aws kms cancel-key-deletion --key-id " + compare.Word(of.ARN) + " && " + next
	}
	return []check.Difference{{Field: "KeyState", Want: want, Got: compare.Show(state), Next: next}}
}
