package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/rules"
)

// TestTransformerAtItsBounds: what EventBridge just takes, and what it just does not.
func TestTransformerAtItsBounds(t *testing.T) {
	paths := func(n int) map[string]string {
		all := map[string]string{}
		for i := range n {
			all[fmt.Sprint("p", i)] = "$.x"
		}
		return all
	}
	one := func(name, path string) map[string]string { return map[string]string{"z": "$.x", name: path} }
	for name, tt := range map[string]struct {
		template string
		paths    map[string]string
		ok       bool
	}{
		"one character":           {"x", nil, true},
		"no character":            {"", nil, false},
		"8192 characters":         {strings.Repeat("é", 8192), nil, true},
		"8193 characters":         {strings.Repeat("é", 8193), nil, false},
		"100 paths":               {"x", paths(100), true},
		"101 paths":               {"x", paths(101), false},
		"a name of 1":             {"x", one("a", "$.x"), true},
		"no name":                 {"x", one("", "$.x"), false},
		"a name of 256":           {"x", one(strings.Repeat("a", 256), "$.x"), true},
		"a name of 257":           {"x", one(strings.Repeat("a", 257), "$.x"), false},
		"every character":         {"x", one("azAZ09_-", "$.x"), true},
		"a blank":                 {"x", one("a b", "$.x"), false},
		"a dot":                   {"x", one("a.b", "$.x"), false},
		"a line behind":           {"x", one("a\n", "$.x"), false},
		"reserved":                {"x", one("AWS.x", "$.x"), false},
		"nearly reserved":         {"x", one("awsx", "$.x"), true},
		"the whole event":         {"x", one("a", "$"), true},
		"indexes":                 {"x", one("a", "$.x[0][12].y-z_9"), true},
		"an index alone":          {"x", one("a", "$.[0]"), false},
		"an index of a word":      {"x", one("a", "$.x[y]"), false},
		"a negative index":        {"x", one("a", "$.x[-1]"), false},
		"an open index":           {"x", one("a", "$.x[0"), false},
		"an index without end":    {"x", one("a", "$.x["+strings.Repeat("9", 30)+"]"), false},
		"a dollar and a name":     {"x", one("a", "$x"), false},
		"a dot at the end":        {"x", one("a", "$.x."), false},
		"a star":                  {"x", one("a", "$.*"), false},
		"no path":                 {"x", one("a", ""), false},
		"a placeholder":           {"<z>", one("a", "$.x"), true},
		"a placeholder, other":    {"<Z>", one("a", "$.x"), false},
		"the second placeholder":  {"<z> <y>", one("a", "$.x"), false},
		"rule-arn":                {"<aws.events.rule-arn>", nil, true},
		"rule-name":               {"<aws.events.rule-name>", nil, true},
		"ingestion-time":          {"<aws.events.event.ingestion-time>", nil, true},
		"event":                   {"<aws.events.event>", nil, true},
		"event.json":              {"<aws.events.event.json>", nil, true},
		"something else reserved": {"<aws.events.rule>", nil, false},
	} {
		err := rules.Transformer{Paths: tt.paths, Template: tt.template}.Validate()
		if (err == nil) != tt.ok || err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
		if _, rendered := (rules.Transformer{Paths: tt.paths, Template: tt.template}).Render(
			[]byte(`{}`),
			rules.Reserved{},
		); !tt.ok &&
			rendered == nil {
			t.Errorf("%s: rendered all the same", name)
		}
	}
	bad := rules.Transformer{Paths: map[string]string{"a b": "x", "aws.c": "$"}, Template: "<d> <e>"}
	if err := bad.Validate(); err == nil || strings.Count(err.Error(), "\n") != 4 {
		t.Errorf("%v; want all five problems, one on a line", err)
	}
}

// TestRenderFollowsTheQuotes of the template, whatever is escaped in it and whatever the values hold.
func TestRenderFollowsTheQuotes(t *testing.T) {
	paths := map[string]string{
		"s": "$.s",
		"q": "$.q",
		"n": "$.n",
		"i": "$.l[1]",
		"j": "$.l[2]",
		"o": "$.l.x",
		"p": "$.s[0]",
	}
	const event = `{"s":"a<b>&c","n":10000000000000000001,"l":["x","y"],"q":"<s>"}`
	for template, want := range map[string]string{
		`{"t":"\\<n>"}`:             `{"t":"\\10000000000000000001"}`,
		`{"t":"\\","u":<s>}`:        `{"t":"\\","u":"a<b>&c"}`,
		`{"t":"\"","u":<s>}`:        `{"t":"\"","u":"a<b>&c"}`,
		`{"t":"\"<s>","u":<n>}`:     `{"t":"\"a<b>&c","u":10000000000000000001}`,
		`{"t":<s>,"u":"<s>"}`:       `{"t":"a<b>&c","u":"a<b>&c"}`,
		`{"t":"<q>"}`:               `{"t":"<s>"}`, // what a value holds is no placeholder
		`[<i>,<j>,<o>,<p>]`:         `["y","","",""]`,
		`["<i>","<j>","<o>","<p>"]`: `["y","","",""]`,
	} {
		got, err := rules.Transformer{Paths: paths, Template: template}.Render([]byte(event), rules.Reserved{})
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v; want %s", template, got, err, want)
		}
	}
	for _, payload := range []string{"", "[]", `"x"`, "{"} {
		if got, err := (rules.Transformer{Template: "1"}).Render([]byte(payload), rules.Reserved{}); err == nil {
			t.Errorf("%q: rendered %s", payload, got)
		}
	}
	got, err := rules.Transformer{
		Template: `["<aws.events.rule-arn>","<aws.events.rule-name>","<aws.events.event.ingestion-time>"]`,
	}.Render(
		[]byte(`{}`),
		rules.Reserved{RuleARN: "arn", RuleName: "name", IngestionTime: "time"},
	)
	if err != nil || string(got) != `["arn","name","time"]` {
		t.Errorf("%s, %v", got, err)
	}
}

