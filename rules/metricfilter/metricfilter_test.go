package metricfilter_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"trailkeeper/rules/detect"
	"trailkeeper/rules/filterpattern"
	"trailkeeper/rules/metricfilter"
)

var update = flag.Bool("update", false, "write the golden files")

// loaded is a set of one rule.
func loaded(match string, lines ...string) (*detect.Set, []detect.Problem) {
	text := "id: one\ntitle: one\nseverity: low\nmatch: |-\n  " + match + "\n" + strings.Join(lines, "\n")
	return detect.Load(detect.Options{
		Stack: "trailkeeper",
		Lists: map[string][]string{
			"networks": {"10.0.0.0/8", "203.0.113.7", "cloudformation.amazonaws.com"},
			"far":      {"2001:db8::/32"},
			"types":    {"*.metal", "m5.?large", "x*y"},
			"names":    {"a", "b"},
		},
	}, detect.Source{Name: "rules", Files: fstest.MapFS{"one.yaml": {Data: []byte(text)}}})
}

func only(t *testing.T, match string, lines ...string) *detect.Rule {
	t.Helper()
	set, problems := loaded(match, lines...)
	if len(problems) > 0 || len(set.Rules) != 1 {
		t.Fatalf("%s: %v", match, problems)
	}
	return set.Rules[0]
}

