package expression_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"trailkeeper/rules/expression"
)

var ops = map[expression.Op]string{
	expression.Present:    "there",
	expression.Is:         "=",
	expression.IsFold:     "~",
	expression.StartsWith: "^",
	expression.EndsWith:   "$",
	expression.Contains:   "in",
	expression.Glob:       "glob",
	expression.Matches:    "re",
	expression.Truth:      "is",
}

// written is a clause a line, with its fields in order.
func written(clauses []expression.Clause) string {
	var lines []string
	for _, c := range clauses {
		var parts []string
		for _, path := range slices.Sorted(maps.Keys(c.Fields)) {
			var tests []string
			for _, t := range c.Fields[path] {
				tests = append(tests, ops[t.Op]+t.Text)
			}
			parts = append(parts, path+" "+strings.Join(tests, "|"))
		}
		if c.Writes {
			parts = append(parts, "writes")
		}
		if parts == nil {
			parts = []string{"anything"}
		}
		lines = append(lines, strings.Join(parts, ", "))
	}
	return strings.Join(lines, "\n")
}

func TestClauses(t *testing.T) {
	l := language(t)
	for source, want := range map[string]string{
		`record.eventName == "A"`:                              "eventName =A",
		`"A" == record.eventName`:                              "eventName =A",
		`record["a"]["b"] == "A"`:                              "a.b =A",
		`record["a.b"] == "A"`:                                 "anything",
		`record.a[0] == "A"`:                                   "anything",
		`record.eventName != "A"`:                              "anything",
		`!(record.eventName == "A")`:                           "anything",
		`!(record.eventName != "A")`:                           "eventName =A",
		`record.eventName == "A" && record.eventSource == "s"`: "eventName =A, eventSource =s",
		`record.eventName == "A" || record.eventName == "B" || record.eventName == "A"`: "eventName =A|=B",
		`record.eventName == "A" || record.eventSource == "s"`:                          "eventName =A\neventSource =s",
		`(record.a == "1" || record.b == "2") && record.c == "3"`:                       "a =1, c =3\nb =2, c =3",
		`!(record.a != "1" || record.b != "2")`:                                         "a =1, b =2",
		`!(record.a != "1" && record.b != "2")`:                                         "a =1\nb =2",
		`record.eventName in ["A", "B"]`:                                                "eventName =A|=B",
		`record.eventName in ["A", 5]`:                                                  "eventName there",
		`record.eventName in []`:                                                        "",
		`"A" in record.names`:                                                           "anything",
		`lower(record.eventName) == "a" && record.b.lower() in ["x", "Y"]`:              "b ~x, eventName ~a",
		`lower(record.eventName) == "A"`:                                                "",
		`lower(record.eventName).startsWith("a")`:                                       "eventName there",
		`record.a.startsWith("A") && record.a.endsWith("B")`:                            "a ^A",
		`record.a.contains("A") || record.a.glob("B*") || record.a.matches("^C")`:       "a inA|globB*|re^C",
		`record.a.startsWith(stack + "-") && record.b == stack`:                         "a ^trailkeeper-, b =trailkeeper",
		`record.a.startsWith(record.b)`:                                                 "a there",
		`record.a == record.b`:                                                          "anything",
		`record.a < 5 && record.b >= record.c`:                                          "a there, b there, c there",
		`record.a == 5 && record.b == 1.5`:                                              "a there, b there",
		`record.a == null`:                                                              "anything",
		`record.ip.cidr("10.0.0.0/8")`:                                                  "ip there",
		`record.ip in list("vpn")`:                                                      "ip there",
		`record.arn in list("roles")`: "arn globarn:aws:iam::*:role/Admin" +
			"|=deployer",
		`record.flag && !record.other`:                           "flag istrue",
		`record.flag == false || true == record.flag`:            "flag isfalse|istrue",
		`(record.a == "1") == true && (record.b == "2") != true`: "a =1",
		`!isReadOnly(record)`:                                    "writes",
		`isReadOnly(record) == false && record.a == "1"`:         "a =1, writes",
		`record.readOnly == false`:                               "readOnly isfalse, writes",
		`record.readOnly != true`:                                "writes",
		`isReadOnly(record)`:                                     "anything",
		`refused(record) && record.a == "1"`: "a =1, errorCode there\n" +
			"a =1, errorMessage there, eventType =AwsConsoleSignIn\na =1, responseElements.ConsoleLogin =Failure",
		`!refused(record)`: "anything",
		`has(record.errorCode) && has(record.userIdentity)`:   "errorCode there",
		`record.items.exists(i, i == "x")`:                    "anything",
		`record.a == "1" ? record.b == "2" : record.c == "3"`: "a =1, b =2\nc =3",
		`true`:                              "anything",
		`false || record.a == "1" && false`: "",
		`account.tier == "x" && record.a == account.b`: "anything",
		`["a"].exists(record, record == "a")`:          "anything",
	} {
		if got := written(compiled(t, l, source, expression.Condition).Clauses()); got != want {
			t.Errorf("%s gives\n%s\nwant\n%s", source, got, want)
		}
	}
}

