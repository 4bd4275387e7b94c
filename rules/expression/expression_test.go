package expression_test

import (
	"strings"
	"testing"

	"trailkeeper/rules/expression"
)

const record = `{
  "eventName": "RunInstances", "eventSource": "ec2.amazonaws.com", "eventType": "AwsApiCall", "nothing": null,
  "sourceIPAddress": "10.1.2.3", "readOnly": false, "count": 5, "ratio": 1.5, "empty": "",
  "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/Alice", "sessionContext": null},
  "requestParameters": {"instanceType": "m5.8xlarge", "no": null, "names": ["a", null, "b"],
    "items": [{"id": 1, "cidr": "0.0.0.0/0"}, {"id": 2}], "text": "with a.text"}
}`

func language(t testing.TB) *expression.Language {
	t.Helper()
	return expression.New(map[string][]string{
		"vpn":   {"10.0.0.0/8", "192.0.2.7", "2001:db8::/32"},
		"roles": {"arn:aws:iam::*:role/Admin", "deployer"},
	}, "trailkeeper", `{
		"default": {
			"tier": "test", "offices": ["198.51.100.0/24", "vpn*"], "limit": 5, "strict": true, "ports": [22, 80]
		},
		"111122223333": {"tier": "production", "limit": 10}
	}`)
}

