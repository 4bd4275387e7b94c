package sigma_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"trailkeeper/rules/expression"
	"trailkeeper/rules/translate"
	"trailkeeper/rules/translate/sigma"
)

// document is a rule with a detection, of which the lines are indented.
func document(title, detection string) string {
	return "title: " + title + "\nname: " + strings.ToLower(title) +
		"\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  " +
		strings.ReplaceAll(strings.TrimSpace(detection), "\n", "\n  ") + "\n"
}

func translated(t testing.TB, text string) *translate.Set {
	t.Helper()
	return sigma.Translate([]translate.Source{{Name: "a.yml", Text: text}})
}

func condition(t testing.TB, detection string) translate.Condition {
	t.Helper()
	set := translated(t, document("A", detection))
	if len(set.Rules) != 1 || len(set.Refused) > 0 {
		t.Fatalf("%s: %v", detection, set.Refused)
	}
	return set.Rules[0].Match
}

func matches(t testing.TB, c translate.Condition, record string) bool {
	t.Helper()
	lists := map[string][]string{"admins": {"Alice", "bob"}, "vpn_nets": {"10.0.0.0/8"}}
	program, _, problems := expression.New(lists, "", "").Compile(translate.CEL(c), expression.Condition)
	if program == nil {
		t.Fatalf("%s: %v", translate.CEL(c), problems)
	}
	r, err := expression.ParseFields([]byte(record))
	if err != nil {
		t.Fatal(err)
	}
	is, err := program.Match(r)
	if err != nil {
		t.Errorf("%s on %s: %v", translate.CEL(c), record, err)
	}
	return is
}

