package events

import "testing"

// TestCaller is what a caller cannot choose anew for each call.
func TestCaller(t *testing.T) {
	const user = "arn:aws:iam::111122223333:user/a/mallory"
	for want, all := range map[string][]Identity{
		"arn:aws:iam::111122223333:role/x/Intern": {
			{ARN: "arn:aws:sts::111122223333:assumed-role/Intern/s1", IssuerARN: "arn:aws:iam::111122223333:role/x/Intern"},
			{
				ARN:         "arn:aws:sts::111122223333:assumed-role/Intern/s2",
				IssuerARN:   "arn:aws:iam::111122223333:role/x/Intern",
				PrincipalID: "AROA:s2",
			},
		},
		"arn:aws:sts::111122223333:assumed-role/Intern": {
			{ARN: "arn:aws:sts::111122223333:assumed-role/Intern/s1", PrincipalID: "AROA:s1"},
			{ARN: "arn:aws:sts::111122223333:assumed-role/Intern/s/2"},
		},
		"arn:aws:sts::111122223333:federated-user/": {
			{ARN: "arn:aws:sts::111122223333:federated-user/a"},
			{ARN: "arn:aws:sts::111122223333:federated-user/b", PrincipalID: "1:b"},
		},
		user:              {{ARN: user}, {IssuerARN: user, ARN: "arn:aws:sts::111122223333:federated-user/c"}},
		"AROAEXAMPLE":     {{PrincipalID: "AROAEXAMPLE:s1"}, {PrincipalID: "AROAEXAMPLE:s2", AccountID: "111122223333"}},
		"example.aws.com": {{InvokedBy: "example.aws.com"}},
		"111122223333":    {{AccountID: "111122223333"}},
	} {
		for _, id := range all {
			if got := (Record{Identity: id}).Caller(); got != want {
				t.Errorf("%+v: %q; want %q", id, got, want)
			}
		}
	}
}
