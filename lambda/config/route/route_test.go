package route_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/rules"
)

const (
	one, two, three = "111122223333", "222233334444", "333344445555"
	mainTrail       = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"
	otherTrail      = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/other"
	topic           = "arn:aws:sns:eu-west-1:111122223333:security"
	channelA        = "C0123456789"
	channelB        = "C0123456780"
)

func example() route.List {
	return route.List{
		Groups: map[string][]string{"prod/eu": {one, two}, "dev": {three}},
		Routes: []route.Route{
			{
				Accounts: []string{"prod/eu"},
				Severity: "critical",
				Slack:    []string{channelA},
				Topics:   []string{topic},
			},
			{Accounts: []string{"prod/eu"}, Slack: []string{channelA, "secret:prod-webhook"}},
			{Accounts: []string{"dev"}, Events: []string{"AddTags", "recovered"}, Slack: []string{channelB}},
		},
	}
}

func TestMatch(t *testing.T) {
	at := func(account, severity, event, trail string) route.Facts {
		return route.Facts{
			Recipient: account,
			Severity:  severity,
			Event:     event,
			Trail:     trail,
		}
	}
	for name, test := range map[string]struct {
		facts route.Facts
		want  int // -1: none
	}{
		"the first that fits":             {at(one, "critical", "StopLogging", mainTrail), 0},
		"less severe":                     {at(one, "high", "StopLogging", mainTrail), 1},
		"severity unknown":                {at(one, "", "", ""), 1},
		"severity misspelt":               {at(one, "Critical", "", ""), 1},
		"of the same group":               {at(two, "critical", "StopLogging", ""), 0},
		"another account":                 {at("444455556666", "critical", "StopLogging", mainTrail), -1},
		"the trail's account":             {route.Facts{Recipient: "444455556666", Owner: two, Severity: "high"}, 1},
		"no account":                      {route.Facts{Severity: "critical"}, -1},
		"event":                           {at(three, "low", "AddTags", ""), 2},
		"finding":                         {at(three, "low", "recovered", ""), 2},
		"another event":                   {at(three, "low", "RemoveTags", ""), -1},
		"the group's name for an account": {at("dev", "low", "AddTags", ""), -1},
	} {
		want, ok := route.Route{}, test.want >= 0
		if ok {
			want = example().Routes[test.want]
		}
		if got, found := example().Match(test.facts); found != ok || !cmp.Equal(want, got) {
			t.Errorf("%s: %v, %+v; want routes[%d]", name, found, got, test.want)
		}
	}
	byTrail := route.List{Routes: []route.Route{{Trails: []string{mainTrail}, Slack: []string{channelA}}}}
	for trail, want := range map[string]bool{
		mainTrail:                  true,
		otherTrail:                 false,
		"":                         false,
		strings.ToUpper(mainTrail): false,
	} {
		if _, got := byTrail.Match(route.Facts{Trail: trail}); got != want {
			t.Errorf("trail %q fits: %v", trail, got)
		}
	}
	unknown := route.List{Routes: []route.Route{{Accounts: []string{"nope"}, Slack: []string{channelA}}}}
	if _, got := unknown.Match(route.Facts{Recipient: one}); got {
		t.Error("a group that is not there fits")
	}
}

func TestDestinations(t *testing.T) {
	slack, topics := example().Destinations()
	if diff := cmp.Diff([]string{channelA, "secret:prod-webhook", channelB}, slack); diff != "" {
		t.Errorf("Slack (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{topic}, topics); diff != "" {
		t.Errorf("topics (-want +got):\n%s", diff)
	}
	if slack, topics := (route.List{}).Destinations(); slack != nil || topics != nil || !(route.List{}).Empty() ||
		example().Empty() {
		t.Errorf("of nothing: %v, %v", slack, topics)
	}
}

func TestRoundTrip(t *testing.T) {
	content, err := route.Format(example())
	if err != nil {
		t.Fatal(err)
	}
	got, err := route.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(example(), got); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	for content, want := range map[string]string{
		"":                         "routes.json: no list of routes: EOF",
		`{"route":[]}`:             `unknown field "route"`,
		`{"routes":[{"from":""}]}`: `unknown field "from"`,
		`{} {}`:                    "more behind the first JSON object",
		`{"groups":{"a":"b"}}`:     "no list of routes",
	} {
		if _, err := route.Parse([]byte(content)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%s): %v; want %s", content, err, want)
		}
	}
}

// TestEventNames: a route can name every call that a rule can bring and every finding of the sweep.
func TestEventNames(t *testing.T) {
	var names []string
	for _, r := range rules.EventRules() {
		var pattern struct {
			Detail struct {
				EventName []string `json:"eventName"`
			} `json:"detail"`
		}
		if err := json.Unmarshal(r.Pattern.JSON(), &pattern); err != nil {
			t.Fatal(err)
		}
		names = append(names, pattern.Detail.EventName...)
	}
	for _, kind := range []finding.Kind{
		finding.KindNotLogging, finding.KindWeakened, finding.KindMissing, finding.KindDeliveryError, finding.KindStale,
		finding.KindNoTrail, finding.KindCannotSee, finding.KindRecorded,
		finding.KindConfirmed, finding.KindRecovered, finding.KindFalseApproval, finding.KindTrueApproval, finding.KindNamed,
	} {
		names = append(names, string(kind))
	}
	list := route.List{Routes: []route.Route{{Events: names, Slack: []string{channelA}}}}
	if errs := list.Check(); len(errs) > 0 || len(names) < 20 {
		t.Errorf("%d names: %v", len(names), errs)
	}
	slices.Sort(names)
	known := route.List{Routes: []route.Route{{Events: []string{"?"}, Slack: []string{channelA}}}}.Check()[0].Error()
	_, all, _ := strings.Cut(known, "want a call, one of ")
	listed := strings.Split(strings.Replace(all, "; or a finding, one of ", ", ", 1), ", ")
	slices.Sort(listed)
	if diff := cmp.Diff(slices.Compact(names), listed); diff != "" {
		t.Errorf("names (-rules and sweep +routes):\n%s", diff)
	}
}

// FuzzParse: a list that is accepted is the same when it is written and read again, and its checks end.
func FuzzParse(f *testing.F) {
	seed, err := route.Format(example())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add(
		[]byte(
			`{"groups":{"":["x"],"a":[]},"routes":[{},{"accounts":["a",""],"trails":[""],"slack":["","secret:"],"topics":["x",
				"x"]}]}`,
		),
	)
	f.Fuzz(func(t *testing.T, content []byte) {
		list, err := route.Parse(content)
		if err != nil {
			return
		}
		list.Check()
		again, err := route.Format(list)
		if err != nil {
			t.Fatal(err)
		}
		same, err := route.Parse(again)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(list, same, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
	})
}