// TestReading: each selection with records that it matches and records that it nearly does.
func TestReading(t *testing.T) {
	for detection, records := range map[string]struct{ yes, no []string }{
		"s: {eventName: StopLogging}\ncondition: s": {
			[]string{`{"eventName":"StopLogging"}`, `{"eventName":"STOPLOGGING"}`},
			[]string{`{"eventName":"StopLoggingOrElse"}`, `{"eventName":"StartLogging"}`, `{}`, `{"eventName":null}`},
		},
		"s: {eventName: [StopLogging, 'Delete*'], eventSource: cloudtrail.amazonaws.com}\ncondition: s": {
			[]string{
				`{"eventName":"stoplogging","eventSource":"cloudtrail.amazonaws.com"}`,
				`{"eventName":"DeleteTrail","eventSource":"CloudTrail.amazonaws.com"}`,
			},
			[]string{`{"eventName":"StopLogging"}`, `{"eventName":"UndeleteTrail","eventSource":"cloudtrail.amazonaws.com"}`},
		},
		"s:\n- {eventName: A, eventSource: b}\n- errorCode: C\ncondition: s": {
			[]string{`{"eventName":"a","eventSource":"B"}`, `{"errorCode":"c"}`},
			[]string{`{"eventName":"a"}`, `{"errorCode":"b"}`},
		},
		"s: {eventName|cased: StopLogging}\ncondition: s": {
			[]string{`{"eventName":"StopLogging"}`}, []string{`{"eventName":"stopLogging"}`},
		},
		"s: {userAgent|contains: [Kali, 'par?ot']}\ncondition: s": {
			[]string{`{"userAgent":"x kali x"}`, `{"userAgent":"a PARROT"}`},
			[]string{`{"userAgent":"Kal"}`, `{"userAgent":"parot"}`, `{}`},
		},
		"s: {userAgent|contains|all: [a1, b2]}\ncondition: s": {
			[]string{`{"userAgent":"b2 a1"}`}, []string{`{"userAgent":"a1"}`, `{"userAgent":"b2"}`},
		},
		"s: {eventName|startswith: Get}\ncondition: not s": {
			[]string{`{"eventName":"PutObject"}`, `{}`, `{"eventName":"Forget"}`}, []string{`{"eventName":"getObject"}`},
		},
		"s: {userIdentity.arn|endswith: ':root'}\ncondition: s": {
			[]string{`{"userIdentity":{"arn":"arn:aws:iam::111122223333:Root"}}`},
			[]string{`{"userIdentity":{"arn":":root/x"}}`, `{"userIdentity":null}`},
		},
		`s: {userIdentity.arn: 'a\*b\\*c\d'}` + "\ncondition: s": {
			[]string{`{"userIdentity":{"arn":"a*b\\xxc\\d"}}`},
			[]string{`{"userIdentity":{"arn":"axb\\xxc\\d"}}`, `{"userIdentity":{"arn":"a*bxxc\\d"}}`},
		},
		"s: {userAgent|re: '^aws-(cli|sdk)/[0-9]'}\ncondition: s": {
			[]string{`{"userAgent":"aws-cli/2"}`}, []string{`{"userAgent":"AWS-cli/2"}`, `{"userAgent":"x aws-cli/2"}`},
		},
		"s: {userAgent|re|i: '^aws.cli'}\ncondition: s": {
			[]string{`{"userAgent":"AWS-CLI"}`}, []string{`{"userAgent":"\nAWS-CLI"}`, `{"userAgent":"aws\ncli"}`},
		},
		"s: {userAgent|re|m|s: '^aws.cli'}\ncondition: s": {
			[]string{`{"userAgent":"x\naws\ncli"}`}, []string{`{"userAgent":"AWS-CLI"}`},
		},
		"s: {sourceIPAddress|cidr: [10.0.0.0/8, '2001:db8::/32']}\ncondition: s": {
			[]string{`{"sourceIPAddress":"10.9.9.9"}`, `{"sourceIPAddress":"2001:db8::1"}`},
			[]string{`{"sourceIPAddress":"11.0.0.1"}`, `{"sourceIPAddress":"ec2.amazonaws.com"}`, `{}`},
		},
		"s: {errorCode: null}\ncondition: s": {
			[]string{`{}`, `{"errorCode":null}`}, []string{`{"errorCode":"x"}`},
		},
		"s: {errorCode: [null, '', Success]}\ncondition: s": {
			[]string{`{}`, `{"errorCode":""}`, `{"errorCode":"success"}`}, []string{`{"errorCode":"x"}`},
		},
		"s: {errorCode: '*'}\ncondition: s": {
			[]string{`{"errorCode":"x"}`}, []string{`{}`},
		},
		"s: {errorCode|exists: true, errorMessage|exists: false}\ncondition: s": {
			[]string{`{"errorCode":"x"}`}, []string{`{}`, `{"errorCode":"x","errorMessage":"y"}`},
		},
		"s: {errorCode|exists: Yes, errorMessage|exists: no}\ncondition: s": {
			[]string{`{"errorCode":"x"}`}, []string{`{}`, `{"errorCode":"x","errorMessage":"y"}`},
		},
		"s: {readOnly: false}\ncondition: s": {
			[]string{`{"readOnly":false}`, `{"readOnly":"False"}`}, []string{`{"readOnly":true}`, `{}`},
		},
		"s: {requestParameters.maxSessionDuration|gt: 3600, requestParameters.x|lte: 1.5}\ncondition: s": {
			[]string{`{"requestParameters":{"maxSessionDuration":3601,"x":1.5}}`},
			[]string{
				`{"requestParameters":{"maxSessionDuration":3600,"x":1.5}}`,
				`{"requestParameters":{"maxSessionDuration":3601,"x":1.6}}`,
			},
		},
		"s: {requestParameters.fromPort: 22}\ncondition: s": {
			[]string{
				`{"requestParameters":{"fromPort":22}}`,
				`{"requestParameters":{"fromPort":"22"}}`,
				`{"requestParameters":{"fromPort":[21,22]}}`,
			},
			[]string{`{"requestParameters":{"fromPort":221}}`, `{"requestParameters":{}}`},
		},
		"s: {requestParameters.ipPermissions.items.ipRanges.items.cidrIp: 0.0.0.0/0}\ncondition: s": {
			[]string{
				`{"requestParameters":{"ipPermissions":{"items":[{"ipRanges":{"items":[{"cidrIp":"10.0.0.0/8"},` +
					`{"cidrIp":"0.0.0.0/0"}]}}]}}}`,
				`{"requestParameters":{"ipPermissions":{"items":{"ipRanges":{"items":{"cidrIp":"0.0.0.0/0"}}}}}}`,
			},
			[]string{
				`{"requestParameters":{"ipPermissions":{"items":[{"ipRanges":{"items":[{"cidrIp":"10.0.0.0/8"}]}}]}}}`,
				`{"requestParameters":{"ipPermissions":{"items":[]}}}`, `{"requestParameters":{"ipPermissions":"x"}}`,
			},
		},
		"s: {requestParameters|contains: '\"cidrIp\":\"0.0.0.0/0\"'}\ncondition: s": {
			[]string{`{"requestParameters":{"a":[{"cidrIp": "0.0.0.0/0"}]}}`},
			[]string{
				`{"requestParameters":{"a":[{"cidrIp": "0.0.0.0/1"}]}}`,
				`{"requestParameters":null}`,
				`{"responseElements":{"cidrIp":"0.0.0.0/0"}}`,
			},
		},
		"s: {resources.type: 'AWS::S3::Bucket'}\ncondition: s": {
			[]string{`{"resources":[{"type":"AWS::S3::Object"},{"type":"AWS::S3::Bucket"}]}`},
			[]string{`{"resources":[{"type":"AWS::S3::Object"}]}`, `{}`},
		},
		"s: {userIdentity.userName|fieldref: requestParameters.userName}\ncondition: s": {
			[]string{`{"userIdentity":{"userName":"Alice"},"requestParameters":{"userName":"alice"}}`},
			[]string{
				`{"userIdentity":{"userName":"bob"},"requestParameters":{"userName":"alice"}}`,
				`{"userIdentity":{"userName":"bob"}}`,
				`{}`,
			},
		},
		"s: {userIdentity.arn|fieldref|endswith: requestParameters.userName}\ncondition: s": {
			[]string{`{"userIdentity":{"arn":"user/Alice"},"requestParameters":{"userName":"alice"}}`},
			[]string{`{"userIdentity":{"arn":"user/alice2"},"requestParameters":{"userName":"alice"}}`},
		},
		"s: {userIdentity.userName|expand: '%admins%'}\ncondition: s": {
			[]string{`{"userIdentity":{"userName":"alice"}}`, `{"userIdentity":{"userName":"BOB"}}`},
			[]string{`{"userIdentity":{"userName":"carol"}}`, `{}`},
		},
		"s: {userIdentity.arn|contains|expand: '%admins%'}\ncondition: s": {
			[]string{`{"userIdentity":{"arn":"user/alice/x"}}`}, []string{`{"userIdentity":{"arn":"user/carol"}}`, `{}`},
		},
		"s: {sourceIPAddress|expand: '%vpn_nets%'}\ncondition: not s": {
			[]string{`{"sourceIPAddress":"192.0.2.1"}`}, []string{`{"sourceIPAddress":"10.1.1.1"}`},
		},
		"s: [evil, 'a*\"b\"']\ncondition: s": {
			[]string{`{"userAgent":"so EVIL"}`, `{"requestParameters":{"x":"a \"b\""}}`},
			[]string{`{"userAgent":"devi"}`, `{"userAgent":"ab"}`},
		},
		"s: {'|all': [evil, 'twin']}\ncondition: s": {
			[]string{`{"userAgent":"evil","eventName":"Twin"}`}, []string{`{"userAgent":"evil"}`},
		},
		"s_1: {eventName: A}\ns_2: {eventSource: b}\nother: {errorCode: c}\n_hidden: {awsRegion: d}\ncondition: 1 of s_*": {
			[]string{`{"eventName":"A"}`, `{"eventSource":"b"}`}, []string{`{"errorCode":"c"}`, `{}`},
		},
		"s_1: {eventName: A}\ns_2: {eventSource: b}\n_hidden: {awsRegion: d}\ncondition: all of them": {
			[]string{`{"eventName":"A","eventSource":"b"}`}, []string{`{"eventName":"A"}`, `{"awsRegion":"d"}`},
		},
		"a: {eventName: A}\nb: {eventSource: b}\nc: {errorCode: c}\ncondition: a or b and not c": {
			[]string{`{"eventName":"A","errorCode":"c"}`, `{"eventSource":"b"}`},
			[]string{`{"eventSource":"b","errorCode":"c"}`},
		},
		"a: {eventName: A}\nb: {eventSource: b}\nc: {errorCode: c}\ncondition: (a or b) AND NOT (c or not b)": {
			[]string{`{"eventSource":"b"}`}, []string{`{"eventName":"A"}`, `{"eventSource":"b","errorCode":"c"}`},
		},
		"a: {eventName: A}\nb: {eventSource: b}\ncondition: [a, b]": {
			[]string{`{"eventName":"A"}`, `{"eventSource":"b"}`}, []string{`{}`},
		},
	} {
		c := condition(t, detection)
		for _, record := range records.yes {
			if !matches(t, c, record) {
				t.Errorf("%s\n%s\ndoes not match %s", detection, translate.CEL(c), record)
			}
		}
		for _, record := range records.no {
			if matches(t, c, record) {
				t.Errorf("%s\n%s\nmatches %s", detection, translate.CEL(c), record)
			}
		}
		if !strings.Contains(detection, "expand: '%admins") &&
			!slices.ContainsFunc(translate.Tests(c), func(test translate.Test) bool { return test.Match }) {
			t.Errorf("%s: no test matches", detection)
		}
	}
}

