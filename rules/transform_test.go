package rules_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"trailkeeper/rules"
)

func TestRender(t *testing.T) {
	const event = `{"account":"1","detail":{"s":"x<y>\u00e9","n":1.50,"b":true,"z":null,"o":{"k":"<v>"},"l":["p","q"]}}`
	paths := map[string]string{
		"s":    "$.detail.s",
		"n":    "$.detail.n",
		"b":    "$.detail.b",
		"z":    "$.detail.z",
		"o":    "$.detail.o",
		"l":    "$.detail.l",
		"l1":   "$.detail.l[1]",
		"l9":   "$.detail.l[9]",
		"no":   "$.detail.none",
		"deep": "$.detail.s.none",
		"all":  "$",
	}
	tests := []struct{ name, template, want string }{
		{"text in quotes", `{"t":"a <s> b"}`, `{"t":"a x<y>é b"}`},
		{"text alone", `{"t":<s>}`, `{"t":"x<y>é"}`},
		{"number in quotes", `{"t":"<n>"}`, `{"t":"1.50"}`},
		{"number alone", `{"t":<n>}`, `{"t":1.50}`},
		{"boolean", `{"t":<b>,"u":"<b>"}`, `{"t":true,"u":"true"}`},
		{"missing in quotes", `{"t":"<no>"}`, `{"t":""}`},
		{"missing alone", `{"t":<no>}`, `{"t":""}`},
		{"null is missing", `{"t":<z>}`, `{"t":""}`},
		{"below a text", `{"t":<deep>}`, `{"t":""}`},
		{"index", `{"t":"<l1><l9>"}`, `{"t":"q"}`},
		{"array alone", `{"t":<l>}`, `{"t":["p","q"]}`},
		{"object alone", `{"t":<o>}`, `{"t":{"k":"<v>"}}`},
		{"one of two empty", `{"t":"<s><no>"}`, `{"t":"x<y>é"}`},
		{"quotes in the template", `{"t":"say \"<n>\""}`, `{"t":"say \"1.50\""}`},
		{
			"reserved",
			`{"t":"<aws.events.rule-name> <aws.events.rule-arn> <aws.events.event.ingestion-time>"}`,
			`{"t":"r arn now"}`,
		},
		{"envelope", `{"t":<aws.events.event>}`, `{"t":{"account":"1"}}`},
		{"whole event", `{"t":<aws.events.event.json>}`, `{"t":` + event + `}`},
		{"a text as the whole", `"<s> was here"`, `"x<y>é was here"`},
	}
	for _, tt := range tests {
		got, err := rules.Transformer{Paths: paths, Template: tt.template}.Render([]byte(event),
			rules.Reserved{RuleName: "r", RuleARN: "arn", IngestionTime: "now"})
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %s, %v; want %s", tt.name, got, err, tt.want)
		}
	}
}

func TestRenderUndeliverable(t *testing.T) {
	tests := []struct{ name, value, template string }{
		{"quotation mark", `"\"x"`, `{"t":"<v>"}`}, // values go in raw
		{"newline", `"a\nb"`, `{"t":"<v>"}`},
		{"backslash", `"a\\"`, `{"t":"<v>"}`},
		{"object in quotes", `{"k":"v"}`, `{"t":"<v>"}`},
		{"array in quotes", `["v"]`, `{"t":"<v>"}`},
	}
	for _, tt := range tests {
		tr := rules.Transformer{Paths: map[string]string{"v": "$.v"}, Template: tt.template}
		if got, err := tr.Render([]byte(`{"v":`+tt.value+`}`), rules.Reserved{}); !errors.Is(err, rules.ErrUndeliverable) {
			t.Errorf("%s: %s, %v; want ErrUndeliverable", tt.name, got, err)
		}
	}
}

func TestValidate(t *testing.T) {
	many := map[string]string{}
	for i := range 101 {
		many[strings.Repeat("a", i+1)] = "$.x"
	}
	tests := []struct {
		name, template, want string
		paths                map[string]string
	}{
		{"unknown placeholder", `{"t":"<nope>"}`, "placeholder <nope>", nil},
		{"a mention", `{"t":"<!channel>"}`, "placeholder <!channel>", nil},
		{"a link", `{"t":"<https://x|y>"}`, "placeholder <https://x|y>", nil},
		{"empty", ``, "template is 0 characters", nil},
		{"too long", strings.Repeat("x", 8193), "template is 8193 characters", nil},
		{"too many paths", `x`, "101 input paths", many},
		{"reserved name", `x`, `names starting with "aws."`, map[string]string{"aws.x": "$.a"}},
		{"name of a mention", `{"t":"<!channel>"}`, "letters, digits", map[string]string{"!channel": "$.a"}},
		{"filter path", `x`, "is no JSONPath", map[string]string{"a": "$.a[?(@.b)]"}},
		{"no dollar", `x`, "is no JSONPath", map[string]string{"a": "detail.a"}},
		{"empty step", `x`, "is no JSONPath", map[string]string{"a": "$.a..b"}},
	}
	for _, tt := range tests {
		err := rules.Transformer{Paths: tt.paths, Template: tt.template}.Validate()
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func FuzzRender(f *testing.F) {
	f.Add(`{"t":"<a> <b>"}`, `{"x":"y"}`)
	f.Add(`{"t":<a>}`, `{"x":{"y":[1,2]}}`)
	f.Fuzz(func(t *testing.T, template, event string) {
		tr := rules.Transformer{Paths: map[string]string{"a": "$.x", "b": "$.x.y[0]"}, Template: template}
		if got, err := tr.Render([]byte(event), rules.Reserved{}); err == nil && !json.Valid(got) {
			t.Errorf("delivered what is no JSON: %q", got)
		}
	})
}
