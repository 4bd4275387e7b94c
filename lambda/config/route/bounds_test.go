package route_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/route"
)

func to(r route.Route, channel string) route.Route {
	r.Slack = []string{channel}
	return r
}

// TestMatchOfEachCondition: of a route with two of everything each condition is met by either value, and by itself
// keeps out what does not meet it; several routes before it, each wrong in one way, take nothing of it.
func TestMatchOfEachCondition(t *testing.T) {
	right := route.Route{
		Accounts: []string{"g", three},
		Severity: "high",
		Events:   []string{"StopLogging", "weakened"},
		Trails:   []string{mainTrail, otherTrail},
		Slack:    []string{channelA, channelB},
	}
	fits := route.Facts{
		Recipient: two,
		Owner:     "999900001111",
		Severity:  "high",
		Event:     "weakened",
		Trail:     otherTrail,
	}
	list := route.List{Groups: map[string][]string{"g": {one, two}, "h": {"", "777788889999"}}}
	for _, change := range []func(*route.Route){
		func(r *route.Route) { r.Accounts = []string{"h", "none", "888899990000"} },
		func(r *route.Route) { r.Severity = "critical" },
		func(r *route.Route) { r.Events = []string{"AddTags", "stale"} },
		func(r *route.Route) { r.Trails = []string{mainTrail + "2", mainTrail} },
	} {
		wrong := to(right, "C9999999999")
		change(&wrong)
		list.Routes = append(list.Routes, wrong)
	}
	list.Routes = append(list.Routes, right, to(route.Route{}, "C8888888888"))
	if got, ok := list.Match(fits); !ok || !cmp.Equal(right, got) {
		t.Errorf("%+v, %v; want the route that fits, whole", got, ok)
	}
	for _, change := range []func(*route.Facts){
		func(f *route.Facts) { f.Recipient = one },
		func(f *route.Facts) { f.Recipient = three },
		func(f *route.Facts) { f.Recipient, f.Owner = "", two },
		func(f *route.Facts) { f.Recipient, f.Owner = "", three },
		func(f *route.Facts) { f.Event = "StopLogging" },
		func(f *route.Facts) { f.Trail = mainTrail },
	} {
		f := fits
		change(&f)
		if got, _ := list.Match(f); !cmp.Equal(right, got) && f.Trail != mainTrail { // that trail is of the route before
			t.Errorf("%+v: %+v", f, got)
		}
	}
	for _, change := range []func(*route.Facts){
		func(f *route.Facts) { f.Recipient, f.Owner = "", "" },
		func(f *route.Facts) { f.Recipient = "g" },
		func(f *route.Facts) { f.Severity = "medium" },
		func(f *route.Facts) { f.Event = "" },
		func(f *route.Facts) { f.Trail = "" },
	} {
		f := fits
		change(&f)
		if got, ok := list.Match(f); !ok || got.Slack[0] != "C8888888888" {
			t.Errorf("%+v: %+v", f, got)
		}
	}
}