// TestIndexed: what rules are found by is written so that it is found.
func TestIndexed(t *testing.T) {
	c := condition(t, "s: {eventSource: iam.amazonaws.com, eventName: [CreateUser, DeleteUser]}\ncondition: s")
	program, _, _ := expression.New(nil, "", "").Compile(translate.CEL(c), expression.Condition)
	if len(program.Keys) != 2 || program.Keys[0].Value != "createuser" {
		t.Errorf("%s has the keys %v", translate.CEL(c), program.Keys)
	}
}

// TestRefused: what is not translated, with its line.
func TestRefused(t *testing.T) {
	for _, row := range [][2]string{
		{
			"title: A\nlogsource: {product: windows, service: security}\ndetection: {s: {a: b}, condition: s}",
			`1: "A": the logsource is "windows/security"`,
		},
		{"title: A\nlogsource: {product: aws}\ndetection: {s: {a: b}, condition: s}", `1: "A": the logsource is "aws"`},
		{"title: A\nlogsource: {product: aws, service: cloudtrail}", "the detection is missing"},
		{"- a", "no Sigma rule"},
		{"title: [", "not YAML"},
		{"", "no document"},
		{"title: A\nfilter: {}", "a filter of other rules"},
		{"action: global\ntitle: A", "action cannot be translated"},
		{document("A", "s: {a: b}"), "the condition is missing"},
		{document("A", "s: {a: b}\ncondition: t"), `there is no selection "t"`},
		{document("A", "s: {a: b}\ncondition: s | count() > 5"), "write a correlation"},
		{document("A", "s: {a: b}\ncondition: 2 of s*"), `"2" of several`},
		{document("A", "s: {a: b}\ncondition: 1 of t*"), `no selection "t*"`},
		{document("A", "s: {a: b}\ncondition: s and"), "lacks the name of a selection at its word 3"},
		{document("A", "s: {a: b}\ncondition: (s"), "not closed"},
		{document("A", "s: {a: b}\ncondition: s s"), `not understood at "s"`},
		{document("A", "s: {a: b}\ncondition: s)"), `not understood at ")"`},
		{document("A", "s: {a: b}\ncondition: condition"), `there is no selection "condition"`},
		{document("A", "s: {a: b}\ncondition: "+strings.Repeat("(", 100)+"s"+strings.Repeat(")", 100)), "nested"},
		{document("A", "s: {a|base64: b}\ncondition: s"), `5: "A": the modifier "base64" cannot be translated`},
		{document("A", "s:\n  x: y\n  a|re: '(?=b)'\ncondition: s"), `7: "A": the regular expression is none of RE2`},
		{document("A", "s: {a|cidr: b}\ncondition: s"), `"b" is no network`},
		{document("A", "s: {a|gt: b}\ncondition: s"), `"b" is no number`},
		{document("A", "s: {a|exists: b}\ncondition: s"), "true or false"},
		{document("A", "s: {a|contains|re: b}\ncondition: s"), "cannot be translated together"},
		{document("A", "s: {a|re|cidr: b}\ncondition: s"), "re and cidr cannot be translated together"},
		{document("A", "s: {a|i: b}\ncondition: s"), "is one of re"},
		{document("A", "s: {a|expand: 'x%b%'}\ncondition: s"), "more than a placeholder"},
		{document("A", "s: {a|contains: null}\ncondition: s"), "null cannot be translated"},
		{document("A", "s: {a: {b: c}}\ncondition: s"), "a list or an object"},
		{document("A", "s: {a: []}\ncondition: s"), "has 0 values"},
		{document("A", "s: {}\ncondition: s"), "nothing in it"},
		{document("A", "s: {a..b: c}\ncondition: s"), "no name of a field"},
		{document("A", "s: &x {a: b}\nt: *x\ncondition: t"), "alias"},
	} {
		text, want := row[0], row[1]
		set := translated(t, text)
		if len(set.Rules) > 0 || len(set.Refused) != 1 ||
			!strings.Contains(fmt.Sprintf("%d: %s", set.Refused[0].Line, set.Refused[0].Text), want) {
			t.Errorf("%s\n%v, %d rules; want %q", text, set.Refused, len(set.Rules), want)
		}
	}
}

