package expression_test

import (
	"strings"
	"testing"

	"trailkeeper/rules/expression"
)

// shown is a formula in one line.
func shown(f expression.Formula) string {
	not := map[bool]string{true: "not "}[f.Not]
	switch f.Join {
	case expression.ReadOnly:
		return not + "reads"
	case expression.Refused:
		return not + "refused"
	case expression.OneField:
		var tests []string
		for _, t := range f.Tests {
			op := ops[t.Op]
			if t.Op > expression.Truth {
				op = map[expression.Op]string{
					expression.There: "there", expression.NumberIs: "#", expression.Below: "<", expression.AtMost: "<=",
					expression.Above: ">", expression.AtLeast: ">=", expression.InNetwork: "net ",
				}[t.Op]
			}
			tests = append(tests, op+t.Text)
		}
		return not + strings.Join(f.Path, ".") + " " + strings.Join(tests, "|")
	}
	var parts []string
	for _, one := range f.Parts {
		parts = append(parts, shown(one))
	}
	return map[expression.Join]string{expression.All: "all", expression.Any: "any"}[f.Join] + "(" + strings.Join(parts, ", ") + ")"
}

func TestFormula(t *testing.T) {
	l := language(t)
	for source, want := range map[string]string{
		`record.a.b == "x" && !(record.c in ["y", "z"])`: "all(a.b =x, not c =y|=z)",
		`!(record.a == "x" || record.b != "y")`:          "all(not a =x, b =y)",
		`record["a.b"] == null && has(record.c)`:         "all(not a.b there, c there)",
		`lower(record.a) in ["x", "Y"]`:                  "a ~x",
		`lower(record.a) == "Y"`:                         "any()",
		`record.a >= 1 || 2 > record.b`:                  "any(a >=1, b <2)",
		`!record.a.cidr("10.0.0.0/8")`:                   "not a net 10.0.0.0/8",
		`refused(record) ? isReadOnly(record) : true`:    "any(all(refused, reads), all(not refused, all()))",
		`record.a.exists(i, i.b == "x" || i == "y")`:     "any(a.[*].b =x, a.[*] =y)",
		`(record.a == true) == false`:                    "not a istrue",
		`record.a.startsWith(stack + "-")`:               "a ^trailkeeper-",
	} {
		p, _, problems := l.Compile(source, expression.Condition)
		if p == nil {
			t.Errorf("%s: %v", source, problems)
			continue
		}
		f, err := p.Formula()
		if err != nil || shown(f) != want {
			t.Errorf("%s: %s, %v; want %s", source, shown(f), err, want)
		}
	}
	for source, want := range map[string]string{
		`record.a == record.b`:                                      "record.a == record.b is no test of a single field",
		`size(record.a) > 1 && record.b == "x"`:                     "size(record.a) > 1 is no test of a single field",
		`record.a.exists(i, i.b == record.c)`:                       "record.a.exists(i, i.b == record.c) is no test of a single field",
		`record.a in [` + strings.Repeat(`"x", `, 30) + `record.b]`: "… is no test of a single field",
	} {
		p, _, problems := l.Compile(source, expression.Condition)
		if p == nil {
			t.Errorf("%s: %v", source, problems)
			continue
		}
		if f, err := p.Formula(); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %s, %v; want %s", source, shown(f), err, want)
		}
	}
	many := strings.TrimSuffix(strings.Repeat(`record.a == "x" || `, 300), " || ")
	if p, _, problems := l.Compile(many, expression.Condition); p == nil {
		t.Errorf("%v", problems)
	} else if _, err := p.Formula(); err != nil {
		t.Errorf("300 comparisons: %v", err)
	}
}
