package message

import (
	"testing"

	"trailkeeper/lambda/internal/finding"
)

// TestDetail: the notes follow each other, and nothing makes no blanks.
func TestDetail(t *testing.T) {
	f := finding.Finding{
		Notes: []finding.Note{
			finding.Say(finding.NoteText, "First."),
			finding.Say(finding.NoteText, "Second."),
			finding.Say(finding.NoteText, ""),
			finding.Say(finding.NoteText, "Third."),
		},
	}
	if got := Detail(f); got != "First. Second. Third." {
		t.Errorf("%q", got)
	}
	if got := NextStep(f); got != "Check the guard's log." {
		t.Errorf("%q", got)
	}
}

// TestSteps are in the producer's order, each with its command.
func TestSteps(t *testing.T) {
	f := finding.Finding{Next: []finding.Note{
		finding.Say(finding.NoteText, "First."),
		finding.Say(finding.NextStart, "eu-west-1", "arn"),
	}}
	got := steps(f)
	const command = "aws cloudtrail start-logging --region eu-west-1 --name arn"
	if len(got) != 2 || got[0] != (Step{Text: "First."}) || got[1] != (Step{"Start logging by hand.", command}) {
		t.Errorf("%q", got)
	}
	if all := NextStep(f); all != "First. Start logging by hand. "+command {
		t.Errorf("%q", all)
	}
}

// TestStates: what every outcome and kind shows first.
func TestStates(t *testing.T) {
	past := &finding.Late{History: true, Now: "logging"}
	off := &finding.Late{History: true, Now: "not logging"}
	for _, test := range []struct {
		f    finding.Finding
		want State
	}{
		{finding.Finding{Outcome: finding.OutcomeRestored}, stateRestored},
		{finding.Finding{Outcome: finding.OutcomeRestored, Partial: true}, stateOpen},
		{finding.Finding{Outcome: finding.OutcomeRestored, Late: past}, statePast},
		{finding.Finding{Outcome: finding.OutcomeRestored, Late: off}, stateOpen},
		{finding.Finding{Outcome: finding.OutcomeRestored, Late: &finding.Late{Now: "logging"}}, stateRestored},
		{finding.Finding{Outcome: finding.OutcomeNotified, EventName: "StopLogging"}, stateHuman},
		{finding.Finding{Outcome: finding.OutcomeNotified, EventName: "StopLogging", Unconfirmed: true}, stateUnverified},
		{finding.Finding{Outcome: finding.OutcomeNotified, EventName: "UpdateTrail"}, stateChange},
		{finding.Finding{Outcome: finding.OutcomeNotified, EventName: "StartLogging"}, stateChange},
		{finding.Finding{Outcome: finding.OutcomeNotified, EventName: "StartLogging", Dark: &finding.Dark{}}, stateHuman},
		{finding.Finding{Outcome: finding.OutcomeNotified, Kind: finding.KindNoTrail}, stateHuman},
		{finding.Finding{Outcome: finding.OutcomeNotified, Kind: finding.KindRecovered}, stateRestored},
		{finding.Finding{Outcome: finding.OutcomeNotified, Kind: finding.KindRecovered, Absent: true}, stateInfo},
		{finding.Finding{Outcome: finding.OutcomeNotified, Kind: finding.KindAlarm}, stateOperations},
		{finding.Finding{Outcome: finding.OutcomeNotified, Kind: "new_in_a_later_version"}, stateInfo},
		{finding.Finding{Outcome: "new_in_a_later_version"}, stateInfo},
	} {
		if got := stateOf(test.f); got != test.want {
			t.Errorf("%+v is %s, want %s", test.f, got, test.want)
		}
	}
}