// TestClausesAreBounded: what has too many alternatives says less, and none of them wrongly.
func TestClausesAreBounded(t *testing.T) {
	l := language(t)
	var alternatives []string
	for _, a := range "abcdefghi" {
		for _, b := range "abcdefghi" {
			alternatives = append(alternatives, `record.`+string(a)+` == "1" && record.`+string(b)+`2 == "2"`)
		}
	}
	many := "(" + strings.Join(alternatives, " || ") + ")"
	for source, want := range map[string]string{
		many:                                 "anything",
		many + ` && record.eventName == "A"`: "eventName =A",
		"(" + strings.Join(alternatives[:60], " || ") +
			`) && record.eventName in ["A"] && (record.x == "1" || record.y == "2")`: "eventName =A, x =1\neventName =A, y =2",
	} {
		if got := written(compiled(t, l, source, expression.Condition).Clauses()); got != want {
			t.Errorf("%.80s… gives\n%s\nwant\n%s", source, got, want)
		}
	}
}

// FuzzClauses: a record that a condition is true of meets one of its clauses.
func FuzzClauses(f *testing.F) {
	l := language(f)
	for _, source := range []string{
		`record.a == "x" && !(record.b != "y" || record.c.startsWith("z"))`,
		`lower(record.a) in ["x"] ? record.b == "y" : record.c in ["z", "x"] || refused(record)`,
		`!isReadOnly(record) && record.a.glob("x*") || record.b == 5 && record.readOnly == false`,
	} {
		f.Add(source, `{"a": "X", "b": "y", "c": "z", "errorCode": "", "readOnly": false}`)
	}
	f.Fuzz(func(t *testing.T, source, text string) {
		p, _, _ := l.Compile(source, expression.Condition)
		r, err := expression.ParseFields([]byte(text))
		if p == nil || err != nil {
			return
		}
		if is, err := p.Match(r); err != nil || !is {
			return
		}
		var fields map[string]any
		if json.Unmarshal([]byte(r.String()), &fields) != nil {
			return
		}
		if !slices.ContainsFunc(p.Clauses(), func(c expression.Clause) bool { return meets(fields, c) }) {
			t.Errorf("%s is true of %s, which meets none of\n%s", source, text, written(p.Clauses()))
		}
	})
}

// meets reports whether the fields of a clause are there, and are what they are said to be.
func meets(fields map[string]any, c expression.Clause) bool {
	for path, tests := range c.Fields {
		var value any = fields
		for _, name := range strings.Split(path, ".") {
			of, _ := value.(map[string]any)
			value = of[name]
		}
		_, deep := value.(map[string]any)
		if value == nil || deep && path != "errorCode" {
			return false
		}
		text, _ := value.(string)
		if !slices.ContainsFunc(tests, func(t expression.Test) bool {
			return t.Op == expression.Present || t.Op > expression.StartsWith || t.Op == expression.Is && text == t.Text ||
				t.Op == expression.IsFold && strings.EqualFold(text, t.Text) ||
				t.Op == expression.StartsWith && strings.HasPrefix(text, t.Text)
		}) {
			return false
		}
	}
	return true
}
