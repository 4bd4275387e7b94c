package localcloud

import (
	"encoding/json"
	"strings"
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
		if got := like(tt.s, tt.pattern); got != tt.want {
			t.Errorf("like(%q, %q) = %t", tt.s, tt.pattern, got)
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

func TestAsk(t *testing.T) {
	const topic = "arn:aws:sns:eu-west-1:111122223333:t"
	for name, tt := range map[string]struct {
		policy   string
		access   access
		resource bool
		want     verdict
	}{
		"granted":             {`{"Effect":"Allow","Action":"sns:Pub*","Resource":"*"}`, access{who: "arn:r", action: "sns:Publish", resource: topic}, false, allowed},
		"actions fold case":   {`{"Effect":"Allow","Action":"SNS:publish","Resource":"*"}`, access{who: "arn:r", action: "sns:Publish", resource: topic}, false, allowed},
		"another action":      {`{"Effect":"Allow","Action":"sns:Subscribe","Resource":"*"}`, access{who: "arn:r", action: "sns:Publish", resource: topic}, false, silent},
		"another resource":    {`{"Effect":"Allow","Action":"*","Resource":"` + topic + `2"}`, access{who: "arn:r", action: "sns:Publish", resource: topic}, false, silent},
		"deny wins":           {`[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"sns:*","Resource":"*"}]`, access{who: "arn:r", action: "sns:Publish", resource: topic}, false, denied},
		"service":             {`{"Effect":"Allow","Action":"*","Resource":"*","Principal":{"Service":"events.amazonaws.com"}}`, access{who: "events.amazonaws.com", action: "a:B", resource: topic}, true, allowed},
		"another service":     {`{"Effect":"Allow","Action":"*","Resource":"*","Principal":{"Service":"sns.amazonaws.com"}}`, access{who: "events.amazonaws.com", action: "a:B", resource: topic}, true, silent},
		"condition met":       {`{"Effect":"Allow","Action":"*","Resource":"*","Principal":{"Service":"e"},"Condition":{"ArnLike":{"aws:SourceArn":"arn:*:rule/x"}}}`, access{who: "e", action: "a:B", resource: topic, context: map[string]string{"aws:sourcearn": "arn:aws:rule/x"}}, true, allowed},
		"condition not met":   {`{"Effect":"Allow","Action":"*","Resource":"*","Principal":{"Service":"e"},"Condition":{"StringEquals":{"aws:SourceAccount":["1","2"]}}}`, access{who: "e", action: "a:B", resource: topic, context: map[string]string{"aws:SourceAccount": "3"}}, true, silent},
		"condition without":   {`{"Effect":"Allow","Action":"*","Resource":"*","Principal":{"Service":"e"},"Condition":{"StringEquals":{"aws:SourceOrgID":"o-1"}}}`, access{who: "e", action: "a:B", resource: topic}, true, silent},
		"TLS is on":           {`{"Effect":"Deny","Action":"*","Resource":"*","Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`, access{who: "e", action: "a:B", resource: topic}, true, silent},
		"root of the account": {`{"Effect":"Allow","Action":"*","Resource":"*","Principal":{"AWS":"arn:aws:iam::111122223333:root"}}`, access{who: "arn:aws:iam::111122223333:role/r", action: "a:B", resource: topic}, true, allowed},
		"root of another":     {`{"Effect":"Allow","Action":"*","Resource":"*","Principal":{"AWS":"arn:aws:iam::444455556666:root"}}`, access{who: "arn:aws:iam::111122223333:role/r", action: "a:B", resource: topic}, true, silent},
		"resource's account":  {ofAccounts, access{who: "arn:r", action: "cloudtrail:StartLogging", resource: trailOf("444455556666")}, false, allowed},
		"another account's":   {ofAccounts, access{who: "arn:r", action: "cloudtrail:StartLogging", resource: trailOf("444455556667")}, false, silent},
		"account's prefix":    {ofAccounts, access{who: "arn:r", action: "cloudtrail:StartLogging", resource: trailOf("44445555666")}, false, silent},
		"of no account":       {ofAccounts, access{who: "arn:r", action: "cloudtrail:StartLogging", resource: "*"}, false, silent},
		"account given":       {ofAccounts, access{who: "arn:r", action: "cloudtrail:StartLogging", resource: trailOf("999999999999"), context: map[string]string{"aws:ResourceAccount": "444455556666"}}, false, silent},
		"organization":        {ofOrganization, access{who: "arn:r", action: "cloudtrail:StartLogging", resource: trailOf("444455556666"), organization: "o-a1b2c3d4e5"}, false, allowed},
		"another's":           {ofOrganization, access{who: "arn:r", action: "cloudtrail:StartLogging", resource: trailOf("444455556666"), organization: "o-a1b2c3d4e6"}, false, silent},
		"in no organization":  {ofOrganization, access{who: "arn:r", action: "cloudtrail:StartLogging", resource: trailOf("444455556666")}, false, silent},
		"no statement":        {`[]`, access{who: "e", action: "a:B"}, false, silent},
	} {
		t.Run(name, func(t *testing.T) {
			var d policyDocument
			if err := json.Unmarshal([]byte(`{"Statement":`+tt.policy+`}`), &d); err != nil {
				t.Fatal(err)
			}
			if got := ask([]policyDocument{d}, tt.access, tt.resource, account); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

// TestOwnersOfTrails: a role of the stack may act on trails of the accounts, or of the organization, that a managed policy names, and on no other.
func TestOwnersOfTrails(t *testing.T) {
	for name, tt := range map[string]struct {
		statement string
		mine      []string // the members of the organization
		want      map[string]bool
	}{
		"accounts":     {ofAccounts, nil, map[string]bool{"111122223333": true, "444455556666": true, "777788889999": false}},
		"organization": {ofOrganization, []string{"777788889999"}, map[string]bool{"111122223333": true, "777788889999": true, "444455556666": false}},
	} {
		c := newCloud(t, nil, func(o *Options) {
			o.OrganizationID, o.Members = "o-a1b2c3d4e5", tt.mine
			o.Template = []byte(strings.Replace(string(o.Template), `"Resources": {`, `"Resources": {
				"Bare": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}},
				"More": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"Path": "/p/", "Roles": [{"Ref": "Bare"}], "PolicyDocument": {"Statement": `+tt.statement+`}}},`, 1))
		})
		var bare *role
		for _, r := range c.stack.roles {
			if r.id == "Bare" {
				bare = r
			}
		}
		for owner, want := range tt.want {
			a := access{action: "cloudtrail:StartLogging", resource: trailOf(owner)}
			if why, ok := c.authorize(Principal{Account: account, role: bare}, a, nil); ok != want {
				t.Errorf("%s: the trail of %s: %v (%s); want %v", name, owner, ok, why, want)
			}
		}
	}
}
