package metricfilter_test

import (
	"fmt"
	"strings"
	"testing"

	"trailkeeper/rules/expression"
	"trailkeeper/rules/translate"
	"trailkeeper/rules/translate/metricfilter"
)

func matches(t testing.TB, c translate.Condition, record string) bool {
	t.Helper()
	program, _, problems := expression.New(nil, "", "").Compile(translate.CEL(c), expression.Condition)
	if program == nil {
		t.Fatalf("%s: %v", translate.CEL(c), problems)
	}
	r, err := expression.ParseFields([]byte(record))
	if err != nil {
		t.Fatal(err)
	}
	is, err := program.Match(r)
	return is && err == nil
}

// TestParse: each pattern with events that it matches, and events that it nearly does.
func TestParse(t *testing.T) {
	for pattern, events := range map[string]struct{ yes, no []string }{
		`{ $.eventName = "StopLogging" }`: {
			[]string{`{"eventName":"StopLogging"}`},
			[]string{`{"eventName":"stoplogging"}`, `{"eventName":"StopLogging2"}`, `{}`},
		},
		`{$.eventName=StopLogging}`: {[]string{`{"eventName":"StopLogging"}`}, []string{`{"eventName":"StopLoggin"}`}},
		`{ $.sourceIPAddress != 123.123.* }`: {
			[]string{`{"sourceIPAddress":"123.124.0.1"}`},
			[]string{`{"sourceIPAddress":"123.123.0.1"}`, `{}`, `{"sourceIPAddress":null}`},
		},
		`{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }`: {
			[]string{`{"errorCode":"Client.UnauthorizedOperation"}`, `{"errorCode":"AccessDeniedException"}`},
			[]string{`{"errorCode":"UnauthorizedOperation2"}`, `{"errorCode":"NotAccessDenied"}`, `{}`},
		},
		`{ $.a = 1 || $.b = 2 && $.c = 3 }`: {
			[]string{`{"a":1}`, `{"b":2,"c":3}`, `{"a":"1"}`}, []string{`{"b":2}`, `{"a":11}`},
		},
		`{ ($.a = 1 || $.b = 2) && $.c = 3 }`: {[]string{`{"a":1,"c":3}`}, []string{`{"a":1}`, `{"c":3}`}},
		`{ $.x.n > 5 && $.x.n <= 7.5 }`: {
			[]string{`{"x":{"n":6}}`, `{"x":{"n":7.5}}`}, []string{`{"x":{"n":5}}`, `{"x":{"n":7.6}}`, `{"x":{"n":"6"}}`, `{}`},
		},
		`{ $.x >= -1 && $.x < 1e2 }`: {[]string{`{"x":-1}`, `{"x":99}`}, []string{`{"x":-2}`, `{"x":100}`}},
		`{ $.x IS NULL }`:            {[]string{`{"x":null}`, `{}`}, []string{`{"x":""}`}},
		`{ $.x NOT EXISTS }`:         {[]string{`{}`}, []string{`{"x":"a"}`, `{"x":false}`}},
		`{ $.x is true && $.y  IS  FALSE }`: {
			[]string{`{"x":true,"y":false}`}, []string{`{"x":true}`, `{"x":"true","y":false}`, `{"x":false,"y":false}`},
		},
		`{ $.x = * }`: {[]string{`{"x":"a"}`}, []string{`{}`}},
		`{ $.a[1].b = "c" }`: {
			[]string{`{"a":[{},{"b":"c"}]}`}, []string{`{"a":[{"b":"c"}]}`, `{"a":{"b":"c"}}`, `{}`},
		},
		`{ $.a[*].b = "c" }`: {[]string{`{"a":[{},{"b":"c"}]}`}, []string{`{"a":[{"b":"d"}]}`, `{"a":[]}`}},
		`{ $.a[*].b != "c" }`: {
			[]string{`{"a":[{"b":"c"},{"b":"d"}]}`}, []string{`{"a":[{"b":"c"}]}`, `{"a":[]}`, `{}`},
		},
		`{ $.['a.b'].c-d = "e" }`:    {[]string{`{"a.b":{"c-d":"e"}}`}, []string{`{"a":{"b":{"c-d":"e"}}}`}},
		`{ $.x = %^ab+c$% }`:         {[]string{`{"x":"abbc"}`}, []string{`{"x":"abbcd"}`, `{"x":"ABC"}`, `{}`}},
		`{ $.x != %ab% }`:            {[]string{`{"x":"ba"}`}, []string{`{"x":"cabd"}`, `{}`}},
		`{ $.x = "a \"b\" && (c)" }`: {[]string{`{"x":"a \"b\" && (c)"}`}, []string{`{"x":"a"}`}},
		`{ $.x = "*b*" }`:            {[]string{`{"x":"a1b2"}`, `{"x":"b"}`}, []string{`{"x":"a"}`}},
		`{ $.x = "a*b*" }`:           {[]string{`{"x":"a*b2"}`, `{"x":"a*b"}`}, []string{`{"x":"a1b2"}`, `{"x":"a*"}`}},
		`{ $.x = "a?" }`:             {[]string{`{"x":"a?"}`}, []string{`{"x":"ab"}`}},
		`{ $.x = "a?b?*" }`:          {[]string{`{"x":"a?b?x"}`}, []string{`{"x":"acbd"}`}},
		`{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }`: {
			[]string{`{"userIdentity":{"type":"Root"},"eventType":"AwsApiCall"}`},
			[]string{
				`{"userIdentity":{"type":"Root","invokedBy":"x"},"eventType":"AwsApiCall"}`,
				`{"userIdentity":{"type":"Root"},"eventType":"AwsServiceEvent"}`, `{"userIdentity":{"type":"Root"}}`,
			},
		},
	} {
		c, err := metricfilter.Parse(pattern)
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
			continue
		}
		for _, event := range events.yes {
			if !matches(t, c, event) {
				t.Errorf("%s\n%s\ndoes not match %s", pattern, translate.CEL(c), event)
			}
		}
		for _, event := range events.no {
			if matches(t, c, event) {
				t.Errorf("%s\n%s\nmatches %s", pattern, translate.CEL(c), event)
			}
		}
		if tests := translate.Tests(c); len(tests) < 2 || !tests[0].Match {
			t.Errorf("%s: tests %v", pattern, tests)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for pattern, want := range map[string]string{
		``:                      "empty",
		`ERROR`:                 "terms anywhere",
		`"a b" -c`:              "terms anywhere",
		`%AUTHORIZED%`:          "terms anywhere",
		`[ip, user, status=4*]`: "words between spaces",
		`{ $.a = 1`:             "no closing brace",
		`{ }`:                   "ends too early",
		`{ $.a }`:               "ends too early",
		`{ $.a = }`:             "ends too early",
		`{ $.a = "b }`:          "no closing quotation mark",
		`{ $.a = %b }`:          "no closing percent sign",
		`{ $.a = %(?=b)% }`:     "regular expression",
		`{ ($.a = 1 }`:          "a parenthesis is not closed",
		`{ $.a = 1 ) }`:         `not understood at ")`,
		`{ $.a = 1 $.b = 2 }`:   `not understood at "$.b`,
		`{ $.a == 1 }`:          `not understood at "= 1`,
		`{ $.a & $.b }`:         `not understood at "& $`,
		`{ a = 1 }`:             `not understood at "a = 1`,
		`{ $ = 1 }`:             `not understood at "$ = 1`,
		`{ $.a EXISTS }`:        "has no EXISTS",
		`{ $.a IS NOT NULL }`:   "has no IS NOT",
		`{ $.* = "x" }`:         "a rule names its fields",
		`{ $.a > "5" }`:         "compares numbers",
		`{ $.a > b }`:           "compares numbers",
		`{ $.a != * }`:          "never matches",
		`{ $[*] = 1 }`:          "no property",
		`{ ` + strings.Repeat("(", 50) + `$.a = 1` + strings.Repeat(")", 50) + ` }`: "nested",
		`{ $.a = "` + strings.Repeat("x", 1100) + `" }`:                             "at most 1024",
	} {
		_, err := metricfilter.Parse(pattern)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", pattern, err, want)
		}
	}
}

