package localcloud

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// iamCall makes a call of IAM with somebody's key, signed for a Region.
func iamCall(t *testing.T, c *Cloud, key, region string, pairs ...string) (int, string) {
	t.Helper()
	form := url.Values{"Version": {"2010-05-08"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20261001/"+region+"/iam/aws4_request, Signature=x")
	w := httptest.NewRecorder()
	c.door.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// operatorIAM makes a call as the operator, of the role GuardRole where it names none.
func operatorIAM(t *testing.T, c *Cloud, pairs ...string) (int, string) {
	t.Helper()
	if !strings.Contains(strings.Join(pairs, " "), "PolicyArn") || strings.Contains(pairs[1], "Role") {
		pairs = append([]string{"RoleName", nameIn(c, "GuardRole")}, pairs...)
	}
	return iamCall(t, c, "operator", "us-east-1", pairs...)
}

const (
	denyAll = "arn:aws:iam::aws:policy/AWSDenyAll"
	admin   = "arn:aws:iam::aws:policy/AdministratorAccess"
	denying = `{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "secretsmanager:*", "Resource": "*"}}`
	nobodyT = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
		"Principal": {"AWS": "arn:aws:iam::999988887777:root"}}}`
)

// TestRoleAttacks: what an attacker does to a role decides what it may do from then on.
func TestRoleAttacks(t *testing.T) {
	const mayNot = "AccessDeniedException"
	for name, tt := range map[string]struct {
		calls [][]string
		code  string // of GetSecretValue by the role
	}{
		"nothing":                 {nil, ""},
		"a policy is deleted":     {[][]string{{"Action", "DeleteRolePolicy", "PolicyName", "guard"}}, mayNot},
		"another one is attached": {[][]string{{"Action", "AttachRolePolicy", "PolicyArn", admin}}, ""},
		"everything is denied":    {[][]string{{"Action", "AttachRolePolicy", "PolicyArn", denyAll}}, mayNot},
		"and detached": {[][]string{
			{"Action", "AttachRolePolicy", "PolicyArn", denyAll}, {"Action", "DetachRolePolicy", "PolicyArn", denyAll},
		}, ""},
		"a policy denies": {[][]string{{"Action", "PutRolePolicy", "PolicyName", "x", "PolicyDocument", denying}}, mayNot},
		"a policy is emptied": {[][]string{
			{"Action", "PutRolePolicy", "PolicyName", "guard", "PolicyDocument", strings.Replace(denying, "Deny", "Allow", 1)},
		}, ""},
		"a boundary denies": {[][]string{
			{"Action", "PutRolePermissionsBoundary", "PermissionsBoundary", denyAll},
		}, mayNot},
		"a boundary is lifted": {[][]string{
			{"Action", "PutRolePermissionsBoundary", "PermissionsBoundary", denyAll}, {"Action", "DeleteRolePermissionsBoundary"},
		}, ""},
		"a boundary does not allow": {[][]string{{
			"Action", "PutRolePermissionsBoundary", "PermissionsBoundary",
			"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
		}}, mayNot},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, nil)
			for _, call := range tt.calls {
				if status, body := operatorIAM(t, c, call...); status != http.StatusOK {
					t.Fatalf("%v: %d %s", call, status, body)
				}
			}
			key := c.roles.Role(c.ARNOf("GuardRole")).AccessKey()
			if got := send(t, c, "secretsmanager", "GetSecretValue", region, key, `{"SecretId":"app"}`); got != tt.code {
				t.Errorf("the role's call: %q; want %q", got, tt.code)
			}
		})
	}
}

// TestRolesThatCannotBeAssumed: a function whose role trusts nobody, or is gone, does not run.
func TestRolesThatCannotBeAssumed(t *testing.T) {
	for name, calls := range map[string][][]string{
		"trust": {{"Action", "UpdateAssumeRolePolicy", "PolicyDocument", nobodyT}},
		"gone": {
			{"Action", "DeleteRolePolicy", "PolicyName", "guard"},
			{
				"Action", "DetachRolePolicy", "PolicyArn",
				"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
			},
			{"Action", "DeleteRole"},
		},
	} {
		c := newCloud(t, nil)
		for _, call := range calls {
			if status, body := operatorIAM(t, c, call...); status != http.StatusOK {
				t.Fatalf("%s: %v: %d %s", name, call, status, body)
			}
		}
		stopped(t, c)
		run(t, c)
		for _, e := range of(c, KindInvoked) {
			if !strings.Contains(e.Err, "cannot be assumed by Lambda") {
				t.Errorf("%s: %+v", name, e)
			}
		}
	}
}

// TestIAMIsNoLaxer: what IAM refuses is refused, with its codes.
func TestIAMIsNoLaxer(t *testing.T) {
	long := `{"Statement": {"Effect": "Allow", "Action": "` + strings.Repeat("x", 10240) + `", "Resource": "*"}}`
	for _, tt := range []struct {
		code  string
		pairs []string
	}{
		{"NoSuchEntity", []string{"Action", "GetRole", "RoleName", "nobody"}},
		{"NoSuchEntity", []string{"Action", "GetRolePolicy", "PolicyName", "nobody"}},
		{"NoSuchEntity", []string{"Action", "DeleteRolePolicy", "PolicyName", "nobody"}},
		{"NoSuchEntity", []string{"Action", "DetachRolePolicy", "PolicyArn", denyAll}},
		{"NoSuchEntity", []string{"Action", "AttachRolePolicy", "PolicyArn", "arn:aws:iam::111122223333:policy/nobody"}},
		{"NotImplemented", []string{"Action", "AttachRolePolicy", "PolicyArn", "arn:aws:iam::aws:policy/Other"}},
		{"NoSuchEntity", []string{"Action", "DeleteRolePermissionsBoundary"}},
		{"NoSuchEntity", []string{"Action", "GetPolicyVersion", "PolicyArn", denyAll, "VersionId", "v2"}},
		{"NoSuchEntity", []string{"Action", "SetDefaultPolicyVersion", "PolicyArn", denyAll, "VersionId", "v1"}},
		{"NoSuchEntity", []string{"Action", "CreatePolicyVersion", "PolicyArn", denyAll, "PolicyDocument", denying}},
		{"MalformedPolicyDocument", []string{"Action", "PutRolePolicy", "PolicyName", "x", "PolicyDocument", "{}"}},
		{"MalformedPolicyDocument", []string{"Action", "PutRolePolicy", "PolicyName", "x", "PolicyDocument", "x"}},
		{"MalformedPolicyDocument", []string{"Action", "UpdateAssumeRolePolicy", "PolicyDocument", denying}},
		{"LimitExceeded", []string{"Action", "PutRolePolicy", "PolicyName", "x", "PolicyDocument", long}},
		{"DeleteConflict", []string{"Action", "DeleteRole"}},
		{"ValidationError", []string{"Action", "PutRolePolicy", "PolicyName", "x"}},
	} {
		c := newCloud(t, nil)
		pairs := tt.pairs
		if !strings.Contains(strings.Join(pairs, " "), "RoleName") {
			_, body := operatorIAM(t, c, pairs...)
			if !strings.Contains(body, "<Code>"+tt.code+"</Code>") {
				t.Errorf("%v: %s; want %s", pairs, body, tt.code)
			}
			continue
		}
		if _, body := iamCall(t, c, "operator", "us-east-1", pairs...); !strings.Contains(body, "<Code>"+tt.code+"</Code>") {
			t.Errorf("%v: %s; want %s", pairs, body, tt.code)
		}
	}
	c := newCloud(t, nil)
	role := c.roles.Role(c.ARNOf("GuardRole"))
	status, body := iamCall(t, c, role.AccessKey(), "us-east-1", "Action", "GetRole", "RoleName", role.Name)
	if status != http.StatusForbidden || !strings.Contains(body, "no identity-based policy allows the iam:GetRole action") {
		t.Errorf("a role without the right: %d %s", status, body)
	}
}

// TestRecordsOfIAM: IAM's calls are recorded in us-east-1, whichever Region they are signed for, and reach no rule of
// another Region.
func TestRecordsOfIAM(t *testing.T) {
	c := newCloud(t, nil, func(o *Options) { o.HistoryDelay = 1 })
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true, MultiRegion: true})
	for _, signed := range []string{"us-east-1", region} {
		status, body := iamCall(t, c, "operator", signed, "Action", "AttachRolePolicy", "RoleName", nameIn(c, "GuardRole"),
			"PolicyArn", denyAll)
		if status != http.StatusOK {
			t.Fatal(body)
		}
	}
	run(t, c)
	if out := copied(c); strings.Contains(out, "AttachRolePolicy") {
		t.Errorf("the record came to %s: %s", region, out)
	}
	if calls := lookFor(t, c, "us-east-1", "operator", "EventName", "AttachRolePolicy"); len(calls) != 2 {
		t.Errorf("the history of us-east-1 has %v", calls)
	}
}

const managedTemplate = `{"Resources": {
	"Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "r", "Path": "/team/", "AssumeRolePolicyDocument": {
		"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}}}},
	"Policy": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"ManagedPolicyName": "m", "Roles": [{"Ref": "Role"}],
		"PolicyDocument": {"Version": "2012-10-17", "Statement": {
			"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}}}}
}}`

// TestVersionsOfAPolicy: the default version of a managed policy is in force, and no other.
func TestVersionsOfAPolicy(t *testing.T) {
	c := newCloud(t, nil, func(o *Options) { o.Template = []byte(managedTemplate) })
	arn := c.ARNOf("Role")
	key := c.roles.Role(arn).AccessKey()
	calls := func(want string) {
		t.Helper()
		if got := send(t, c, "secretsmanager", "GetSecretValue", region, key, `{"SecretId":"app"}`); got != want {
			t.Errorf("%q; want %q", got, want)
		}
	}
	of := func(want string, pairs ...string) {
		t.Helper()
		pairs = append(pairs, "PolicyArn", "arn:aws:iam::111122223333:policy/m")
		if _, body := iamCall(t, c, "operator", "us-east-1", pairs...); !strings.Contains(body, want) {
			t.Errorf("%v: %s; want %s", pairs, body, want)
		}
	}
	calls("")
	of("<IsDefaultVersion>false<", "Action", "CreatePolicyVersion", "PolicyDocument", denying)
	calls("")
	of("", "Action", "SetDefaultPolicyVersion", "VersionId", "v2")
	calls("AccessDeniedException")
	of("<DefaultVersionId>v2</DefaultVersionId>", "Action", "GetPolicy")
	of("<AttachmentCount>1</AttachmentCount>", "Action", "GetPolicy")
	of("<IsDefaultVersion>true<", "Action", "GetPolicyVersion", "VersionId", "v2")
	of("", "Action", "SetDefaultPolicyVersion", "VersionId", "v1")
	calls("")
	of("<VersionId>v3<", "Action", "CreatePolicyVersion", "PolicyDocument", denying, "SetAsDefault", "true")
	calls("AccessDeniedException")
	for range 2 {
		of("<VersionId>", "Action", "CreatePolicyVersion", "PolicyDocument", denying)
	}
	of("<Code>LimitExceeded</Code>", "Action", "CreatePolicyVersion", "PolicyDocument", denying)
	of("NoSuchEntity", "Action", "SetDefaultPolicyVersion", "VersionId", "v9")
	if arn != "arn:aws:iam::111122223333:role/team/r" {
		t.Errorf("the role is %s", arn)
	}
	_, body := iamCall(t, c, "operator", "us-east-1", "Action", "ListAttachedRolePolicies", "RoleName", "r", "PathPrefix", "/x/")
	if !strings.Contains(body, "<AttachedPolicies></AttachedPolicies>") {
		t.Error(body)
	}
}
