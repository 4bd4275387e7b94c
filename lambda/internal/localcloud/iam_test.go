package localcloud

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
		if got := like(tt.s, tt.pattern); got != tt.want {
			t.Errorf("like(%q, %q) = %t", tt.s, tt.pattern, got)
		}
	}
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
