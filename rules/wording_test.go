package rules_test

import (
	"encoding/json"
	"flag"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"trailkeeper/rules"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got)\n%s", name, diff)
	}
}

// TestSlackMessages shows what EventBridge itself posts for every fixture that a rule with a Slack target matches.
func TestSlackMessages(t *testing.T) {
	var all strings.Builder
	for _, fixture := range slices.Sorted(maps.Keys(matching)) {
		rule, _ := rules.MatchingRule(event(t, fixture))
		if rule.Wording == nil {
			continue
		}
		for _, channel := range []string{"", "C0123456789"} {
			body, err := rule.Wording.Transformer(channel).Render(event(t, fixture), rules.Reserved{RuleName: rule.Name})
			if err != nil {
				t.Errorf("%s: %v: %s", fixture, err, body)
			}
			var message map[string]string
			if err := json.Unmarshal(body, &message); err != nil || message["channel"] != channel {
				t.Errorf("%s: %v: %s", fixture, err, body)
			}
			for n, span := range strings.Split(message["text"], "`") {
				if n%2 == 1 && strings.TrimSpace(span) == "" {
					t.Errorf("%s: an empty code span: %s", fixture, message["text"])
				}
			}
			if channel == "" {
				all.WriteString("## " + fixture + " (" + rule.Name + ")\n" + message["text"] + "\n\n")
			}
		}
	}
	golden(t, "slack-messages.golden", []byte(all.String()))
}

// TestHostileValuesLeaveTheMessageAlone puts text that attacks JSON and Slack into every field of the record that no
// path reads.
func TestHostileValuesLeaveTheMessageAlone(t *testing.T) {
	hostile := "\"},\\\n\r\t<!channel> <https://evil.example|x> \u2028 </script> ${x} {{y}}"
	for _, fixture := range []string{
		"stop-logging", "put-event-selectors-blinding", "delete-trail-denied", "stop-logging-odd-actor",
	} {
		payload := event(t, fixture)
		rule, _ := rules.MatchingRule(payload)
		transformer := rule.Wording.Transformer("")
		want, err := transformer.Render(payload, rules.Reserved{})
		if err != nil {
			t.Fatalf("%s: %v", fixture, err)
		}
		var ev map[string]any
		if err := json.Unmarshal(payload, &ev); err != nil {
			t.Fatal(err)
		}
		used := slices.Collect(maps.Values(rule.Wording.Paths))
		attacked := attack(ev, "$", used, hostile)
		if attacked < 12 {
			t.Fatalf("%s: only %d fields attacked", fixture, attacked)
		}
		changed, err := json.Marshal(ev)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := transformer.Render(changed, rules.Reserved{}); err != nil || string(got) != string(want) {
			t.Errorf("%s: hostile fields changed the message: %v\n got %s\nwant %s", fixture, err, got, want)
		}
	}
}

// attack replaces every text below v whose path is not used, and counts them.
func attack(v map[string]any, path string, used []string, hostile string) int {
	n := 0
	for key, child := range v {
		childPath := path + "." + key
		switch child := child.(type) {
		case string:
			if !slices.Contains(used, childPath) {
				v[key] = hostile
				n++
			}
		case map[string]any:
			n += attack(child, childPath, used, hostile)
		}
	}
	return n
}

// TestAlphabetsStayValid fills every path that a wording uses with random values of its alphabet.
func TestAlphabetsStayValid(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test wants the same values in every run
	for _, rule := range rules.EventRules() {
		if rule.Wording == nil {
			continue
		}
		for range 2000 {
			ev := map[string]any{}
			for _, path := range rule.Wording.Paths {
				set(ev, path, sample(t, random, rules.Alphabet(path)))
			}
			payload, err := json.Marshal(ev)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := rule.Wording.Transformer("C0123456789").Render(payload, rules.Reserved{}); err != nil {
				t.Fatalf("%s: %v\n%s\n%s", rule.Name, err, payload, got)
			}
		}
	}
}

func set(v map[string]any, path, value string) {
	steps := strings.Split(strings.TrimPrefix(path, "$."), ".")
	for _, step := range steps[:len(steps)-1] {
		next, ok := v[step].(map[string]any)
		if !ok {
			next = map[string]any{}
			v[step] = next
		}
		v = next
	}
	v[steps[len(steps)-1]] = value
}

