package warden

import (
	"slices"
	"testing"

	"trailkeeper/lambda/internal/finding"
)

// TestListed: the record is listed first, then what is not restored, and then one of each type, as a message shows the first ones alone.
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
		one(typeParameter, "g", finding.OutcomeNotified),
	}
	var names []string
	for _, f := range listed(all) {
		names = append(names, f.Subject.Name)
	}
	if want := []string{"g", "d", "f", "e", "a", "c", "b"}; !slices.Equal(names, want) {
		t.Errorf("listed %v; want %v", names, want)
	}
}

// TestManyDiffer: a message about many says how many of them are not restored, those included that nothing restores, and
// of a run that restores none that nothing was done.
func TestManyDiffer(t *testing.T) {
	r := &run{warden: &Warden{Stack: "trailkeeper", Finder: "the warden"}}
	one := func(name string, outcome finding.Outcome) news {
		f := finding.Finding{Outcome: outcome, Severity: finding.SeverityHigh}
		f.Subject.Name, f.Subject.Type = name, "AWS::Lambda::Permission"
		return news{finding: f, subject: name}
	}
	for _, test := range []struct {
		outcomes  []finding.Outcome
		want      finding.Outcome
		left, all int
	}{
		{[]finding.Outcome{finding.OutcomeRestored, finding.OutcomeRestored}, finding.OutcomeRestored, 0, 2},
		{[]finding.Outcome{finding.OutcomeRestored, finding.OutcomeNotified}, finding.OutcomePartlyRestored, 1, 2},
		{[]finding.Outcome{finding.OutcomeRestored, finding.OutcomeCannotRestore}, finding.OutcomePartlyRestored, 1, 2},
		{[]finding.Outcome{finding.OutcomeNotified, finding.OutcomeNotified}, finding.OutcomeNotified, 0, 0},
	} {
		var all []news
		for i, outcome := range test.outcomes {
			all = append(all, one(string(rune('a'+i)), outcome))
		}
		f := r.manyDiffer(all)
		if left, of := f.NotRestored(); f.Outcome != test.want || left != test.left || of != test.all {
			t.Errorf("%v: %s, %d of %d left; want %s, %d of %d", test.outcomes, f.Outcome, left, of, test.want, test.left, test.all)
		}
	}
}
