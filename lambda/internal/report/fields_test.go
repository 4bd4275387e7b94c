package report_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/goldentest"
	"trailkeeper/lambda/internal/message"
)

// TestWhereFieldsAreShown says of every field of a notification where people and programs see it in what all channels share.
func TestWhereFieldsAreShown(t *testing.T) {
	shown := findingtest.Shown([]string{"headline", "summary", "outcome", "facts", "changes", "links", "routes", "incident"}, func(n finding.Finding) map[string]string {
		what, now := message.Summary(n)
		changes, more := message.ShownChanges(n)
		routes, incident := n.RoutedSeverity(), ""
		if n.Incident != nil {
			incident = message.IncidentLine(*n.Incident)
		}
		return map[string]string{
			"headline": message.Headline(n), "summary": what + now, "outcome": message.OutcomeText(n), "facts": fmt.Sprint(message.Facts(n, 100)), "incident": incident,
			"changes": fmt.Sprint(message.ChangesTitle(n), changes, more), "links": message.TrailLink(n) + " " + message.EventLink(n) + " " + message.RunbookLink(n),
			"routes": fmt.Sprint(routes, n.RouteKeys(), finding.Escalates(n)),
		}
	})
	goldentest.Compare(t, "testdata/fields.txt", shown, *update)
}

// TestFactsOfFull: every fact, in its order.
func TestFactsOfFull(t *testing.T) {
	event := findingtest.Full()
	event.Kind = ""
	for name, n := range map[string]finding.Finding{"finding": findingtest.Full(), "event": event} {
		b, err := json.MarshalIndent(message.Facts(n, 100), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		goldentest.Compare(t, "testdata/facts-"+name+".json", string(b)+"\n", *update)
	}
}
