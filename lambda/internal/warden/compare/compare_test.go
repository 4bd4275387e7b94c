package compare_test

import (
	"strings"
	"testing"

	"trailkeeper/lambda/internal/warden/compare"
)

func TestScalar(t *testing.T) {
	for _, test := range []struct {
		want, got any
		same      bool
	}{
		{float64(5), "5", true},
		{float64(5), "5.0", false},
		{5, float64(5), true},
		{true, "true", true},
		{true, "True", false},
		{nil, "", true},
		{nil, []any{}, true},
		{nil, map[string]any{}, true},
		{nil, map[string]any{"HeaderParameters": map[string]any{}, "PathParameterValues": []any{}}, true},
		{nil, map[string]any{"HeaderParameters": map[string]any{"a": "b"}, "PathParameterValues": []any{}}, false},
		{nil, []any{""}, false},
		{nil, false, false},
		{nil, float64(0), false},
		{"a", "A", false},
		{[]any{"a", "b"}, []any{"b", "a"}, false},
		{map[string]any{"a": float64(1)}, map[string]any{"a": "1"}, true},
		{float64(1 << 53), "9007199254740992", false}, // beyond what a float holds exactly
		{0.5, "0.5", true},
	} {
		if got := compare.Scalar(test.want, test.got); got != test.same {
			t.Errorf("%v and %v: %v", test.want, test.got, got)
		}
	}
}

func TestSet(t *testing.T) {
	for _, test := range []struct {
		want, got any
		same      bool
	}{
		{[]any{"a", "b"}, []any{"b", "a"}, true},
		{[]any{"a"}, []any{"a", "a"}, false},
		{[]any{"a", "a", "b"}, []any{"a", "b", "b"}, false},
		{[]any{}, nil, true},
		{nil, []any{"a"}, false},
		{[]any{"a"}, nil, false},
		{[]any{"a"}, "a", false},
		{[]any{float64(1)}, []any{"1"}, true},
	} {
		if got := compare.Set(test.want, test.got); got != test.same {
			t.Errorf("%v and %v: %v", test.want, test.got, got)
		}
	}
}

func TestPattern(t *testing.T) {
	want := map[string]any{
		"source": []any{"aws.cloudtrail"},
		"detail": map[string]any{"eventName": []any{"StopLogging", "DeleteTrail", map[string]any{"prefix": "Put"}}},
	}
	for got, same := range map[string]bool{
		`{"detail":{"eventName":[{"prefix":"Put"},"DeleteTrail","StopLogging"]},"source":["aws.cloudtrail"]}`:                       true,
		` { "source" : [ "aws.cloudtrail" ] , "detail":{"eventName":["StopLogging","DeleteTrail",{"prefix":"Put"}]}}`:               true,
		`{"detail":{"eventName":[{"prefix":"Put"},"DeleteTrail"]},"source":["aws.cloudtrail"]}`:                                     false,
		`{"detail":{"eventName":[{"prefix":"Put"},"DeleteTrail","StopLogging"]},"source":["aws.cloudtrail"],"account":["1"]}`:       false,
		`{"detail":{"eventName":[{"prefix":"Put"},"DeleteTrail","StopLogging"]},"source":["aws.none"],"source":["aws.cloudtrail"]}`: false,
		`{"detail":{"eventName":[{"prefix":"Put"},"DeleteTrail","StopLogging"]},"source":["aws.cloudtrail"]}{}`:                     false,
		`{"detail":{"eventName":[{"suffix":"Put"},"DeleteTrail","StopLogging"]},"source":["aws.cloudtrail"]}`:                       false,
		``: false,
		strings.Repeat(`{"a":`, 200) + "1" + strings.Repeat("}", 200): false,
	} {
		if compare.Pattern(want, got) != same {
			t.Errorf("%.200s: %v; want %v", got, !same, same)
		}
	}
}

func TestDocument(t *testing.T) {
	for _, test := range []struct {
		want, got any
		same      bool
	}{
		{map[string]any{"a": 1.0, "b": []any{"x", "y"}}, ` {"b": ["x","y"], "a": 1} `, true},
		{map[string]any{"a": 1.0, "b": []any{"x", "y"}}, `{"b":["y","x"],"a":1}`, false},
		{`{"a":1}`, `{"a":2}`, false},
		{`{"a":1}`, `{"a":1}x`, false},
		{`{"a":1}`, ``, false},
		{``, `{"a":1}`, false},
		{`{`, `{`, false},
		{strings.Repeat(" ", 256<<10), `{}`, false},
		{strings.Repeat(" ", 256<<10-2) + `{}`, `{}`, true},
		{strings.Repeat(" ", 256<<10-1) + `{}`, `{}`, false},
	} {
		if got := compare.Document(test.want, test.got); got != test.same {
			t.Errorf("%.100v and %.100v: %v", test.want, test.got, got)
		}
	}
}

