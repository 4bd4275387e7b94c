package warden

import (
	"slices"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/warden/check"
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

// TestSentence: what a change is.
func TestSentence(t *testing.T) {
	for _, test := range []struct{ kind, field, want, got, sentence string }{
		{"AWS::Events::Rule", check.MissingField, "the rule", "none", "It is gone."},
		{"AWS::Events::Rule", "Targets.a", "arn:x", "none", "It was removed."},
		{"AWS::Events::Rule", "Targets.a", "none", "arn:x", "The template has no such value."},
		{"AWS::Events::Rule", "Targets.a", "none", "none of ours", "The template has no such value."},
		{"AWS::Events::Rule", "State", "ENABLED", "DISABLED", "It is not as the template has it."},
		{typeSecret, "VersionId", "a", "b", "It is not as the deployment knew it."},
	} {
		d := difference{Difference: check.Difference{Field: test.field, Want: test.want, Got: test.got}}
		if got := sentence(test.kind, d); got != test.sentence {
			t.Errorf("%+v: %s", test, got)
		}
	}
}

// TestInTurn: what silences Trailkeeper is first, then type by type, and within a type another one first each minute.
func TestInTurn(t *testing.T) {
	var all []deployment.Deployed
	for _, of := range []string{
		"AWS::SQS::Queue 1", "AWS::CloudWatch::Alarm 1", "AWS::Events::Rule 1", "AWS::SQS::Queue 2", "AWS::Lambda::Function 1",
		"AWS::CloudWatch::Alarm 2", "AWS::Events::Rule 2",
	} {
		kind, name, _ := strings.Cut(of, " ")
		all = append(all, deployment.Deployed{Type: kind, Name: name})
	}
	firsts := map[string]bool{}
	for minute := range 7 {
		var got []string
		for _, of := range inOrder(all, time.Unix(int64(minute)*60, 0)) {
			got = append(got, of.Type)
			if of.Type == "AWS::Events::Rule" && len(got) == 2 {
				firsts[of.Name] = true
			}
		}
		want := "AWS::Lambda::Function AWS::Events::Rule AWS::Events::Rule AWS::CloudWatch::Alarm AWS::CloudWatch::Alarm " +
			"AWS::SQS::Queue AWS::SQS::Queue"
		if text := strings.Join(got, " "); text != want {
			t.Errorf("minute %d: %s", minute, text)
		}
	}
	if len(firsts) != 2 {
		t.Errorf("the first rule is always %v", firsts)
	}
	if got := inOrder(nil, time.Unix(60, 0)); len(got) != 0 {
		t.Errorf("%v of nothing", got)
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
