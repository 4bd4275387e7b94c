package policy

import (
	"encoding/json"
	"testing"
)

func TestLike(t *testing.T) {
	for _, tt := range []struct {
		s, pattern string
		want       bool
	}{
		{"arn:aws:s3:::a/b", "arn:*:s3:::a/*", true},
		{"abc", "a?c", true},
		{"abc", "a?", false},
		{"", "*", true},
		{"", "?", false},
		{"secret:app-a1B2c3", "secret:app-??????", true},
		{"secret:app-other-a1B2c3", "secret:app-??????", false},
		{"trail/x", "trail", false},
	} {
		if got := Like(tt.s, tt.pattern); got != tt.want {
			t.Errorf("Like(%q, %q) = %t", tt.s, tt.pattern, got)
		}
	}
}

const (
	ofAccounts = `{"Effect":"Allow","Action":"cloudtrail:StartLogging","Resource":"arn:aws:cloudtrail:*:*:trail/*",
		"Condition":{"StringEquals":{"aws:ResourceAccount":["111122223333","444455556666"]}}}`
	ofOrganization = `{"Effect":"Allow","Action":"cloudtrail:StartLogging","Resource":"arn:aws:cloudtrail:*:*:trail/*",
		"Condition":{"StringEquals":{"aws:ResourceOrgID":"o-a1b2c3d4e5"}}}`
)

func trailOf(account string) string {
	return "arn:aws:cloudtrail:eu-west-1:" + account + ":trail/management"
}