func TestWrite(t *testing.T) {
	absent := func(field, rest string) string {
		return fmt.Sprintf("{ %s NOT EXISTS || %s IS NULL || %s }", field, field, rest)
	}
	for match, want := range map[string]string{
		`record.a == "x"`:             `{ $.a = "x" }`,
		`"x" == record.a`:             `{ $.a = "x" }`,
		`stack == record.a`:           `{ $.a = "trailkeeper" }`,
		`record["a.b"]["c-d"] == "x"`: `{ $.['a.b'].c-d = "x" }`,
		`record.a != "x"`:             absent("$.a", `$.a != "x"`),
		`!(record.a in ["x", "y"])`:   absent("$.a", `$.a != "x" && $.a != "y"`),
		`record.a == "q\"\\"`:         `{ $.a = "q\"\\" }`,
		`record.a == "*x"`:            `{ $.a = %^\*x$% }`,
		`record.a.startsWith("x")`:    `{ $.a = "x*" }`,
		`record.a.startsWith("")`:     `{ $.a = "*" }`,
		`record.a.contains("x*")`:     `{ $.a = %x\*% }`,
		`record.a.glob("*x*")`:        `{ $.a = "*x*" }`,
		`record.a.glob("x?y*")`:       `{ $.a = %^x.y% }`,
		`record.a.matches("^x|y$")`:   `{ $.a = %^x|y$% }`,
		`!record.a.matches("x")`:      absent("$.a", `$.a != %x%`),
		`lower(record.a) == "x1"`:     `{ $.a = %^[Xx]1$% }`,
		`lower(record.a) == "11"`:     `{ $.a = "11" }`,
		`lower(record.a) == "az"`:     `{ $.a = %^[Aa][Zz]$% }`,
		`record.a.contains("")`:       `{ $.a = "*" }`,
		`refused(record) && record.x == "a"`: `{ ($.errorCode = "*" || $.eventType = "AwsConsoleSignIn" && $.errorMessage = "*" || ` +
			`$.responseElements.ConsoleLogin = "Failure") && $.x = "a" }`,
		`lower(record.a) == "X" || record.b == "y"`: `{ $.b = "y" }`,
		`text(record.a) == "x"`:                     `{ $.a = "x" }`,
		`record.a == 5 || record.a > 6.5`:           `{ $.a = 5 || $.a > 6.5 }`,
		`7 >= record.a`:                             `{ $.a <= 7 }`,
		`!(record.a < -1)`:                          absent("$.a", `$.a >= -1`),
		`record.a == true && !record.b`:             `{ $.a IS TRUE && ($.b NOT EXISTS || $.b IS NULL || $.b IS FALSE) }`,
		`record.a == null`:                          `{ $.a NOT EXISTS || $.a IS NULL }`,
		`has(record.errorCode)`:                     `{ $.errorCode = "*" }`,
		`record.a in list("networks")`:              `{ $.a = "10.*" || $.a = "203.0.113.7" || $.a = "cloudformation.amazonaws.com" }`,
		`!record.a.cidr("10.0.0.0/7")`:              absent("$.a", `$.a != "10.*" && $.a != "11.*"`),
		`record.a in list("types")`:                 `{ $.a = %\.metal$|^m5\.\?large$|^x.*y$% }`,
		`record.l.exists(i, i == "x")`:              `{ $.l[*] = "x" }`,
		`record.l.exists(i, i.a.b in ["x", "y"])`:   `{ $.l[*].a.b = %^x$|^y$% }`,
		`refused(record)`: `{ $.errorCode = "*" || $.eventType = "AwsConsoleSignIn" && $.errorMessage = "*" || ` +
			`$.responseElements.ConsoleLogin = "Failure" }`,
		`refused(record) && record.eventSource in ["a", "b"]`: `{ $.errorCode = "*" && ($.eventSource = "a" || $.eventSource = "b") }`,
		`record.a == "x" && true`:                             `{ $.a = "x" }`,
		`record.a == "x" ? record.b == "y" : record.c == "z"`: `{ $.a = "x" && $.b = "y" || ($.a NOT EXISTS || $.a IS NULL || ` +
			`$.a != "x") && $.c = "z" }`,
	} {
		if got, err := metricfilter.Write(only(t, match)); err != nil || got != want {
			t.Errorf("%s\n%s, %v\nwant\n%s", match, got, err, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	long := make([]string, 120)
	for i := range long {
		long[i] = fmt.Sprintf(`"name%03d"`, i)
	}
	for match, want := range map[string]string{
		`size(record.a) > 0`:                           "size(record.a) > 0 is no test of a single field",
		`record.a == record.b`:                         "record.a == record.b is no test of a single field",
		`record.a == account.b`:                        "record.a == account.b is no test of a single field",
		`"x" in record.a`:                              `"x" in record.a is no test of a single field`,
		`record.l.all(i, i == "x")`:                    "is no test of a single field",
		`!record.l.exists(i, i == "x")`:                "is no test of a single field",
		`record.l.exists(i, i.a == "x" && i.b == "y")`: "is no test of a single field",
		`values(record, "a.b").exists(i, i == "x")`:    "is no test of a single field",
		`record.a[0] == "x"`:                           "is no test of a single field",
		`has(record.requestParameters)`:                "requestParameters is there, which may be an object",
		`record.a in list("far")`:                      "2001:db8::/32 is not a few of them",
		`!(record.a in list("far"))`:                   "2001:db8::/32 is not a few of them",
		`record.l.exists(i, i.m.exists(j, j == "x"))`:  "is no test of a single field",
		`["a"].exists(i, i == record.x)`:               "is no test of a single field",
		`record.a.exists(i, i == "x") || record.b.exists(i, i == "x") || record.c.exists(i, i == "x") || ` +
			`record.d.exists(i, i == "x")`: "4 wildcard selectors",
		`record.a.cidr("10.0.0.0/11")`: "10.0.0.0/11 is not a few of them",
		`record.a.cidr("0.0.0.0/0")`:   "0.0.0.0/0 is not a few of them",
		`record.a.matches("(x)")`:      `has '('`,
		`record.a.matches("é")`:        "not ASCII",
		`lower(record.a) == "é"`:       "not ASCII",
		`record["it's"] == "x"`:        "cannot name the field",
		`record.a.matches("x") || record.b.matches("y") || record.c.matches("z")`: "more than 2 regular expressions",
		`record.a in [` + strings.Join(long, ", ") + `]`:                          "more than 1024 characters",
		`true`:                    "every record, or about none",
		`record.a == "x" || true`: "every record, or about none",
	} {
		if got, err := metricfilter.Write(only(t, match)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n%s, %v\nwant %q", match, got, err, want)
		}
	}
	for line, want := range map[string]string{
		"threshold: {count: 5, within: 10m}":                   "counts matches until",
		"pattern: {detail: {eventName: [x]}, source: [aws.x]}": "EventBridge pattern of its own",
	} {
		if _, err := metricfilter.Write(only(t, `record.a == "x"`, line)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", line, err, want)
		}
	}
}

// TestNetworks: a network is the beginnings of its addresses, and as many as it takes.
func TestNetworks(t *testing.T) {
	for network, want := range map[string]string{
		"10.0.0.0/8":      `{ $.a = "10.*" }`,
		"10.2.0.0/15":     `{ $.a = "10.2.*" || $.a = "10.3.*" }`,
		"192.0.2.0/24":    `{ $.a = "192.0.2.*" }`,
		"192.0.2.6/31":    `{ $.a = "192.0.2.6" || $.a = "192.0.2.7" }`,
		"192.0.2.7":       `{ $.a = "192.0.2.7" }`,
		"2001:db8::1":     `{ $.a = "2001:db8::1" }`,
		"2001:db8::1/128": `{ $.a = "2001:db8::1" }`,
	} {
		if got, err := metricfilter.Write(only(t, `record.a.cidr("`+network+`")`)); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", network, got, err, want)
		}
	}
	got, err := metricfilter.Write(only(t, `record.a.cidr("192.0.2.16/28")`))
	if n := strings.Count(got, "||"); err != nil || n != 15 || !strings.Contains(got, `"192.0.2.31"`) {
		t.Errorf("/28: %s, %v", got, err)
	}
}

// TestLong: what is too long loses its space, and then becomes a regular expression.
func TestLong(t *testing.T) {
	list := func(n int) string {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprintf(`"DeleteSomething%03d"`, i))
		}
		return `record.eventName in [` + strings.Join(names, ", ") + `] && record.eventSource == "x"`
	}
	for n, want := range map[int]string{
		20: `{ $.eventName = "`,
		28: `{($.eventName="`,
		40: `{ $.eventName = %^DeleteSomething000$|`,
	} {
		got, err := metricfilter.Write(only(t, list(n)))
		if want = strings.Replace(want, `{ $.eventName = "`, `{ ($.eventName = "`, 1); err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("%d names: %.60s (%d), %v; want %s", n, got, len(got), err, want)
		}
		if err == nil && !parsed(t, got).Matches(filterpattern.Read([]byte(`{"eventName":"DeleteSomething007","eventSource":"x"}`))) {
			t.Errorf("%d names: no match", n)
		}
	}
}

