package dashboard

import (
	"strings"

	"trailkeeper/lambda/config/metric"
)

func (d Data) trails() section {
	s := section{ID: "trails", Title: "Trails", Lead: "What each sweep saw. Healthy means that the trail logs, delivers and is as strong as its baseline."}
	if now, ok := d.now(); ok {
		s.Facts = []card{
			{plain, "Healthy", count(now.healthy), "log, and are as strong as their baselines"},
			{toneOf(now.weakened, warn), "Weakened", count(now.weakened), "weaker than the baseline, or not delivering"},
			{toneOf(now.stopped, bad), "Stopped", count(now.stopped), "do not log, or are missing"},
			{toneOf(now.unseen, warn), "Not seen", count(now.unseen), "Regions with something that was refused"},
		}
		s.Lead += " The figures are of " + moment(now.at.At) + "."
	}
	s.Charts = []chart{d.frame().bars(plot{
		id: "trails-chart", title: "Trails over time", write: count, gaps: "no sweep reported",
		desc:  "Bars of the trails that were healthy, weakened and stopped. Where several sweeps fall into one bar, it shows the worst of them.",
		empty: "No sweep reported the trails in this time.",
		tracks: []track{
			{"c-good", "healthy", d.bars(metric.TrailsHealthy, Least)},
			{"c-warn", "weakened", d.bars(metric.TrailsWeakened, Most)},
			{"c-bad", "stopped", d.bars(metric.TrailsStopped, Most)},
		},
	})}
	return s
}

func (d Data) incidents() section {
	s := section{
		ID: "incidents", Title: "Incidents",
		Lead: "An incident is one trail out of its baseline, from the first sign to the verified restore. An attempt is a call that AWS refused.",
	}
	incidents, anyIncidents := d.sum(metric.Incidents)
	attempts, anyAttempts := d.sum(metric.Attempts)
	failures, anyFailures := d.sum(metric.RemediationFailures)
	s.Facts = []card{
		{plain, "Opened", tally(incidents, anyIncidents), "incidents"},
		{plain, "Attempts", tally(attempts, anyAttempts), "refused by AWS"},
		{toneOf(failures, bad), "Failed repairs", tally(failures, anyFailures), "by reason below"},
	}
	s.Charts = []chart{d.frame().bars(plot{
		id: "incidents-chart", title: "Incidents over time", write: count,
		desc:   "Bars of the incidents that were opened and of the attempts that AWS refused.",
		empty:  "No incident and no attempt was reported in this time.",
		tracks: []track{{"c-one", "incidents", d.bars(metric.Incidents, Sum)}, {"c-two", "attempts", d.bars(metric.Attempts, Sum)}},
	})}
	t := table{Caption: "Failed repairs by reason", Head: []string{"Reason", "Failed"}}
	for _, reason := range metric.Reasons() {
		if v, ok := d.Series[Query{Metric: metric.RemediationFailures, Stat: Sum, Reason: reason}].total(); ok {
			t.Rows = append(t.Rows, []string{reasonText(reason), count(v)})
		}
	}
	if t.Rows != nil {
		s.Tables = []table{t}
	}
	return s
}

func reasonText(reason string) string {
	switch reason {
	case metric.ReasonThrottled:
		return "throttled: AWS asked to wait"
	case metric.ReasonDenied:
		return "denied: a permission or policy forbids it"
	case metric.ReasonGone:
		return "gone: the trail, its bucket, key, role or topic"
	case metric.ReasonLimit:
		return "limit: the attempt cap, or a quota of AWS"
	}
	return "other: the function's log has it"
}

func (d Data) restores() section {
	s := section{ID: "restore", Title: "Time to restore", Lead: "From the event's own time to the restore that was verified."}
	if restored, ok := d.bars(metric.TimeToRestore, Samples).total(); ok {
		slowest, known := d.bars(metric.TimeToRestore, Most).highest()
		s.Facts = []card{{plain, "Restored", count(restored), "times"}}
		for _, stat := range []struct{ name, hint string }{
			{P50, "half were faster"}, {P90, "nine of ten were faster"}, {P99, "99 of 100 were faster"},
		} {
			v, bound, ok := d.whole(Query{Metric: metric.TimeToRestore, Stat: stat.name})
			s.Facts = append(s.Facts, card{plain, stat.name, bound + orNone(span)(v, ok), stat.hint})
		}
		s.Facts = append(s.Facts, card{plain, "Slowest", orNone(span)(slowest, known), "in this time"})
	}
	s.Charts = []chart{d.frame().lines(plot{
		id: "restore-chart", title: "Time to restore, percentiles", write: span,
		desc:  "Lines of the 50th, 90th and 99th percentile of the time to restore. A line breaks where nothing was restored.",
		empty: "Nothing was restored in this time, so there is no time to restore.",
		tracks: []track{
			{"c-one", "p50", d.bars(metric.TimeToRestore, P50)},
			{"c-two", "p90", d.bars(metric.TimeToRestore, P90)},
			{"c-three", "p99", d.bars(metric.TimeToRestore, P99)},
		},
	})}
	return s
}

