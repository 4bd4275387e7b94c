package events_test

import "testing"

func TestActor(t *testing.T) {
	tests := []struct{ fixture, want string }{
		{"stop-logging", "role Deployer, session alice (with MFA)"},
		{
			"stop-logging-console",
			"Identity Center user bob@example.com, permission set AdministratorAccess (console, without MFA)",
		},
		{"stop-logging-root", "root user of account 111122223333 (without MFA)"},
		{"stop-logging-user", "user mallory"}, // a long-term key: the record does not say
		{"stop-logging-federated", "federated user carol of broker (without MFA)"},
		{"stop-logging-identity-center", "Identity Center user 1234abcd-5678-90ef-aaaa-bbbbccccdddd"},
		{"stop-logging-cloudformation", "role Deployer, session alice (through cloudformation.amazonaws.com, with MFA)"},
		{"stop-logging-service", "AWS service controltower.amazonaws.com"},
		{"stop-logging-other-account", "account 999988887777"},
		{"stop-logging-no-identity", "unknown caller"},
		{"service-event", "AWS service AWS Internal"},
		{"console-login-failed", "user mallory (without MFA)"}, // from additionalEventData.MFAUsed
	}
	for _, tt := range tests {
		if got := parse(t, tt.fixture).Record.Actor().String(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.fixture, got, tt.want)
		}
	}
}

func TestActorOfEveryType(t *testing.T) {
	tests := []struct{ identity, want string }{
		{`{"type":"Role","arn":"arn:aws:iam::111122223333:role/App"}`, "role App"},
		{`{"type":"SAMLUser","principalId":"abc:dave","userName":"dave"}`, "SAML user dave"},
		{
			`{"type":"WebIdentityUser","principalId":"accounts.google.com:app:user"}`,
			"web identity user accounts.google.com:app:user",
		},
		{`{"type":"Directory","userName":"erin"}`, "directory user erin"},
		{`{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/team/frank"}`, "user frank"},
		{
			`{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/App/i-0123",` +
				`"sessionContext":{"sessionIssuer":{}}}`,
			"role App, session i-0123",
		},
		{`{"type":"AssumedRole","principalId":"AROAEXAMPLE:gina"}`, "role AROAEXAMPLE:gina, session gina"},
		{`{"type":"Root"}`, "root user"},
		{`{"type":"IAMUser"}`, "user (unnamed)"},
		{`{"type":"Unknown","principalId":"x"}`, "x"},
		{`{"type":"Martian","arn":"arn:aws:iam::111122223333:martian/z"}`, "Martian arn:aws:iam::111122223333:martian/z"},
		{`{}`, "unknown caller"},
	}
	for _, tt := range tests {
		payload := `{"eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","userIdentity":` + tt.identity + `}`
		if got := parsePayload(t, payload).Record.Actor().Name; got != tt.want {
			t.Errorf("%s: %q, want %q", tt.identity, got, tt.want)
		}
	}
}

// TestActorOfASession: what its context says of who began it, and near misses.
func TestActorOfASession(t *testing.T) {
	const role = `"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/App/ci"`
	for identity, want := range map[string]string{
		`{` + role + `,"sessionContext":{"sourceIdentity":"alice@example.com"}}`: "role App, session ci " +
			"(source identity alice@example.com)",
		`{` + role + `,"sessionContext":{"sourceIdentity":""}}`:              "role App, session ci",
		`{` + role + `,"sessionContext":{"sourceIdentity":["alice","bob"]}}`: "role App, session ci",
		`{` + role + `,"sourceIdentity":"alice"}`:                            "role App, session ci",
		`{"type":"Root","accountId":"111122223333","sessionContext":{"assumedRoot":"true"}}`: "root user of account " +
			"111122223333 (through sts:AssumeRoot)",
		`{"type":"Root","accountId":"111122223333","sessionContext":{"assumedRoot":true,` +
			`"attributes":{"mfaAuthenticated":"false"}}}`: "root user of account 111122223333 " +
			"(through sts:AssumeRoot, without MFA)",
		`{"type":"Root","accountId":"111122223333","sessionContext":{"assumedRoot":"false"}}`: "root user of account " +
			"111122223333",
		`{"type":"Root","accountId":"111122223333","assumedRoot":"true"}`: "root user of account " +
			"111122223333",
	} {
		payload := `{"eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","userIdentity":` + identity + `}`
		if got := parsePayload(t, payload).Record.Actor().String(); got != want {
			t.Errorf("%s: %q, want %q", identity, got, want)
		}
	}
}