// TestTranslate: patterns in files, each with its line and its name.
func TestTranslate(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"text": {
			"a.txt", "# ours\n{ $.a = 1 }\n\nroot logins: { $.b = 2 },\n• unauthorized: { $.c =\n  3 }\nERROR\n'{ $.d = 4 }'\n",
			"2 metric-filter-1, 4 root-logins, 5 unauthorized, 8 metric-filter-5, refused 7",
		},
		"an open brace": {"a.txt", "{ $.a = 1 }\n{ $.b = 2\n", "1 metric-filter-1, refused 2"},
		"CloudFormation": {
			"a.yaml", `Resources:
  RootFilter:
    Type: AWS::Logs::MetricFilter
    Properties:
      FilterPattern: '{ $.a = "1" }'
      MetricTransformations: [{MetricName: x}]
  Named:
    Type: AWS::Logs::MetricFilter
    Properties:
      FilterName: Trail changes
      FilterPattern: !Sub |
        { $.b = 2 ||
          $.c = 3 }
  Put:
    Properties: {FilterPattern: !Join ["", ["{", "}"]]}
  Subbed:
    Properties: {FilterPattern: !Sub "{ $.a = ${x} }"}
`, "5 rootfilter, 11 trail-changes, refused 15, refused 17",
		},
		"JSON": {
			"a.json", "{\"Resources\": {\"A\": {\"Properties\":\n {\"FilterPattern\": \"{ $.a = \\\"1\\\" }\"}}}}", "2 a",
		},
		"of the AWS CLI": {
			"a.json", `{"metricFilters": [{"filterName": "no mfa", "filterPattern": "{ $.a = 1 }"}]}`, "1 no-mfa",
		},
		"Terraform": {
			"a.tf", `locals { root = "Root" }
resource "aws_cloudwatch_log_metric_filter" "root" {
  name    = "root login"
  pattern = "{ $.userIdentity.type = \"${local.root}\" }"
}
resource "aws_cloudwatch_log_metric_filter" "other" {
  pattern = <<PATTERN
{ ($.a = 1) &&
  ($.b != "x") }
PATTERN
}
resource "aws_cloudwatch_log_metric_filter" "unknown" { pattern = var.x }
resource "aws_instance" "x" { pattern = "y" }
module "filter" { pattern = "{ $.c = 1 }" }
`, "4 root-login, 7 other, 14 filter, refused 12",
		},
		"broken":      {"a.yaml", "a: [", "refused 1"},
		"no pattern":  {"a.yaml", "a: b", "refused 1"},
		"nothing":     {"a.txt", "", "refused 1"},
		"no template": {"a.tf", "resource {", "refused 1"},
	} {
		t.Run(name, func(t *testing.T) {
			set := metricfilter.Translate([]translate.Source{{Name: c.file, Text: c.text}})
			var all []string
			for _, r := range set.Rules {
				all = append(all, fmt.Sprintf("%d %s", r.Line, r.ID))
			}
			for _, n := range set.Refused {
				all = append(all, fmt.Sprintf("refused %d", n.Line))
			}
			if got := strings.Join(all, ", "); got != c.want {
				t.Errorf("got %s\nwant %s\n%v", got, c.want, set.Refused)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{ ($.a[0].b = "c*") && ($.['d'] != %e% || $.f >= 1.5) && $.g NOT EXISTS }`)
	f.Fuzz(func(t *testing.T, pattern string) {
		c, err := metricfilter.Parse(pattern)
		if (err == nil) != (c != nil) {
			t.Fatalf("%q: %v, %v", pattern, c, err)
		}
		if err == nil {
			translate.Tests(c)
		}
	})
}

func FuzzTranslate(f *testing.F) {
	f.Add("a.yaml", "A: {Properties: {FilterPattern: '{ $.a = 1 }'}}")
	f.Add("a.tf", `resource "aws_cloudwatch_log_metric_filter" "a" { pattern = "{ $.a = 1 }" }`)
	f.Add("a.txt", "x: { $.a = 1 }\n{ $.b\n= 2 }")
	f.Fuzz(func(t *testing.T, name, text string) {
		set := metricfilter.Translate([]translate.Source{{Name: name, Text: text}})
		if len(set.Rules)+len(set.Refused) == 0 {
			t.Error("nothing is translated and nothing refused")
		}
	})
}
