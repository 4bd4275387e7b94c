package checks_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/deployment"
)

const keyARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

func TestKey(t *testing.T) {
	const policy = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
		"Action": "kms:*", "Resource": "*"}]}`
	of := deployment.Deployed{ID: "Key", Type: "AWS::KMS::Key", ARN: keyARN, Properties: object(t,
		`{"EnableKeyRotation": true, "KeyPolicy": `+policy+`}`)}
	for name, test := range map[string]struct {
		state, policy string
		rotates       bool
		want, next    string
	}{
		"as deployed":      {"Enabled", policy, true, "", ""},
		"the account's ID": {"Enabled", strings.Replace(policy, "arn:aws:iam::111122223333:root", "111122223333", 1), true, "", ""},
		"disabled":         {"Disabled", policy, true, "KeyState: Enabled -> Disabled", "aws kms enable-key --key-id " + keyARN},
		"to be deleted": {
			"PendingDeletion", policy, false, "KeyState: Enabled -> PendingDeletion",
			"aws kms cancel-key-deletion --key-id " + keyARN + " && aws kms enable-key --key-id " + keyARN,
		},
		"not rotated": {"Enabled", policy, false, "EnableKeyRotation: true -> false", "aws kms enable-key-rotation --key-id " + keyARN},
		"another account": {
			"Enabled", strings.ReplaceAll(policy, "111122223333", "444455556666"), true,
			`KeyPolicy: 1 statements, of which only here: {"Action":["kms:*"],"Effect":"Allow","Principal":{"AWS":["111122223333"]},"Resource":["*"]}` +
				` -> 1 statements, of which only here: {"Action":["kms:*"],"Effect":"Allow","Principal":{"AWS":["444455556666"]},"Resource":["*"]}`, "",
		},
	} {
		s := &service{answers: map[string]any{
			"DescribeKey":          map[string]any{"KeyMetadata": map[string]any{"KeyState": test.state}},
			"GetKeyPolicy":         map[string]any{"Policy": test.policy, "PolicyName": "default"},
			"GetKeyRotationStatus": map[string]any{"KeyRotationEnabled": test.rotates},
		}}
		found, err := s.check(t, of)
		if diff := cmp.Diff(test.want, fields(found)); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
		if len(found) > 0 && (found[0].Next != test.next || found[0].Repair != nil) {
			t.Errorf("%s: %s", name, text(found))
		}
	}
	off := deployment.Deployed{ID: "Key", Type: "AWS::KMS::Key", ARN: keyARN, Properties: object(t, `{"Enabled": false, "KeyPolicy": `+policy+`}`)}
	for state, want := range map[string]string{"Disabled": "", "Enabled": "KeyState: Disabled -> Enabled"} {
		s := &service{answers: map[string]any{
			"DescribeKey":  map[string]any{"KeyMetadata": map[string]any{"KeyState": state}},
			"GetKeyPolicy": map[string]any{"Policy": policy},
		}}
		if found, err := s.check(t, off); err != nil || fields(found) != want {
			t.Errorf("a key that is deployed disabled, and is %s: %v %s", state, err, text(found))
		}
	}
	for code, want := range map[string]string{"NotFoundException": "resource: the key " + keyARN + " -> none", "AccessDeniedException": ""} {
		s := &service{answers: map[string]any{"DescribeKey": refused(code)}}
		if found, err := s.check(t, of); fields(found) != want || (err != nil) != (want == "") {
			t.Errorf("%s: %v %s", code, err, text(found))
		}
	}
}