func parsed(t testing.TB, text string) expression.Record {
	t.Helper()
	r, err := expression.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func compiled(t testing.TB, l *expression.Language, source string, kind expression.Kind) *expression.Program {
	t.Helper()
	p, missing, problems := l.Compile(source, kind)
	if p == nil {
		t.Fatalf("%s: missing lists %+v, problems %+v", source, missing, problems)
	}
	return p
}

// TestLongSum: what an expression costs to plan grows as it does, and not with the power of it.
func TestLongSum(t *testing.T) {
	sum := strings.Repeat("record.a + ", 90) + "lower(record.b).size()"
	p := compiled(t, language(t), sum+" == 92", expression.Condition)
	r := parsed(t, `{"eventName": "A", "eventSource": "b", "a": 1, "b": "xy"}`)
	if got, err := p.Match(r); !got || err != nil {
		t.Errorf("%v, %v; want true", got, err)
	}
}

// TestWholeNumbers: one beyond 63 bits is not rounded.
func TestWholeNumbers(t *testing.T) {
	r := parsed(t, `{"eventName": "A", "eventSource": "b", "n": 12345678901234567890}`)
	for source, want := range map[string]bool{
		"record.n == 12345678901234567890u": true,
		"record.n == 12345678901234567891u": false,
		"record.n > 9223372036854775807":    true,
		"record.n < 1.0":                    false,
	} {
		if got, err := compiled(t, language(t), source, expression.Condition).Match(r); got != want || err != nil {
			t.Errorf("%s is %v (%v), want %v", source, got, err, want)
		}
	}
	if text, err := compiled(t, language(t), "record.n", expression.Value).Text(r); text != "12345678901234567890" {
		t.Errorf("%q, %v", text, err)
	}
}

// TestMatch: want is "true", "false", or a piece of the error.
func TestMatch(t *testing.T) {
	l, r := language(t), parsed(t, record)
	for source, want := range map[string]string{
		// What the account of the record has, which is in no account of its own.
		`account.tier == "test" && account.limit < 6 && account.strict && 80 in account.ports`: "true",
		`"198.51.100.9" in account.offices && "vpn7" in account.offices`:                       "true",
		`"198.51.101.9" in account.offices`:                                                    "false",
		`account.offices.exists(o, o == "vpn*") && size(account.offices) == 2`:                 "true",
		`account.nothing == "x" || account.nothing.deep == "x" || has(account.nothing)`:        "false",
		`account.limit == "5"`:              "a number is compared with a text",
		`5 in account.offices`:              `list "account.offices"`,
		`[1].exists(account, account == 1)`: "true",
		// A missing field equals nothing but null.
		`record.a == "x"`:                             "false",
		`record.a.b.c == "x"`:                         "false",
		`"x" == record.a`:                             "false",
		`record.a != "x"`:                             "true",
		`record.a.b.c != 1`:                           "true",
		`record.a == null`:                            "true",
		`null == record.a.b.c`:                        "true",
		`record.a != null`:                            "false",
		`record.nothing == null`:                      "true",
		`record.nothing == ""`:                        "false",
		`record.nothing.deeper == null`:               "true",
		`record.eventName == null`:                    "false",
		`record.eventName != null`:                    "true",
		`record.a == record.b`:                        "false",
		`record.a != record.b`:                        "true",
		`record.empty == ""`:                          "true",
		`record.eventName.deeper == "x"`:              "false",
		`record.count.deeper == null`:                 "true",
		`record.requestParameters.no == null`:         "true",
		`record.requestParameters["no"] == null`:      "true",
		`record.requestParameters.names[1] == null`:   "true",
		`record.requestParameters.names[7] == null`:   "true",
		`record.requestParameters.names[2] == "b"`:    "true",
		`record.requestParameters.items[1].id == 2`:   "true",
		`record["userIdentity"]["type"] == "IAMUser"`: "true",
		// No comparison with it is true.
		`record.a < 1`:                "false",
		`record.a <= 1`:               "false",
		`record.a > 1`:                "false",
		`record.a >= 1`:               "false",
		`1 < record.a`:                "false",
		`record.a in ["x"]`:           "false",
		`"x" in record.a`:             "false",
		`!(record.a in ["x"])`:        "true",
		`record.a.startsWith("")`:     "false",
		`record.a.endsWith("")`:       "false",
		`record.a.contains("")`:       "false",
		`record.a.matches("")`:        "false",
		`matches(record.a, ".*")`:     "false",
		`record.a.glob("*")`:          "false",
		`glob(record.a, "*")`:         "false",
		`record.a.cidr("0.0.0.0/0")`:  "false",
		`cidr(record.a, "0.0.0.0/0")`: "false",
		`"text".startsWith(record.a)`: "false",
		`record.a in list("vpn")`:     "false",
		`lower(record.a) == "x"`:      "false",
		`record.a + 1 == 2`:           "false",
		`size(record.a) > 0`:          "false",
		`int(record.a) > 0`:           "false",
		// What is made of a missing field is missing, however deep it stands.
		`size(record.a) + 1 > 0`:                                       "false",
		`int(record.a) + int(record.b) * 2 != 0`:                       "true",
		`lower(record.a).size() == 0`:                                  "false",
		`lower(record.a) + "x" == "x" || string(record.a).size() == 0`: "false",
		`text(record.a) + text(record.count) == "5"`:                   "false",
		`timestamp(record.a).getHours() == 0`:                          "false",
		`timestamp(record.a) + duration("1h") < timestamp(0)`:          "false",
		`(record.count == 5 ? lower(record.a) : "x") + "y" == "y"`:     "false",
		`(record.count == 6 ? lower(record.a) : "x") + "y" == "xy"`:    "true",
		`!bool(record.a)`: "true",
		`bool(record.a) || record.count + record.a > 0`:                   "false",
		`size(record.eventName) + record.count == 17`:                     "true",
		`record.requestParameters.items.map(i, i.cidr + "!").size() == 2`: "true",
		`record.a && true`:                    "false",
		`record.a || true`:                    "true",
		`!record.a`:                           "true",
		`record.a ? false : true`:             "true",
		`record.a.exists(x, x == 1)`:          "false",
		`record.a.all(x, x == 1)`:             "true",
		`record.a.filter(x, true).size() > 0`: "false",
		// has() at any depth.
		`has(record.eventName)`:                    "true",
		`has(record.a)`:                            "false",
		`has(record.a.b.c)`:                        "false",
		`has(record.nothing)`:                      "false",
		`has(record.userIdentity.sessionContext)`:  "false",
		`has(record.requestParameters.text)`:       "true",
		`has(record.requestParameters.text.inner)`: "false",
		`has(record.empty)`:                        "true",
		// A clash of types is an error.
		`5 in record.requestParameters`:                             "a number is looked for in an object",
		`record.eventName == 5`:                                     "a text is compared with a number",
		`record.count == "5"`:                                       "a number is compared with a text",
		`record.count != "5"`:                                       "a number is compared with a text",
		`record.readOnly == "false"`:                                "true or false is compared with a text",
		`record.eventName < 5`:                                      "a text is compared with a number",
		`record.count.startsWith("5")`:                              "a text is wanted, and this is a number",
		`record.count in ["5"]`:                                     "a number is looked for in a list that has a text",
		`record.count in list("vpn")`:                               "a number is looked for in list",
		`record.eventName && true`:                                  "true or false is wanted, and this is a text",
		`record.eventName.exists(x, true)`:                          "a list is wanted, and this is a text",
		`record.requestParameters == "x"`:                           "an object is compared with a text",
		`lower(record.count) == "5"`:                                "a text is wanted, and this is a number",
		`record.eventName == 5 && false`:                            "false",
		`record.eventName == 5 || record.eventName.startsWith("R")`: "true",
		// Values.
		`record.count == 5 && record.count < 6 && record.ratio == 1.5 && record.ratio > 1`: "true",
		`record.count + 1 == 6`:                                                         "true",
		`record.readOnly == false`:                                                      "true",
		`size(record.eventName) == 12`:                                                  "true",
		`record.count in [1, 5]`:                                                        "true",
		`record.eventName in ["a"]`:                                                     "false",
		`record.eventName + "x" == "x"`:                                                 "false",
		`"b" in record.requestParameters.names`:                                         "true",
		`"c" in record.requestParameters.names`:                                         "false",
		`"text" in record.requestParameters`:                                            "true",
		`"no" in record.requestParameters`:                                              "false",
		`record.requestParameters.items.exists(i, i.cidr == "0.0.0.0/0")`:               "true",
		`record.requestParameters.items.all(i, i.cidr == "0.0.0.0/0")`:                  "false",
		`record.requestParameters.items.exists(i, has(i.cidr) && i.id > 1)`:             "false",
		`record.requestParameters.items.map(i, i.id) == [1, 2]`:                         "true",
		`record.requestParameters.exists(k, k == "text")`:                               "true",
		`record.requestParameters.items.filter(i, i.id == 2).exists_one(i, i.id == 2)`:  "true",
		`(record.a == null ? record.eventName : record.a).startsWith("Run")`:            "true",
		`{"a": record.eventName}.a == "RunInstances" && [record.count].exists(x, x==5)`: "true",
		// Helpers.
		`record.eventName.glob("Run*")`:                                 "true",
		`glob(record.eventName, "R?nInst*s")`:                           "true",
		`record.eventName.glob("run*")`:                                 "false",
		`record.eventName.glob("*Run")`:                                 "false",
		`record.requestParameters.instanceType.glob("*.8xlarge")`:       "true",
		`record.sourceIPAddress.cidr("10.0.0.0/8")`:                     "true",
		`cidr(record.sourceIPAddress, "10.1.2.3")`:                      "true",
		`cidr(record.sourceIPAddress, "10.2.0.0/16")`:                   "false",
		`cidr(record.eventName, "0.0.0.0/0")`:                           "false",
		`lower(record.eventName) == "runinstances"`:                     "true",
		`record.eventName.lower().startsWith("run")`:                    "true",
		`record.eventName.matches("^Run(Instances|Task)$")`:             "true",
		`record.eventName.matches("(?i)^RUNI")`:                         "true",
		`record.eventName.matches("^Inst")`:                             "false",
		`record.sourceIPAddress in list("vpn")`:                         "true",
		`"11.0.0.1" in list("vpn") || "192.0.2.8" in list("vpn")`:       "false",
		`"192.0.2.7" in list("vpn") && "2001:db8::1" in list("vpn")`:    "true",
		`"::ffff:10.0.0.1" in list("vpn")`:                              "true",
		`"arn:aws:iam::111122223333:role/Admin" in list("roles")`:       "true",
		`"arn:aws:iam::111122223333:role/AdminOrElse" in list("roles")`: "false",
		`list("vpn").exists(n, n == "192.0.2.7")`:                       "true",
		`"trailkeeper-guard".startsWith(stack)`:                         "true",
		`isReadOnly(record)`:                                            "false",
		`refused(record)`:                                               "false",
	} {
		got, err := compiled(t, l, source, expression.Condition).Match(r)
		switch {
		case err != nil && (want == "true" || want == "false"), err != nil && !strings.Contains(err.Error(), want):
			t.Errorf("%s: error %q, want %s", source, err, want)
		case err == nil && want != map[bool]string{true: "true", false: "false"}[got]:
			t.Errorf("%s is %v, want %s", source, got, want)
		}
	}
}

func TestReadOnlyAndRefused(t *testing.T) {
	l := language(t)
	for _, row := range []struct {
		fields            string
		readOnly, refused bool
	}{
		{`"eventName": "DescribeTrails"`, true, false},
		{`"eventName": "Describe"`, true, false},
		{`"eventName": "StopLogging"`, false, false},
		{`"eventName": "describeTrails"`, false, false},
		{`"eventName": "GetObject", "readOnly": false`, false, false},
		{`"eventName": "AssumeRole", "readOnly": true`, true, false},
		{`"eventName": "AssumeRole", "readOnly": "true"`, true, false},
		{`"eventName": "StopLogging", "errorCode": "AccessDenied"`, false, true},
		{`"eventName": "StopLogging", "errorCode": ""`, false, false},
		{`"eventName": "StopLogging", "errorCode": null`, false, false},
		{`"eventName": "StopLogging", "errorMessage": "x"`, false, false},
		{`"eventName": "ConsoleLogin", "responseElements": {"ConsoleLogin": "Failure"}`, false, true},
		{`"eventName": "ConsoleLogin", "responseElements": {"ConsoleLogin": "Success"}`, false, false},
		{`"eventName": "ConsoleLogin", "eventType": "AwsConsoleSignIn", "errorMessage": "x"`, false, true},
	} {
		r := parsed(t, `{"eventSource": "x.amazonaws.com", `+row.fields+`}`)
		for source, want := range map[string]bool{"isReadOnly(record)": row.readOnly, "refused(record)": row.refused} {
			if got, err := compiled(t, l, source, expression.Condition).Match(r); got != want || err != nil {
				t.Errorf("%s of %s is %v, %v; want %v", source, row.fields, got, err, want)
			}
		}
	}
}

func TestCompileProblems(t *testing.T) {
	l := language(t)
	nested := "record.a.exists(x, record.b.exists(y, record.c.exists(z, record.d.exists(q, q == x + y + z))))"
	for _, row := range []struct {
		source       string
		kind         expression.Kind
		line, column int
		want         string
	}{
		{`record.a ==`, expression.Condition, 1, 12, "Syntax error"},
		{"record.a == 1 &&\n  recrd.b == 2", expression.Condition, 2, 3, "undeclared reference to 'recrd'"},
		{`"a" == 1`, expression.Condition, 1, 5, "no matching overload"},
		{`glob(5, "x")`, expression.Condition, 1, 5, "no matching overload"},
		{`startswith(record.a, "x")`, expression.Condition, 1, 11, "undeclared reference"},
		{`record.a`, expression.Condition, 1, 1, "compare it"},
		{`"text"`, expression.Condition, 1, 1, "must be bool"},
		{`1 + 1`, expression.Text, 1, 1, "must be string"},
		{`record.a.matches("(")`, expression.Condition, 1, 18, "missing closing )"},
		{`record.a.matches("(?!x)")`, expression.Condition, 1, 18, "invalid or unsupported Perl syntax"},
		{`cidr(record.a, "10.0.0.0/40")`, expression.Condition, 1, 16, "neither a network"},
		{`record.a in list(record.b)`, expression.Condition, 1, 24, "must be written out"},
		{nested, expression.Condition, 1, 1, "may cost"},
		{strings.Repeat("(", 200) + "true" + strings.Repeat(")", 200), expression.Condition, 1, 1, "recursion"},
		{`"` + strings.Repeat("x", 17<<10) + `" == record.a`, expression.Condition, 1, 1, "size"},
		{`@equal(record.a, 1)`, expression.Condition, 1, 1, "Syntax error"},
	} {
		p, _, problems := l.Compile(row.source, row.kind)
		if p != nil || len(problems) == 0 {
			t.Errorf("%.60s: no problem", row.source)
			continue
		}
		got := problems[0]
		elsewhere := row.want != "recursion" && (got.Line != row.line || got.Column != row.column)
		if !strings.Contains(got.Reason, row.want) || elsewhere {
			t.Errorf(
				"%.60s: %d:%d %s; want %d:%d %s", row.source, got.Line, got.Column, got.Reason, row.line, row.column, row.want,
			)
		}
	}
	office := expression.MissingList{Name: "office", Line: 1, Column: 18}
	if p, missing, problems := l.Compile(`record.a in list("office")`, expression.Condition); p != nil ||
		len(problems) > 0 || len(missing) != 1 || missing[0] != office {
		t.Errorf("a missing list: %v %+v %v", p, missing, problems)
	}
}

func TestCostIsBounded(t *testing.T) {
	l := language(t)
	items := strings.TrimSuffix(strings.Repeat(`"item",`, 3000), ",")
	r := parsed(t, `{"eventName": "A", "eventSource": "b", "items": [`+items+`]}`)
	_, err := compiled(t, l, `record.items.all(x, record.items.all(y, x == y))`, expression.Condition).Match(r)
	if err == nil || !strings.Contains(err.Error(), "costs more than") {
		t.Errorf("an evaluation of nine million steps: %v", err)
	}
}

func TestText(t *testing.T) {
	l, r := language(t), parsed(t, record)
	for source, want := range map[string]string{
		`record.eventName`:               "RunInstances",
		`record.a.b`:                     "",
		`record.count`:                   "5",
		`record.ratio`:                   "1.5",
		`record.readOnly`:                "false",
		`record.requestParameters.names`: `["a",null,"b"]`,
		`record.userIdentity`:            `{"arn":"arn:aws:iam::111122223333:user/Alice","type":"IAMUser"}`,
		`record.requestParameters.items.map(i, i.id)`: `[1,2]`,
		`record.a == null ? "none" : "some"`:          "none",
	} {
		if got, err := compiled(t, l, source, expression.Value).Text(r); got != want || err != nil {
			t.Errorf("%s is %q, %v; want %q", source, got, err, want)
		}
	}
	long := parsed(t, `{"eventName": "`+strings.Repeat("é", 4000)+`", "eventSource": "x"}`)
	if got, _ := compiled(
		t, l, `record.eventName`, expression.Value,
	).Text(long); len(got) > 1024 || !strings.HasSuffix(got, "é…") {
		t.Errorf("a text of %d bytes ends with %q", len(got), got[len(got)-8:])
	}
}

func TestParse(t *testing.T) {
	const head = `{"eventName":"A","eventSource":"b","x":`
	for text, want := range map[string]string{
		`{"eventName": "A", "eventSource": "b"}`:                                 "",
		`{"detail-type": "x", "detail": {"eventName": "A", "eventSource": "b"}}`: "",
		`{"eventType": "AwsCloudTrailInsight"}`:                                  "",
		`{"eventName": "A"}`:                                                     "not a CloudTrail record",
		`{"eventName": 5, "eventSource": "b"}`:                                   "not a CloudTrail record",
		`{"detail": {"state": "stopped"}}`:                                       "not a CloudTrail record",
		`{}`:                                                                     "not a CloudTrail record",
		`[]`:                                                                     "no JSON object",
		`"x"`:                                                                    "no JSON object",
		``:                                                                       "not JSON",
		`{"eventName": "A", "eventSource": "b"} x`:          "more after the first",
		strings.Repeat("[", 250_000):                        "exceeded max depth",
		head + strings.Repeat(`{"a":`, 11000) + "1":         "exceeded max depth",
		head + "[" + strings.Repeat("{},", 250_000) + "0]}": "of more than 250000 values, the most",
	} {
		r, err := expression.Parse([]byte(text))
		switch {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%.60s: %v, want %q", text, err, want)
		case want == "" && !strings.Contains(text, "Insight") && r.Text("eventName") != "A":
			t.Errorf("%.60s: %q", text, r.Text("eventName"))
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(record))
	l := language(f)
	all := []*expression.Program{
		compiled(f, l, `record.userIdentity.type == "Root" && !isReadOnly(record) || refused(record)`, expression.Condition),
		compiled(f, l, `record.requestParameters.items.exists(i, i.cidr == "0.0.0.0/0")`, expression.Condition),
		compiled(f, l, `has(record.a.b.c) || record.eventName.glob("*a*b*")`, expression.Condition),
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := expression.Parse(text)
		if err != nil {
			return
		}
		for _, p := range all {
			_, _ = p.Match(r)
			if s, err := p.Text(r); err == nil && s != "true" && s != "false" {
				t.Errorf("a condition is %q", s)
			}
		}
	})
}

func TestCut(t *testing.T) {
	for _, row := range []struct {
		text  string
		limit int
		want  string
	}{
		{"", 0, ""},
		{"abcdef", 6, "abcdef"},
		{"abcdefg", 6, "abc…"},
		{"a€€", 7, "a€€"},
		{"a€€€", 9, "a€…"},
		{"€€", 5, "…"},
		{"abc", 2, "…"},
		{"abc", 0, "…"},
		{"a\xffb", 9, "a�b"},
		{"a\xe2\x82bcdef", 7, "a�b…"},
	} {
		if got := expression.Cut(row.text, row.limit); got != row.want {
			t.Errorf("%q at %d: %q, want %q", row.text, row.limit, got, row.want)
		}
	}
}
