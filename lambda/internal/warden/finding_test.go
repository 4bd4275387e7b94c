package warden

import (
	"slices"
	"testing"

	"trailkeeper/lambda/internal/finding"
)

// TestListed: what is not restored is listed first, and then one of each type, as a message shows the first ones alone.
func TestListed(t *testing.T) {
	one := func(kind, name string, outcome finding.Outcome) news {
		f := finding.Finding{Outcome: outcome}
		f.Subject.Name, f.Subject.Type = name, kind
		return news{finding: f}
	}
	all := []news{
		one("Permission", "a", finding.OutcomeRestored), one("Permission", "b", finding.OutcomeRestored),
		one("Schedule", "c", finding.OutcomeRestored), one("Permission", "d", finding.OutcomeNotified),
		one("Permission", "e", finding.OutcomeNotified), one("Config", "f", finding.OutcomeNotified),
	}
	var names []string
	for _, f := range listed(all) {
		names = append(names, f.Subject.Name)
	}
	if want := []string{"d", "f", "e", "a", "c", "b"}; !slices.Equal(names, want) {
		t.Errorf("listed %v; want %v", names, want)
	}
}