// TestDigest: the same document has one digest however it is written, and a text that is none its own.
func TestDigest(t *testing.T) {
	if compare.Digest(`{"a": 1, "b": 2}`) != compare.Digest(map[string]any{"b": 2.0, "a": 1.0}) {
		t.Error("a document has two digests")
	}
	seen := map[string]string{}
	for _, text := range []string{"https://a", "https://b", "", `{"a":1}`, `{"a":2}`} {
		if other, twice := seen[compare.Digest(text)]; twice {
			t.Errorf("%q and %q have one digest", text, other)
		}
		seen[compare.Digest(text)] = text
	}
}

const policy = `{"Version":"2012-10-17","Id":"a","Statement":[
	{"Sid":"One","Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"arn:aws:sqs:eu-west-1:111122223333:q",
	 "Condition":{"Bool":{"aws:SecureTransport":"false"}}},
	{"Sid":"Two","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root","arn:aws:iam::111122223333:role/r"]},
	 "Action":["sqs:SendMessage","sqs:ReceiveMessage"],"Resource":"*"}]}`

// TestPolicy: AWS writes a policy in its own way, and every part that counts is compared.
func TestPolicy(t *testing.T) {
	for name, test := range map[string]struct {
		got  string
		same bool
	}{
		"as it is": {policy, true},
		"as AWS writes it": {`{"Version":"2012-10-17","Statement":[
			{"Sid":"2","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/r","111122223333"]},
			 "Action":["SQS:ReceiveMessage","SQS:SendMessage"],"Resource":["*"]},
			{"Sid":"1","Effect":"Deny","Principal":{"AWS":"*"},"Action":["sqs:*"],"Resource":["arn:aws:sqs:eu-west-1:111122223333:q"],
			 "Condition":{"Bool":{"AWS:SecureTransport":["false"]}}}]}`, true},
		"a boolean":           {strings.Replace(policy, `"false"`, `false`, 1), true},
		"a deleted role":      {strings.Replace(policy, `arn:aws:iam::111122223333:role/r`, `AROAEXAMPLEEXAMPLEEX`, 1), false},
		"a session as root":   {strings.Replace(policy, `arn:aws:iam::111122223333:root`, `arn:aws:sts::111122223333:root`, 1), false},
		"a user as root":      {strings.Replace(policy, `:root`, `:user/root`, 1), false},
		"no account's root":   {strings.Replace(policy, `iam::111122223333:root`, `iam:::root`, 1), false},
		"another account":     {strings.Replace(policy, `111122223333:root`, `444455556666:root`, 1), false},
		"another effect":      {strings.Replace(policy, `Deny`, `Allow`, 1), false},
		"another resource":    {strings.Replace(policy, `:q"`, `:Q"`, 1), false},
		"another condition":   {strings.Replace(policy, `"Bool"`, `"BoolIfExists"`, 1), false},
		"another value":       {strings.Replace(policy, `"false"`, `"true"`, 1), false},
		"one action more":     {strings.Replace(policy, `["sqs:SendMessage"`, `["sqs:PurgeQueue","sqs:SendMessage"`, 1), false},
		"NotAction":           {strings.Replace(policy, `"Action":"sqs:*"`, `"NotAction":"sqs:*"`, 1), false},
		"another version":     {strings.Replace(policy, `2012-10-17`, `2008-10-17`, 1), false},
		"everybody as a user": {strings.Replace(policy, `"Principal":"*"`, `"Principal":{"Federated":"*"}`, 1), false},
		"no version":          {strings.Replace(policy, `"Version":"2012-10-17",`, ``, 1), false},
		"a key twice": {strings.Replace(
			policy, `{"aws:SecureTransport":"false"}`, `{"aws:SecureTransport":"false","AWS:SecureTransport":"true"}`, 1,
		), false},
		"another statement":   {strings.Replace(policy, `"Id":"a"`, `"statement":[{"Effect":"Allow"}]`, 1), false},
		"no statement":        {`{"Version":"2012-10-17","Statement":[]}`, false},
		"none":                {``, false},
		"no JSON":             {`{`, false},
		"a statement as text": {`{"Version":"2012-10-17","Statement":["x"]}`, false},
		"two lists":           {strings.Replace(policy, `"Statement"`, `"Statement":[],"Statement"`, 1), false},
	} {
		if got := compare.Policy(policy, test.got); got != test.same {
			t.Errorf("%s: %v", name, got)
		}
	}
	if !compare.Policy(nil, "") || compare.Policy(nil, policy) {
		t.Error("no policy is only like no policy")
	}
}

