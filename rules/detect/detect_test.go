package detect_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/rules/detect"
	"trailkeeper/rules/expression"
)

const good = `id: login
title: "{{ record.eventName }} of {{ record.userIdentity.userName }} from {{ record.sourceIPAddress }}"
severity: 'record.userIdentity.type == "Root" ? "critical" : "low"'
match: |
  record.eventName == "ConsoleLogin"
    && record.responseElements.ConsoleLogin == "Success"
dedupe: {by: [record.userIdentity.userName, record.sourceIPAddress], within: 10m}
threshold: {count: 3, within: 1h, by: record.userIdentity.arn, distinct: record.recipientAccountId}
pattern: {source: [aws.signin], detail: {eventName: [ConsoleLogin]}}
references: [T1078]
tests:
  - name: a sign-in
    record: {eventName: ConsoleLogin, eventTime: 2026-01-01T00:00:00Z, userIdentity: {type: Root, userName: "a|b"},
      responseElements: {ConsoleLogin: Success}}
    expect: {match: true, title: ConsoleLogin of a|b from -, severity: critical, dedupe: 'a\|b|'}
  - name: one that failed
    record: {eventName: ConsoleLogin, responseElements: {ConsoleLogin: Failure}}
    expect: {match: false}
  - name: from a file
    file: ../records/login.json
    expect: {match: true, severity: low}
`

