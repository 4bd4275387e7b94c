package filterpattern_test

import (
	"strings"
	"testing"

	"trailkeeper/rules/filterpattern"
)

// guide is the event of the guide, "Using filter patterns to match terms in JSON log events", with more values.
const guide = `{
	"eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111", "arrayKey": ["value", "another value"],
	"objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}], "SomeObject": null, "cluster.name": "c",
	"ThisFlag": true, "user": {"id": 1, "email": "John.Stiles@example.com"},
	"users": [{"id": 2, "email": "John.Doe@example.com"}, {"id": 3, "email": "Jane.Doe@example.com"}],
	"actions": ["GET", "PUT", "DELETE"], "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]],
	"latency": 50.5, "errorCode": "400", "empty": "",
	"odd": {"": "y"}, "quoted": "a \"b\" \\c"
}`

// TestMatches: patterns of the guide and near misses on one event.
func TestMatches(t *testing.T) {
	for pattern, want := range map[string]bool{
		`{ $.eventType = "UpdateTrail" }`:              true,
		`{ $.eventType = UpdateTrail }`:                true,
		`{$.eventType="updateTrail"}`:                  false,
		`{ $.eventType = "UpdateTrai" }`:               false,
		`{ $.eventType = "Update*" }`:                  true,
		`{ $.eventType = "*Trail" }`:                   true,
		`{ $.eventType = "*date*" }`:                   true,
		`{ $.eventType = "*" }`:                        true,
		`{ $.eventType = * }`:                          true,
		`{ $.eventType = "Up*Trail" }`:                 false,
		`{ $.eventType != "Update*" }`:                 false,
		`{ $.sourceIPAddress != 123.123.* }`:           true,
		`{ $.sourceIPAddress != 111.111.* }`:           false,
		`{ $.missing != "x" }`:                         false,
		`{ $.missing = * }`:                            false,
		`{ $.arrayKey[0] = "value" }`:                  true,
		`{ $.arrayKey[1] = "value" }`:                  false,
		`{ $.arrayKey[2] = "value" }`:                  false,
		`{ $.eventType[0] = "UpdateTrail" }`:           false,
		`{ $.eventType = %Trail% }`:                    true,
		`{ $.eventType = %^Trail% }`:                   false,
		`{ $.eventType != %^Trail% }`:                  true,
		`{ $.arrayKey[*] = %val.{2}% }`:                true,
		`{ $.arrayKey[*] = "none" }`:                   false,
		`{ $.* = %111\.111\.111\.1[0-9]{1,2}% }`:       true,
		`{ $.user.* = "John*" }`:                       true,
		`{ $.['cluster.name'] = "c" }`:                 true,
		`{ $.cluster.name = "c" }`:                     false,
		`{ $.cluster.name NOT EXISTS }`:                true,
		`{ $.SomeObject IS NULL }`:                     true,
		`{ $.SomeOtherObject IS NULL }`:                false,
		`{ $.SomeObject NOT EXISTS }`:                  false,
		`{ $.SomeOtherObject NOT EXISTS }`:             true,
		`{ $.SomeObject.x NOT EXISTS }`:                true,
		`{ $.SomeObject != "x" }`:                      false,
		`{ $.ThisFlag IS TRUE }`:                       true,
		`{ $.ThisFlag is false }`:                      false,
		`{ $.ThisFlag = "true" }`:                      false,
		`{ $.ThisFlag != "x" }`:                        false,
		`{ $.objectList[1].id = 2 }`:                   true,
		`{ $.objectList[1].id = "2" }`:                 true,
		`{ $.objectList[*].id = 3 }`:                   false,
		`{ $.objectList.id = 2 }`:                      false,
		`{ $.users = 1 }`:                              false,
		`{ $.users != 1 }`:                             false,
		`{ $.user != 1 }`:                              false,
		`{ $.latency > 50 }`:                           true,
		`{ $.latency >= 50.5 && $.latency <= 5.05e1 }`: true,
		`{ $.latency < 50.5 }`:                         false,
		`{ $.latency = 50.50 }`:                        true,
		`{ $.latency = 50* }`:                          true,
		`{ $.errorCode = 400 }`:                        true,
		`{ $.errorCode > 300 }`:                        false,
		`{ $.empty = "" }`:                             true,
		`{ $.empty = * }`:                              true,
		`{ $.empty = ** }`:                             true,
		`{ $.eventType = 0 }`:                          false,
		`{ $.latency > 50.5 }`:                         false,
		`{ $.latency >= 51 }`:                          false,
		`{ $.latency <= 50 }`:                          false,
		`{ $.latency != 50.5 }`:                        false,
		`{ $.odd[0] = "y" }`:                           false,
		`{ $.odd[*] = "y" }`:                           false,
		`{ $.arrayKey.* = "value" }`:                   false,
		`{ $["eventType"] = "UpdateTrail" }`:           true,
		`{ $.quoted = "a \"b\" \\c" }`:                 true,
		`{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }`:                                         true,
		`{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }`:                               false,
		`{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch && $.actions[2] = nomatch }`:   true,
		`{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch) && $.actions[2] = nomatch }`: false,
		"{\n  $.user.id = 1\n  &&\t$.coordinates[1][2] = 6 }":                                                        true,
	} {
		p, err := filterpattern.Parse(pattern)
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
			continue
		}
		if err := p.Check(); err != nil {
			t.Errorf("%s: %v", pattern, err)
		}
		if got := p.Matches(filterpattern.Read([]byte(guide))); got != want || p.String() != pattern {
			t.Errorf("%s matches: %v, want %v; written %q", pattern, got, want, p)
		}
	}
}

