package events

import "testing"

// TestAggregated: a record that sums up calls has its ID, account and time in places of its own; a near miss has none.
func TestAggregated(t *testing.T) {
	const record = `"eventVersion":"1.0","accountId":"111122223333","eventId":"e1","eventCategory":"Aggregated",` +
		`"awsRegion":"eu-west-1","eventSource":"s3.amazonaws.com",` +
		`"timeWindow":{"windowStart":"2026-03-02T09:10:00Z","windowEnd":"2026-03-02T09:15:00Z","windowSize":"PT5M"}`
	ev, err := Parse([]byte(`{` + record + `,"eventType":"AwsAggregatedEvent"}`))
	if err != nil {
		t.Fatal(err)
	}
	at, known := ev.Record.Time()
	if ev.Kind != KindRecord || ev.ID != "e1" || ev.Account != "111122223333" || ev.Record.EventName != Aggregated ||
		ev.Record.IsCall() || !known || at.Minute() != 15 || ev.Source != "aws.s3" {
		t.Errorf("%+v", ev)
	}
	for _, other := range []string{`{` + record + `}`, `{` + record + `,"eventType":"AwsAggregatedEvents"}`} {
		if ev, err := Parse([]byte(other)); err == nil {
			t.Errorf("%s: %+v", other, ev)
		}
	}
}