func TestVerdicts(t *testing.T) {
	const account = "111122223333"
	const topic = "arn:aws:sns:eu-west-1:111122223333:t"
	for name, tt := range map[string]struct {
		policy   string
		access   Access
		resource bool
		want     Verdict
	}{
		"granted": {
			`{"Effect":"Allow","Action":"sns:Pub*","Resource":"*"}`,
			Access{Who: "arn:r", Action: "sns:Publish", Resource: topic},
			false, Allowed,
		},
		"actions fold case": {
			`{"Effect":"Allow","Action":"SNS:publish","Resource":"*"}`,
			Access{Who: "arn:r", Action: "sns:Publish", Resource: topic},
			false, Allowed,
		},
		"another action": {
			`{"Effect":"Allow","Action":"sns:Subscribe","Resource":"*"}`,
			Access{Who: "arn:r", Action: "sns:Publish", Resource: topic},
			false, Silent,
		},
		"another resource": {
			`{"Effect":"Allow","Action":"*","Resource":"` + topic + `2"}`,
			Access{Who: "arn:r", Action: "sns:Publish", Resource: topic},
			false, Silent,
		},
		"deny wins": {
			`[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"sns:*","Resource":"*"}]`,
			Access{Who: "arn:r", Action: "sns:Publish", Resource: topic},
			false, Denied,
		},
		"service": {
			`{"Effect":"Allow","Action":"*","Resource":"*","Principal":{"Service":"events.amazonaws.com"}}`,
			Access{Who: "events.amazonaws.com", Action: "a:B", Resource: topic},
			true, Allowed,
		},
		"another service": {
			`{"Effect":"Allow","Action":"*","Resource":"*","Principal":{"Service":"sns.amazonaws.com"}}`,
			Access{Who: "events.amazonaws.com", Action: "a:B", Resource: topic},
			true, Silent,
		},
		"condition met": {
			`{"Effect":"Allow","Action":"*","Resource":"*","Principal":{"Service":"e"},
			"Condition":{"ArnLike":{"aws:SourceArn":"arn:*:rule/x"}}}`,
			Access{
				Who:      "e",
				Action:   "a:B",
				Resource: topic,
				Context:  map[string]string{"aws:sourcearn": "arn:aws:rule/x"},
			},
			true, Allowed,
		},
		"condition not met": {
			`{"Effect":"Allow","Action":"*","Resource":"*","Principal":{"Service":"e"},
			"Condition":{"StringEquals":{"aws:SourceAccount":["1","2"]}}}`,
			Access{
				Who:      "e",
				Action:   "a:B",
				Resource: topic,
				Context:  map[string]string{"aws:SourceAccount": "3"},
			},
			true, Silent,
		},
		"condition without": {
			`{"Effect":"Allow","Action":"*","Resource":"*","Principal":{"Service":"e"},
				"Condition":{"StringEquals":{"aws:SourceOrgID":"o-1"}}}`,
			Access{Who: "e", Action: "a:B", Resource: topic},
			true, Silent,
		},
		"one of several values": {
			`{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*",
				"Condition":{"ForAnyValue:StringEquals":{"kms:ResourceAliases":["alias/a","alias/b"]}}}`,
			Access{Who: "e", Action: "a:B", Resource: topic, Context: map[string]string{
				"kms:ResourceAliases": Values([]string{"alias/c", "alias/b"}),
			}},
			true, Allowed,
		},
		"none of several values": {
			`{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*",
				"Condition":{"ForAnyValue:StringEquals":{"kms:ResourceAliases":["alias/a","alias/b"]}}}`,
			Access{Who: "e", Action: "a:B", Resource: topic, Context: map[string]string{
				"kms:ResourceAliases": Values([]string{"alias/c", "alias/bb"}),
			}},
			true, Silent,
		},
		"no value of several": {
			`{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*",
				"Condition":{"ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/a"}}}`,
			Access{Who: "e", Action: "a:B", Resource: topic},
			true, Silent,
		},
		"an absent key is null": {
			`{"Effect":"Allow","Action":"*","Resource":"*","Principal":{"Service":"e"},
				"Condition":{"Null":{"aws:SourceAccount":"true"}}}`,
			Access{Who: "e", Action: "a:B", Resource: topic},
			true, Allowed,
		},
		"a given key is not null": {
			`{"Effect":"Allow","Action":"*","Resource":"*","Principal":{"Service":"e"},
				"Condition":{"Null":{"aws:SourceAccount":"true"}}}`,
			Access{Who: "e", Action: "a:B", Resource: topic, Context: map[string]string{"aws:SourceAccount": "3"}},
			true, Silent,
		},
		"a key that must be given": {
			`{"Effect":"Allow","Action":"*","Resource":"*","Principal":{"Service":"e"},
				"Condition":{"Null":{"aws:SourceAccount":"false"}}}`,
			Access{Who: "e", Action: "a:B", Resource: topic, Context: map[string]string{"aws:SourceAccount": "3"}},
			true, Allowed,
		},
		"TLS is on": {
			`{"Effect":"Deny","Action":"*","Resource":"*","Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`,
			Access{Who: "e", Action: "a:B", Resource: topic},
			true, Silent,
		},
		"root of the account": {
			`{"Effect":"Allow","Action":"*","Resource":"*","Principal":{"AWS":"arn:aws:iam::111122223333:root"}}`,
			Access{Who: "arn:aws:iam::111122223333:role/r", Action: "a:B", Resource: topic},
			true, Allowed,
		},
		"root of another": {
			`{"Effect":"Allow","Action":"*","Resource":"*","Principal":{"AWS":"arn:aws:iam::444455556666:root"}}`,
			Access{Who: "arn:aws:iam::111122223333:role/r", Action: "a:B", Resource: topic},
			true, Silent,
		},
		"resource's account": {
			ofAccounts,
			Access{Who: "arn:r", Action: "cloudtrail:StartLogging", Resource: trailOf("444455556666")},
			false, Allowed,
		},
		"another account's": {
			ofAccounts,
			Access{Who: "arn:r", Action: "cloudtrail:StartLogging", Resource: trailOf("444455556667")},
			false, Silent,
		},
		"account's prefix": {
			ofAccounts,
			Access{Who: "arn:r", Action: "cloudtrail:StartLogging", Resource: trailOf("44445555666")},
			false, Silent,
		},
		"of no account": {
			ofAccounts,
			Access{Who: "arn:r", Action: "cloudtrail:StartLogging", Resource: "*"},
			false,
			Silent,
		},
		"account given": {ofAccounts, Access{
			Who:      "arn:r",
			Action:   "cloudtrail:StartLogging",
			Resource: trailOf("999999999999"),
			Context:  map[string]string{"aws:ResourceAccount": "444455556666"},
		}, false, Silent},
		"organization": {ofOrganization, Access{
			Who:          "arn:r",
			Action:       "cloudtrail:StartLogging",
			Resource:     trailOf("444455556666"),
			Organization: "o-a1b2c3d4e5",
		}, false, Allowed},
		"another's": {ofOrganization, Access{
			Who:          "arn:r",
			Action:       "cloudtrail:StartLogging",
			Resource:     trailOf("444455556666"),
			Organization: "o-a1b2c3d4e6",
		}, false, Silent},
		"in no organization": {
			ofOrganization,
			Access{Who: "arn:r", Action: "cloudtrail:StartLogging", Resource: trailOf("444455556666")},
			false, Silent,
		},
		"no statement": {`[]`, Access{Who: "e", Action: "a:B"}, false, Silent},
	} {
		t.Run(name, func(t *testing.T) {
			var d Document
			if err := json.Unmarshal([]byte(`{"Statement":`+tt.policy+`}`), &d); err != nil {
				t.Fatal(err)
			}
			got := OfCaller([]Document{d}, tt.access)
			if tt.resource {
				got = OfResource([]Document{d}, tt.access, account)
			}
			if got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestTrust(t *testing.T) {
	const (
		account = "111122223333"
		member  = "444455556666"
		rule    = "arn:aws:events:eu-west-1:" + account + ":rule/trailkeeper-tampering"
		events  = `{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"events.amazonaws.com"}`
	)
	for policy, want := range map[string]bool{
		events + `}`: true,
		`[` + events + `},{"Effect":"Deny","Action":"sts:*","Principal":"*"}]`:                                  false,
		`[` + events + `},{"Effect":"Deny","Action":"sts:*","Principal":{"Service":"lambda.amazonaws.com"}}]`:   true,
		events + `,"Condition":{"StringEquals":{"aws:SourceAccount":"` + account + `"}}}`:                       true,
		events + `,"Condition":{"StringEquals":{"aws:SourceAccount":"` + member + `"}}}`:                        false,
		events + `,"Condition":{"StringNotEquals":{"aws:SourceAccount":["` + member + `","` + account + `"]}}}`: false,
		events + `,"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:events:*:` + account + `:rule/*"}}}`:        true,
		events + `,"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:events:*:` + account + `:rule/other*"}}}`:   false,
		`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}`:           false,
		`{"Effect":"Allow","Action":"sts:TagSession","Principal":{"Service":"events.amazonaws.com"}}`:           false,
	} {
		if got := trusting(t, policy).Trusts("events.amazonaws.com", Source(rule, account), account); got != want {
			t.Errorf("%s: %t", policy, got)
		}
	}
}

func trusting(t *testing.T, policy string) Document {
	t.Helper()
	var d Document
	if err := json.Unmarshal([]byte(`{"Statement":`+policy+`}`), &d); err != nil {
		t.Fatal(err)
	}
	return d
}
