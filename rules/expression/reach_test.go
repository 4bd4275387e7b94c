package expression_test

import (
	"testing"

	"trailkeeper/rules/expression"
)

// TestReach: text and values, which reach what the operators do not.
func TestReach(t *testing.T) {
	l, r := language(t), parsed(t, record)
	for source, want := range map[string]bool{
		`text(record.count) == "5"`:                        true,
		`text(record.ratio) == "1.5"`:                      true,
		`text(record.readOnly) == "false"`:                 true,
		`text(record.eventName) == "RunInstances"`:         true,
		`text(record.a.b) == "x"`:                          false,
		`text(record.nothing) != "x"`:                      true,
		`text(record.requestParameters).contains("a.tex")`: true,
		`text(record.requestParameters.items).contains("{\"cidr\":\"0.0.0.0/0\",\"id\":1}")`: true,
		`text(record).lower().contains("user/alice")`:                                        true,

		`values(record, "requestParameters.items.cidr").exists(v, v == "0.0.0.0/0")`:    true,
		`values(record, "requestParameters.items.cidr").exists(v, v == "0.0.0.0/1")`:    false,
		`values(record, "requestParameters.items.id").size() == 2`:                      true,
		`values(record, "requestParameters.names").exists(v, v == "b")`:                 true,
		`values(record, "requestParameters.names").size() == 2`:                         true,
		`values(record, "requestParameters.instanceType").exists(v, v == "m5.8xlarge")`: true,
		`values(record, "a.b.c").exists(v, v == "x")`:                                   false,
		`values(record, "a.b.c").size() == 0`:                                           true,
		`values(record, "requestParameters.no").size() == 0`:                            true,
		`values(record, "eventName.x").size() == 0`:                                     true,
		`values(record.requestParameters, "items.id").exists(v, v == 2)`:                true,
		`values(record, "requestParameters").exists(v, text(v).contains("m5"))`:         true,
	} {
		got, err := compiled(t, l, source, expression.Condition).Match(r)
		if err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", source, got, err, want)
		}
	}
}