func (d Data) deliveries() section {
	s := section{ID: "delivery", Title: "Delivery", Lead: "Each message to each channel. A refused one is parked in the failure queue and sent again later."}
	for _, fact := range []struct{ name, label, hint, tone string }{
		{metric.Parked, "Parked", "kept in the failure queue", warn},
		{metric.Redriven, "Redriven", "sent or handled from a queue", plain},
		{metric.Lost, "Lost", "neither accepted nor parked", bad},
	} {
		v, ok := d.sum(fact.name)
		s.Facts = append(s.Facts, card{toneOf(v, fact.tone), fact.label, tally(v, ok), fact.hint})
	}
	t := table{Caption: "Deliveries by channel", Head: []string{"Channel", "Accepted", "Refused", "Accepted, share", "Latency p50", "Latency p90"}}
	for _, channel := range Channels() {
		accepted := d.Series[Query{Metric: metric.Deliveries, Stat: Sum, Channel: channel}]
		refused := d.Series[Query{Metric: metric.DeliveryFailures, Stat: Sum, Channel: channel}]
		if len(accepted)+len(refused) > 0 {
			t.Rows = append(t.Rows, d.channelRow(channel, accepted, refused))
		}
		name := channelText(channel)
		s.Charts = append(s.Charts, d.frame().bars(plot{
			id: channel + "-chart", title: name + " over time", write: count,
			desc:   "Bars of the messages that " + name + " accepted and refused.",
			empty:  "No delivery to " + name + " was reported in this time.",
			tracks: []track{{"c-good", "accepted", accepted}, {"c-bad", "refused", refused}},
		}))
	}
	if t.Rows != nil {
		s.Tables = []table{t}
	}
	return s
}

func (d Data) channelRow(channel string, accepted, refused Series) []string {
	yes, saidYes := accepted.total()
	no, saidNo := refused.total()
	share := none
	if yes+no > 0 {
		share = percent(yes / (yes + no))
	}
	row := []string{channelText(channel), tally(yes, saidYes), tally(no, saidNo), share}
	for _, stat := range []string{P50, P90} {
		v, bound, ok := d.whole(Query{Metric: metric.DeliveryLatency, Stat: stat, Channel: channel})
		row = append(row, bound+orNone(span)(v, ok))
	}
	return row
}

func channelText(channel string) string {
	if channel == "slack" {
		return "Slack"
	}
	return strings.ToUpper(channel)
}

func (d Data) sweeps() section {
	s := section{ID: "sweeps", Title: "Sweeps", Lead: "A sweep compares every trail with its baseline, also when no event arrived. Each one that ends is a heartbeat."}
	beats, ok := d.sum(metric.Heartbeat)
	findings, known := d.sum(metric.Findings)
	longest, timed := d.bars(metric.SweepDuration, Most).highest()
	s.Facts = []card{
		{plain, "Sweeps", orNone(count)(beats, ok), "ended in this time"},
		{plain, "Findings", orNone(count)(findings, known), "trails not as they should be"},
		{plain, "Longest", orNone(span)(longest, timed), "sweep"},
	}
	s.Charts = []chart{
		d.frame().bars(plot{
			id: "heartbeat-chart", title: "Heartbeats", write: count, gaps: "no heartbeat",
			desc:   "Bars of the sweeps that ended. A shaded period had none.",
			empty:  "No heartbeat in this time: no sweep ended, or its metrics did not arrive.",
			tracks: []track{{"c-one", "sweeps", d.bars(metric.Heartbeat, Sum)}},
		}),
		d.frame().lines(plot{
			id: "sweep-chart", title: "Duration of a sweep", write: span,
			desc:   "Lines of the average and the longest duration of a sweep.",
			empty:  "No sweep reported its duration in this time.",
			tracks: []track{{"c-one", "average", d.bars(metric.SweepDuration, Mean)}, {"c-two", "longest", d.bars(metric.SweepDuration, Most)}},
		}),
	}
	return s
}

func (d Data) tests() section {
	s := section{
		ID: "tests", Title: "Test alerts",
		Lead: "A test alert goes through EventBridge and every channel without touching a trail. It counts once every channel has accepted its message.",
	}
	series := d.bars(metric.TestAlerts, Sum)
	total, ok := series.total()
	last, _ := series.latest()
	sent, _ := d.sum(metric.TestAlertsSent)
	switch {
	case !ok && sent > 0:
		s.Empty = things(sent, "test alert was", "test alerts were") + " sent in this time, and none came through. See the alarm test-alert-missing."
		return s
	case !ok:
		s.Empty = "No test alert arrived in this time. Send one: trailkeeper test-alert"
		return s
	}
	period := d.frame().period
	s.Facts = []card{
		{plain, "Arrived", count(total), "on every channel"},
		{plain, "Sent", count(sent), "with the command"},
		{plain, "Last", tick(last.At, d.To.Sub(d.From)) + " UTC", "or within " + span(float64(period.Milliseconds())) + " after"},
	}
	s.Charts = []chart{d.frame().bars(plot{
		id: "tests-chart", title: "Test alerts over time", write: count, desc: "Bars of the test alerts that arrived on every channel.",
		tracks: []track{{"c-one", "test alerts", series}},
	})}
	return s
}
