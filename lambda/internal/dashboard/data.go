// Package dashboard draws what Trailkeeper measured of itself as one HTML page that needs nothing else: no script, no
// request, no server. It knows no client and no clock; who asks CloudWatch or the loopback cloud hands it the figures.
// A figure that is missing is shown as missing, never as zero.
package dashboard

import "time"

// Point is a figure of one period, which begins at At.
type Point struct {
	At    time.Time
	Value float64
}

// Series are the points of one query, by time. A period without a point reported nothing.
type Series []Point

// Data is all that a page shows.
type Data struct {
	Stack  string // the deployment's name
	Origin string // where the figures are from, for people: "account 111122223333, eu-west-1"
	// From and To are the time that the page shows.
	From, To time.Time
	// Queues are the names of the queues that hold what could not be delivered.
	Queues []string
	// Series are the answers. A query without one reported nothing.
	Series map[Query]Series
	// Open are the incidents that are not over.
	Open []Incident
	// Played says that the figures are of scenarios, most of which have no sweep: a time without one means nothing.
	Played bool
	// Notes are sentences about what could not be read.
	Notes []string
}

// Incident is one that is not over. Its texts may be written by anybody.
type Incident struct {
	Trail, Account, Region string
	Actor                  string // of the last event
	State                  string
	Opened                 time.Time
	Dark                   time.Duration // so far
}

// periodOf is the length of a bar of the charts: at most 60 fill the time between from and to. CloudWatch keeps figures
// by the minute for 15 days, by five minutes for 63 and by the hour for 455, and asks for periods to match (CloudWatch
// API Reference, GetMetricData).
func periodOf(from, to time.Time) time.Duration {
	const maxBars = 60
	for _, p := range []time.Duration{
		time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute,
		time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	} {
		if to.Sub(from) <= maxBars*p {
			return p
		}
	}
	return day * max(1, (to.Sub(from)+maxBars*day-1)/(maxBars*day))
}

// Align returns the time of a page that goes back for a length from now: from is where a period begins, as CloudWatch
// cuts them, and to is the end of this minute.
func Align(now time.Time, length time.Duration) (from, to time.Time) {
	to = now.UTC().Truncate(time.Minute).Add(time.Minute)
	from = to.Add(-max(length, time.Minute))
	for p := periodOf(from, to); !from.Equal(from.Truncate(p)); p = periodOf(from, to) {
		from = from.Truncate(p)
	}
	return from, to
}

const day = 24 * time.Hour

// recent is how far back the state of the present may lie: three of the longest sweep intervals, as for the alarm on
// the heartbeat.
const recent = 3 * time.Hour

// Headline is the state of the trails in a few words.
func (d Data) Headline() string { return d.verdict().Text }

// latest returns the last point, and false when there is none.
func (s Series) latest() (Point, bool) {
	if len(s) == 0 {
		return Point{}, false
	}
	return s[len(s)-1], true
}

// total returns the sum, and false when there is no point.
func (s Series) total() (float64, bool) {
	sum := 0.0
	for _, p := range s {
		sum += p.Value
	}
	return sum, len(s) > 0
}

// highest returns the greatest value, and false when there is no point.
func (s Series) highest() (float64, bool) {
	if len(s) == 0 {
		return 0, false
	}
	limit := s[0].Value
	for _, p := range s {
		limit = max(limit, p.Value)
	}
	return limit, true
}

// in returns the value of the period that begins at t, and false when there is none.
func (s Series) in(t time.Time, period time.Duration) (float64, bool) {
	for _, p := range s {
		if !p.At.Before(t) && p.At.Before(t.Add(period)) {
			return p.Value, true
		}
	}
	return 0, false
}