// TestRulesByName: each is found by its own name, has its own pattern, and no other name finds one.
func TestRulesByName(t *testing.T) {
	patterns := map[string]string{}
	for _, r := range rules.EventRules() {
		got, ok := rules.FindEventRule(r.Name)
		if !ok || got.Name != r.Name || string(got.Pattern.JSON()) != string(r.Pattern.JSON()) || r.Description == "" {
			t.Errorf("%s: %+v", r.Name, got)
		}
		if other := patterns[string(r.Pattern.JSON())]; other != "" {
			t.Errorf("%s has the pattern of %s", r.Name, other)
		}
		patterns[string(r.Pattern.JSON())] = r.Name
		if (r.Wording == nil) != (r.Name == rules.RuleActivity) {
			t.Errorf("%s: has a wording: %v", r.Name, r.Wording != nil)
		}
	}
	for _, name := range []string{"", "Tampering", rules.RuleTest, "none"} {
		if r, ok := rules.FindEventRule(name); ok || r.Name != "" {
			t.Errorf("%q finds %s", name, r.Name)
		}
	}
	for _, payload := range []string{"", "{}", "[]", "{", `{"source":"aws.cloudtrail"}`} {
		if r, ok := rules.MatchingRule([]byte(payload)); ok || r.Name != "" {
			t.Errorf("%q is matched by %s", payload, r.Name)
		}
	}
}

// TestBodies: a webhook's has no channel, a bot's has, and both write the text as it is.
func TestBodies(t *testing.T) {
	w := rules.Wording{Text: `<a> & "b" \ <b>`, Paths: map[string]string{"a": "$.account", "b": "$.region"}}
	for channel, want := range map[string]string{
		"":    `{"text":"<a> & \"b\" \\ <b>"}`,
		"C01": `{"channel":"C01","text":"<a> & \"b\" \\ <b>"}`,
		`C"1`: `{"channel":"C\"1","text":"<a> & \"b\" \\ <b>"}`,
	} {
		got := w.Transformer(channel)
		if diff := cmp.Diff(rules.Transformer{Paths: w.Paths, Template: want}, got); diff != "" {
			t.Errorf("%q (-want +got)\n%s", channel, diff)
		}
		got.Paths["a"] = "changed by the caller"
	}
	if w.Paths["a"] != "$.account" {
		t.Error("a transformer shares the paths of its wording")
	}
}

// TestEveryPathThatATemplateMayUse is in order, has an alphabet of its own that holds nothing which breaks JSON, and is
// wanted where it is checked.
func TestEveryPathThatATemplateMayUse(t *testing.T) {
	tampering, _ := rules.FindEventRule(rules.RuleTampering)
	attempt, _ := rules.FindEventRule(rules.RuleAttempt)
	success := map[string]bool{
		"$.detail.requestParameters.name":           true,
		"$.detail.requestParameters.trailName":      true,
		"$.detail.requestParameters.eventDataStore": true,
	}
	for _, path := range rules.AllowedPaths() {
		if rules.Alphabet(path) == "" {
			t.Errorf("%s has no alphabet", path)
		}
		w := rules.Wording{Text: "x <v>", Paths: map[string]string{"v": path}}
		if err := w.Check(
			attempt,
		); err != nil &&
			strings.Contains(err.Error(), "only in a successful call") != success[path] {
			t.Errorf("%s in a refused call: %v", path, err)
		} else if err == nil &&
			success[path] {
			t.Errorf("%s is taken of a refused call", path)
		}
		if err := w.Check(tampering); err != nil && !strings.Contains(err.Error(), "with the fixture") {
			t.Errorf("%s in a successful call: %v", path, err)
		}
	}
	for _, path := range []string{"", "$", "$.detail", "$.detail.userAgent", "$.Account"} {
		if rules.Alphabet(path) != "" {
			t.Errorf("%q has an alphabet", path)
		}
	}
	if n := len(rules.AllowedPaths()); n != 20 {
		t.Errorf("%d paths; want 20", n)
	}
}

// TestTextsLikeAddresses: EventBridge would read some texts as IP addresses; what only resembles one is compared as it
// is.
func TestTextsLikeAddresses(t *testing.T) {
	for text, refused := range map[string]bool{
		"10.0.0.1":   true,
		"0...":       true,
		"::1":        true,
		"AB:cd":      true,
		":":          true,
		"":           false,
		"10.0.0":     false,
		"10.0.0.0.1": false,
		"a.b.c.d":    false,
		"10.0.0.x":   false,
		"abcdef":     false,
		"x:y":        false,
		"a:g":        false,
		"aws:s3":     false,
		"1234":       false,
	} {
		p, err := rules.ParsePattern([]byte(fmt.Sprintf(`{"a":[%q]}`, text)))
		if (err != nil) != refused {
			t.Errorf("%q: %v", text, err)
		}
		if err == nil {
			if ok, err := p.Match([]byte(fmt.Sprintf(`{"a":%q}`, text))); !ok || err != nil {
				t.Errorf("%q does not match itself: %v", text, err)
			}
		}
	}
}
