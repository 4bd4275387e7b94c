package checks

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// roles checks AWS::IAM::Role: whom it trusts, its boundary, its own policies, and that it has those and no others that
// the deployment gives it. Nothing is put back: whoever may write a role may do everything in its name.
type roles struct{ Tools }

// maxPolicyPages bounds the pages of a role's policies that are read, of 100 each: a role has at most 20 managed policies,
// and 10,240 characters of inline ones ("IAM and AWS STS quotas").
const maxPolicyPages = 10

func (r roles) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	out, err := r.ask(ctx, of, "iam", "GetRole", map[string]any{"RoleName": of.Name})
	if missing(err) {
		return []check.Difference{compare.Missing("role", of.Name)}, nil
	}
	if err != nil {
		return nil, err
	}
	settings, errSettings := r.settings(of, awsapi.Object(out["Role"]))
	attached, errAttached := r.attached(ctx, of)
	inline, errInline := r.inlineOf(ctx, of)
	return slices.Concat(settings, attached, inline), errors.Join(errSettings, errAttached, errInline)
}

func (roles) settings(of deployment.Deployed, got map[string]any) ([]check.Difference, error) {
	name := compare.Word(of.Name)
	trust, err := decoded(got["AssumeRolePolicyDocument"])
	if err != nil {
		return nil, err
	}
	out := compare.With(policyDifference("AssumeRolePolicyDocument", of.Properties["AssumeRolePolicyDocument"], trust),
		nil, "aws iam update-assume-role-policy --role-name "+name+
			" --policy-document file://trust-of-the-template.json")
	boundary := "aws iam delete-role-permissions-boundary --role-name " + name
	if arn := awsapi.Text(of.Properties["PermissionsBoundary"]); arn != "" {
		boundary = "aws iam put-role-permissions-boundary --role-name " + name + " --permissions-boundary " + compare.Word(arn)
	}
	out = append(out, compare.With(compare.Fields(of.Properties, got,
		compare.Field{Name: "PermissionsBoundary", Got: "PermissionsBoundary.PermissionsBoundaryArn"},
	), nil, boundary)...)
	return append(out, compare.Fields(of.Properties, got,
		compare.Field{Name: "Path", Default: "/"},
		compare.Field{Name: "MaxSessionDuration", Default: 3600},
	)...), nil
}

// given are what resources of a type give a role, but for one that is not known.
func (r roles) given(of deployment.Deployed, kind string, use func(deployment.Deployed)) error {
	for _, other := range r.All {
		if other.Type != kind {
			continue
		}
		if other.Unresolved != nil {
			return fmt.Errorf("%s of the deployment is not known: %w", other.ID, other.Unresolved)
		}
		if slices.Contains(awsapi.List(other.Properties["Roles"]), any(of.Name)) {
			use(other)
		}
	}
	return nil
}

// listed reads a list of IAM's.
func (r roles) listed(ctx context.Context, of deployment.Deployed, operation, member string) ([]any, error) {
	var all []any
	input := map[string]any{"RoleName": of.Name}
	for range maxPolicyPages {
		out, err := r.ask(ctx, of, "iam", operation, input)
		if err != nil {
			return nil, err
		}
		all = append(all, awsapi.List(out[member])...)
		marker := awsapi.Text(out["Marker"])
		if !compare.Scalar(out["IsTruncated"], true) || marker == "" {
			return all, nil
		}
		input["Marker"] = marker
	}
	return nil, fmt.Errorf("the role %s has more than %d pages of policies", compare.Show(of.Name), maxPolicyPages)
}

// attached compares the managed policies that the role has.
func (r roles) attached(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	var want, got []string
	for _, arn := range awsapi.List(of.Properties["ManagedPolicyArns"]) {
		want = append(want, awsapi.Text(arn))
	}
	err := r.given(of, "AWS::IAM::ManagedPolicy", func(p deployment.Deployed) { want = append(want, p.ARN) })
	if err != nil {
		return nil, err
	}
	listed, err := r.listed(ctx, of, "ListAttachedRolePolicies", "AttachedPolicies")
	if err != nil {
		return nil, err
	}
	for _, p := range listed {
		got = append(got, awsapi.Text(awsapi.Object(p)["PolicyArn"]))
	}
	command := func(verb, arn string) string {
		return "aws iam " + verb + "-role-policy --role-name " + compare.Word(of.Name) + " --policy-arn " + compare.Word(arn)
	}
	return sets("ManagedPolicyArns", want, got,
		func(arn string) string { return command("attach", arn) },
		func(arn string) string { return command("detach", arn) }), nil
}

// inlineOf compares the inline policies: those of the role itself, and that there is none that nobody gives it.
func (r roles) inlineOf(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	var names []string
	var all []check.Difference
	var errs []error
	for _, p := range awsapi.List(of.Properties["Policies"]) {
		policy := awsapi.Object(p)
		name := awsapi.Text(policy["PolicyName"])
		differences, err := r.inline(ctx, of, of.Name, name, policy["PolicyDocument"])
		names, all, errs = append(names, name), append(all, differences...), append(errs, err)
	}
	err := r.given(of, "AWS::IAM::Policy", func(p deployment.Deployed) {
		names = append(names, awsapi.Text(p.Properties["PolicyName"]))
	})
	if err != nil {
		return all, errors.Join(append(errs, err)...)
	}
	listed, err := r.listed(ctx, of, "ListRolePolicies", "PolicyNames")
	var foreign []string
	for _, name := range listed {
		if !slices.Contains(names, awsapi.Text(name)) {
			foreign = append(foreign, awsapi.Text(name))
		}
	}
	all = append(all, sets("Policies", nil, foreign, nil, func(name string) string {
		return "aws iam delete-role-policy --role-name " + compare.Word(of.Name) + " --policy-name " + compare.Word(name)
	})...)
	return all, errors.Join(append(errs, err)...)
}

// sets compares two sets of names: a difference for each that one of them lacks, the foreign ones at most maxForeign.
func sets(field string, want, got []string, add, remove func(string) string) []check.Difference {
	var out []check.Difference
	for _, name := range want {
		if !slices.Contains(got, name) {
			out = append(out, check.Difference{Field: field, Want: compare.Show(name), Got: "none", Next: add(name)})
		}
	}
	foreign := 0
	for _, name := range got {
		if slices.Contains(want, name) {
			continue
		}
		if foreign++; foreign <= maxForeign {
			out = append(out, check.Difference{Field: field, Want: "none", Got: compare.Show(name), Next: remove(name)})
		}
	}
	if foreign > maxForeign {
		more := fmt.Sprintf("%d more", foreign-maxForeign)
		out = append(out, check.Difference{Field: field, Want: "none", Got: more})
	}
	return out
}