func folder(files map[string]string) detect.Source {
	f := fstest.MapFS{}
	for name, text := range files {
		f[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return detect.Source{Name: "mine", Files: f}
}

func record(t testing.TB, text string) expression.Record {
	t.Helper()
	r, err := expression.ParseFields([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestLoad(t *testing.T) {
	set, problems := detect.Load(detect.Options{}, folder(map[string]string{
		"detections/login.yaml": good,
		"records/login.json": `{"detail": {"eventName": "ConsoleLogin", "eventSource": "s",
			"responseElements": {"ConsoleLogin": "Success"}}}`,
	}))
	if len(problems) > 0 || len(set.Warnings) > 0 || len(set.Rules) != 1 {
		t.Fatalf("%d rules, problems %v, warnings %v", len(set.Rules), problems, set.Warnings)
	}
	for _, r := range set.Test() {
		if r.Failure.Reason != "" {
			t.Error(r.Failure)
		}
	}
}

// TestProblems: each is named with file, line and column, and all of them at once.
func TestProblems(t *testing.T) {
	replace := strings.NewReplacer
	for name, row := range map[string]struct {
		text string
		want []string
	}{
		"a CEL error in a block": {
			replace(`record.responseElements.ConsoleLogin ==`, `recrd.responseElements.ConsoleLogin ==`).Replace(good),
			[]string{"mine/r.yaml:6:8: undeclared reference to 'recrd'"},
		},
		"a CEL error on one line": {
			replace(`by: record.userIdentity.arn`, `by: recrd.userIdentity.arn`).Replace(good),
			[]string{"mine/r.yaml:8:39: undeclared reference to 'recrd'"},
		},
		"a CEL error in a folded text": {
			replace("match: |", "match: >").Replace(replace(`record.responseElements.ConsoleLogin ==`, `x ==`).Replace(good)),
			[]string{"mine/r.yaml:6:8: undeclared reference to 'x'"},
		},
		"a template": {
			replace(`{{ record.sourceIPAddress }}`, `{{ record.sourceIP }}{{ 'x' }}{{ nothing }}`).Replace(good),
			[]string{"names the field sourceIP", "names no field", "mine/r.yaml:2:108: undeclared reference to 'nothing'"},
		},
		"open braces": {replace(`{{ record.sourceIPAddress }}`, `{{ record.`).Replace(good), []string{"not closed"}},
		"unknown keys": {
			replace("references:", "referenzes:", "expect: {match: false}", "expect: {match: false, titel: x}").Replace(good),
			[]string{
				`a rule has no key "referenzes"; did you mean "references"?`, `expect has no key "titel"; did you mean "title"?`,
			},
		},
		"values": {
			replace("within: 10m", "within: 10x", "count: 3", "count: 1", "id: login", "id: Login X").Replace(good),
			[]string{`within is "10x"`, `count is "1"`, `the id is "Login X"`},
		},
		"severity": {
			replace(`'record.userIdentity.type == "Root" ? "critical" : "low"'`, "hihg").Replace(good), []string{`"hihg"`},
		},
		"not bool": {
			"id: a\ntitle: x\nseverity: low\nmatch: record.eventName\n", []string{"r.yaml:4:8: the expression is a field"},
		},
		"missing": {"title: x\n", []string{"id is missing", "severity is missing", "match is missing"}},
		"twice": {
			"id: a\nid: b\ntitle: x\nseverity: low\nmatch: 'true'\n", []string{`r.yaml:2:1: the key "id" is there twice`},
		},
		"no YAML":   {"id: a\n  b: [\n", []string{"r.yaml:2:1: not YAML"}},
		"no object": {"[1]\n", []string{"a rule must be an object"}},
		"empty":     {"", []string{"the file is empty"}},
		"two rules": {good + "---\n" + good, []string{"more than one document"}},
		"missing list": {
			"id: a\ntitle: x\nseverity: low\nmatch: record.a in list(\"offices\")\n",
			[]string{`r.yaml:4:25: there is no list "offices"; did you mean "office"?`},
		},
		"pattern": {
			replace("detail: {eventName: [ConsoleLogin]}", "detail: x").Replace(good),
			[]string{"the pattern is none of EventBridge"},
		},
		"alias": {
			replace("references: [T1078]", "references: &a [T1078]\nauthor: *a").Replace(good),
			[]string{"author must be a text"},
		},
		"test": {
			replace(
				"    record: {eventName: ConsoleLogin, resp", "    file: x\n    record: {eventName: ConsoleLogin, resp",
			).Replace(good),
			[]string{"either a record or a file"},
		},
		"no match": {
			replace("expect: {match: false}", "expect: {match: false, title: x}").Replace(good),
			[]string{"title is expected of a record that does not match"},
		},
		"file":  {replace("../records/login.json", "../../etc/passwd").Replace(good), []string{"the record of the test"}},
		"large": {"# " + strings.Repeat("x", 1<<20), []string{"at most 1048576"}},
	} {
		_, problems := detect.Load(detect.Options{
			Lists: map[string][]string{"office": {"10.0.0.0/8"}},
		}, folder(map[string]string{
			"r.yaml": row.text, "records/login.json": `{"eventName": "ConsoleLogin", "eventSource": "s"}`,
		}))
		var got []string
		for _, p := range problems {
			got = append(got, p.Error())
		}
		for _, want := range row.want {
			if !strings.Contains(strings.Join(got, "\n"), want) {
				t.Errorf("%s: no %q in\n%s", name, want, strings.Join(got, "\n"))
			}
		}
	}
}

func rule(id, match string) string {
	return "id: " + id + "\ntitle: x\nseverity: low\nmatch: '" + match + "'\n"
}

func TestDecide(t *testing.T) {
	set, problems := detect.Load(detect.Options{Today: "2026-11-30"}, folder(map[string]string{
		"detections/b.yaml":   rule("b", `record.eventName == "A" || record.userIdentity.type == "Root"`),
		"detections/a.yaml":   rule("a", `record.eventName in ["A", "C"]`),
		"detections/off.yaml": rule("off", `true`) + "enabled: false\n",
		"c.yaml":              rule("c", `record.count < 5`),
		"events.yaml":         "- Tracked\n- ec2\n",
		"lists/vpn.yaml":      "[10.0.0.0/8]\n",
		"ignore/vpn.yaml": "match: record.sourceIPAddress in list(\"vpn\")\nreason: ours\nowner: ops\nexpires: " +
			"2026-11-30\n",
		"ignore/old.yaml": "id: old\nmatch: 'true'\nreason: ours\nowner: ops\nexpires: 2026-11-29\n",
	}))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if len(set.Warnings) != 5 || !strings.Contains(
		set.Warnings[4].Reason+set.Warnings[3].Reason, "expired on 2026-11-29",
	) {
		t.Errorf("warnings %v", set.Warnings)
	}
	for text, want := range map[string]string{
		`{"eventName": "A"}`: "a b",
		`{"eventName": "a"}`: "",
		`{"eventName": "C"}`: "a",
		`{"eventName": "A", "userIdentity": {"type": "Root"}}`: "a b",
		`{"eventName": "X", "userIdentity": {"type": "Root"}}`: "b",
		`{"eventName": "X", "count": 4}`:                       "c",
		`{"eventName": "X", "count": 5}`:                       "",
		`{"eventName": "A", "count": "4"}`:                     "a b; c: a text is compared with a number",
		`{"eventName": 5}`: "; a: a number is looked for in a list that has a text; " +
			"b: a number is compared with a text; tracked-events: a number is looked for in a list that has a text",
		`{"eventName": "Tracked"}`:                          "tracked-events",
		`{"eventName": "SendSSHPublicKey"}`:                 "tracked-events",
		`{"eventName": "A", "sourceIPAddress": "10.0.0.1"}`: "ignored by vpn",
		`{"eventName": "A", "sourceIPAddress": "11.0.0.1"}`: "a b",
		`{"eventName": "A", "sourceIPAddress": 5}`: "a b; vpn: a number is looked for in list \"vpn\", which " +
			"has texts",
	} {
		d := set.Decide(record(t, text))
		var ids []string
		for _, r := range d.Rules {
			ids = append(ids, r.ID)
		}
		got := strings.Join(ids, " ")
		if d.IgnoredBy != "" {
			got += "ignored by " + d.IgnoredBy
		}
		for _, e := range d.Errors {
			got += "; " + e.Error()
		}
		if got != want {
			t.Errorf("%s gives %q, want %q", text, got, want)
		}
	}
}

// TestAnEmptyErrorCode: it is there, so a rule that asks for it is not passed over.
func TestAnEmptyErrorCode(t *testing.T) {
	set, problems := detect.Load(detect.Options{}, folder(map[string]string{
		"has.yaml":     rule("has", "has(record.errorCode)"),
		"empty.yaml":   rule("empty", `record.errorCode == ""`),
		"starts.yaml":  rule("starts", `record.errorCode.startsWith("")`),
		"refused.yaml": rule("refused", "refused(record)"),
	}))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for code, want := range map[string]string{
		`""`:   "empty has starts",
		`null`: "",
		`"x"`:  "has refused starts",
	} {
		var ids []string
		for _, r := range set.Decide(record(t, `{"eventName": "A", "errorCode": `+code+`}`)).Rules {
			ids = append(ids, r.ID)
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s: %q match, want %q", code, got, want)
		}
	}
}

func TestDuplicatesAcrossFolders(t *testing.T) {
	one := folder(map[string]string{"a.yaml": rule("a", "true"), "ignore/x.yaml": "match: 'true'\nreason: r\nowner: o\n"})
	two := one
	two.Name = "theirs"
	_, problems := detect.Load(detect.Options{}, one, two)
	if len(problems) != 2 || !strings.Contains(
		problems[0].Error(), `theirs/a.yaml:1:1: the id "a" is already that of mine/a.yaml`,
	) || !strings.Contains(
		problems[1].Error(), `theirs/ignore/x.yaml:1:1: the id "x" is already that of mine/ignore/x.yaml`,
	) {
		t.Errorf("problems %v", problems)
	}
}

// TestIgnoreProblems: an ignore rule is held to what a rule is. One that is wrong keeps its ID, and a rule may have the
// same.
func TestIgnoreProblems(t *testing.T) {
	const rest = "reason: r\nowner: o\n"
	_, problems := detect.Load(detect.Options{Lists: map[string][]string{"office": {"10.0.0.0/8"}}}, folder(
		map[string]string{
			"a.yaml":        rule("a", "true"),
			"ignore/a.yaml": "match: record.a in list(\"offices\") || record.b in list(\"offices\")\n" + rest,
			"ignore/b.yaml": "id: a\nmatch: 'true'\n" + rest,
			"ignore/d.yaml": "match: 'true'\nexpires: 2027-02-30\n" + rest,
			"ignore/c.yaml": "id: X" + strings.Repeat("€", 100) + "\nmatch: 'true'\n" + rest,
		},
	))
	var got []string
	for _, p := range problems {
		got = append(got, p.Error())
	}
	want := []string{
		`mine/ignore/a.yaml:1:25: there is no list "offices"; did you mean "office"?; add lists/offices.yaml`,
		`mine/ignore/b.yaml:1:1: the id "a" is already that of mine/ignore/a.yaml; ids are unique`,
		`mine/ignore/c.yaml:1:5: the id is "X` + strings.Repeat("€", 18) + `…"; it must be lower-case words joined by "-", ` +
			"at most 80 characters",
		`mine/ignore/d.yaml:2:10: expires is "2027-02-30"; it must be a date such as 2027-01-31`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("problems\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestABuiltInRule(t *testing.T) {
	source := folder(map[string]string{"detections/a.yaml": rule("a", `record.a in list("office-networks")`)})
	source.BuiltIn = true
	set, problems := detect.Load(detect.Options{}, source)
	if len(problems) != 1 || !strings.Contains(problems[0].Reason, "no tests") {
		t.Errorf("problems %v", problems)
	}
	_ = set
}

func TestDescribeBounds(t *testing.T) {
	set, _ := detect.Load(detect.Options{}, folder(map[string]string{
		"a.yaml": "id: a\ntitle: '{{ record.eventName }}'\nseverity: record.eventSource\nmatch: 'true'\ndedupe: {by: " +
			"lower(record.eventID)}\n",
	}))
	hit, errs := set.Rules[0].Describe(
		record(t, `{"eventName": "`+strings.Repeat("é\\n", 500)+`", "eventSource": "s", "eventID": 5}`),
	)
	if len(hit.Title) > 200 || strings.Contains(hit.Title, "\n") || hit.Severity != "medium" || len(errs) != 2 {
		t.Errorf("%+v %v", hit, errs)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(good)
	f.Fuzz(func(t *testing.T, text string) {
		set, problems := detect.Load(
			detect.Options{},
			folder(map[string]string{
				"a.yaml":        text,
				"ignore/a.yaml": text,
				"lists/a.yaml":  text,
				"events.yaml":   text,
			}),
		)
		for _, p := range problems {
			if p.File == "" || p.Line < 1 || p.Column < 1 || p.Reason == "" {
				t.Errorf("a problem without its place: %+v", p)
			}
		}
		set.Decide(record(t, `{"eventName": "A"}`))
		set.Test()
	})
}

// TestNetworksOfLists: what is written as a network in a list is one; other texts with a slash are texts.
func TestNetworksOfLists(t *testing.T) {
	files := fstest.MapFS{"lists/net.yaml": {Data: []byte(
		"- 10.0.0.0/8\n- 10.0.0.0/33\n- \"2001:db8::/200\"\n- 10.1/16\n- role/admin/1\n- 1/2\n- \"*.8xlarge\"\n" +
			"- 10.0.0.7\n")}}
	_, problems := detect.Load(detect.Options{Lists: map[string][]string{
		"own": {"192.0.2.0/24", "192.0.2.0/64", "2001:db8::/32"},
	}}, detect.Source{Name: "f", Files: files})
	var got []string
	for _, p := range problems {
		got = append(got, p.Error())
	}
	const form = " is no network; write one such as 10.0.0.0/8 or 2001:db8::/32"
	want := []string{
		`f/lists/net.yaml:2:3: "10.0.0.0/33"` + form,
		`f/lists/net.yaml:3:3: "2001:db8::/200"` + form,
		`f/lists/net.yaml:4:3: "10.1/16"` + form,
		`list own: "192.0.2.0/64"` + form,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
