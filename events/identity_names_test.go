package events_test

import (
	"testing"

	"trailkeeper/events"
)

// TestNameOfEachType takes the fields of an identity away one after the other: each name in its turn, and what is said
// without any.
func TestNameOfEachType(t *testing.T) {
	userName, arn := func(i *events.Identity) { i.UserName = "" }, func(i *events.Identity) { i.ARN = "" }
	principal, account := func(i *events.Identity) { i.PrincipalID = "" }, func(i *events.Identity) { i.AccountID = "" }
	issuerName, issuerARN := func(i *events.Identity) { i.IssuerName = "" }, func(i *events.Identity) { i.IssuerARN = "" }
	behalf, invoked := func(i *events.Identity) { i.OnBehalfOf = "" }, func(i *events.Identity) { i.InvokedBy = "" }
	type step struct {
		want   string
		remove func(*events.Identity)
	}
	for kind, steps := range map[string][]step{
		"Root":    {{"root user of account 111122223333", account}, {"root user", nil}},
		"IAMUser": {{"user name", userName}, {"user session", arn}, {"user id:owner", principal}, {"user (unnamed)", nil}},
		"AssumedRole": {
			{"role Issuer, session session", issuerName},
			{"role Role, session session", arn},
			{"role IssuerARN, session owner", issuerARN},
			{"role id:owner, session owner", principal},
			{"role (unnamed)", nil},
		},
		"Role": {
			{"role name", userName},
			{"role session", arn},
			{"role id:owner", principal},
			{"role (unnamed)", nil},
		},
		"IdentityCenterUser": {
			{"Identity Center user behalf", behalf},
			{"Identity Center user name", userName},
			{"Identity Center user id:owner", principal},
			{"Identity Center user (unnamed)", nil},
		},
		"FederatedUser": {
			{"federated user name of Issuer", userName},
			{"federated user session of Issuer", arn},
			{"federated user id:owner of Issuer", issuerName},
			{"federated user id:owner", principal},
			{"federated user (unnamed)", nil},
		},
		"SAMLUser": {{"SAML user name", userName}, {"SAML user id:owner", principal}, {"SAML user (unnamed)", nil}},
		"WebIdentityUser": {
			{"web identity user name", userName},
			{"web identity user id:owner", principal},
			{"web identity user (unnamed)", nil},
		},
		"Directory": {
			{"directory user name", userName},
			{"directory user id:owner", principal},
			{"directory user (unnamed)", nil},
		},
		"AWSService": {{"AWS service invoked", invoked}, {"AWS service (unnamed)", nil}},
		"AWSAccount": {{"account 111122223333", account}, {"account id:owner", principal}, {"account (unnamed)", nil}},
		"": {
			{"arn:aws:sts::111122223333:assumed-role/Role/session", arn},
			{"AWS service invoked", invoked},
			{"id:owner", principal},
			{"name", userName},
			{"unknown caller", nil},
		},
		"Unknown": {
			{"arn:aws:sts::111122223333:assumed-role/Role/session", arn},
			{"AWS service invoked", invoked},
			{"id:owner", principal},
			{"name", userName},
			{"unknown caller", nil},
		},
		"Other": {
			{"Other name", userName},
			{"Other arn:aws:sts::111122223333:assumed-role/Role/session", arn},
			{"Other id:owner", principal},
			{"Other (unnamed)", nil},
		},
	} {
		id := events.Identity{
			Type:        kind,
			ARN:         "arn:aws:sts::111122223333:assumed-role/Role/session",
			PrincipalID: "id:owner",
			AccountID:   "111122223333",
			UserName:    "name",
			InvokedBy:   "invoked",
			IssuerARN:   "arn:aws:iam::111122223333:role/path/IssuerARN",
			IssuerName:  "Issuer",
			OnBehalfOf:  "behalf",
		}
		for i, s := range steps {
			if got := (events.Record{Identity: id}).Actor().Name; got != s.want {
				t.Errorf("%q, step %d: %q, want %q", kind, i, got, s.want)
			}
			if s.remove != nil {
				s.remove(&id)
			}
		}
	}
}

// TestPermissionSets: a role of IAM Identity Center is its user's, whose session is named; what only looks like one is
// a role.
func TestPermissionSets(t *testing.T) {
	for arn, want := range map[string]string{
		"AWSReservedSSO_Admin_0123456789abcdef/bob": "Identity Center user bob, permission set Admin",
		"AWSReservedSSO_Power_User_0123/bob":        "Identity Center user bob, permission set Power_User",
		"AWSReservedSSO_Admin/bob":                  "Identity Center user bob, permission set Admin",
		"AWSReservedSSO__0123/bob":                  "Identity Center user bob, permission set _0123",
		"AWSReservedSSO_Admin_0123":                 "role AWSReservedSSO_Admin_0123",
		"MyAWSReservedSSO_Admin_0123/bob":           "role MyAWSReservedSSO_Admin_0123, session bob",
	} {
		id := events.Identity{Type: "AssumedRole", ARN: "arn:aws:sts::111122223333:assumed-role/" + arn}
		if got := (events.Record{Identity: id}).Actor().Name; got != want {
			t.Errorf("%s: %q, want %q", arn, got, want)
		}
	}
}

