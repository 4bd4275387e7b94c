package checks_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"trailkeeper/lambda/config/deployment"
)

const (
	trustText = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
		"Principal": {"Service": "lambda.amazonaws.com"}}]}`
	allowText  = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["sns:Publish"], "Resource": "t", "Sid": "A"}]}`
	grantsText = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "q"}]}`
	moreARN    = "arn:aws:iam::111122223333:policy/trailkeeper/More"
	denyARN    = "arn:aws:iam::aws:policy/AWSDenyAll"
)

func roleDeployed(t *testing.T) deployment.Deployed {
	t.Helper()
	return deployment.Deployed{ID: "Role", Type: "AWS::IAM::Role", Name: "trailkeeper-Role", Properties: object(t, `{
		"AssumeRolePolicyDocument": `+trustText+`, "Path": "/trailkeeper/", "Description": "x",
		"Policies": [{"PolicyName": "Own", "PolicyDocument": `+allowText+`}]}`)}
}

func grantsDeployed(t *testing.T) deployment.Deployed {
	t.Helper()
	return deployment.Deployed{ID: "Grants", Type: "AWS::IAM::Policy", Properties: object(t, `{
		"PolicyName": "Grants", "Roles": ["trailkeeper-Role"], "PolicyDocument": `+grantsText+`}`)}
}

func moreDeployed(t *testing.T) deployment.Deployed {
	t.Helper()
	return deployment.Deployed{ID: "More", Type: "AWS::IAM::ManagedPolicy", Name: moreARN, ARN: moreARN, Properties: object(t, `{
		"Roles": ["trailkeeper-Role"], "PolicyDocument": `+grantsText+`}`)}
}

// policyEncoded is a policy as IAM answers it.
func policyEncoded(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

// roleThere is IAM where the role is as it was deployed. Every inline policy is the role's own.
func roleThere(t *testing.T) *service {
	t.Helper()
	return &service{
		all: []deployment.Deployed{roleDeployed(t), grantsDeployed(t), moreDeployed(t)},
		answers: map[string]any{
			"GetRole": map[string]any{"Role": map[string]any{
				"Path": "/trailkeeper/", "AssumeRolePolicyDocument": policyEncoded(trustText), "MaxSessionDuration": "3600",
			}},
			"ListRolePolicies":         map[string]any{"PolicyNames": []any{"Grants", "Own"}, "IsTruncated": "false"},
			"GetRolePolicy":            map[string]any{"PolicyDocument": policyEncoded(allowText)},
			"ListAttachedRolePolicies": map[string]any{"AttachedPolicies": []any{map[string]any{"PolicyArn": moreARN}}},
			"GetPolicy":                map[string]any{"Policy": map[string]any{"DefaultVersionId": "v1"}},
			"GetPolicyVersion":         map[string]any{"PolicyVersion": map[string]any{"Document": policyEncoded(grantsText)}},
		},
	}
}

func TestRole(t *testing.T) {
	role := func(name string, value any) func(*service) {
		return func(s *service) {
			s.answers["GetRole"].(map[string]any)["Role"].(map[string]any)[name] = value
		}
	}
	answer := func(operation string, value any) func(*service) {
		return func(s *service) { s.answers[operation] = value }
	}
	attached := func(arns ...string) map[string]any {
		var all []any
		for _, arn := range arns {
			all = append(all, map[string]any{"PolicyArn": arn, "PolicyName": "x"})
		}
		return map[string]any{"AttachedPolicies": all, "IsTruncated": "false"}
	}
	for name, test := range map[string]struct {
		change func(*service)
		want   string
	}{
		"as deployed": {func(*service) {}, ""},
		"trust in another form": {role("AssumeRolePolicyDocument", policyEncoded(`{"Statement":{"Action":["sts:AssumeRole"],
			"Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com"]},"Sid":"x"},"Version":"2012-10-17"}`)), ""},
		"trust": {
			role("AssumeRolePolicyDocument", policyEncoded(strings.Replace(trustText, "lambda", "ec2", 1))),
			"AssumeRolePolicyDocument: 1 statements, of which only here: " +
				`{"Action":["sts:assumerole"],"Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com"]}}` +
				" -> 1 statements, of which only here: " +
				`{"Action":["sts:assumerole"],"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com"]}}` +
				" [aws iam update-assume-role-policy --role-name trailkeeper-Role --policy-document file://trust-of-the-template.json]",
		},
		"path":            {role("Path", "/"), "Path: /trailkeeper/ -> /"},
		"longer sessions": {role("MaxSessionDuration", "43200"), "MaxSessionDuration: 3600 -> 43200"},
		"boundary": {
			role("PermissionsBoundary", map[string]any{"PermissionsBoundaryArn": denyARN}), "PermissionsBoundary: none -> " +
				denyARN + " [aws iam delete-role-permissions-boundary --role-name trailkeeper-Role]",
		},
		"detached": {
			answer("ListAttachedRolePolicies", attached()), "ManagedPolicyArns: " + moreARN +
				" -> none [aws iam attach-role-policy --role-name trailkeeper-Role --policy-arn " + moreARN + "]",
		},
		"attached": {
			answer("ListAttachedRolePolicies", attached(moreARN, denyARN)), "ManagedPolicyArns: none -> " + denyARN +
				" [aws iam detach-role-policy --role-name trailkeeper-Role --policy-arn " + denyARN + "]",
		},
		"an inline policy more": {
			answer("ListRolePolicies", map[string]any{"PolicyNames": []any{"Grants", "Own", "own"}}),
			"Policies: none -> own [aws iam delete-role-policy --role-name trailkeeper-Role --policy-name own]",
		},
		"an inline policy changed": {
			answer("GetRolePolicy", map[string]any{"PolicyDocument": policyEncoded(strings.Replace(allowText, "Allow", "Deny", 1))}),
			"Policies.Own: 1 statements, of which only here: " +
				`{"Action":["sns:publish"],"Effect":"Allow","Resource":["t"]} -> 1 statements, of which only here: ` +
				`{"Action":["sns:publish"],"Effect":"Deny","Resource":["t"]} [aws iam put-role-policy --role-name trailkeeper-Role ` +
				"--policy-name Own --policy-document file://policy-of-the-template.json]",
		},
		"an inline policy gone": {
			answer("GetRolePolicy", refused("NoSuchEntity")), "Policies.Own: 1 statements, of which only here: " +
				`{"Action":["sns:publish"],"Effect":"Allow","Resource":["t"]} -> none [aws iam put-role-policy --role-name ` +
				"trailkeeper-Role --policy-name Own --policy-document file://policy-of-the-template.json]",
		},
		"gone": {answer("GetRole", refused("NoSuchEntity")), "resource: the role trailkeeper-Role -> none"},
	} {
		t.Run(name, func(t *testing.T) {
			s := roleThere(t)
			test.change(s)
			found, err := s.check(t, roleDeployed(t))
			if err != nil {
				t.Error(err)
			}
			if got := text(found); got != test.want {
				t.Errorf("%s\nwant %s", got, test.want)
			}
			for _, d := range found {
				if d.Repair != nil {
					t.Errorf("%s of a role is repaired", d.Field)
				}
			}
		})
	}
}

// TestRoleNotSeen: what cannot be read is an error, and what was read counts.
func TestRoleNotSeen(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*service)
		want   string
	}{
		"attached": {
			func(s *service) { s.answers["ListAttachedRolePolicies"] = refused("AccessDenied") }, "AccessDenied",
		},
		"inline": {func(s *service) { s.answers["GetRolePolicy"] = refused("AccessDenied") }, "AccessDenied"},
		"no end of policies": {func(s *service) {
			s.answers["ListRolePolicies"] = map[string]any{"PolicyNames": []any{"Own"}, "IsTruncated": "true", "Marker": "m"}
		}, "the role trailkeeper-Role has more than 10 pages of policies"},
		"no policy": {func(s *service) {
			s.answers["GetRolePolicy"] = map[string]any{"PolicyDocument": "%zz"}
		}, "a policy cannot be decoded"},
		"a policy of the deployment that is not known": {func(s *service) {
			s.all[1].Unresolved = fmt.Errorf("the record does not name Queue")
		}, "Grants of the deployment is not known: the record does not name Queue"},
	} {
		s := roleThere(t)
		s.answers["GetRole"].(map[string]any)["Role"].(map[string]any)["Path"] = "/x/"
		test.change(s)
		found, err := s.check(t, roleDeployed(t))
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(text(found), "Path: /trailkeeper/ -> /x/") {
			t.Errorf("%s: %v\n%s", name, err, text(found))
		}
	}
	s := roleThere(t)
	s.answers["GetRole"] = refused("AccessDenied")
	if found, err := s.check(t, roleDeployed(t)); err == nil || len(found) != 0 {
		t.Errorf("%v %s", err, text(found))
	}
}

// TestBoundary: what puts the boundary back, or takes it away.
func TestBoundary(t *testing.T) {
	const arn = "arn:aws:iam::111122223333:policy/TrailkeeperBoundary"
	for _, test := range []struct{ deployed, now, want string }{
		{arn, arn, ""},
		{arn, "", "PermissionsBoundary: " + arn + " -> none [aws iam put-role-permissions-boundary --role-name trailkeeper-Role --permissions-boundary " + arn + "]"},
		{"", denyARN, "PermissionsBoundary: none -> " + denyARN + " [aws iam delete-role-permissions-boundary --role-name trailkeeper-Role]"},
	} {
		s, of := roleThere(t), roleDeployed(t)
		if test.deployed != "" {
			of.Properties["PermissionsBoundary"] = test.deployed
		}
		if test.now != "" {
			s.of("GetRole", "Role")["PermissionsBoundary"] = map[string]any{"PermissionsBoundaryArn": test.now}
		}
		s.answers["ListRolePolicies"].(map[string]any)["Marker"] = "not followed, as the list is whole"
		if found, err := s.check(t, of); err != nil || text(found) != test.want {
			t.Errorf("%v %s\nwant %s", err, text(found), test.want)
		}
	}
}

// TestManyPolicies: a flood of policies is named by its number, and no name of an attacker's goes into a command.
func TestManyPolicies(t *testing.T) {
	s := roleThere(t)
	names := []any{"Own", "Grants"}
	for i := range 30 {
		names = append(names, fmt.Sprintf("t%02d`$(x)`", i))
	}
	s.answers["ListRolePolicies"] = map[string]any{"PolicyNames": names}
	found, err := s.check(t, roleDeployed(t))
	if err != nil || len(found) != 6 || found[5].Got != "25 more" || strings.Contains(found[0].Next, "$(") {
		t.Errorf("%v %s", err, text(found))
	}
}

func TestPolicies(t *testing.T) {
	const shown = ": 1 statements, of which only here: " +
		`{"Action":["sqs:sendmessage"],"Effect":"Allow","Resource":["q"]} -> `
	s := roleThere(t)
	s.answers["GetRolePolicy"] = map[string]any{"PolicyDocument": policyEncoded(grantsText)}
	for _, of := range []deployment.Deployed{grantsDeployed(t), moreDeployed(t)} {
		if found, err := s.check(t, of); err != nil || len(found) != 0 {
			t.Errorf("%s: %v %s", of.ID, err, text(found))
		}
	}
	s.answers["GetPolicyVersion"] = map[string]any{"PolicyVersion": map[string]any{"Document": policyEncoded(allowText)}}
	found, err := s.check(t, moreDeployed(t))
	if err != nil || !strings.HasPrefix(text(found), "PolicyDocument"+shown) || !strings.Contains(found[0].Next, moreARN) {
		t.Errorf("%v %s", err, text(found))
	}
	s.answers["GetPolicy"] = refused("NoSuchEntity")
	if found, err = s.check(t, moreDeployed(t)); err != nil || text(found) != "resource: the managed policy "+moreARN+" -> none" {
		t.Errorf("%v %s", err, text(found))
	}
	s.answers["GetRolePolicy"] = refused("NoSuchEntity")
	found, err = s.check(t, grantsDeployed(t))
	if err != nil || !strings.HasPrefix(text(found), "Policies.Grants"+shown+"none [aws iam put-role-policy") {
		t.Errorf("%v %s", err, text(found))
	}
	s.answers["GetRolePolicy"] = refused("AccessDenied")
	if _, err = s.check(t, grantsDeployed(t)); err == nil {
		t.Error("a policy that cannot be read is no error")
	}
}
