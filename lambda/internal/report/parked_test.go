package report_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/report"
)

func TestParkedRoundTrip(t *testing.T) {
	for _, s := range findingtest.Samples() {
		want := report.Parked{
			Version:      report.ParkedVersion,
			Channel:      "slack",
			Reason:       "403",
			Time:         findingtest.At(),
			Notification: s.Notification,
			Payload:      report.PayloadJSON([]byte(`{"id":"1","n":1.0}`)),
		}
		if s.Name == "hostile" {
			want.Notification = finding.Finding{} // its broken UTF-8 is replaced, as JSON must
		}
		b, err := json.Marshal(want)
		if err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		var got report.Parked
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s.Name, diff)
		}
	}
}

func TestPayloadJSON(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{"a":1}`, `{"a":1}`}, {"", ""}, {"{broken", `"{broken"`}, {"\xff", `"\ufffd"`},
	} {
		if got := report.PayloadJSON([]byte(c.in)); !bytes.Equal(got, []byte(c.want)) {
			t.Errorf("PayloadJSON(%q) = %s, want %s", c.in, got, c.want)
		}
	}
}

// TestTextsOfAnEarlierVersion come before the notes; what has none, or is no JSON, stays as it is.
func TestTextsOfAnEarlierVersion(t *testing.T) {
	note := finding.Say(finding.NoteLogging)
	said := func(texts ...string) (all []finding.Note) {
		for _, s := range texts {
			all = append(all, finding.Say(finding.NoteText, s))
		}
		return append(all, note)
	}
	for text, want := range map[string]finding.Finding{
		`{"notification":{"detail":"It is so.","next_step":"Do it."}}`: {Notes: said("It is so."), Next: said("Do it.")},
		`{"notification":{"next_step":"Do it."}}`:                      {Notes: said(), Next: said("Do it.")},
		`{"notification":{"event_id":"e1"}}`:                           {Notes: said(), Next: said()},
		`{"notification":{"detail":1}}`:                                {Notes: said(), Next: said()},
		`no JSON`:                                                      {Notes: said(), Next: said()},
	} {
		kept := finding.Finding{Notes: []finding.Note{note}, Next: []finding.Note{note}}
		got := report.Parked{Notification: kept}.Read(text).Notification
		if diff := cmp.Diff(want.Notes, got.Notes) + cmp.Diff(want.Next, got.Next); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}