// TestActorWhole: all of an actor, and the way the call came.
func TestActorWhole(t *testing.T) {
	user := events.Identity{
		Type:      "IAMUser",
		UserName:  "eve",
		ARN:       "arn",
		AccountID: "111122223333",
		InvokedBy: "x.amazonaws.com",
		MFA:       "true",
	}
	service, nobody := user, user
	service.Type, nobody.Type = "AWSService", ""
	named := events.Identity{InvokedBy: "x.amazonaws.com"}
	for _, tt := range []struct {
		record events.Record
		want   events.Actor
		text   string
	}{
		{events.Record{Identity: user, FromConsole: true}, events.Actor{
			Name:    "user eve",
			ARN:     "arn",
			Account: "111122223333",
			Via:     "x.amazonaws.com",
			Console: true,
			MFA:     "with MFA",
		}, "user eve (through x.amazonaws.com, console, with MFA)"},
		{events.Record{Identity: service}, events.Actor{
			Name:    "AWS service x.amazonaws.com",
			ARN:     "arn",
			Account: "111122223333",
			MFA:     "with MFA",
		}, "AWS service x.amazonaws.com (with MFA)"},
		{events.Record{Identity: nobody}, events.Actor{
			Name:    "arn",
			ARN:     "arn",
			Account: "111122223333",
			MFA:     "with MFA",
		}, "arn (with MFA)"},
		{events.Record{Identity: named}, events.Actor{Name: "AWS service x.amazonaws.com"}, "AWS service x.amazonaws.com"},
		{events.Record{MFAUsed: "yes"}, events.Actor{Name: "unknown caller", MFA: "with MFA"}, "unknown caller (with MFA)"},
		{
			events.Record{MFAUsed: "No", FromConsole: true},
			events.Actor{Name: "unknown caller", MFA: "without MFA", Console: true},
			"unknown caller (console, without MFA)",
		},
		{
			events.Record{Identity: events.Identity{MFA: "false"}},
			events.Actor{Name: "unknown caller", MFA: "without MFA"},
			"unknown caller (without MFA)",
		},
		{events.Record{MFAUsed: "perhaps"}, events.Actor{Name: "unknown caller"}, "unknown caller"},
	} {
		if got := tt.record.Actor(); got != tt.want || got.String() != tt.text {
			t.Errorf("%+v: %+v, %q", tt.record, got, got)
		}
	}
}

// TestPrincipal: the role behind a session, or a user; of anybody else nothing.
func TestPrincipal(t *testing.T) {
	for _, tt := range []struct {
		id   events.Identity
		want string
	}{
		{events.Identity{Type: "AssumedRole", ARN: "session", IssuerARN: "role"}, "role"},
		{events.Identity{Type: "IAMUser", ARN: "user"}, "user"},
		{events.Identity{Type: "IAMUser", ARN: "user", IssuerARN: "role"}, "role"},
		{events.Identity{Type: "AssumedRole", ARN: "session"}, ""},
		{events.Identity{Type: "Root", ARN: "root"}, ""},
		{events.Identity{ARN: "x"}, ""},
	} {
		if got := (events.Record{Identity: tt.id}).Principal(); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.id, got, tt.want)
		}
	}
}

// TestTrueFalse: MFA is written as a text or a boolean; anything else says nothing.
func TestTrueFalse(t *testing.T) {
	for written, want := range map[string]string{
		`"true"`:  "true",
		`"True"`:  "true",
		`true`:    "true",
		`"false"`: "false",
		`false`:   "false",
		`"yes"`:   "",
		`1`:       "",
		`null`:    "",
		`{}`:      "",
		`""`:      "",
	} {
		r := parsePayload(
			t,
			`{"eventName":"a","eventSource":"b","userIdentity":{"sessionContext":{"attributes":{"mfaAuthenticated":`+
				written+`}}}}`,
		).Record
		if r.Identity.MFA != want {
			t.Errorf("%s: %q, want %q", written, r.Identity.MFA, want)
		}
	}
	for written, want := range map[string]bool{
		`"true"`:  true,
		`"TRUE"`:  true,
		`true`:    true,
		`"false"`: false,
		`false`:   false,
		`"yes"`:   false,
		`1`:       false,
		`null`:    false,
	} {
		if r := parsePayload(
			t,
			`{"eventName":"a","eventSource":"b","sessionCredentialFromConsole":`+written+`}`,
		).Record; r.FromConsole != want {
			t.Errorf("%s: from the console: %v", written, r.FromConsole)
		}
	}
}