// TestLength: a pattern has at most 1,024 characters.
func TestLength(t *testing.T) {
	around := len(`{ $.a = "" }`)
	for n, want := range map[int]string{1024: `{ $.a = "é`, 1025: `{$.a="é`, 1028: `{$.a="é`, 1029: ""} {
		got, err := metricfilter.Write(only(t, `record.a == "`+strings.Repeat("é", n-around)+`"`))
		if (err == nil) != (want != "") || !strings.HasPrefix(got, want) {
			t.Errorf("%d characters: %.20s, %v; want %s", n, got, err, want)
		}
	}
}

// TestBuiltIn: the pattern of each built-in rule, or why it has none.
func TestBuiltIn(t *testing.T) {
	var b strings.Builder
	for _, r := range builtIn(t).Rules {
		pattern, err := metricfilter.Write(r)
		if err != nil {
			pattern = "none: " + err.Error()
		}
		fmt.Fprintf(&b, "%s\n    %s\n", r.ID, pattern)
	}
	const file = "testdata/built-in.golden"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || b.String() != string(want) {
		t.Errorf("%v; the patterns are\n%s", err, b.String())
	}
}

// TestReadme: ../README.md has the controls.
func TestReadme(t *testing.T) {
	const file, start, end = "../README.md", "<!-- controls: written by go test ./rules/metricfilter -update -->\n", "<!-- /controls -->"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), start)
	got, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no table of the controls", file)
	}
	var b strings.Builder
	b.WriteString("\n| CIS | Security Hub | rule | where they differ |\n|---|---|---|---|\n")
	for _, c := range metricfilter.Controls() {
		fmt.Fprintf(&b, "| 4.%d | %s | `%s` | %s |\n", c.Number, c.SecurityHub, c.Rule, c.Differs)
	}
	b.WriteString("\n")
	if *update {
		if err := os.WriteFile(file, []byte(before+start+b.String()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if got != b.String() {
		t.Errorf("the table of the controls in %s is old: go test ./rules/metricfilter -update", file)
	}
}

func TestPlan(t *testing.T) {
	set := builtIn(t)
	ids := func(filters []metricfilter.Filter) []string {
		var all []string
		for _, f := range filters {
			all = append(all, f.Rule)
		}
		return all
	}
	filters, refused, err := metricfilter.Plan(set, []string{"cis"})
	if err != nil || len(refused) > 0 || len(filters) != 15 {
		t.Errorf("cis: %v, %v, %v", ids(filters), refused, err)
	}
	const note = "Off by default: trail-tampering is about what weakens a trail. One of the changes that the CIS AWS " +
		"Foundations Benchmark has watched. (CIS 4.5, Security Hub CloudWatch.5.) The pattern counts refused calls as well, " +
		"and calls of the same name of any service."
	if got := filters[4]; got.Rule != "trail-changed" || !strings.HasSuffix(got.Description, note) {
		t.Errorf("%+v", got)
	}
	filters, refused, err = metricfilter.Plan(set, []string{"data-shared", "conditions", "cis", "key-disabled"})
	if err != nil || len(filters) != 20 || len(refused) != 1 || refused[0].Rule != "data-shared" {
		t.Errorf("several: %v, %v, %v", ids(filters), refused, err)
	}
	at := slices.IndexFunc(filters, func(f metricfilter.Filter) bool { return f.Rule == "refused-calls" })
	if !strings.HasPrefix(filters[at].Pattern, `{($.errorCode="*Unauth`) {
		t.Errorf("refused-calls is in cis and in conditions, and has the pattern %s", filters[at].Pattern)
	}
	_, _, err = metricfilter.Plan(set, []string{"refused-cals", "CIS", "nothing-of-this-kind"})
	want := "there is no rule \"refused-cals\"; did you mean \"refused-calls\"?\n" +
		"there is no rule \"CIS\"; did you mean \"cis\"?\nthere is no rule \"nothing-of-this-kind\""
	if err == nil || err.Error() != want {
		t.Errorf("unknown: %v", err)
	}
}

// TestQuotas: a log group has at most five patterns with a regular expression, and a hundred filters.
func TestQuotas(t *testing.T) {
	files, names := fstest.MapFS{}, []string(nil)
	for i := range 101 {
		id := fmt.Sprintf("rule-%03d", i)
		match := `record.a == "x"`
		if i < 6 {
			match = `record.a.matches("x")`
		}
		files[id+".yaml"] = &fstest.MapFile{Data: []byte("id: " + id + "\ntitle: x\nseverity: low\nmatch: " + match + "\n")}
		names = append(names, id)
	}
	set, problems := detect.Load(detect.Options{}, detect.Source{Name: "rules", Files: files})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	filters, refused, err := metricfilter.Plan(set, names)
	if err != nil || len(filters) != 100 || len(refused) != 1 || refused[0].Rule != "rule-005" ||
		!strings.Contains(refused[0].Reason, "may have 5 such patterns") {
		t.Errorf("%d filters, %v, %v", len(filters), refused, err)
	}
	_, _, err = metricfilter.Plan(set, append(names[6:], names[:6]...)[:101])
	if err != nil { // 95 and five of six
		t.Errorf("%v", err)
	}
	delete(files, "rule-005.yaml")
	files["rule-101.yaml"] = &fstest.MapFile{Data: []byte("id: rule-101\ntitle: x\nseverity: low\nmatch: record.a == \"x\"\n")}
	set, _ = detect.Load(detect.Options{}, detect.Source{Name: "rules", Files: files})
	names[5] = "rule-101"
	if _, _, err := metricfilter.Plan(set, names); err == nil || !strings.Contains(err.Error(), "101 metric filters are asked for") {
		t.Errorf("%v", err)
	}
}
