package localcloud

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTrustIsChecked(t *testing.T) {
	refused(t, "the condition operator NumericEquals is not modelled", `"Action": "sts:AssumeRole"`,
		`"Action": "sts:AssumeRole", "Condition": {"NumericEquals": {"a": "1"}}`)
}

// TestUndocumentedSource: a trust that asks for what a service is not documented to say of itself lets nobody in.
func TestUndocumentedSource(t *testing.T) {
	const at = `"Principal": {"Service": "lambda.amazonaws.com"}`
	for condition, want := range map[string]bool{
		`"StringEquals": {"aws:SourceAccount": "111122223333"}`:                            true,
		`"StringEquals": {"aws:SourceAccount": "444455556666"}`:                            false,
		`"ArnLike": {"aws:SourceArn": "arn:aws:lambda:eu-west-1:111122223333:function:*"}`: false,
		// An absent key is like nothing.
		`"ArnNotLike": {"aws:SourceArn": "arn:aws:lambda:eu-west-1:111122223333:function:*"}`: true,
	} {
		ran := false
		c := newCloud(t, func(context.Context, FunctionEnv, []byte) error { ran = true; return nil },
			edit(t, at, at+`, "Condition": {`+condition+`}`))
		addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
		if err := stopMain(t, c); err != nil {
			t.Fatal(err)
		}
		run(t, c)
		if ran != want {
			t.Errorf("%s: the function ran: %t", condition, ran)
		}
	}
}

func TestBoundary(t *testing.T) {
	const at = `"ManagedPolicyArns"`
	refused(t, "the boundary AWSDenyAll forbids everything", at,
		`"PermissionsBoundary": "arn:aws:iam::aws:policy/AWSDenyAll", `+at)
	c := newCloud(t, nil, edit(t, at, `"PermissionsBoundary": "arn:aws:iam::111122223333:policy/b", `+at))
	want := []string{
		"the boundary arn:aws:iam::111122223333:policy/b, which is not in the template, allows what its roles do",
	}
	if diff := cmp.Diff(want, c.Deployment().Assumptions); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A rule publishes with its target's role, which needs both the topic and the key.
func TestRulePublishesWithItsRole(t *testing.T) {
	const (
		target = `{"Id": "Queue", "Arn": {"Fn::GetAtt": ["Copies00000001", "Arn"]}}`
		grants = `"Action": "events:InvokeApiDestination"`
	)
	for actions, want := range map[string]bool{
		`"Action": ["sns:Publish", "kms:Decrypt", "kms:GenerateDataKey"]`: true,
		`"Action": ["kms:Decrypt", "kms:GenerateDataKey"]`:                false,
		`"Action": ["sns:Publish", "kms:Decrypt"]`:                        false,
		`"Action": ["sns:Publish", "kms:GenerateDataKey"]`:                false,
	} {
		c := newCloud(
			t,
			nil,
			edit(
				t,
				target,
				`{"Id": "Topic", "Arn": {"Ref": "Topic00000001"}, "RoleArn": {"Fn::GetAtt": ["SlackRole00000001", "Arn"]}}`,
				grants+`, "Resource": {"Fn::GetAtt": ["Slack00000001", "Arn"]}`,
				actions+`, "Resource": "*"`,
			),
		)
		addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
		if err := stopMain(t, c); err != nil {
			t.Fatal(err)
		}
		run(t, c)
		published := false
		for _, e := range of(c, KindSNS) {
			published = published || e.Via == ViaRule && e.Err == ""
		}
		if published != want {
			t.Errorf("%s: published %t, want %t", actions, published, want)
		}
	}
}