// TestSeveritiesAreOrdered: every severity of a route with every severity of a message; one that is not known is the
// least.
func TestSeveritiesAreOrdered(t *testing.T) {
	if diff := cmp.Diff([]string{"low", "medium", "high", "critical"}, route.Severities()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	route.Severities()[0] = "changed by the caller"
	for i, least := range route.Severities() {
		list := route.List{Routes: []route.Route{to(route.Route{Severity: least}, channelA)}}
		for j, severity := range route.Severities() {
			if _, got := list.Match(route.Facts{Severity: severity}); got != (j >= i) {
				t.Errorf("%s fits a route from %s: %v", severity, least, got)
			}
		}
		if _, got := list.Match(route.Facts{Severity: "worst"}); got {
			t.Errorf("an unknown severity fits a route from %s", least)
		}
	}
}

// TestKeysOfTheSecret at their bounds.
func TestKeysOfTheSecret(t *testing.T) {
	for key, want := range map[string]bool{
		"a":                     true,
		"azAZ09_-":              true,
		strings.Repeat("k", 64): true,
		"webhook":               true,
		"bot_tokens":            true,
		"":                      false,
		strings.Repeat("k", 65): false,
		"bot_token":             false,
		"a b":                   false,
		"a/b":                   false,
		"a@b":                   false,
		"a[b":                   false,
		"a`b":                   false,
		"a{b":                   false,
		"a:b":                   false,
		"é":                     false,
	} {
		list := route.List{Routes: []route.Route{{Severity: "high", Slack: []string{channelA, "secret:" + key}}}}
		if errs := list.Check(); (len(errs) == 0) != want ||
			!want && !strings.HasPrefix(errs[0].Error(), "routes[0].slack[1] is ") {
			t.Errorf("%q: %v", key, errs)
		}
	}
}

// TestEveryEventIsKnown: all of them are taken, and what is near one is not.
func TestEveryEventIsKnown(t *testing.T) {
	names := []string{
		"StopLogging",
		"DeleteTrail",
		"UpdateTrail",
		"PutEventSelectors",
		"PutInsightSelectors",
		"StartLogging",
		"CreateTrail",
		"AddTags",
		"RemoveTags",
		"not_logging",
		"weakened",
		"missing",
		"delivery_error",
		"stale",
		"no_trail",
		"cannot_see",
		"recovered",
		"confirmed",
		"recorded",
		"false_approval",
		"true_approval",
		"named",
	}
	for i, name := range names {
		list := route.List{Routes: []route.Route{to(route.Route{Events: []string{names[(i+1)%len(names)], name}}, channelA)}}
		if errs := list.Check(); len(errs) > 0 {
			t.Errorf("%s: %v", name, errs)
		}
		list.Routes[0].Events[1] += "s"
		if errs := list.Check(); len(errs) != 1 || !strings.HasPrefix(errs[0].Error(), "routes[0].events[1] is ") {
			t.Errorf("%ss: %v", name, errs)
		}
	}
}

// TestSomeDestination: SNS or Slack alone is enough, and each may be there once only, wherever the second stands.
func TestSomeDestination(t *testing.T) {
	for name, tt := range map[string]struct {
		route route.Route
		want  []string
	}{
		"Slack": {route.Route{Slack: []string{channelA}}, nil},
		"SNS":   {route.Route{Topics: []string{topic}}, nil},
		"none":  {route.Route{}, []string{"routes[0].slack"}},
		"twice": {
			route.Route{Slack: []string{channelA, channelB, channelA}, Topics: []string{topic, topic + "2", topic}},
			[]string{"routes[0].slack[2]", "routes[0].topics[2]"},
		},
	} {
		tt.route.Severity = "low"
		got := lines((route.List{Routes: []route.Route{tt.route}}).Check())
		for i := range got {
			got[i], _, _ = strings.Cut(got[i], " is ")
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// TestGroupsAreListedUpToABound: ten by name, the rest by number.
func TestGroupsAreListedUpToABound(t *testing.T) {
	for n, want := range map[int]string{
		0:  "; there is no group",
		1:  `, of which there are "g00"`,
		10: `"g08", "g09"`,
		11: `"g08", "g09" and 1 more`,
		25: `"g09" and 15 more`,
	} {
		list := route.List{
			Groups: map[string][]string{},
			Routes: []route.Route{to(route.Route{Accounts: []string{"x"}}, channelA)},
		}
		for i := range n {
			list.Groups[fmt.Sprintf("g%02d", i)] = []string{one}
		}
		errs := list.Check()
		if len(errs) != 1 || !strings.HasSuffix(errs[0].Error(), want) {
			t.Errorf("%d groups: %v; want %s", n, errs, want)
		}
	}
	long := route.List{
		Groups: map[string][]string{strings.Repeat("g", 61): {one}},
		Routes: []route.Route{to(route.Route{Accounts: []string{"x"}}, channelA)},
	}
	if got := long.Check()[0].Error(); !strings.HasSuffix(got, ` "`+strings.Repeat("g", 60)+`"`) {
		t.Errorf("a long name: %s", got)
	}
}

// TestTakersAreListedUpToABound: ten by place, the rest by number.
func TestTakersAreListedUpToABound(t *testing.T) {
	for n, want := range map[int]string{
		1:  "because routes[0] takes all",
		2:  "because routes[0] and routes[1] take all",
		3:  "because routes[0], routes[1] and routes[2] take all",
		10: "routes[8] and routes[9] take all",
		11: "because routes[0] and 10 others between it and this one take all",
	} {
		list := route.List{}
		for i := range n {
			list.Routes = append(
				list.Routes,
				to(route.Route{Accounts: []string{fmt.Sprintf("%012d", i)}}, fmt.Sprintf("C%010d", i)),
			)
		}
		last := to(route.Route{}, channelA)
		for _, r := range list.Routes {
			last.Accounts = append(last.Accounts, r.Accounts...)
		}
		list.Routes = append(list.Routes, last)
		if errs := list.Check(); len(errs) != 1 ||
			!strings.HasPrefix(errs[0].Error(), fmt.Sprintf("routes[%d] can never be reached, because routes[0]", n)) ||
			!strings.Contains(errs[0].Error(), want) {
			t.Errorf("%d routes: %v; want %s", n, errs, want)
		}
	}
}

// TestOverlapsInWords: each part of what fits two routes is named, and the destinations compared whatever their order.
func TestOverlapsInWords(t *testing.T) {
	crossing := func(a, b route.Route) string {
		return strings.Join(lines((route.List{Routes: []route.Route{a, b}}).Check()), "\n")
	}
	a := route.Route{
		Severity: "high",
		Events:   []string{"AddTags", "StopLogging"},
		Trails:   []string{mainTrail},
		Slack:    []string{channelA},
	}
	b := route.Route{
		Events:   []string{"StopLogging", "DeleteTrail"},
		Accounts: []string{one},
		Trails:   []string{otherTrail, mainTrail},
		Slack:    []string{channelB},
	}
	want := "such as StopLogging of severity high about " + mainTrail + " in account " + one + ", and sends it elsewhere"
	if got := crossing(a, b); !strings.Contains(got, "routes[1] overlaps routes[0]") || !strings.Contains(got, want) {
		t.Errorf("%s; want %s", got, want)
	}
	a.Slack, b.Slack = []string{channelA, channelB}, []string{channelB, channelA}
	a.Topics, b.Topics = []string{topic, topic + "2"}, []string{topic + "2", topic}
	if got := crossing(a, b); got != "" {
		t.Errorf("to the same places in another order: %s", got)
	}
	b.Topics = []string{topic}
	if got := crossing(a, b); got == "" {
		t.Error("another topic is the same place")
	}
	b.Topics, b.Slack = a.Topics, a.Slack[:1]
	if got := crossing(a, b); got == "" {
		t.Error("another channel is the same place")
	}
}

// TestCheckReadLeavesOut what could not be read: the routes of these places, and how those of these groups relate; the
// rest is checked.
func TestCheckReadLeavesOut(t *testing.T) {
	list := route.List{
		Groups: map[string][]string{"g": {one}, "h": {two}},
		Routes: []route.Route{
			{Severity: "worst"},
			to(route.Route{Accounts: []string{"g"}}, channelA), to(route.Route{Accounts: []string{"g"}}, channelB),
			to(route.Route{Accounts: []string{three, "h"}}, channelA), to(route.Route{Accounts: []string{"h"}}, channelB),
			{Accounts: []string{"444455556666"}},
		},
	}
	for name, tt := range map[string]struct {
		routes []int
		groups []string
		want   []string
	}{
		"all": {
			nil, nil, []string{"routes[0].severity", "routes[0].slack", "routes[5].slack", "routes[2] can", "routes[4] can"},
		},
		"two routes":         {[]int{5, 0}, nil, []string{"routes[2] can", "routes[4] can"}},
		"a route of a group": {[]int{0, 5, 1}, nil, []string{"routes[4] can"}},
		"a group":            {[]int{0, 5}, []string{"x", "h"}, []string{"routes[2] can"}},
		"both groups":        {[]int{0, 5}, []string{"h", "g"}, nil},
	} {
		got := lines(list.CheckRead(tt.routes, tt.groups))
		ok := len(got) == len(tt.want)
		for i := range min(len(got), len(tt.want)) {
			ok = ok && strings.HasPrefix(got[i], tt.want[i])
		}
		if !ok {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// TestGroupsAtTheirBounds: a name that is no account and not blank, and accounts of 12 digits, the second as well as
// the first.
func TestGroupsAtTheirBounds(t *testing.T) {
	for name, tt := range map[string]struct {
		accounts []string
		want     string
	}{
		"g":             {[]string{one, two}, ""},
		"11112222333":   {[]string{one}, ""},
		"1111222233334": {[]string{one}, ""},
		"":              {[]string{one}, `groups is ""`},
		"\t":            {[]string{one}, "groups is "},
		one:             {[]string{one}, "groups is "},
		"second":        {[]string{one, two + "0"}, `groups["second"][1] is "` + two + `0"`},
		"short":         {[]string{one, two[1:]}, `groups["short"][1] is "` + two[1:] + `"`},
	} {
		errs := (route.List{Groups: map[string][]string{name: tt.accounts}}).Check()
		if tt.want == "" && len(errs) > 0 ||
			tt.want != "" && (len(errs) != 1 || !strings.HasPrefix(errs[0].Error(), tt.want)) {
			t.Errorf("%q: %v; want %s", name, errs, tt.want)
		}
	}
}

// TestCredentialsAreNotShown: one that was put in the place of anything in a route is refused and not shown.
func TestCredentialsAreNotShown(t *testing.T) {
	for _, secret := range []string{
		"xoxb-1-s3cr3t", "secret:xoxb-1-s3cr3t", "secret:XAPP-1-s3cr3t", "T0ABCDEFG/B0ABCDEFG/s3cr3ts3cr3ts3cr3t",
		"https://hooks.slack.com/services/T0/B0/s3cr3t",
	} {
		for name, r := range map[string]route.Route{
			"Slack":    {Slack: []string{channelA, secret}},
			"topics":   {Topics: []string{topic, secret}},
			"accounts": {Accounts: []string{secret}, Slack: []string{channelA}},
			"severity": {Severity: secret, Slack: []string{channelA}},
			"events":   {Events: []string{secret}, Slack: []string{channelA}},
			"trails":   {Trails: []string{secret}, Slack: []string{channelA}},
		} {
			if got := strings.Join(
				lines((route.List{Routes: []route.Route{r}}).Check()),
				"\n",
			); got == "" ||
				strings.Contains(got, "s3cr3t") {
				t.Errorf("%s: %q", name, got)
			}
		}
		groups := map[string][]string{secret: {"12"}, "a": {one}, "b": {secret}}
		got := strings.Join(
			lines(
				(route.List{Groups: groups, Routes: []route.Route{{Accounts: []string{"c"}, Slack: []string{channelA}}}}).Check(),
			),
			"\n",
		)
		if strings.Count(got, "(hidden: ") != 3 || strings.Contains(got, "s3cr3t") ||
			!strings.Contains(got, `of which there are "`) {
			t.Errorf("the name of a group: %q", got)
		}
	}
}