func TestShowPolicies(t *testing.T) {
	open := strings.Replace(policy, `"Statement":[`, `"Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"},`, 1)
	wanted, found := compare.ShowPolicies(policy, open)
	if wanted != "2 statements, all of which the other has" ||
		found != `3 statements, of which only here: {"Action":["sqs:*"],"Effect":"Allow","Principal":{"AWS":["*"]},"Resource":["*"]}` {
		t.Errorf("%s\n%s", wanted, found)
	}
	if wanted, found = compare.ShowPolicies(policy, nil); found != "none" || !strings.HasPrefix(wanted, "2 statements, of which only here: ") {
		t.Errorf("%s\n%s", wanted, found)
	}
	if _, found = compare.ShowPolicies(policy, "{"); !strings.HasPrefix(found, "no policy that can be read: ") {
		t.Error(found)
	}
	long := func(end string) string {
		return strings.Replace(policy, `"Resource":"*"`, `"Resource":["`+strings.Repeat("x", 1000)+end+`"]`, 1)
	}
	_, one := compare.ShowPolicies(policy, long("1"))
	if _, two := compare.ShowPolicies(policy, long("2")); one == two {
		t.Errorf("two policies are shown alike: %s", one)
	}
	huge := strings.Replace(policy, "One", strings.Repeat("x", 300<<10), 1)
	if _, found = compare.ShowPolicies(policy, huge); len(found) > 400 {
		t.Error(found)
	}
}

// TestShow: what an attacker wrote is one bounded line.
func TestShow(t *testing.T) {
	for _, v := range []any{strings.Repeat("é", 100_000), "a\nb\u202e", map[string]any{"x": strings.Repeat("\n", 1000)}} {
		if got := compare.Show(v); len([]rune(got)) > 160+len(" (sha256:0a1b2c3d4e5f)") || strings.ContainsAny(got, "\n\u202e") {
			t.Errorf("%q", got)
		}
	}
	if compare.Show(strings.Repeat("x", 1000)+"1") == compare.Show(strings.Repeat("x", 1000)+"2") {
		t.Error("two values with another end are shown alike")
	}
	if got := compare.Show(nil); got != "none" {
		t.Error(got)
	}
}

func TestFields(t *testing.T) {
	want := map[string]any{"A": "1", "B": map[string]any{"C": float64(2)}, "Key": "secret"}
	got := map[string]any{"a": float64(1), "B": map[string]any{"C": "3"}, "Key": "other", "D": "more"}
	out := compare.Fields(want, got,
		compare.Field{Name: "A", Got: "a"},
		compare.Field{Name: "B.C"},
		compare.Field{Name: "D", Default: "less"},
		compare.Field{Name: "E", Default: 300},
		compare.Field{Name: "Key", Hidden: true},
	)
	var lines []string
	for _, d := range out {
		lines = append(lines, d.Field+": "+d.Want+" -> "+d.Got)
	}
	text := strings.Join(lines, "\n")
	if !strings.HasPrefix(text, "B.C: 2 -> 3\nD: less -> more\nKey: sha256:") || strings.Contains(text, "secret") ||
		strings.Contains(text, "other") {
		t.Error(text)
	}
}

func TestWord(t *testing.T) {
	for word, want := range map[string]string{
		"trailkeeper-rule": "trailkeeper-rule", "a b": "…", "$(x)": "…", "": "…", "a;b": "…", "--cli-input-json": "…",
		"file:///etc/passwd": "…", "fileb://x": "…", "https://x": "…", "a-b": "a-b",
		"arn:aws:sqs:eu-west-1:1:q": "arn:aws:sqs:eu-west-1:1:q",
	} {
		if got := compare.Word(word); got != want {
			t.Errorf("%q: %q", word, got)
		}
	}
}
