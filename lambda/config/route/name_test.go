package route_test

import (
	"fmt"
	"strings"
	"testing"

	"trailkeeper/lambda/config/route"
)

// TestNamedRoutes: a rule takes one by its name; without conditions nothing else does, and no other route is in its
// way.
func TestNamedRoutes(t *testing.T) {
	list := route.List{Routes: []route.Route{
		{Name: "cloud-team", Slack: []string{"C0000000001"}},
		{Name: "pager", Severity: "critical", Slack: []string{"C0000000002"}},
		{Slack: []string{"C0000000003"}},
	}}
	if found := list.Check(); len(found) > 0 {
		t.Error(found)
	}
	for severity, want := range map[string]string{"critical": "C0000000002", "high": "C0000000003"} {
		if r, ok := list.Match(route.Facts{Severity: severity}); !ok || r.Slack[0] != want {
			t.Errorf("%s: %v; want %s", severity, r, want)
		}
	}
	for name, want := range map[string]string{
		"cloud-team": "C0000000001",
		"pager":      "C0000000002",
		"":           "",
		"page":       "",
	} {
		if r, ok := list.Named(name); ok != (want != "") || ok && r.Slack[0] != want {
			t.Errorf("%q: %v", name, r)
		}
	}
	for name, want := range map[string]string{
		"Pager":                 "lower-case letters",
		"a b":                   "lower-case letters",
		strings.Repeat("a", 41): "at most 40",
		"cloud-team":            "a name that routes[0] does not have",
		strings.Repeat("a", 40): "",
	} {
		list.Routes[1].Name = name
		if found := fmt.Sprint(list.Check()); (found == "[]") != (want == "") || !strings.Contains(found, want) {
			t.Errorf("%q: %s", name, found)
		}
	}
}
