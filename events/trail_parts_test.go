package events_test

import (
	"errors"
	"strings"
	"testing"

	"trailkeeper/events"
)

// TestParseTrailARN: each part of an ARN by itself, good and a near miss.
func TestParseTrailARN(t *testing.T) {
	const right = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"
	if got, err := events.ParseTrailARN(right); err != nil || got != (events.Trail{
		Partition: "aws",
		Region:    "eu-west-1",
		Account:   "111122223333",
		Name:      "main",
	}) {
		t.Fatalf("%+v, %v", got, err)
	}
	long := strings.Repeat
	for part, tt := range map[string]struct{ good, bad []string }{
		"arn:aws:": {
			[]string{"arn:aws-cn:", "arn:aws-us-gov:"},
			[]string{"ARN:aws:", "aws:", ":aws:", "arn::", "arn:AWS:", "arn:aws1:", "arn:cn-aws:"},
		},
		"cloudtrail": {nil, []string{"CloudTrail", "", "s3", "cloudtrail2"}},
		":eu-west-1:": {
			[]string{":eu:", ":" + long("e", 32) + ":", ":eu-west-10:"},
			[]string{"::", ":e:", ":" + long("e", 33) + ":", ":EU-WEST-1:", ":eu_west_1:", ":eu-west-1"},
		},
		"111122223333": {
			[]string{"000000000000"},
			[]string{"", "11112222333", "1111222233334", "11112222333a", "11112222333٣"},
		},
		"trail/": {nil, []string{"", "trail", "Trail/", "trails/", "eventdatastore/"}},
		"main": {
			[]string{"abc", "ABC", "0.0", "a._-", long("a", 128)},
			[]string{"", "ab", long("a", 129), ".bc", "_bc", "-bc", "a b", "a/b", "a:b", "äbc", "abc\n"},
		},
	} {
		for _, good := range tt.good {
			arn := strings.Replace(right, part, good, 1)
			if got, err := events.ParseTrailARN(arn); err != nil || got.ARN() != arn {
				t.Errorf("%s: %+v, %v", arn, got, err)
			}
		}
		for _, bad := range tt.bad {
			if got, err := events.ParseTrailARN(strings.Replace(right, part, bad, 1)); err == nil || got != (events.Trail{}) {
				t.Errorf("%s in place of %s: %+v", bad, part, got)
			}
		}
	}
	if got := (events.Trail{}).ARN(); got != "" {
		t.Errorf("no trail has the ARN %s", got)
	}
}

