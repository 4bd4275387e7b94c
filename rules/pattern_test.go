package rules_test

import (
	"io/fs"
	"strings"
	"testing"

	"trailkeeper/events"
	"trailkeeper/rules"
)

func TestPatternOperators(t *testing.T) {
	tests := []struct {
		pattern, event string
		want           bool
	}{
		{`{"a":["x","y"]}`, `{"a":"y"}`, true},
		{`{"a":["x"]}`, `{"a":"X"}`, false},
		{`{"a":["x"]}`, `{}`, false},
		{`{"a":["x"],"b":["y"]}`, `{"a":"x"}`, false},
		{`{"a":{"b":["x"]}}`, `{"a":{"b":"x","c":1}}`, true},
		{`{"a":{"b":["x"]}}`, `{"a":"x"}`, false},
		{`{"a":[1]}`, `{"a":1.0}`, true},
		{`{"a":[1]}`, `{"a":"1"}`, false},
		{`{"a":[true]}`, `{"a":true}`, true},
		{`{"a":[null]}`, `{"a":null}`, true},
		{`{"a":[null]}`, `{}`, false},
		{`{"a":["x"]}`, `{"a":["w","x"]}`, true}, // an array matches if one element does
		{`{"a":["x"]}`, `{"a":[]}`, false},
		{`{"a":{"b":["x"]}}`, `{"a":[{"b":"w"},{"b":"x"}]}`, true},
		{`{"a":[{"prefix":"ab"}]}`, `{"a":"abc"}`, true},
		{`{"a":[{"prefix":"ab"}]}`, `{"a":"xab"}`, false},
		{`{"a":[{"prefix":"1"}]}`, `{"a":12}`, false},
		{`{"a":[{"suffix":"bc"}]}`, `{"a":"abc"}`, true},
		{`{"a":[{"equals-ignore-case":"ABC"}]}`, `{"a":"abc"}`, true},
		{`{"a":[{"exists":true}]}`, `{"a":null}`, true},
		{`{"a":[{"exists":true}]}`, `{}`, false},
		{`{"a":[{"exists":true}]}`, `{"a":{"b":1}}`, false}, // only leaves exist
		{`{"a":[{"exists":false}]}`, `{}`, true},
		{`{"a":[{"exists":false}]}`, `{"a":""}`, false},
		{`{"a":{"b":[{"exists":false}]}}`, `{}`, true},
		{`{"a":[{"anything-but":"x"}]}`, `{"a":"y"}`, true},
		{`{"a":[{"anything-but":"x"}]}`, `{"a":"x"}`, false},
		{`{"a":[{"anything-but":"x"}]}`, `{}`, false}, // a missing field matches no anything-but
		{`{"a":[{"anything-but":["x","y"]}]}`, `{"a":"y"}`, false},
		{`{"a":[{"anything-but":[1]}]}`, `{"a":2}`, true},
		{`{"a":[{"anything-but":{"prefix":"x"}}]}`, `{"a":"xy"}`, false},
		{`{"a":[{"anything-but":{"suffix":["x","y"]}}]}`, `{"a":"ay"}`, false},
		{`{"a":[{"anything-but":{"wildcard":["*x*","*y*"]}}]}`, `{"a":"ayb"}`, false},
		{`{"a":[{"anything-but":{"wildcard":["*x*","*y*"]}}]}`, `{"a":"azb"}`, true},
		{`{"a":[{"exists":false},{"anything-but":{"wildcard":"*x*"}}]}`, `{}`, true},
		{`{"a":[{"wildcard":"a*b*c"}]}`, `{"a":"a-b-b-c"}`, true},
		{`{"a":[{"wildcard":"a*b*c"}]}`, `{"a":"abcd"}`, false},
		{`{"a":[{"wildcard":"a*ba"}]}`, `{"a":"aba"}`, true},
		{`{"a":[{"wildcard":"ab*ba"}]}`, `{"a":"aba"}`, false}, // the parts may not overlap
		{`{"a":[{"wildcard":"*\\\\*"}]}`, `{"a":"x\\y"}`, true},
		{`{"a":[{"wildcard":"*\\**"}]}`, `{"a":"x*y"}`, true},
		{`{"a":[{"wildcard":"*\\**"}]}`, `{"a":"xy"}`, false},
		{`{"a":[{"wildcard":"abc"}]}`, `{"a":"abc"}`, true},
	}
	for _, tt := range tests {
		p, err := rules.ParsePattern([]byte(tt.pattern))
		if err != nil {
			t.Errorf("%s: %v", tt.pattern, err)
			continue
		}
		if got, err := p.Match([]byte(tt.event)); err != nil || got != tt.want {
			t.Errorf("%s on %s = %v, %v; want %v", tt.pattern, tt.event, got, err, tt.want)
		}
	}
}

