package notify_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"trailkeeper/lambda/internal/goldentest"
	"trailkeeper/lambda/internal/notify"
	"trailkeeper/lambda/internal/notify/notifytest"
)

// TestWhereFieldsAreShown says of every field of a notification where people and programs see it in what all channels share.
func TestWhereFieldsAreShown(t *testing.T) {
	shown := notifytest.Shown([]string{"headline", "summary", "outcome", "facts", "changes", "links", "routes", "incident"}, func(n notify.Notification) map[string]string {
		what, now := n.Summary()
		changes, more := n.ShownChanges()
		routes, incident := n.RoutedSeverity(), ""
		if n.Incident != nil {
			incident = n.Incident.Line()
		}
		return map[string]string{
			"headline": n.Headline(), "summary": what + now, "outcome": n.OutcomeText(), "facts": fmt.Sprint(n.Facts(100)), "incident": incident,
			"changes": fmt.Sprint(n.ChangesTitle(), changes, more), "links": n.TrailLink() + " " + n.EventLink() + " " + n.RunbookLink(),
			"routes": fmt.Sprint(routes, n.Routed(), notify.Escalates(n)),
		}
	})
	goldentest.Compare(t, "testdata/fields.txt", shown, *update)
}

// TestFactsOfFull: every fact, in its order.
func TestFactsOfFull(t *testing.T) {
	event := notifytest.Full()
	event.Finding = ""
	for name, n := range map[string]notify.Notification{"finding": notifytest.Full(), "event": event} {
		b, err := json.MarshalIndent(n.Facts(100), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		goldentest.Compare(t, "testdata/facts-"+name+".json", string(b)+"\n", *update)
	}
}