// TestConsistsOf: nothing but the characters of the alphabet, and at least one.
func TestConsistsOf(t *testing.T) {
	const alphabet = "abc-"
	for s, want := range map[string]bool{
		"a":      true,
		"cab":    true,
		"-":      true,
		"a-b-c":  true,
		alphabet: true,
		"":       false,
		"d":      false,
		"da":     false,
		"ad":     false,
		"ada":    false,
		"A":      false,
		"ä":      false,
		"a b":    false,
		"a\n":    false,
		"a\x00":  false,
		"\xff":   false,
	} {
		if got := events.ConsistsOf(s, alphabet); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

// TestIsAccount: 12 digits of ASCII, and nothing beside them.
func TestIsAccount(t *testing.T) {
	for s, want := range map[string]bool{
		"111122223333":   true,
		"000000000000":   true,
		"":               false,
		"11112222333":    false,
		"1111222233334":  false,
		"1111-2222-3333": false,
		"11112222333a":   false,
		" 11112222333":   false,
		"11112222333\n":  false,
		"11112222333٣":   false,
		"1111222233٣":    false,
		"-11112222333":   false,
	} {
		if got := events.IsAccount(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

// TestResolveTrailBounds: a bare name, the Region and the account at their bounds, each wrong by itself.
func TestResolveTrailBounds(t *testing.T) {
	long := strings.Repeat
	for _, tt := range []struct {
		name, region, account string
		ok                    bool
	}{
		{"abc", "eu", "111122223333", true},
		{long("a", 128), long("e", 32), "111122223333", true},
		{"ab", "eu-west-1", "111122223333", false},
		{long("a", 129), "eu-west-1", "111122223333", false},
		{"abc", "e", "111122223333", false},
		{"abc", long("e", 33), "111122223333", false},
		{"abc", "eu-west-1", "11112222333", false},
		{"abc", "eu-west-1", "1111222233334", false},
	} {
		got, err := events.ResolveTrail(tt.name, tt.region, tt.account, "")
		want := events.Trail{
			Partition: "aws",
			Region:    tt.region,
			Account:   tt.account,
			Name:      tt.name,
		}
		if (err == nil) != tt.ok || tt.ok && got != want || !tt.ok && got != (events.Trail{}) {
			t.Errorf("%.20q in %.20q of %s: %+v, %v", tt.name, tt.region, tt.account, got, err)
		}
	}
	for hint, want := range map[string]string{
		"arn:aws-cn:iam::111122223333:user/x": "aws-cn",
		"arn:aws-cn:":                         "aws",
		"arn:aws-cn":                          "aws",
		"x:aws-cn:y":                          "aws",
		"arn:evil:iam::1:x":                   "aws",
		"":                                    "aws",
	} {
		if got, err := events.ResolveTrail("main", "odd-1x", "111122223333", hint); err != nil || got.Partition != want {
			t.Errorf("with the hint %q: partition %s, %v; want %s", hint, got.Partition, err, want)
		}
	}
}

// TestPartitionOf: the form of every partition's Regions, and what is one word or number away from it.
func TestPartitionOf(t *testing.T) {
	for region, want := range map[string]string{
		"eu-west-1":       "aws",
		"ap-southeast-10": "aws",
		"mx-central-1":    "aws",
		"cn-north-1":      "aws-cn",
		"us-gov-west-1":   "aws-us-gov",
		"us-iso-west-1":   "aws-iso",
		"us-isob-east-1":  "aws-iso-b",
		"eu-isoe-west-1":  "aws-iso-e",
		"us-isof-south-1": "aws-iso-f",
		"eusc-de-east-1":  "aws-eusc",
		// near misses
		"":                   "",
		"eu":                 "",
		"eu-west":            "",
		"eu-1":               "",
		"eu-west-one":        "",
		"eu-west-":           "",
		"eu--1":              "",
		"-west-1":            "",
		"eu-west-1a":         "",
		"EU-west-1":          "",
		"e-west-1":           "",
		"eur-west-1":         "",
		"eu-west-north-1":    "",
		"eu-west2-1":         "",
		"cn-north-west-1":    "",
		"us-gov-west-east-1": "",
		"eu-gov-west-1":      "",
		"us-isoe-west-1":     "",
		"eu-iso-west-1":      "",
		"eu-isob-west-1":     "",
		"eu-isof-west-1":     "",
		"us-iso-a-b-1":       "",
		"us-isob-a-b-1":      "",
		"eu-isoe-a-b-1":      "",
		"us-isof-a-b-1":      "",
		"eusc-de-1":          "",
		"eusc-de-a-b-1":      "",
		"us-gov2-west-1":     "",
		"us-gov-west-1-1":    "",
	} {
		got, ok := events.PartitionOf(region)
		if got != want || ok != (want != "") {
			t.Errorf("%q is of %q, %v; want %q", region, got, ok, want)
		}
	}
}

// TestTrailOfARecord: where the record and the envelope name another Region and account, and several fields a trail,
// each in its turn.
func TestTrailOfARecord(t *testing.T) {
	const answered = "arn:aws:cloudtrail:us-west-2:444455556666:trail/answered"
	whole := func() events.Event {
		return events.Event{Region: "us-east-1", Account: "111122223333", Record: events.Record{
			Region:             "eu-west-1",
			RecipientAccountID: "222233334444",
			ResponseTrailARN:   answered,
			ErrorMessage:       "no permission on arn:aws:cloudtrail:us-west-2:444455556666:trail/refused.",
			Identity:           events.Identity{AccountID: "333344445555"},
		}}
	}
	for name, tt := range map[string]struct {
		parameters, want string
		change           func(*events.Event)
	}{
		"what AWS answered": {`{"name":"main"}`, answered, func(*events.Event) {}},
		"an answer that is no trail's": {
			`{"name":"main"}`, "arn:aws:cloudtrail:eu-west-1:222233334444:trail/main",
			func(e *events.Event) { e.Record.ResponseTrailARN = "arn:aws:s3:::x" },
		},
		"the name before the trail name": {
			`{"trailName":"other","name":"main"}`,
			"arn:aws:cloudtrail:eu-west-1:222233334444:trail/main", noAnswer,
		},
		"the trail's name": {
			`{"trailName":"other","resourceId":"` + answered + `"}`,
			"arn:aws:cloudtrail:eu-west-1:222233334444:trail/other", noAnswer,
		},
		"the envelope's Region": {
			`{"name":"main"}`, "arn:aws:cloudtrail:us-east-1:222233334444:trail/main",
			func(e *events.Event) { noAnswer(e); e.Record.Region = "" },
		},
		"the envelope's account": {
			`{"name":"main"}`, "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main",
			func(e *events.Event) { noAnswer(e); e.Record.RecipientAccountID = "" },
		},
		"the caller's account": {
			`{"name":"main"}`, "arn:aws:cloudtrail:eu-west-1:333344445555:trail/main",
			func(e *events.Event) {
				noAnswer(e)
				e.Record.RecipientAccountID, e.Account = "", ""
			},
		},
		"a resource": {`{"resourceId":"` + answered + `"}`, answered, noAnswer},
		"a resource that is another": {
			`{"resourceId":"arn:aws:cloudtrail:us-west-2:444455556666:eventdatastore/x"}`,
			"arn:aws:cloudtrail:us-west-2:444455556666:trail/refused", noAnswer,
		},
		"the refusal":         {`null`, "arn:aws:cloudtrail:us-west-2:444455556666:trail/refused", noAnswer},
		"a name that is none": {`{"name":"a/b"}`, "", noAnswer},
		"nothing": {
			`{}`, "",
			func(e *events.Event) { noAnswer(e); e.Record.ErrorMessage = "no permission" },
		},
	} {
		ev := whole()
		ev.Record.RequestParameters = parsePayload(
			t,
			`{"eventName":"a","eventSource":"b","requestParameters":`+tt.parameters+`}`,
		).Record.RequestParameters
		tt.change(&ev)
		got, err := ev.Trail()
		if got.ARN() != tt.want || (err == nil) != (tt.want != "") ||
			errors.Is(err, events.ErrNoTrail) != (name == "nothing") {
			t.Errorf("%s: %s, %v; want %s", name, got.ARN(), err, tt.want)
		}
	}
}

func noAnswer(e *events.Event) { e.Record.ResponseTrailARN = "" }
