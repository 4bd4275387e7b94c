package detect_test

import (
	"fmt"
	"strings"
	"testing"

	"trailkeeper/rules/detect"
)

const accounts = `# reviewed
default:
  parameters: {tier: test, limit: 3}
  rules:
    b: {enabled: true, severity: low, route: others}
"111122223333":
  name: production
  parameters: {tier: production, offices: [10.0.0.0/8, "vpn-*"]}
  rules:
    a: {enabled: false}
    b: {severity: critical}
"444455556666": {}
`

func withAccounts(t *testing.T, options detect.Options, text string) *detect.Set {
	t.Helper()
	set, problems := detect.Load(options, folder(map[string]string{
		"detections/a.yaml": rule("a", `record.eventName == "A"`) + "route: own\n",
		"detections/b.yaml": rule("b", `record.eventName == "A"`) + "enabled: false\n",
		"detections/c.yaml": rule("c", `account.tier == "production" && record.from in account.offices`),
		"detections/d.yaml": rule("d", `record.count > account.limit && account.name != null`),
		"accounts.yaml":     text,
	}))
	for _, p := range problems {
		t.Fatal(p)
	}
	return set
}

// hits are the rules that match, each with its severity and route.
func hits(t *testing.T, set *detect.Set, text string) string {
	t.Helper()
	r := record(t, text)
	d := set.Decide(r)
	var all []string
	for _, rule := range d.Rules {
		hit, errs := rule.Describe(r)
		all = append(all, fmt.Sprintf("%s %s %s", rule.ID, hit.Severity, hit.Route))
		d.Errors = append(d.Errors, errs...)
	}
	for _, e := range d.Errors {
		all = append(all, e.Error())
	}
	return strings.Join(all, "; ")
}

func TestAccounts(t *testing.T) {
	no, yes := false, true
	for name, row := range map[string]struct {
		options detect.Options
		want    map[string]string
	}{
		"the file": {want: map[string]string{
			`{"eventName": "A", "recipientAccountId": "111122223333"}`: "b critical others",
			`{"eventName": "A", "recipientAccountId": "999988887777"}`: "a low own; b low others",
			`{"eventName": "A"}`:                                             "a low own; b low others",
			`{"eventName": "A", "recipientAccountId": 5}`:                    "a low own; b low others",
			`{"from": "10.1.2.3", "recipientAccountId": "111122223333"}`:     "c low ",
			`{"from": "vpn-7", "recipientAccountId": "111122223333"}`:        "c low ",
			`{"from": "11.1.2.3", "recipientAccountId": "111122223333"}`:     "",
			`{"from": "10.1.2.3", "recipientAccountId": "444455556666"}`:     "",
			`{"count": 4, "recipientAccountId": "111122223333"}`:             "d low ",
			`{"count": 3, "recipientAccountId": "111122223333"}`:             "",
			`{"count": 4, "recipientAccountId": "444455556666"}`:             "",
			`{"count": "4", "recipientAccountId": "111122223333"}`:           "d: a text is compared with a number",
			`{"eventName": "A", "recipientAccountId": "444455556666"}`:       "a low own; b low others",
			`{"eventName": "A", "recipientAccountId": "111122223333\u0000"}`: "a low own; b low others",
		}},
		"the settings, which the accounts go before": {
			detect.Options{Switches: map[string]detect.Switch{
				"a": {Enabled: &no, Severity: "high"}, "b": {Enabled: &no}, "c": {Severity: "high", Route: "ops"},
			}},
			map[string]string{
				`{"eventName": "A", "recipientAccountId": "111122223333"}`: "b critical others",
				`{"eventName": "A"}`: "b low others",
				`{"from": "10.1.2.3", "recipientAccountId": "111122223333"}`: "c high ops",
			},
		},
		"all": {
			detect.Options{All: true, Switches: map[string]detect.Switch{"a": {Enabled: &no}, "b": {Enabled: &yes}}},
			map[string]string{
				`{"eventName": "A", "recipientAccountId": "111122223333"}`: "a low own; b critical others",
			},
		},
	} {
		set := withAccounts(t, row.options, accounts)
		for _, set := range []*detect.Set{set, decoded(t, encoded(t, set))} {
			for text, want := range row.want {
				if got := hits(t, set, text); got != want {
					t.Errorf("%s: %s gives %q, want %q", name, text, got, want)
				}
			}
		}
	}
}

