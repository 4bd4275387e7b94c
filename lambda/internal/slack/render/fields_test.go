package render

import (
	"encoding/json"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/goldentest"
)

// TestWhereFieldsAreShown says of every field of a notification where in Slack it is seen.
func TestWhereFieldsAreShown(t *testing.T) {
	shown := findingtest.Shown([]string{"message", "parent", "plain"}, func(n finding.Finding) map[string]string {
		all := map[string]string{"plain": plainLines(n, "invalid_blocks")}
		drafts := map[string]Draft{"message": Message(n)}
		if n.Incident != nil {
			drafts["parent"] = Incident(n, "1.2")
		}
		for name, d := range drafts {
			body, err := d.Encode("C1")
			if err != nil {
				t.Fatal(err)
			}
			all[name] = string(body)
		}
		return all
	})
	goldentest.Compare(t, "testdata/fields.txt", shown, *update)
}

// TestFullInOtherForms: the first message of an incident and the message without blocks, whole.
func TestFullInOtherForms(t *testing.T) {
	for _, s := range []string{"full", "full-event", "full-restored"} {
		n := findingtest.Named(s)
		sameAs(t, "parent-"+s, mustEncode(t, Incident(n, "1772442900.000001")))
		goldentest.Compare(
			t,
			"testdata/plain/"+s+".json",
			indent(t, mustEncode(t, Message(n).Plain(n, "invalid_blocks"))),
			*update,
		)
		one := n
		i := *n.Incident
		i.Count = 1
		one.Incident = &i
		sameAs(t, "parent-"+s+"-once", mustEncode(t, Incident(one, "1772442900.000001")))
	}
}

func mustEncode(t *testing.T, d Draft) []byte {
	t.Helper()
	body, err := d.Encode("C1")
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// TestHeaderSaysHowItStands: what has become of a trail since is whole in the header, behind the emoji.
func TestHeaderSaysHowItStands(t *testing.T) {
	for _, severity := range []finding.Severity{
		finding.SeverityLow, finding.SeverityMedium, finding.SeverityHigh, finding.SeverityCritical,
	} {
		n := findingtest.Full()
		n.Severity = severity
		var m struct {
			Blocks []struct{ Text struct{ Text string } }
		}
		if err := json.Unmarshal(mustEncode(t, Message(n)), &m); err != nil {
			t.Fatal(err)
		}
		if got := m.Blocks[0].Text.Text; !strings.HasSuffix(got, "; now: not logging") {
			t.Errorf("%s: header %q", severity, got)
		}
	}
}

// TestParentLeavesOutWhatIsNotThere: no empty section, no last message that is the first, and a finding in the place of
// a call.
func TestParentLeavesOutWhatIsNotThere(t *testing.T) {
	n := findingtest.Full()
	n.Stack, n.Subject.ARN = "", ""
	n.Incident.Last = n.Incident.First
	n.Incident.First.EventName, n.Incident.First.EventID, n.Incident.First.Actor = "", "", ""
	for _, state := range []finding.IncidentState{finding.IncidentHuman, finding.IncidentContested, finding.IncidentOpen} {
		n.Incident.State = state
		sameAs(t, "parent-little-"+string(state), mustEncode(t, Incident(n, "1772442900.000001")))
	}
}
