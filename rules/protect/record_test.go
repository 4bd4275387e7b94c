package protect_test

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"trailkeeper/rules"
	"trailkeeper/rules/protect"
)

// record is one of CloudTrail, as EventBridge delivers it.
type record struct {
	source, event, field, value string
	issuer                      string // ARN of the caller's role; empty: the caller is root or an IAM user
	refused                     string // the error message
	code                        string // the error code; empty: AccessDenied
	account                     string
}

func (r record) JSON(t *testing.T) []byte {
	t.Helper()
	identity := map[string]any{
		"type": "Root", "principalId": "111122223333", "arn": "arn:aws:iam::111122223333:root", "accountId": "111122223333",
	}
	if r.issuer != "" {
		identity["type"], identity["principalId"] = "AssumedRole", "AROAEXAMPLEEXAMPLE123:session"
		issuer := map[string]any{"type": "Role", "arn": r.issuer, "userName": r.issuer[strings.LastIndex(r.issuer, "/")+1:]}
		identity["sessionContext"] = map[string]any{"sessionIssuer": issuer}
	}
	detail := map[string]any{
		"eventSource": r.source, "eventName": r.event, "userIdentity": identity, "readOnly": false, "awsRegion": "eu-west-1",
		"eventTime": "2026-11-30T08:00:00Z", "eventID": keyID, "requestParameters": nil,
	}
	if r.field != "" {
		var value any = r.value
		if strings.HasSuffix(strings.ToLower(r.field), "names") {
			value = []any{"something", r.value}
		}
		part, field := "requestParameters", r.field
		if after, is := strings.CutPrefix(field, "responseElements."); is {
			part, field = "responseElements", after
		}
		steps := strings.Split(field, ".")
		slices.Reverse(steps)
		parameters := map[string]any{"unrelated": "keeper"}
		for i, s := range steps {
			if i == len(steps)-1 && r.value != "" {
				parameters[s] = value
			} else if r.value != "" {
				value = map[string]any{s: value}
			}
		}
		detail[part] = parameters
		if name, is := strings.CutPrefix(r.field, "resources."); is {
			detail["requestParameters"] = map[string]any{"grantToken": "keeper"}
			detail["resources"] = []any{map[string]any{"ARN": "arn:aws:kms:eu-west-1:111122223333:alias/x"}, map[string]any{name: r.value, "accountId": "111122223333"}}
		}
	}
	if r.refused != "" {
		detail["errorCode"], detail["errorMessage"], detail["requestParameters"] = cmp.Or(r.code, "AccessDenied"), r.refused, nil
	}
	account := r.account
	if account == "" {
		account = "111122223333"
	}
	service, _, _ := strings.Cut(r.source, ".")
	raw, err := json.Marshal(map[string]any{
		"version": "0", "id": keyID, "account": account, "region": "eu-west-1", "time": "2026-11-30T08:00:05Z",
		"source": "aws." + service, "detail-type": "AWS API Call via CloudTrail", "detail": detail,
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// parsed is a rule with its pattern as EventBridge takes it.
type parsed struct {
	protect.Rule
	pattern rules.Pattern
}

func rulesOf(t *testing.T, d protect.Deployment) (all []parsed) {
	t.Helper()
	made, err := protect.Rules(d)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range made {
		raw, err := json.Marshal(r.Pattern)
		if err == nil && d.Longest != nil {
			raw = d.Longest(raw)
		}
		p := parsed{Rule: r}
		if err == nil {
			p.pattern, err = rules.ParsePattern(raw)
		}
		if err != nil {
			t.Fatalf("%s: %v", r.Name, err)
		}
		all = append(all, p)
	}
	return all
}

// matching are the rules that match, by our matcher; .ci/event-ruler asks AWS's.
func matching(t *testing.T, all []parsed, event []byte) (found []parsed) {
	t.Helper()
	for _, r := range all {
		if ok, err := r.pattern.Match(event); err != nil {
			t.Fatal(err)
		} else if ok {
			found = append(found, r)
		}
	}
	return found
}