// TestSwitches: what the settings say shows where the rules are listed.
func TestSwitches(t *testing.T) {
	no, yes := false, true
	set := withAccounts(t, detect.Options{Switches: map[string]detect.Switch{
		"a": {Enabled: &no}, "b": {Enabled: &yes, Severity: "critical"},
	}}, "# nothing yet\n")
	a, b := set.Rules[0], set.Rules[1]
	if a.Off != "the settings switch it off" || a.On() || !b.On() || b.Severity() != "critical" {
		t.Errorf("a is off for %q; b has severity %s and is on: %v", a.Off, b.Severity(), b.On())
	}
	set = withAccounts(t, detect.Options{}, accounts)
	if a, b := set.Rules[0], set.Rules[1]; !a.On() || b.Off == "" || !b.On() || len(b.Accounts) != 2 ||
		b.Accounts[0].Name != "production" || b.Accounts[1].Account != "default" {
		t.Errorf("%+v\n%+v", a, b)
	}
}

// TestOwnTests: a rule's tests are about its file, whatever the settings and the accounts say.
func TestOwnTests(t *testing.T) {
	no := false
	set, problems := detect.Load(
		detect.Options{Switches: map[string]detect.Switch{"login": {Enabled: &no, Severity: "high"}}},
		folder(map[string]string{
			"login.yaml":    strings.Replace(good, "file: ../records/login.json", "file: records/login.json", 1),
			"accounts.yaml": "default: {rules: {login: {severity: medium}}}",
			"records/login.json": `{"eventName": "ConsoleLogin", "eventSource": "s",
				"responseElements": {"ConsoleLogin": "Success"}}`,
		}))
	for _, p := range problems {
		t.Error(p)
	}
	results := set.Test()
	for _, r := range results {
		if r.Failure.Reason != "" {
			t.Error(r.Failure)
		}
	}
	if len(results) != 3 {
		t.Errorf("%d tests", len(results))
	}
}