// TestNoObject: what is no JSON object matches nothing, whatever is asked of it.
func TestNoObject(t *testing.T) {
	p, err := filterpattern.Parse(`{ $.a NOT EXISTS }`)
	if err != nil {
		t.Fatal(err)
	}
	for event, want := range map[string]bool{
		`{}`: true, `{"a":1}`: false, `[]`: false, `"a"`: false, `null`: false, `{} {}`: false, `{`: false, ``: false, `a`: false,
	} {
		if got := p.Matches(filterpattern.Read([]byte(event))); got != want {
			t.Errorf("%s: %v", event, got)
		}
	}
}

// TestRefused: what CloudWatch Logs would refuse, by Parse or by Check.
func TestRefused(t *testing.T) {
	for pattern, want := range map[string]string{
		``:                    "empty",
		`ERROR`:               "terms anywhere",
		`[ip, user]`:          "words between spaces",
		`{ $.a = 1`:           "no closing brace",
		`{ $.a IS NOT NULL }`: "no IS NOT, only NOT EXISTS",
		`{ $.a exists }`:      "no EXISTS",
		`{ $.a = %a(b)% }`:    "has '('",
		`{ $.a = %a b% }`:     "has ' '",
		`{ $.a = %a!% }`:      "has '!'",
		`{ $.a = %é% }`:       "not ASCII",
		`{ $.a = %[% }`:       "is not understood",
		`{ $.a = %a% || $.b = %b% || $.c = %c% }`:               "3 regular expressions",
		`{ $.a[*].b[*] = 1 }`:                                   "2 wildcards",
		`{ $.a[*] = 1 || $.b[*] = 1 || $.c[*] = 1 || $.* = 1 }`: "4 wildcard selectors",
		`{ $[0] = 1 }`:    "no property",
		`{ $.a > x }`:     "compares numbers",
		`{ $.a > 1* }`:    "compares numbers",
		`{ $.a > %1% }`:   "compares numbers",
		`{ $.a = 1e999 }`: "too large",
		`{ $.a = "` + strings.Repeat("x", 1025-len(`{ $.a = "" }`)) + `" }`:         "has 1025 characters",
		`{ ` + strings.Repeat("(", 41) + `$.a = 1` + strings.Repeat(")", 41) + ` }`: "nested",
	} {
		p, err := filterpattern.Parse(pattern)
		if err == nil {
			err = p.Check()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", pattern, err, want)
		}
	}
	longest := `{ $.a = "` + strings.Repeat("é", 1024-len(`{ $.a = "" }`)) + `" }`
	if _, err := filterpattern.Parse(longest); err != nil {
		t.Errorf("1,024 characters: %v", err)
	}
}

// FuzzPattern: a pattern that is understood can be evaluated, and what is open about it does not depend on the space
// around it.
func FuzzPattern(f *testing.F) {
	f.Add(`{ ($.a[0].b = "c*") && ($.['d'] != %e% || $.f >= 1.5) && $.g NOT EXISTS }`, `{"a":[{"b":"cd"}],"d":"x"}`)
	f.Add(`{ $.* IS NULL || $.a[*] < 1e3 }`, guide)
	f.Fuzz(func(t *testing.T, pattern, event string) {
		p, err := filterpattern.Parse(pattern)
		if err != nil {
			return
		}
		wider, err := filterpattern.Parse(" " + strings.TrimSpace(pattern))
		if err != nil {
			return // one character too many
		}
		if p.Matches(filterpattern.Read([]byte(event))) != wider.Matches(filterpattern.Read([]byte(event))) || (p.Check() == nil) != (wider.Check() == nil) {
			t.Errorf("%q is not as with a space before it on %q", pattern, event)
		}
	})
}
