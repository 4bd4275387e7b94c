package dashboard

import (
	"context"
	"fmt"
	"slices"
	"time"

	templates "trailkeeper/cdk/golden"
	"trailkeeper/events"
	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/dashboard"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/simulate/scenarios"
)

// betweenScenarios is the time between two scenarios on the page, so that each has a place of its own.
const betweenScenarios = 10 * time.Minute

// templateOf is what a scenario is played on: the golden template of the mode that it is about.
func templateOf(s scenarios.Scenario) []byte {
	content, _ := templates.Variant(s.Golden())
	return content
}

// play plays the scenarios, each on a cloud of its own, and lays their metrics one behind the other.
func play(ctx context.Context, list []scenarios.Scenario) (dashboard.Data, error) {
	d := dashboard.Data{Stack: "trailkeeper", Played: true}
	var samples []dashboard.Sample
	played := 0
	at := localcloud.Start // of the scenario, on the page
	for _, s := range list {
		r, err := simulate.Play(ctx, templateOf(s), s)
		if err != nil {
			return dashboard.Data{}, err
		}
		if r.NotPlayed != "" {
			continue
		}
		played++
		some, ended := samplesOf(r.Metrics, r.Start, at)
		samples = append(samples, some...)
		d.Open = append(d.Open, openOf(r, at)...)
		at = ended.Add(betweenScenarios).Truncate(time.Minute)
	}
	for _, s := range samples {
		if s.Queue != "" && !slices.Contains(d.Queues, s.Queue) {
			d.Queues = append(d.Queues, s.Queue)
		}
	}
	slices.Sort(d.Queues)
	d.From, d.To = dashboard.Align(at, at.Sub(localcloud.Start))
	d.Origin = fmt.Sprintf("The loopback cloud: %d scenarios, one after the other, in virtual time", played)
	d.Series = dashboard.Compute(samples, d.Queues, d.From, d.To)
	return d, nil
}

// openOf is the trail of a scenario that does not end as it was, such as one that its mode does not restore.
func openOf(r result.Result, at time.Time) []dashboard.Incident {
	arn, err := events.ParseTrailARN(r.Trail.ARN)
	if err != nil || r.Trail.Ends() == result.Recording {
		return nil
	}
	open := dashboard.Incident{
		Trail:   arn.Name + " (scenario " + r.Name + ")",
		Account: arn.Account,
		Region:  arn.Region,
		State:   string(r.Trail.Ends()),
		Opened:  at.Add(r.Trail.Phases[0].From.Sub(r.Start)),
		Dark:    r.Trail.Dark(),
	}
	for _, e := range r.Timeline.Attacks() {
		open.Actor = e.Who
	}
	return []dashboard.Incident{open}
}

// samplesOf are the metrics that the page knows, moved from start to at, and when the last of them was measured.
func samplesOf(metrics []localcloud.Metric, start, at time.Time) (samples []dashboard.Sample, ended time.Time) {
	ended = at
	for _, m := range metrics {
		s := dashboard.Sample{
			Metric:  m.Name,
			Channel: m.Dimensions[metric.DimensionChannel],
			Reason:  m.Dimensions[metric.DimensionReason],
			Queue:   m.Dimensions["QueueName"],
		}
		if m.Namespace != metric.Namespace && (m.Namespace != dashboard.QueueNamespace || m.Name != dashboard.QueueDepth) {
			continue
		}
		for _, p := range m.Points {
			s.Point = dashboard.Point{At: at.Add(p.At.Sub(start)), Value: p.Value}
			if samples = append(samples, s); s.At.After(ended) {
				ended = s.At
			}
		}
	}
	return samples, ended
}