func TestAccountProblems(t *testing.T) {
	source := folder(map[string]string{
		"a.yaml": rule("root-activity", "account.teir == 1"),
		"accounts.yaml": `default:
  parametres: {a: 1}
"11112222333": {}
"111122223333":
  name: [x]
  parameters:
    in: 1
    a-b: 2
    deep: {a: 1}
    mixed: [1, a]
    id: 012345678901
    other: 111122223333
    infinite: .inf
    tier: x
    tier: y
  rules:
    root-activty: {enabled: false}
    root-activity: {enabled: maybe, severity: hihg, routes: x}
"111122223333": {}
"444455556666": [1]
"777788889999": {parameters: [1], rules: x}
`,
	})
	source.BuiltIn = true
	second := folder(map[string]string{"accounts.yaml": "default: {}\n"})
	second.Name = "second"
	set, problems := detect.Load(detect.Options{Switches: map[string]detect.Switch{
		"root-activty": {}, "root-activity": {Severity: "hihg"},
	}}, source, second)
	var got []string
	for _, p := range problems {
		got = append(got, p.Error())
	}
	want := []string{
		`mine/accounts.yaml:2:3: an account has no key "parametres"; did you mean "parameters"?`,
		`mine/accounts.yaml:3:1: "11112222333" is no account; a key is a 12-digit ID, or "default"`,
		`mine/accounts.yaml:5:9: name must be a text`,
		`mine/accounts.yaml:7:5: a parameter cannot be called "in"; use a word`,
		`mine/accounts.yaml:8:5: a parameter cannot be called "a-b"; use a word`,
		`mine/accounts.yaml:9:11: the parameter deep must be a text, a number, true or false, or a list of one kind`,
		`mine/accounts.yaml:10:12: the parameter mixed must be`,
		`mine/accounts.yaml:11:9: the parameter id must be`,
		`mine/accounts.yaml:12:12: the parameter other must be`,
		`mine/accounts.yaml:13:15: the parameter infinite must be`,
		`mine/accounts.yaml:15:5: the key "tier" is there twice`,
		`mine/accounts.yaml:18:53: a rule of an account has no key "routes"; did you mean "route"?`,
		`mine/accounts.yaml:18:30: enabled must be true or false`,
		`mine/accounts.yaml:18:47: the severity is "hihg"; it must be`,
		`mine/accounts.yaml:19:1: the key "111122223333" is there twice`,
		`mine/accounts.yaml:20:17: an account must be an object with the keys name, parameters, rules`,
		`mine/accounts.yaml:21:30: parameters must be an object whose keys are names of parameters`,
		`mine/accounts.yaml:21:42: rules must be an object whose keys are IDs of rules`,
		`second/accounts.yaml:1:1: the account default is also in mine/accounts.yaml; remove one`,
		`watch.rules.root-activity: the severity is "hihg"; it must be low, medium, high or critical`,
		`watch.rules.root-activty: there is no rule "root-activty"; did you mean "root-activity"?`,
		`mine/accounts.yaml:17:5: there is no rule "root-activty"; did you mean "root-activity"?`,
	}
	for _, line := range want {
		if !strings.Contains(strings.Join(got, "\n"), line) {
			t.Errorf("no problem %q", line)
		}
	}
	if len(got) != len(want)+1 { // and that the rule has no tests
		t.Errorf("%d problems, want %d:\n%s", len(got), len(want)+1, strings.Join(got, "\n"))
	}
	if len(set.Warnings) != 0 {
		t.Errorf("warnings %v", set.Warnings)
	}
}

// TestUnknownParameter: a parameter that no account has is probably misspelt; a rule that is not loaded is worth no
// more than a warning where the built-in ones are left out.
func TestUnknownParameter(t *testing.T) {
	set, problems := detect.Load(detect.Options{}, folder(map[string]string{
		"a.yaml":        rule("a", `account["teir"] == 1 && account.name == "x"`),
		"accounts.yaml": "default: {name: x, parameters: {tier: 1}, rules: {root-activity: {enabled: false}}}",
	}))
	var got []string
	for _, w := range set.Warnings {
		got = append(got, w.Error())
	}
	text := strings.Join(got, "\n")
	if len(problems) > 0 || len(got) != 3 || !strings.Contains(text, `no account has the parameter "teir"; did you mean `+
		`"tier"?`) || !strings.Contains(text, `mine/accounts.yaml:1:51: there is no rule "root-activity"`) {
		t.Errorf("problems %v, warnings\n%s", problems, text)
	}
}

// TestSameFileAgain: the folder of the built-in rules, given once more, adds what it has beside them.
func TestSameFileAgain(t *testing.T) {
	tested := rule("a", "true") + "tests: [{name: x, record: {}, expect: {match: true}}]\n"
	builtIn := folder(map[string]string{"a.yaml": tested})
	builtIn.BuiltIn = true
	checkout := folder(map[string]string{
		"detections/a.yaml": tested,
		"accounts.yaml":     "default: {rules: {a: {severity: high}}}",
	})
	set, problems := detect.Load(detect.Options{}, builtIn, checkout)
	if got := hits(t, set, "{}"); len(problems) > 0 || len(set.Warnings) > 0 || got != "a high " {
		t.Errorf("%q, problems %v, warnings %v", got, problems, set.Warnings)
	}
}
