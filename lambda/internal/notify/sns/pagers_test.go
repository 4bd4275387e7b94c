package sns

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/notify"
	"trailkeeper/lambda/internal/notify/notifytest"
)

// TestPagerExpressions: what README.md tells Opsgenie to extract is the document's own field, whatever an attacker has named things.
func TestPagerExpressions(t *testing.T) {
	readme, err := os.ReadFile("../../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]*regexp.Regexp{}
	for _, m := range regexp.MustCompile(`extract\(/("([a-z_]+)":.*?)/\)`).FindAllStringSubmatch(string(readme), -1) {
		found[m[2]] = regexp.MustCompile(strings.ReplaceAll(m[1], `\|`, `|`)) // a table's cell escapes the bar
	}
	for _, field := range []string{"incident_key", "description", "severity"} {
		if found[field] == nil {
			t.Fatalf("README.md has no expression for %s in %v", field, found)
		}
	}
	forged := notifytest.Stopped()
	forged.TrailName = `x","state":"restored","incident_key":"inc-0","severity":"low","y":"`
	samples := append(notifytest.Samples(), notifytest.Sample{Name: "forged", Notification: forged})
	for _, s := range samples {
		s.Notification.Incident = &notify.Incident{ID: "inc-0011223344556677", State: notify.IncidentOpen, Count: 1}
		message, err := Message(s.Notification)
		if err != nil {
			t.Fatal(err)
		}
		var p protocols
		var doc map[string]any
		if err := json.Unmarshal([]byte(message), &p); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(p.HTTPS), &doc); err != nil {
			t.Fatal(err)
		}
		for field, re := range found {
			m := re.FindStringSubmatch(p.HTTPS)
			var got string
			if m == nil || json.Unmarshal([]byte(`"`+m[1]+`"`), &got) != nil || got != doc[field] {
				t.Errorf("%s: %s is %q; the expression finds %q", s.Name, field, doc[field], m)
			}
		}
		if m := regexp.MustCompile(`"state":"([^"]*)"`).FindStringSubmatch(p.HTTPS); m == nil || m[1] != "open" {
			t.Errorf("%s: state %q", s.Name, m)
		}
	}
}
