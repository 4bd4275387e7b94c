package dashboard

import "strings"

// silentQueue says why a queue may have no figures (SQS Developer Guide, "Available CloudWatch metrics for Amazon SQS").
const silentQueue = "SQS reports nothing of a queue that was not used for six hours, so no data mostly means that it is empty."

func (d Data) queues() section {
	s := section{ID: "queues", Title: "Queues", Lead: "What could not be handled or delivered waits here, and raises an alarm. " + silentQueue}
	if len(d.Queues) == 0 {
		s.Empty = "No queue of this stack is known: none reported in the last two weeks, or they could not be looked up."
		return s
	}
	t := table{Caption: "Messages waiting", Head: []string{"Queue", "Now", "Most in this time"}}
	var all []Series
	for _, queue := range d.Queues {
		depth := d.Series[Query{Metric: QueueDepth, Stat: Most, Queue: queue}]
		now, known := d.depth(queue)
		most, ok := depth.highest()
		t.Rows = append(t.Rows, []string{queueText(queue), orNone(count)(now.Value, known), orNone(count)(most, ok)})
		all = append(all, depth)
	}
	s.Tables = []table{t}
	s.Charts = []chart{d.frame().bars(plot{
		id: "queues-chart", title: "Messages waiting, all queues", write: count, gaps: "nothing reported",
		desc:   "Bars of the most messages that waited in the queues, added up.",
		empty:  "No queue reported in this time.",
		tracks: []track{{"c-two", "waiting", union(all...)}},
	})}
	return s
}

// queueText names a queue for people, by the part of its physical name that the stack chose.
func queueText(name string) string {
	for _, known := range []struct{ part, text string }{
		{"GuardFailures", "Failures: given up by the guard, or refused by a channel"},
		{"GuardDeadLetters", "Guard: events that EventBridge could not hand over"},
		{"SlackDeadLetters", "Slack: events that EventBridge could not post"},
		{"TopicDeadLetters", "Topic: notifications that SNS could not deliver"},
		{"SweepDeadLetters", "Sweep: sweeps that the Scheduler could not start"},
		{"TestDeadLetters", "Test: test alerts that the Scheduler could not send"},
	} {
		if strings.Contains(name, known.part) {
			return known.text
		}
	}
	return name
}
