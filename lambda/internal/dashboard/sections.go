package dashboard

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

// recorded is the fact of a metric that is written only when there is something to count.
func (d Data) recorded(tone, label, name, hint string) fact {
	v, ok := d.sum(name)
	return fact{toneOf(v, tone), label, tally(v, ok), hint}
}

func trailsSection(d Data) section {
	s := section{
		ID:    "trails",
		Title: "Trails",
		Lead: "What each sweep saw. Healthy means that the trail logs, delivers and matches its baseline. Each sweep that " +
			"ends is a heartbeat.",
	}
	if now, ok := d.now(); ok {
		s.Facts = []fact{
			{plain, "Healthy", count(now.healthy), "log, and match their baselines"},
			{toneOf(now.weakened, warn), "Weakened", count(now.weakened), "weaker than the baseline, or not delivering"},
			{toneOf(now.stopped, bad), "Stopped", count(now.stopped), "do not log, or are missing"},
			{toneOf(now.unseen, warn), "Not seen", count(now.unseen), "Regions with something that was refused"},
		}
		s.Lead += " The figures are of " + moment(now.at.At) + "."
	}
	beats, ok := d.sum(metric.Heartbeat)
	findings, known := d.sum(metric.Findings)
	longest, timed := d.bars(metric.SweepDuration, statMost).highest()
	s.Facts = append(s.Facts,
		fact{plain, "Sweeps", orNone(count)(beats, ok), "ended in this time"},
		fact{plain, "Findings", orNone(count)(findings, known), "of the sweeps"},
		fact{plain, "Longest", orNone(span)(longest, timed), "sweep"})
	gaps := "no sweep reported"
	if d.Played {
		gaps = ""
	}
	s.Charts = []chart{d.draw(chart{
		ID:    "trails-chart",
		Title: "Trails over time",
		Desc:  "Bars of the trails that were healthy, weakened and stopped. Of several sweeps in one bar it shows the worst.",
		Empty: "No sweep reported the trails in this time: none ended, or its metrics did not arrive.",
		Gaps:  gaps,
		Tracks: []track{
			{"c-good", "healthy", d.bars(metric.TrailsHealthy, statLeast)},
			{"c-warn", "weakened", d.bars(metric.TrailsWeakened, statMost)},
			{"c-bad", "stopped", d.bars(metric.TrailsStopped, statMost)},
		},
	})}
	return s
}

func incidentsSection(d Data) section {
	s := section{
		ID:    "incidents",
		Title: "Incidents",
		Lead: "An incident is one trail out of its baseline, from the first sign to the verified restore. It is contested " +
			"while somebody undoes what was restored. An attempt is a call that AWS refused.",
		Facts: []fact{
			d.recorded(plain, "Opened", metric.Incidents, "incidents"),
			d.recorded(bad, "Contested", metric.Contested, "became contested"),
			darkTime(d),
			d.recorded(plain, "Attempts", metric.Attempts, "refused by AWS"),
			d.recorded(bad, "Failed repairs", metric.RemediationFailures, "by reason below"),
		},
	}
	if restored, ok := d.bars(metric.TimeToRestore, statSamples).total(); ok {
		slowest, known := d.bars(metric.TimeToRestore, statMost).highest()
		s.Facts = append(s.Facts,
			fact{plain, "Restored", count(restored), "times"},
			d.percentile("Time to restore, p50", Query{Metric: metric.TimeToRestore, Stat: p50}, "half were faster"),
			fact{plain, "Slowest restore", orNone(span)(slowest, known), "from the event to the verified restore"})
	}
	s.Charts = []chart{d.draw(chart{
		ID:    "incidents-chart",
		Title: "Incidents over time",
		Desc:  "Bars of the incidents that were opened and of the attempts that AWS refused.",
		Empty: "No incident and no attempt was reported in this time.",
		Tracks: []track{
			{"c-one", "incidents", d.bars(metric.Incidents, Sum)}, {"c-two", "attempts", d.bars(metric.Attempts, Sum)},
		},
	})}
	s.add(openIncidents(d.Open))
	t := table{Caption: "Failed repairs by reason", Head: []string{"Reason", "Failed"}}
	for _, reason := range metric.Reasons() {
		if v, ok := d.Series[Query{Metric: metric.RemediationFailures, Stat: Sum, Reason: reason}].total(); ok {
			t.Rows = append(t.Rows, []string{reason + ": " + reasonTexts[reason], count(v)})
		}
	}
	s.add(t)
	return s
}

// maxOpen bounds a page that an attacker's trails could fill.
const maxOpen = 50

