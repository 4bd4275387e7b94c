package composed_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"trailkeeper/rules"
	"trailkeeper/rules/composed"
)

type object = map[string]any

// TestWho: who called is said of every kind of caller without a gap where the record lacks something.
func TestWho(t *testing.T) {
	const end = " in account 111122223333, eu-west-1, at 2026-11-30T08:00:00Z, event 1"
	for name, c := range map[string]struct {
		identity object
		want     string
	}{
		"user": {
			object{"type": "IAMUser", "userName": "ada", "principalId": "AIDA1", "accountId": "111122223333"},
			"by IAMUser 'ada' (principal 'AIDA1' of account '111122223333'; invoked by service '')",
		},
		"role, for a service": {
			object{
				"type": "AssumedRole", "principalId": "AROA1:cfn", "accountId": "111122223333", "invokedBy": "cloudformation.amazonaws.com",
				"sessionContext": object{"sessionIssuer": object{"userName": "deployer"}},
			},
			"by AssumedRole 'deployer' (principal 'AROA1:cfn' of account '111122223333'; invoked by service 'cloudformation.amazonaws.com')",
		},
		"root": {
			object{"type": "Root", "principalId": "111122223333", "accountId": "111122223333"},
			"by Root '' (principal '111122223333' of account '111122223333'; invoked by service '')",
		},
		"service": {
			object{"type": "AWSService", "invokedBy": "kms.amazonaws.com"},
			"by AWSService '' (principal '' of account ''; invoked by service 'kms.amazonaws.com')",
		},
	} {
		event, err := json.Marshal(object{"account": "111122223333", "region": "eu-west-1", "detail": object{
			"eventName": "DeleteRule", "eventTime": "2026-11-30T08:00:00Z", "eventID": "1", "userIdentity": c.identity,
		}})
		if err != nil {
			t.Fatal(err)
		}
		form := rules.Transformer{Template: `"` + composed.Who + " " + composed.Where + `"`, Paths: composed.Callers()}
		got, err := form.Render(event, rules.Reserved{})
		if want := `"` + c.want + end + `"`; err != nil || string(got) != want {
			t.Errorf("%s: %s, %v; want %s", name, got, err, want)
		}
	}
}

// TestSplit: what EventBridge admits stays whole, and the rest is split with every value in one part; a value for which
// that does not help is left, and does not fit.
func TestSplit(t *testing.T) {
	pattern := func(part []any) map[string]any {
		return composed.Event([]any{composed.Prefix("aws.")}, object{"errorMessage": part})
	}
	var l composed.Longest
	for n, parts := range map[int]int{0: 1, 1: 1, 2: 1, 8: 4} {
		var values, got []any
		for i := range n {
			values = append(values, composed.Wildcard(fmt.Sprintf("*resource: %d*", i)))
		}
		all := l.Split(values, pattern)
		for _, part := range all {
			got = append(got, part...)
			if err := l.Fits(pattern(part)); len(part) > 0 && err != nil {
				t.Errorf("%d values: %v: %v", n, part, err)
			}
		}
		if len(all) != parts || fmt.Sprint(got) != fmt.Sprint(values) {
			t.Errorf("%d values: %v in %d parts; want %d", n, got, len(all), parts)
		}
	}
	l = func(raw []byte) []byte {
		return []byte(strings.ReplaceAll(string(raw), "${X}", strings.Repeat("x", 2000)))
	}
	if all := l.Split([]any{"${X}", "${X}"}, pattern); len(all) != 2 || l.Fits(pattern(all[0])) == nil {
		t.Errorf("texts of 2,000 characters: %d parts, the first of which fits", len(all))
	}
}

// TestPattern: conditions are put where they belong, beside others, and match as they say.
func TestPattern(t *testing.T) {
	detail := object{}
	composed.Put(detail, "requestParameters.a.name", []any{composed.Prefix("x-"), "y"})
	composed.Put(detail, "requestParameters.a.other", []any{composed.Exists(false)})
	composed.Put(detail, "errorCode", []any{composed.But("Access", "Throttl")})
	raw, err := json.Marshal(composed.Event([]any{"aws.s3"}, detail))
	if err != nil {
		t.Fatal(err)
	}
	p, err := rules.ParsePattern(raw)
	if err != nil {
		t.Fatal(err)
	}
	for event, want := range map[string]bool{
		`{"name":"x-1"} Other`:             true,
		`{"name":"y"} Other`:               true,
		`{"name":"y-1"} Other`:             false,
		`{"name":"y","other":"z"} Other`:   false,
		`{"name":"y"} AccessDenied`:        false,
		`{"name":"y"} ThrottlingException`: false,
	} {
		a, code, _ := strings.Cut(event, " ")
		got, err := p.Match(fmt.Appendf(nil, `{"source":"aws.s3","detail-type":"AWS API Call via CloudTrail",
			"detail":{"errorCode":%q,"requestParameters":{"a":%s}}}`, code, a))
		if err != nil || got != want {
			t.Errorf("%s: matches %t, %v", event, got, err)
		}
	}
}

func TestNames(t *testing.T) {
	n, got := composed.Names{}, []string{}
	for _, name := range []string{"a", "b", "a", "a"} {
		got = append(got, n.Next(name))
	}
	if want := []string{"a", "b", "a-2", "a-3"}; !slices.Equal(got, want) {
		t.Errorf("%q; want %q", got, want)
	}
}
