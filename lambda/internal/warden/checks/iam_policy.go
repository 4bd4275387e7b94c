package checks

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// decoded is a policy as IAM answers it: percent-encoded (GetRolePolicy, PolicyDocument).
func decoded(v any) (string, error) {
	text, err := url.PathUnescape(awsapi.Text(v))
	if err != nil {
		return "", fmt.Errorf("a policy cannot be decoded: %w", err)
	}
	return text, nil
}

// inline compares an inline policy of a role.
func (t Tools) inline(ctx context.Context, of deployment.Deployed, role, name string, want any) ([]check.Difference, error) {
	next := "aws iam put-role-policy --role-name " + compare.Word(role) + " --policy-name " + compare.Word(name) +
		" --policy-document file://policy-of-the-template.json"
	field := "Policies." + compare.Show(name)
	out, err := t.ask(ctx, of, "iam", "GetRolePolicy", map[string]any{"RoleName": role, "PolicyName": name})
	if missing(err) {
		wanted, _ := compare.ShowPolicies(want, "")
		return []check.Difference{{Field: field, Want: wanted, Got: "none", Next: next}}, nil
	}
	if err != nil {
		return nil, err
	}
	got, err := decoded(out["PolicyDocument"])
	if err != nil {
		return nil, err
	}
	return compare.With(policyDifference(field, want, got), nil, next), nil
}

// inlinePolicies checks AWS::IAM::Policy: each of its roles has it. Nothing is put back: whoever may write a role's policy
// may do everything in its name.
type inlinePolicies struct{ Tools }

func (p inlinePolicies) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	var all []check.Difference
	var errs []error
	name := awsapi.Text(of.Properties["PolicyName"])
	for _, role := range awsapi.List(of.Properties["Roles"]) {
		differences, err := p.inline(ctx, of, awsapi.Text(role), name, of.Properties["PolicyDocument"])
		all, errs = append(all, differences...), append(errs, err)
	}
	return all, errors.Join(errs...)
}

// managedPolicies checks AWS::IAM::ManagedPolicy: the version that is in force. That its roles have it, roles says. Nothing
// is put back.
type managedPolicies struct{ Tools }

func (p managedPolicies) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	out, err := p.ask(ctx, of, "iam", "GetPolicy", map[string]any{"PolicyArn": of.ARN})
	if missing(err) {
		return []check.Difference{compare.Missing("managed policy", of.ARN)}, nil
	}
	if err != nil {
		return nil, err
	}
	version := awsapi.Text(compare.At(out, "Policy.DefaultVersionId"))
	out, err = p.ask(ctx, of, "iam", "GetPolicyVersion", map[string]any{"PolicyArn": of.ARN, "VersionId": version})
	if err != nil {
		return nil, err
	}
	got, err := decoded(compare.At(out, "PolicyVersion.Document"))
	if err != nil {
		return nil, err
	}
	next := "aws iam create-policy-version --set-as-default --policy-arn " + compare.Word(of.ARN) +
		" --policy-document file://policy-of-the-template.json"
	return compare.With(policyDifference("PolicyDocument", of.Properties["PolicyDocument"], got), nil, next), nil
}