func TestPatternRefusesWhatItDoesNotKnow(t *testing.T) {
	tests := []struct{ pattern, want string }{
		{`{"a":[{"numeric":[">",1]}]}`, `"numeric" is not supported`},
		{`{"a":[{"cidr":"10.0.0.0/8"}]}`, `"cidr" is not supported`},
		{`{"$or":[{"a":["x"]}]}`, `"$or" is not supported`},
		{`{"a":[{"anything-but":{"equals-ignore-case":1}}]}`, "want a text"},
		{`{"a":[{"anything-but":{"numeric":"x"}}]}`, `"numeric" is not supported`},
		{`{"a":[{"anything-but":[]}]}`, "nothing to exclude"},
		{`{"a":[{"prefix":{"equals-ignore-case":"x"}}]}`, "prefix: want a text"},
		{`{"a":[{"exists":"true"}]}`, "exists: want true or false"},
		{`{"a":[{"prefix":"x","suffix":"y"}]}`, "one operator"},
		{`{"a":[{"wildcard":"a**b"}]}`, "two stars"},
		{`{"a":[{"wildcard":"a\\b"}]}`, "escapes only"},
		{`{"a":[{"wildcard":"a\\"}]}`, "escapes only"},
		{`{"a":[{"anything-but":[{"numeric":[">",1]}]}]}`, "an operator where a value belongs"},
		{`{"a":[{"anything-but":[{"prefix":"x"}]}]}`, "an operator where a value belongs"},
		{`{"a":[{"anything-but":{"prefix":"x","suffix":"y"}}]}`, "one operator"},
		{`{"a":[{"anything-but":null}]}`, "want values or an operator"},
		{`{"a":["x"]} {"b":["y"]}`, "after top-level value"},
		{`{"a":["` + strings.Repeat("x", 2048) + `"]}`, "want at most 2048"},
		{`{"a":[{"anything-but":true}]}`, "want values or an operator"},
		{`{"a":[{"anything-but":["x",null]}]}`, "want values or an operator"},
		{`{"a":[{"anything-but":["x",1]}]}`, "only texts or only numbers"},
		{`{"a":[{"anything-but":9007199254740993}]}`, "cannot be compared exactly"},
		{`{"a":[{"anything-but":{"prefix":""}}]}`, "not empty"},
		{`{"a":[{"anything-but":{"suffix":["x",""]}}]}`, "not empty"},
		{`{"a":["10.0.0.1"]}`, "compares IP addresses"},
		{`{"a":["2001:DB8::1"]}`, "compares IP addresses"},
		{`{"a":[{"equals-ignore-case":"straße"}]}`, "a case of several letters"},
		{
			`{"a":[{"wildcard":"*x"},{"equals-ignore-case":"x"}]}`,
			"a: EventBridge misreads wildcard beside suffix or equals-ignore-case",
		},
		{`{"a":[{"wildcard":"*x"},{"anything-but":{"suffix":"x"}}]}`, "a: EventBridge misreads wildcard"},
		{`{"a":{"b":["x"]},"a":{"b":["y"]}}`, "a.b is there twice"},
		{`{"a.b":["x"]}`, "has a dot"},
		{`{"a":[["x"]]}`, "nested array"},
		{`{"a":[]}`, "a: empty array"},
		{`{"a":{}}`, "a: empty object"},
		{`{"a":{"b":"x"}}`, "a.b: want an object or an array"},
		{`{}`, "empty object"},
		{`["a"]`, "want an object"},
		{`{`, "event pattern"},
	}
	for _, tt := range tests {
		if _, err := rules.ParsePattern([]byte(tt.pattern)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want it to say %q", tt.pattern, err, tt.want)
		}
	}
	p, err := rules.ParsePattern([]byte(`{"a":["x"]}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Match([]byte(`[]`)); err == nil {
		t.Error("an event that is no object was matched")
	}
}

// matching is which rules take which fixture: one, but for an actor who is odd in both ways, of whom the same message
// comes twice. A fixture that is not listed is matched by none.
var matching = map[string]string{
	"stop-logging":                           "tampering",
	"stop-logging-console":                   "tampering",
	"stop-logging-root":                      "tampering",
	"stop-logging-user":                      "tampering",
	"stop-logging-federated":                 "tampering",
	"stop-logging-identity-center":           "tampering",
	"stop-logging-cloudformation":            "tampering",
	"stop-logging-service":                   "tampering",
	"stop-logging-other-account":             "tampering",
	"stop-logging-no-identity":               "tampering",
	"stop-logging-hostile":                   "tampering",
	"stop-logging-org-delegated":             "tampering",
	"stop-logging-govcloud":                  "tampering",
	"stop-logging-china":                     "tampering",
	"stop-logging-odd-time":                  "tampering",
	"stop-logging-text-parameters":           "tampering",
	"stop-logging-omitted":                   "tampering",
	"stop-logging-record":                    "tampering",
	"stop-logging-foreign-account":           "tampering",
	"stop-logging-foreign-recipient":         "tampering",
	"stop-logging-foreign-region":            "tampering",
	"delete-trail":                           "tampering",
	"update-trail-minimise":                  "change",
	"put-event-selectors-blinding":           "change",
	"put-event-selectors-advanced":           "change",
	"put-event-selectors-omitted":            "change",
	"put-insight-selectors":                  "change",
	"put-insight-selectors-event-data-store": "change",
	"update-trail-guard":                     "own-repair",
	"stop-logging-denied":                    "attempt",
	"stop-logging-not-found":                 "attempt",
	"stop-logging-org-member":                "attempt",
	"delete-trail-denied":                    "attempt",
	"update-trail-denied":                    "attempt",
	"put-event-selectors-denied":             "attempt",
	"stop-logging-odd-actor":                 "odd-actor odd-markup",
	"stop-logging-odd-actor-markup":          "odd-markup",
	"stop-logging-denied-odd-actor":          "odd-attempt",
	"start-logging":                          "activity",
	"start-logging-guard":                    "activity",
	"start-logging-denied":                   "activity",
	"create-trail":                           "activity",
	"add-tags":                               "activity",
	"remove-tags":                            "activity",
}

func TestRulesMatchTheFixtures(t *testing.T) {
	names, err := fs.Glob(events.Fixtures(), "*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range names {
		fixture := strings.TrimSuffix(file, ".json")
		ev := event(t, fixture)
		var got []string
		for _, r := range rules.EventRules() {
			if ok, err := r.Pattern.Match(ev); err != nil {
				t.Errorf("%s: %v", fixture, err)
			} else if ok {
				got = append(got, r.Name)
			}
		}
		if want := matching[fixture]; strings.Join(got, " ") != want { // one rule, both for odd actors, or none
			t.Errorf("%s is matched by %v, want %q", fixture, got, want)
		}
	}
}

// event returns the fixture as EventBridge would deliver it.
func event(tb testing.TB, fixture string) []byte {
	tb.Helper()
	b, err := fs.ReadFile(events.Fixtures(), fixture+".json")
	if err != nil {
		tb.Fatal(err)
	}
	if ev, err := events.Parse(b); err == nil {
		return ev.JSON()
	}
	return b
}

func TestPatternsAreWithinEventBridgesLimit(t *testing.T) {
	for _, r := range rules.EventRules() {
		if n := len([]rune(string(r.Pattern.JSON()))); n > rules.MaxPatternLength {
			t.Errorf("%s: %d characters", r.Name, n)
		}
		for _, pin := range []string{
			`"source": ["aws.cloudtrail"]`, `"detail-type": ["AWS API Call via CloudTrail"]`,
			`"eventSource": ["cloudtrail.amazonaws.com"]`,
		} {
			if !strings.Contains(string(r.Pattern.JSON()), pin) {
				t.Errorf("%s does not pin %s", r.Name, pin)
			}
		}
	}
}
