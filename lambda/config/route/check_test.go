package route_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/route"
)

func TestCheck(t *testing.T) {
	if errs := example().Check(); len(errs) > 0 {
		t.Errorf("the example: %v", errs)
	}
	if errs := (route.List{}).Check(); len(errs) > 0 {
		t.Errorf("nothing: %v", errs)
	}
	bad := route.List{
		Groups: map[string][]string{
			"a":      {"12"},
			"empty":  {},
			"unused": nil,
			one:      {two},
			" ":      {two},
		},
		Routes: []route.Route{
			{},
			{
				Accounts: []string{"b", "empty", "11112222333"},
				Severity: "High",
				Events:   []string{"stopLogging", ""},
				Trails:   []string{"main"},
				Slack:    []string{channelA},
			},
			{
				Slack: []string{
					"#security",
					"secret:",
					"secret:a b",
					"secret:bot_token",
					"https://hooks.slack.com/services/T0/B0/xyz",
					channelA,
					channelA,
				},
			},
			{
				Severity: "critical", Slack: []string{"secret:" + strings.Repeat("k", 65)},
				Topics: []string{"security", topic, topic, "arn:aws:sqs:eu-west-1:111122223333:security"},
			},
		},
	}
	got := lines(bad.Check())
	want := []string{
		`groups is " "`,
		`groups is "111122223333"`,
		`groups["a"][0] is "12"`,
		`routes[0].slack is ""`,
		`routes[1].accounts[0] is "b"`,
		`routes[1].accounts[1] is "empty"`,
		`routes[1].accounts[2] is "11112222333"`,
		`routes[1].severity is "High"`,
		`routes[1].events[0] is "stopLogging"`,
		`routes[1].events[1] is ""`,
		`routes[1].trails[0] is "main"`,
		`routes[2].slack[0] is "#security"`,
		`routes[2].slack[1] is "secret:"`,
		`routes[2].slack[2] is "secret:a b"`,
		`routes[2].slack[3] is "secret:bot_token"`,
		`routes[2].slack[4] is "(hidden: it looks like a credential)"`,
		`routes[2].slack[6] is "C0123456789"`,
		`routes[3].slack[0] is "secret:` + strings.Repeat(
			"k",
			65,
		) + `"`,
		`routes[3].topics[0] is "security"`,
		`routes[3].topics[2] is "` + topic + `"`,
		`routes[3].topics[3] is "arn:aws:sqs:eu-west-1:111122223333:security"`,
		`routes[2] can never be reached, because routes[0] takes all that fits it`,
		`routes[3] can never be reached, because routes[0] takes all that fits it`,
	}
	for i := range got {
		got[i], _, _ = strings.Cut(got[i], "; want ")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// TestRelations: each row is a list of routes whose destinations differ, unless Slack says otherwise.
func TestRelations(t *testing.T) {
	groups := map[string][]string{"prod": {one, two}, "all": {one, two, three}}
	foreign := strings.Replace(mainTrail, one, two, 1)
	for name, test := range map[string]struct {
		routes []route.Route
		want   []string
	}{
		"special before general": {
			[]route.Route{{Accounts: []string{"prod"}, Severity: "high"}, {Accounts: []string{"prod"}}, {}}, nil,
		},
		"general before special": {
			[]route.Route{{Accounts: []string{"prod"}}, {Accounts: []string{one}, Severity: "high"}},
			[]string{"routes[1] can never be reached, because routes[0] takes"},
		},
		"the same twice": {
			[]route.Route{{Events: []string{"StopLogging"}}, {Events: []string{"StopLogging"}}},
			[]string{"routes[1] can never be reached"},
		},
		"disjoint accounts": {[]route.Route{{Accounts: []string{"prod"}}, {Accounts: []string{three}}}, nil},
		"disjoint events": {
			[]route.Route{{Events: []string{"StopLogging"}}, {Events: []string{"DeleteTrail"}, Severity: "high"}}, nil,
		},
		"disjoint trails":       {[]route.Route{{Trails: []string{mainTrail}}, {Trails: []string{otherTrail}}}, nil},
		"severity from that up": {[]route.Route{{Severity: "high"}, {Severity: "low"}}, nil},
		"covered by the rest up": {
			[]route.Route{{Severity: "medium"}, {Severity: "critical"}}, []string{"routes[1] can never be reached"},
		},
		"crossing": {
			[]route.Route{{Accounts: []string{"prod"}}, {Severity: "critical"}},
			[]string{"routes[1] overlaps routes[0], which takes what fits both, such as a message of severity critical in " +
				"account 111122223333, and"},
		},
		"crossing, to the same place": {
			[]route.Route{
				{Accounts: []string{"prod"}, Slack: []string{channelA}}, {Severity: "critical", Slack: []string{channelA}},
			},
			nil,
		},
		"crossing, decided before": {
			[]route.Route{
				{Accounts: []string{"prod"}, Severity: "critical"}, {Accounts: []string{"prod"}}, {Severity: "critical"},
			},
			nil,
		},
		"crossing, decided for one account only": {
			[]route.Route{{Accounts: []string{one}, Severity: "critical"}, {Accounts: []string{"prod"}}, {Severity: "critical"}},
			[]string{"routes[2] overlaps routes[1], which takes what fits both, such as a message of severity critical in " +
				"account 222233334444, and"},
		},
		"crossing groups": {
			[]route.Route{{Accounts: []string{"prod"}}, {Accounts: []string{two, three}}},
			[]string{"such as a message in account 222233334444, and"},
		},
		"crossing events": {
			[]route.Route{{Events: []string{"StopLogging", "DeleteTrail"}}, {Events: []string{"DeleteTrail", "UpdateTrail"}}},
			[]string{"such as DeleteTrail, and"},
		},
		"covered by several together": {
			[]route.Route{{Accounts: []string{one}}, {Accounts: []string{two}}, {Accounts: []string{"prod"}}},
			[]string{"routes[2] can never be reached, because routes[0] and routes[1] take all that fits it"},
		},
		"not quite covered by several": {
			[]route.Route{{Accounts: []string{one}}, {Accounts: []string{two}}, {Accounts: []string{"all"}}}, nil,
		},
		"every event is not all": {
			[]route.Route{{Events: []string{"StopLogging"}}, {}}, nil, // a payload that cannot be read has no event
		},
		"a trail of the account": {
			[]route.Route{{Accounts: []string{one}}, {Trails: []string{mainTrail}}}, []string{"routes[1] can never be reached"},
		},
		"a trail before its account": {[]route.Route{{Trails: []string{mainTrail}}, {Accounts: []string{one}}}, nil},
		"a trail of another account": {[]route.Route{{Accounts: []string{two}}, {Trails: []string{mainTrail}}}, nil},
		"trails of several accounts": {
			[]route.Route{{Accounts: []string{one}}, {Trails: []string{mainTrail, foreign}}},
			[]string{"routes[1] overlaps routes[0]"},
		},
		"what others do to a trail": {
			[]route.Route{{Accounts: []string{two}, Trails: []string{mainTrail}}, {Trails: []string{mainTrail}}}, nil,
		},
		"what others do to it, too late": {
			[]route.Route{{Trails: []string{mainTrail}}, {Accounts: []string{two}, Trails: []string{mainTrail}}},
			[]string{"can never be reached"},
		},
		"a route that is not sound": {
			[]route.Route{{Severity: "worst"}, {Accounts: []string{one}}}, []string{"routes[0].severity"},
		},
		"everything, and then something": {
			[]route.Route{{}, {Accounts: []string{one}}, {Severity: "high"}},
			[]string{"routes[1] can never", "routes[2] can never"},
		},
		"several problems, each told": {
			[]route.Route{{Severity: "high"}, {Accounts: []string{one}}, {Events: []string{"StopLogging"}}},
			[]string{"routes[1] overlaps routes[0]", "routes[2] overlaps routes[0]", "routes[2] overlaps routes[1]"},
		},
		"an account twice in its group": {
			[]route.Route{{Accounts: []string{one, "prod"}}, {Accounts: []string{"all"}}}, nil,
		},
		"an event that only one can have": {
			[]route.Route{{Trails: []string{mainTrail}, Events: []string{"no_trail"}}, {Events: []string{"no_trail"}}}, nil,
		},
	} {
		list := route.List{Groups: groups}
		for i, r := range test.routes {
			if r.Slack == nil {
				r.Slack = []string{fmt.Sprintf("C012345678%d", i)}
			}
			list.Routes = append(list.Routes, r)
		}
		got := lines(list.Check())
		ok := len(got) == len(test.want)
		for i := range min(len(got), len(test.want)) {
			ok = ok && strings.Contains(got[i], test.want[i])
		}
		if !ok {
			t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(test.want, "\n"))
		}
	}
}

// TestReachIsExact compares what Check says with every possible message, for lists over few values.
func TestReachIsExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test that can be repeated
	some := func(from ...string) (values []string) {
		for _, v := range from {
			if random.IntN(3) == 0 {
				values = append(values, v)
			}
		}
		return values
	}
	unreached := 0
	for range 2000 {
		var list route.List
		for i := range 4 {
			list.Routes = append(list.Routes, route.Route{
				Accounts: some(one, two),
				Severity: []string{"", "high", "critical"}[random.IntN(3)],
				Events:   some("StopLogging", "DeleteTrail"),
				Slack:    []string{fmt.Sprintf("C012345678%d", i)},
			})
		}
		said := strings.Join(lines(list.Check()), "\n")
		for i := range list.Routes {
			want := !reached(list, i)
			if got := strings.Contains(said, fmt.Sprintf("routes[%d] can never", i)); got != want {
				t.Fatalf("%+v: routes[%d] unreachable: %v, want %v", list, i, got, want)
			}
			if want {
				unreached++
			}
		}
	}
	if unreached < 100 {
		t.Errorf("only %d routes of all were out of reach", unreached)
	}
}

func reached(list route.List, i int) bool {
	for _, account := range []string{one, two, three} {
		for _, severity := range []string{"low", "medium", "high", "critical"} {
			for _, event := range []string{"StopLogging", "DeleteTrail", "UpdateTrail"} {
				r, ok := list.Match(route.Facts{Recipient: account, Severity: severity, Event: event})
				if ok && r.Slack[0] == list.Routes[i].Slack[0] {
					return true
				}
			}
		}
	}
	return false
}

func lines(errs []error) []string {
	var all []string
	for _, err := range errs {
		all = append(all, err.Error())
	}
	return all
}
