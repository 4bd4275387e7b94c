package dashboard

import (
	"context"
	"fmt"
	"slices"
	"time"

	templates "trailkeeper/cdk/golden"
	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/dashboard"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate"
)

// betweenScenarios is the time between two scenarios on the page, so that each has a place of its own.
const betweenScenarios = 10 * time.Minute

// templateOf is what a scenario is played on: the golden template of the mode that it is about.
func templateOf(s simulate.Scenario) []byte {
	content, _ := templates.Variant(s.Golden())
	return content
}

// play plays the scenarios, each on a cloud of its own, and lays their metrics one behind the other.
func play(ctx context.Context, scenarios []simulate.Scenario) (dashboard.Data, error) {
	d := dashboard.Data{Stack: "trailkeeper"}
	var samples []dashboard.Sample
	played := 0
	at := localcloud.Start // of the scenario, on the page
	for _, s := range scenarios {
		result, err := simulate.Play(ctx, templateOf(s), s)
		if err != nil {
			return dashboard.Data{}, err
		}
		if result.NotPlayed != "" {
			continue
		}
		played++
		some, ended := samplesOf(result.Metrics(), at.Sub(result.Start))
		samples = append(samples, some...)
		at = later(at, ended).Add(betweenScenarios).Truncate(time.Minute)
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

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// samplesOf are the metrics that the page knows, moved in time, and when the last of them was measured.
func samplesOf(metrics []localcloud.Metric, by time.Duration) (samples []dashboard.Sample, last time.Time) {
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
			s.Point = dashboard.Point{At: p.At.Add(by), Value: p.Value}
			samples, last = append(samples, s), later(last, s.At)
		}
	}
	return samples, last
}
