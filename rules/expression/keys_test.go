package expression_test

import (
	"fmt"
	"strings"
	"testing"

	"trailkeeper/rules/expression"
)

func TestKeys(t *testing.T) {
	l := language(t)
	const name, source, identity, code = "0", "1", "2", "3"
	for text, want := range map[string]string{
		`record.eventName == "StopLogging"`:                                       name + " stoplogging",
		`"StopLogging" == record.eventName && record.a == 1`:                      name + " stoplogging",
		`record.eventName in ["A", "B"]`:                                          name + " a|" + name + " b",
		`lower(record.eventName) == "a"`:                                          name + " a",
		`record.eventSource == "s" && record.eventName == "A"`:                    name + " a",
		`record.eventSource == "s" && (record.eventName == "A" || record.a == 1)`: source + " s",
		`record.eventName == "A" || record.userIdentity.type == "Root"`:           name + " a|" + identity + " root",
		`record.eventName == "A" || isReadOnly(record)`:                           "",
		`record.eventName != "A"`:                                                 "",
		`!(record.eventName == "A")`:                                              "",
		`record.errorCode.startsWith("AccessDenied")`:                             code + " ",
		`has(record.errorCode) && record.x == 1`:                                  code + " ",
		`record.errorCode == null`:                                                "",
		`record.other.eventName == "A"`:                                           "",
		`record.eventName == record.a`:                                            "",
		`record.eventName in list("vpn")`:                                         "",
		`record.a ? record.eventName == "A" : false`:                              "",
		`record.items.exists(i, i.eventName == "A")`:                              "",
		`record.items.exists(record, record.eventName == "A")`:                    "",
	} {
		var got []string
		for _, k := range compiled(t, l, text, expression.Condition).Keys {
			got = append(got, fmt.Sprintf("%d %s", k.Field, k.Value))
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%s has keys %q, want %q", text, got, want)
		}
	}
}

func TestExplain(t *testing.T) {
	l, r := language(t), parsed(t, record)
	p := compiled(t, l, `record.eventName == "RunInstances" && !refused(record) && `+
		`(record.a.b == 5 || record.count.startsWith("x")) && `+
		`record.requestParameters.items.exists(i, i.cidr == "::/0")`, expression.Condition)
	steps, err := p.Explain(r)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, s := range steps {
		lines = append(lines, strings.Repeat("  ", s.Depth)+s.Source+" = "+s.Value)
	}
	got := strings.Join(lines[1:], "\n")
	const want = `  record.eventName == "RunInstances" = true
    record.eventName = "RunInstances"
  !refused(record) = true
    refused(record) = false
  record.a.b == 5 || record.count.startsWith("x") = error: a text is wanted, and this is a number
    record.a.b == 5 = false
      record.a.b = absent
    record.count.startsWith("x") = error: a text is wanted, and this is a number
      record.count = 5
  record.requestParameters.items.exists(i, i.cidr == "::/0") = false
    record.requestParameters.items = [{"cidr":"0.0.0.0/0","id":1},{"id":2}]`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if lines[0][len(lines[0])-8:] != " = false" {
		t.Errorf("the whole is %s", lines[0])
	}
}
