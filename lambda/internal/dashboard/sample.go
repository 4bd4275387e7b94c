package dashboard

import (
	"math"
	"slices"
	"time"
)

// Sample is one figure as it was measured, before any statistic. Its fields are those of Query.
type Sample struct {
	Metric                 string
	Channel, Reason, Queue string
	Point
}

// Compute answers every query about the queues from samples, as CloudWatch would.
func Compute(samples []Sample, queues []string, from, to time.Time) map[Query]Series {
	answers := make(map[Query]Series)
	for _, q := range Queries(queues) {
		start, end, period := q.Span.Times(from, to)
		periods := make(map[time.Time][]float64)
		for _, s := range samples {
			if s.Metric == q.Metric && s.Channel == q.Channel && s.Reason == q.Reason && s.Queue == q.Queue &&
				!s.At.Before(start) && s.At.Before(end) {
				begins := start.Add(s.At.Sub(start).Truncate(period))
				periods[begins] = append(periods[begins], s.Value)
			}
		}
		var series Series
		for begins, values := range periods {
			series = append(series, Point{begins, statistic(q.Stat, values)})
		}
		slices.SortFunc(series, func(a, b Point) int { return a.At.Compare(b.At) })
		if series != nil {
			answers[q] = series
		}
	}
	return answers
}

// statistic is that of at least one value.
func statistic(stat string, values []float64) float64 {
	slices.Sort(values)
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	switch stat {
	case statMost:
		return values[len(values)-1]
	case statLeast:
		return values[0]
	case statSamples:
		return float64(len(values))
	case p50:
		return percentile(values, 50)
	case p90:
		return percentile(values, 90)
	}
	return sum
}

// percentile is by nearest rank. The values are sorted.
func percentile(values []float64, p float64) float64 {
	rank := int(math.Ceil(p / 100 * float64(len(values))))
	return values[max(rank, 1)-1]
}