// sample makes a text that the expression matches.
func sample(t *testing.T, random *rand.Rand, expr string) string {
	t.Helper()
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	write(&b, random, re.Simplify())
	return b.String()
}

func write(b *strings.Builder, random *rand.Rand, re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		pair := 2 * random.IntN(len(re.Rune)/2)
		b.WriteRune(re.Rune[pair] + random.Int32N(re.Rune[pair+1]-re.Rune[pair]+1))
	case syntax.OpConcat, syntax.OpCapture:
		for _, sub := range re.Sub {
			write(b, random, sub)
		}
	case syntax.OpAlternate:
		write(b, random, re.Sub[random.IntN(len(re.Sub))])
	case syntax.OpQuest:
		if random.IntN(3) == 0 {
			write(b, random, re.Sub[0])
		}
	case syntax.OpStar, syntax.OpPlus:
		for range 1 + random.IntN(20) {
			write(b, random, re.Sub[0])
		}
	}
}

func TestCheckRefusesBadWording(t *testing.T) {
	tampering, _ := rules.FindEventRule(rules.RuleTampering)
	attempt, _ := rules.FindEventRule(rules.RuleAttempt)
	paths := tampering.Wording.Paths
	tests := []struct {
		name    string
		rule    rules.EventRule
		wording rules.Wording
		want    string // empty: accepted
	}{
		{"as it is", tampering, *tampering.Wording, ""},
		{"attempt as it is", attempt, *attempt.Wording, ""},
		{"shorter", tampering, rules.Wording{Text: `<event> by <actor>: "quoted" & \ & <name>`, Paths: paths}, ""},
		{"empty", tampering, rules.Wording{Text: " ", Paths: paths}, "the text is empty"},
		{"unknown placeholder", tampering, rules.Wording{Text: "<who>", Paths: paths}, "placeholder <who>"},
		{"mention", tampering, rules.Wording{Text: "<!here> <event>", Paths: paths}, "placeholder <!here>"},
		{"too long", tampering, rules.Wording{Text: strings.Repeat("é", 8190), Paths: paths}, "want 1 to 8192"},
		{
			"user agent",
			tampering,
			rules.Wording{Text: "<ua>", Paths: map[string]string{"ua": "$.detail.userAgent"}},
			"not one that a template may use",
		},
		{
			"error message",
			attempt,
			rules.Wording{Text: "<m>", Paths: map[string]string{"m": "$.detail.errorMessage"}},
			"not one that a template may use",
		},
		{
			"source address",
			tampering,
			rules.Wording{Text: "<m>", Paths: map[string]string{"m": "$.detail.sourceIPAddress"}},
			"not one that",
		},
		{
			"answer",
			tampering,
			rules.Wording{Text: "<m>", Paths: map[string]string{"m": "$.detail.responseElements.trailARN"}},
			"not one that",
		},
		{"whole detail", tampering, rules.Wording{Text: "<m>", Paths: map[string]string{"m": "$.detail"}}, "not one that"},
		{
			"a refused call's name",
			attempt,
			rules.Wording{Text: "<n>", Paths: map[string]string{"n": "$.detail.requestParameters.name"}},
			"only in a successful call",
		},
		{"whole event in quotes", tampering, rules.Wording{Text: "<aws.events.event>", Paths: paths}, "with the fixture"},
	}
	for _, tt := range tests {
		err := tt.wording.Check(tt.rule)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: refused: %v", tt.name, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

// TestSourceIdentity: whoever began a chain of roles is named beside the session, and a call that names no trail leaves
// nothing empty.
func TestSourceIdentity(t *testing.T) {
	omitted, err := os.ReadFile("../events/testdata/stop-logging-omitted.json")
	if err != nil {
		t.Fatal(err)
	}
	payload := strings.Replace(
		string(omitted),
		`"sessionContext": {`,
		`"sessionContext": {"sourceIdentity": "alice@example.com",`,
		1,
	)
	rule, _ := rules.FindEventRule(rules.RuleTampering)
	got, err := rule.Wording.Transformer("").Render([]byte(payload), rules.Reserved{RuleName: rule.Name})
	want := "`call: StopLogging `\\n" +
		"`caller: AssumedRole alice@example.com  arn:aws:sts::111122223333:assumed-role/Deployer/alice`"
	if err != nil || !strings.Contains(string(got), want) {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
}