// openIncidents names what is open, the longest first.
func openIncidents(all []Incident) table {
	t := table{
		Caption: "Open now",
		Head:    []string{"Trail", "Account", "Region", "Last actor", "State", "Opened", "Dark so far"},
		Words:   true,
	}
	all = slices.SortedFunc(slices.Values(all), func(a, b Incident) int { return a.Opened.Compare(b.Opened) })
	for _, i := range all[:min(len(all), maxOpen)] {
		dark := none
		if i.Dark > 0 {
			dark = finding.Duration(i.Dark)
		}
		bound := func(s string) string { return cmp.Or(sanitize.Bound(s, 200), none) }
		t.Rows = append(t.Rows, []string{
			bound(i.Trail), bound(i.Account), bound(i.Region), bound(i.Actor), bound(i.State), moment(i.Opened), dark,
		})
	}
	if len(all) > maxOpen {
		t.Foot = fmt.Sprintf("%d more are left out.", len(all)-maxOpen)
	}
	return t
}

var reasonTexts = map[string]string{
	metric.ReasonThrottled: "AWS asked to wait",
	metric.ReasonDenied:    "a permission or policy forbids it",
	metric.ReasonGone:      "the trail, its bucket, key, role or topic",
	metric.ReasonLimit:     "the attempt cap, or a quota of AWS",
	metric.ReasonOther:     "the function's log has it",
}

func deliveriesSection(d Data) section {
	s := section{
		ID:    "delivery",
		Title: "Delivery",
		Lead: "Each message to each channel. A refused one is kept in the failure queue and sent again later. A test alert " +
			"counts once every channel has accepted its message.",
		Facts: []fact{
			d.recorded(warn, "Parked", metric.Parked, "kept in the failure queue"),
			d.recorded(plain, "Redriven", metric.Redriven, "sent or handled from a queue"),
			d.recorded(bad, "Lost", metric.Lost, "neither accepted nor parked"),
			d.recorded(plain, "Test alerts", metric.TestAlerts, "on every channel"),
		},
	}
	if last, ok := d.bars(metric.TestAlerts, Sum).latest(); ok {
		s.Facts[3].Hint += ", the last at " + tick(last.At, d.To.Sub(d.From))
	}
	t := table{Caption: "Deliveries by channel", Head: []string{"Channel", "Accepted", "Refused", "Latency p90"}}
	for _, c := range channels {
		accepted, some := d.Series[Query{Metric: metric.Deliveries, Stat: Sum, Channel: c.id}].total()
		refused, any := d.Series[Query{Metric: metric.DeliveryFailures, Stat: Sum, Channel: c.id}].total()
		if some || any {
			latency := d.percentile("", Query{Metric: metric.DeliveryLatency, Stat: p90, Channel: c.id}, "")
			t.Rows = append(t.Rows, []string{c.name, tally(accepted, some), tally(refused, any), latency.Value})
		}
	}
	s.add(t)
	s.Charts = []chart{d.draw(chart{
		ID:    "delivery-chart",
		Title: "Deliveries over time",
		Desc:  "Bars of the messages that the channels accepted and refused.",
		Empty: "No delivery was reported in this time.",
		Tracks: []track{
			{"c-good", "accepted", d.bars(metric.Deliveries, Sum)},
			{"c-bad", "refused", d.bars(metric.DeliveryFailures, Sum)},
		},
	})}
	return s
}

func queuesSection(d Data) section {
	s := section{
		ID:    "queues",
		Title: "Queues",
		// SQS Developer Guide, "Available CloudWatch metrics for Amazon SQS".
		Lead: "What could not be handled or delivered waits here, and raises an alarm. SQS reports nothing of a queue that " +
			"was not used for six hours: no data mostly means that it is empty.",
	}
	t := table{Caption: "Messages waiting", Head: []string{"Queue", "Now", "Most in this time"}}
	for _, queue := range d.Queues {
		now, known := d.depth(queue)
		limit, ok := d.Series[Query{Metric: QueueDepth, Stat: statMost, Queue: queue}].highest()
		t.Rows = append(t.Rows, []string{queueText(queue), orNone(count)(now.Value, known), orNone(count)(limit, ok)})
	}
	if s.add(t); t.Rows == nil {
		s.Empty = "No queue of this stack is known: none reported in the last two weeks, or they could not be looked up."
	}
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
		{"LastQueue", "Last: what can never be handled or sent"},
		{"TestDeadLetters", "Test: test alerts that the Scheduler could not send"},
	} {
		if strings.Contains(name, known.part) {
			return known.text
		}
	}
	return name
}
