package translate_test

import (
	"encoding/json"
	"strings"
	"testing"

	"trailkeeper/rules/expression"
	"trailkeeper/rules/translate"
)

// match evaluates a condition on a record.
func match(t testing.TB, c translate.Condition, record any) bool {
	t.Helper()
	text, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	program, missing, problems := expression.New(map[string][]string{"l": {"x"}}, "", "").
		Compile(translate.CEL(c), expression.Condition)
	if program == nil {
		t.Fatalf("%s: %v %v", translate.CEL(c), missing, problems)
	}
	r, err := expression.ParseFields(text)
	if err != nil {
		t.Fatal(err)
	}
	is, err := program.Match(r)
	return is && err == nil
}

func must(c translate.Condition, err error) translate.Condition {
	if err != nil {
		panic(err)
	}
	return c
}

// conditions of every kind on the field that is given.
func conditions(f translate.Field) map[string]translate.Condition {
	const star, one = translate.Star, translate.One
	other := translate.Field{Path: translate.Dotted("other"), Fold: f.Fold, AsText: true}
	return map[string]translate.Condition{
		"equals":       f.Equals("Stop*Logging\"\\\x7f"),
		"equals one":   f.Equals("a", "B", "b", "5"),
		"starts":       f.StartsWith("Get"),
		"ends":         f.EndsWith("Trail"),
		"contains":     f.Contains("Ad Min"),
		"like":         translate.Like(f, []rune{'a', star, 'B', one}),
		"like marks":   translate.Like(f, []rune{'a', '*', star, '?', 'c'}),
		"like any":     translate.Like(f, []rune{star}),
		"like text":    translate.Like(f, []rune("abc")),
		"differs":      translate.Differs(f, []rune{'a', star}),
		"matches":      must(translate.Matches(f, `^(a|b)c{2,3}[x-z]+\.$`)),
		"in a network": must(translate.InNetwork(f, "10.0.0.0/8")),
		"exists":       f.Exists(),
		"true":         f.Is(true),
		"less":         must(translate.Compare(f, "<", "5")),
		"at least":     must(translate.Compare(f, ">=", "2.5")),
		"length":       f.Length("==", 3),
		"part of":      f.PartOf("abcdef"),
		"same":         translate.SameText(f, other),
		"begins as":    translate.Related(f, other, "startsWith"),
	}
}

var fields = []translate.Field{
	{Path: translate.Dotted("eventName")},
	{Path: translate.Dotted("a.b-c.in"), Fold: true},
	{Path: translate.Dotted("a.1.c"), AsText: true},
	{Path: translate.Path{Steps: []string{"a", "b", "c"}, Through: true}, Fold: true, AsText: true},
}

// TestTests: conditions of every kind, alone and put together, have tests that match and tests that do not, and those
// are as the rules' language says.
func TestTests(t *testing.T) {
	check := func(name string, c translate.Condition) {
		count := map[bool]int{}
		for _, test := range translate.Tests(c) {
			count[test.Match]++
			if got := match(t, c, test.Record); got != test.Match {
				t.Errorf("%s: %s\non %v (%s): %v, want %v", name, translate.CEL(c), test.Record, test.Name, got, test.Match)
			}
		}
		if count[true] == 0 || count[false] == 0 {
			t.Errorf("%s: %s: %d tests match, %d do not", name, translate.CEL(c), count[true], count[false])
		}
	}
	for _, f := range fields {
		for name, c := range conditions(f) {
			check(name, c)
			check("not "+name, translate.Negate(c))
		}
	}
	f, g := translate.Field{Path: translate.Dotted("a")}, translate.Field{Path: translate.Dotted("b.c")}
	for name, c := range map[string]translate.Condition{
		"two of one field": translate.And(f.StartsWith("Get"), f.EndsWith("Trail"),
			translate.Negate(f.Equals("GetTrail"))),
		"one of two": translate.Or(f.Equals("x"), translate.And(g.Contains("y"), translate.Negate(f.Exists()))),
		"not both":   translate.Negate(translate.And(f.Equals("x"), g.Equals("y"))),
		"an object and a field": translate.And(translate.Field{Path: translate.Dotted("b"), AsText: true}.Contains("c"),
			g.Equals("y")),
		"only what is missing": translate.And(translate.Negate(f.Exists()), translate.Negate(g.Exists())),
		"anywhere":             translate.Field{Fold: true, AsText: true}.Contains("Evil"),
	} {
		check(name, c)
	}
}

// TestNoTests: what cannot be met has no test that matches.
func TestNoTests(t *testing.T) {
	f := translate.Field{Path: translate.Dotted("a")}
	for name, c := range map[string]translate.Condition{
		"a list without values": translate.Listed(f, "l", ""),
		"a contradiction":       translate.And(f.Equals("x"), f.Equals("y")),
	} {
		for _, test := range translate.Tests(c) {
			if test.Match {
				t.Errorf("%s: %v", name, test)
			}
		}
	}
}