// TestDescribes: what a rule says beside its condition is kept.
func TestDescribes(t *testing.T) {
	set := translated(t, `# License: DRL 1.1
title: "Trail: {{Disabled}}!"
id: 11111111-2222-3333-4444-555555555555
status: test
description: It happens.
references: [https://example.com/a]
author: Jane Doe, John Roe
date: 2026-01-02
tags: [attack.defense-evasion, attack.t1562.008, cve.2026-1]
level: informational
falsepositives: [Admins, "Others, too"]
`+strings.TrimPrefix(document("X", "s: {eventName: A}\ncondition: s"), "title: X\n"))
	if len(set.Rules) != 1 {
		t.Fatal(set.Refused)
	}
	r := set.Rules[0]
	got := fmt.Sprintf("%d|%s|%s|%s|%s|%s|%s|%s", r.Line, r.ID, r.Title, r.Severity, r.Description, r.References,
		r.Author, r.License)
	want := "2|trail-disabled|Trail: { {Disabled}}!|low|It happens.\nFalse positives: Admins; Others, too.\n" +
		"Sigma rule: id 11111111-2222-3333-4444-555555555555, status test, date 2026-01-02.|" +
		"[https://example.com/a attack.defense-evasion T1562.008]|Jane Doe, John Roe|DRL 1.1"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

const counted = "s: {eventName: A}\ncondition: s"

// TestCorrelations: what is counted, and which rules stay silent.
func TestCorrelations(t *testing.T) {
	base := document("One", counted) + "---\n" + document("Two", strings.ReplaceAll(counted, "A", "B")) + "---\n"
	for _, row := range [][2]string{
		{
			"type: event_count, rules: [one], group-by: [userIdentity.arn, sourceIPAddress], timespan: 10m, condition: {gte: 5}",
			"one off, two on, c on 5 in 10m by 2",
		},
		{"type: event_count, rules: one, timespan: 1h, condition: {gt: 5}", "one off, two on, c on 6 in 1h by 0"},
		{"type: event_count, rules: [one, two], timespan: 1h, condition: {gte: 1}", "one off, two off, c on"},
		{
			"type: event_count, rules: [one, two], timespan: 1w, condition: {gte: 2}, generate: true",
			"one on, two on, c on 2 in 7d by 0",
		},
		{
			"type: value_count, rules: [two], timespan: 1d, condition: {gte: 3, field: awsRegion}",
			"one on, two off, c on 3 in 1d by 0 of awsRegion",
		},
		{"type: temporal, rules: [one], timespan: 1h", `the type "temporal"`},
		{"type: event_count, rules: [one], timespan: 1h, condition: {lt: 5}", `the condition "lt"`},
		{"type: event_count, rules: [one], timespan: 1h, condition: {gte: x}", "must be a number"},
		{"type: event_count, rules: [one], timespan: 1h", "no condition"},
		{"type: event_count, rules: [one], timespan: 1M, condition: {gte: 5}", "at most 7d"},
		{"type: event_count, rules: [one], condition: {gte: 5}", `the timespan is ""`},
		{"type: value_count, rules: [one], timespan: 1h, condition: {gte: 5}", "counts the values of one field"},
		{"type: event_count, rules: [none], timespan: 1h, condition: {gte: 5}", `"none", which is in none of the files`},
		{"type: event_count, timespan: 1h, condition: {gte: 5}", "names no rules"},
		{"type: event_count, rules: [one], timespan: 1h, condition: {gte: 5}, aliases: {a: {}}", "aliases"},
	} {
		correlation, want := row[0], row[1]
		set := translated(t, "title: C\ncorrelation: {"+correlation+"}\n---\n"+strings.TrimSuffix(base, "---\n"))
		var all []string
		for _, name := range []string{"one", "two", "c"} {
			for _, r := range set.Rules {
				if r.ID != name {
					continue
				}
				one := name + map[bool]string{true: " off", false: " on"}[r.Silent]
				if r.Threshold != nil {
					one += fmt.Sprintf(" %d in %s by %d", r.Threshold.Count, r.Threshold.Within, len(r.Threshold.By))
					if r.Threshold.Distinct != nil {
						one += " of " + r.Threshold.Distinct.String()
					}
				}
				all = append(all, one)
			}
		}
		got := strings.Join(all, ", ")
		for _, n := range set.Refused {
			got = n.Text
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s\n got %s\nwant %s", correlation, got, want)
		}
	}
	set := translated(t, document("One", "s: {a|base64: b}\ncondition: s")+
		"---\ntitle: C\ncorrelation: {type: event_count, rules: [one], timespan: 1h, condition: {gte: 5}}")
	if len(set.Refused) != 2 || !strings.Contains(set.Refused[1].Text, "could not be translated") {
		t.Errorf("%v", set.Refused)
	}
}

func FuzzTranslate(f *testing.F) {
	f.Add(document("A", "s: {eventName|contains|all: [A, 'b*'], x.y|re: '^a'}\nt: [u, v]\ncondition: all of s* and "+
		"not (t or 1 of them)"))
	f.Add(document("A", counted) + "---\ntitle: C\ncorrelation: {type: event_count, rules: [a], timespan: 1h, " +
		"condition: {gte: 5}}")
	f.Fuzz(func(t *testing.T, text string) {
		set := translated(t, text)
		if len(set.Rules)+len(set.Refused) == 0 {
			t.Error("nothing is translated and nothing refused")
		}
		for _, r := range set.Rules {
			if r.Line < 1 || r.Line > 1+strings.Count(text, "\n") || r.Match == nil {
				t.Errorf("%+v of %q", r, text)
			}
			if translate.Size(r.Match) < 2000 {
				translate.Tests(r.Match)
			}
		}
	})
}
