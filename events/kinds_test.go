package events_test

import (
	"fmt"
	"testing"

	"trailkeeper/events"
)

// TestKindNeedsBothHalves: an event that is no record is known by its source and its detail-type together; with
// another's source, or with a name that is only like it, it is nothing that Trailkeeper does anything for.
func TestKindNeedsBothHalves(t *testing.T) {
	kinds := map[[2]string]events.Kind{
		{"aws.events", "Scheduled Event"}:                   events.KindScheduled,
		{"aws.scheduler", "Scheduled Event"}:                events.KindScheduled,
		{"aws.scheduler", events.ContestedSweep}:            events.KindScheduled,
		{"aws.scheduler", events.WardenRun}:                 events.KindScheduled,
		{events.Source, events.TestAlert}:                   events.KindTest,
		{events.Source, events.Redrive}:                     events.KindRedrive,
		{"aws.cloudwatch", "CloudWatch Alarm State Change"}: events.KindAlarm,
	}
	sources := map[string]bool{"": true, "com.example": true, events.Source + "2": true}
	types := map[string]bool{"": true, "x": true, events.Redrive + " 2": true}
	for pair := range kinds {
		sources[pair[0]], types[pair[1]] = true, true
	}
	for source := range sources {
		for detailType := range types {
			payload := fmt.Sprintf(
				`{"id":"1","source":%q,"detail-type":%q,"detail":{"alarmName":"trailkeeper/x"}}`,
				source,
				detailType,
			)
			ev, err := events.Parse([]byte(payload))
			want, ok := kinds[[2]string{source, detailType}]
			if ok != (err == nil) || ok && ev.Kind != want {
				t.Errorf("source %q, detail-type %q: kind %v, %v; want one: %v", source, detailType, ev.Kind, err, ok)
			}
		}
	}
}