func TestCEL(t *testing.T) {
	f, g := translate.Field{Path: translate.Dotted("a")}, translate.Field{Path: translate.Dotted("b")}
	x, y := f.Equals("x"), g.Equals("y")
	for want, c := range map[string]translate.Condition{
		`record.a == "x" && record.b == "y"`:    translate.And(x, translate.And(y, x), translate.Constant(true)),
		`record.a == "x"`:                       translate.Or(x, x, translate.Constant(false)),
		`true`:                                  translate.Or(f.Exists(), translate.Negate(f.Exists())),
		`false`:                                 translate.And(x, translate.Constant(false)),
		`record.a != "x"`:                       translate.Negate(x),
		`!has(record.a)`:                        translate.Negate(f.Exists()),
		`!(record.a == "x" || record.b == "y")`: translate.Negate(translate.Or(x, y)),
		`(record.a == "x" || record.b == "y") && has(record.a)`: translate.And(translate.Or(x, y), f.Exists()),
		`has(record.b)`:                  translate.Without(translate.And(f.Exists(), g.Exists()), x),
		`has(record.a) && has(record.b)`: translate.Without(translate.And(f.Exists(), g.Exists()), translate.Or(x, y)),
		`record["in"]["a-b"] != null`:    translate.Field{Path: translate.Dotted("in.a-b")}.Exists(),
		"record.a.startsWith(\"" + strings.Repeat("x", 90) + "\")\n  && (record.b == \"y\" || has(record.a))": translate.And(
			f.StartsWith(strings.Repeat("x", 90)), translate.Or(y, f.Exists())),
	} {
		if got := translate.CEL(c); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestSlug(t *testing.T) {
	for title, want := range map[string]string{
		"AWS CloudTrail: Important Change!":    "aws-cloudtrail-important-change",
		"  ÄÖ ../../etc/passwd\x00 ":           "etc-passwd",
		"…":                                    "",
		strings.Repeat("word ", 30) + "behind": "word-word-word-word-word-word-word-word-word-word-word-word-word-word",
		strings.Repeat("x", 100):               "",
	} {
		if got := translate.Slug(title); got != want {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
}

// TestFiles: IDs are unique, what does not hold is refused, and the rest is written.
func TestFiles(t *testing.T) {
	f := translate.Field{Path: translate.Dotted("eventName")}
	at := func(line int) translate.Place { return translate.Place{File: "a/b.txt", Line: line} }
	wrong := &translate.Atom{
		Path:  f.Path,
		CEL:   `record.eventName == "B"`,
		Holds: func(v any) bool { return v == "A" },
		Yes:   []any{"A"},
	}
	long := f.Contains(strings.Repeat("x", 20_000))
	s := &translate.Set{
		Rules: []translate.Rule{
			{Place: at(1), Title: "Same", Match: f.Equals("A")},
			{Place: at(2), Title: "Same", Match: f.Equals("B")},
			{Place: at(3), Title: "Root Activity", Match: f.Equals("C")},
			{Place: at(4), Title: "Fault", Match: wrong},
			{Place: at(5), Title: "Long", Match: long},
			{Place: at(6), Title: "No list", Match: translate.Listed(f, "none", "")},
		},
		Ignores: []translate.Ignore{
			{
				Place:  at(7),
				ID:     "x",
				Reason: "r",
				Match:  f.Equals("A"),
			},
			{
				Place:  at(8),
				ID:     "x",
				Reason: "r",
				Match:  long,
			},
		},
		Events: []string{"B", "A", "B"},
	}
	var written []string
	for _, file := range translate.Files(s, []string{"root-activity"}) {
		written = append(written, file.Path)
	}
	want := "detections/same.yaml detections/same-2.yaml detections/root-activity-2.yaml ignore/x.yaml events.yaml"
	if got := strings.Join(written, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var refused []string
	for _, n := range s.Refused {
		refused = append(refused, n.Error())
	}
	for i, want := range []string{
		"a/b.txt:4: the translation fails a test made from its own clauses",
		"a/b.txt:5: ",
		`a/b.txt:6: there is no list "none"`,
		"a/b.txt:8: ",
	} {
		if i >= len(refused) || !strings.HasPrefix(refused[i], want) {
			t.Errorf("refused %q, want %q", refused, want)
		}
	}
}

// TestTooMany: of too many rules the first are written, and it is said which were left out.
func TestTooMany(t *testing.T) {
	s := &translate.Set{}
	for i := range 5002 {
		s.Ignores = append(s.Ignores, translate.Ignore{
			Place:  translate.Place{File: "a", Line: i + 1},
			ID:     "x",
			Reason: "r",
			Match:  translate.Field{Path: translate.Dotted("a")}.Is(true),
		})
		s.Ignores[i].ID += strings.Repeat("x", i%70)
	}
	files := translate.Files(s, nil)
	if len(files) != 5000 || len(s.Refused) != 1 || s.Refused[0].Line != 5001 {
		t.Errorf("%d files, %v", len(files), s.Refused)
	}
}

// FuzzTitle: whatever a rule says of itself, its file is read back as it is.
func FuzzTitle(f *testing.F) {
	f.Add("a: b", "{{ x }}\n- '", "x\x1b[31m")
	f.Add("{{{", "{{{{", "{{")
	f.Add("0", "0", "\t\n")
	f.Add("\n", " \n", "\n\t")
	f.Add("0\n", "a\n\t\n b", "a\n\tb")
	f.Fuzz(func(t *testing.T, title, description, value string) {
		s := &translate.Set{Rules: []translate.Rule{{
			Place:       translate.Place{File: title, Line: 1},
			Title:       translate.Plain("t" + title),
			Description: description,
			Match:       translate.Field{Path: translate.Dotted("eventName")}.Equals(strings.ToValidUTF8(value, "?")),
		}}}
		if files := translate.Files(s, nil); len(files) != 1 && len(value) < 1000 {
			t.Errorf("%q %q %q: %v", title, description, value, s.Refused)
		}
	})
}
