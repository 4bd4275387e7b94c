package message_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/goldentest"
	"trailkeeper/lambda/internal/message"
)

// TestWhereFieldsAreShown says of every field of a notification where people and programs see it in what all channels
// share.
func TestWhereFieldsAreShown(t *testing.T) {
	shown := findingtest.Shown(
		[]string{
			"state",
			"title",
			"summary",
			"status",
			"detail",
			"steps",
			"fields",
			"changes",
			"links",
			"routes",
			"incident",
		},
		func(n finding.Finding) map[string]string {
			what, now := message.Summary(n)
			m := message.Of(n)
			routes, incident := n.RoutedSeverity(), ""
			if n.Incident != nil {
				incident = message.IncidentLine(*n.Incident)
			}
			return map[string]string{
				"state":    string(m.State),
				"title":    m.Title,
				"summary":  what + now,
				"status":   m.Status,
				"detail":   m.Detail,
				"steps":    fmt.Sprint(m.Steps),
				"fields":   fmt.Sprint(m.Fields, m.ID),
				"incident": incident,
				"changes":  fmt.Sprint(m.Changes),
				"links":    fmt.Sprint(m.Links),
				"routes":   fmt.Sprint(routes, n.RouteKeys(), finding.Escalates(n)),
			}
		},
	)
	goldentest.Compare(t, "testdata/fields.txt", shown, *update)
}

// TestFactsOfFull: every fact, in its order.
func TestFactsOfFull(t *testing.T) {
	event := findingtest.Full()
	event.Kind = ""
	for name, n := range map[string]finding.Finding{"finding": findingtest.Full(), "event": event} {
		b, err := json.MarshalIndent(message.Of(n).Fields, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		goldentest.Compare(t, "testdata/facts-"+name+".json", string(b)+"\n", *update)
	}
}
