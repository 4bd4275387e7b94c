package page

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/simulate/render"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/webpage"
)

// timeline is a drawing with a lane for everyone who does something, and a bar for the trail.
type timeline struct {
	ID, Title, Desc string
	Dark            string
	Lanes           []lane
	Bars            []bar
	Ticks           []string
	Height          int // of the drawing, in units that are pixels
	Style           string
	Table           webpage.Table
}

type lane struct {
	Name  string
	Y     int // of its line
	Marks []mark
}

// mark is a dot.
type mark struct{ Class, X, Label string }

// bar is a phase of the trail.
type bar struct {
	Class, X, W, Label string
	Y                  int
}

const (
	wide     = 1000.0 // of the drawing
	laneHigh = 30
	maxMarks = 150 // of a lane
	maxRows  = 400 // of the table
)

// The lanes, in the order of an attack.
const (
	laneAttacker = iota
	laneRules
	laneGuard
	laneSlack
	laneSNS
	laneOther
	lanes
)

var laneNames = [lanes]string{"Callers", "EventBridge", "Guard", "Slack", "SNS", "Queues, alarms"}

// timelineOf draws a run, and a bar for each of the trails.
func timelineOf(id string, r result.Result, trails ...result.Trail) *timeline {
	t := &timeline{ID: id, Title: "Timeline of " + sanitize.Bound(r.Name, maxText)}
	axis := newAxis(r, trails)
	var all [lanes][]mark
	for _, e := range r.Timeline {
		l, class := place(e)
		if l < 0 || len(all[l]) == maxMarks {
			continue
		}
		line, _ := render.Line(e, r.Start, 100)
		x := coordinate(axis.x(e.At.Sub(r.Start)))
		label := sanitize.Bound(strings.Join(strings.Fields(line), " "), 200)
		all[l] = append(all[l], mark{class, x, label})
	}
	for l, marks := range all {
		if l == laneOther && len(marks) == 0 {
			continue
		}
		t.Lanes = append(t.Lanes, lane{laneNames[l], len(t.Lanes)*laneHigh + laneHigh/2, marks})
	}
	for _, trail := range trails {
		if trail.ARN == "" {
			continue
		}
		t.Bars = append(t.Bars, barsOf(r, trail, axis, len(t.Lanes)*laneHigh)...)
		name := "Trail"
		if len(trails) > 1 {
			name = sanitize.Bound(result.NameOf(trail.ARN), 24)
		}
		t.Lanes = append(t.Lanes, lane{Name: name})
	}
	t.Height = len(t.Lanes) * laneHigh
	t.Dark = darkOf(trails...)
	t.Style = fmt.Sprintf("l%d", len(t.Lanes))
	for quarter := range 4 {
		t.Ticks = append(t.Ticks, render.Offset(axis.at(float64(quarter)*wide/4)))
	}
	t.Desc = fmt.Sprintf("Who did what, from the start to %s later; the trail was dark for %s.",
		render.Offset(r.End.Sub(r.Start)), t.Dark)
	t.Table = tableOf(r)
	return t
}

// place says in which lane an entry is shown, and how; below 0: not at all.
func place(e localcloud.Entry) (lane int, class string) {
	switch e.Kind {
	case localcloud.KindCall:
		if e.Function {
			return laneGuard, callClass(e, "m-good")
		}
		return laneAttacker, callClass(e, "m-bad")
	case localcloud.KindMatched:
		return laneRules, "m-one"
	case localcloud.KindFired:
		return laneRules, "m-soft"
	case localcloud.KindSlack:
		return laneSlack, unlessRefused(e, "m-one")
	case localcloud.KindSNS:
		return laneSNS, unlessRefused(e, "m-one")
	case localcloud.KindInvoked:
		if e.Err != "" {
			return laneGuard, "m-bad"
		}
	case localcloud.KindPing:
		return laneOther, unlessRefused(e, "m-soft")
	case localcloud.KindParked, localcloud.KindAlarm:
		return laneOther, "m-warn"
	case localcloud.KindLost:
		return laneOther, "m-bad"
	}
	return -1, ""
}

// callClass shows a call that changes something in its own way, and a read softly.
func callClass(e localcloud.Entry, write string) string {
	if !e.Write {
		write = "m-soft"
	}
	return unlessRefused(e, write)
}

func unlessRefused(e localcloud.Entry, class string) string {
	if e.Err != "" {
		return "m-bad"
	}
	return class
}

func barsOf(r result.Result, trail result.Trail, axis axis, y int) []bar {
	var bars []bar
	add := func(from, to time.Time, state result.State) {
		x, until := axis.x(from.Sub(r.Start)), axis.x(to.Sub(r.Start))
		if until <= x {
			return
		}
		class := map[result.State]string{result.Recording: "t-good", result.Weakened: "t-warn"}[state]
		if class == "" {
			class = "t-bad"
		}
		bars = append(bars, bar{
			Class: class,
			X:     coordinate(x),
			W:     coordinate(until - x),
			Label: fmt.Sprintf("%s from %s to %s", state, render.Offset(from.Sub(r.Start)), render.Offset(to.Sub(r.Start))),
			Y:     y + 5,
		})
	}
	at, state := r.Start, result.Recording
	for _, p := range trail.Phases {
		add(at, p.From, state)
		add(p.From, p.To, p.State)
		at, state = p.To, p.State
	}
	add(at, r.End, state)
	return bars
}

func tableOf(r result.Result) webpage.Table {
	t := webpage.Table{Caption: "What happened", Head: []string{"After", "Who", "What"}, Words: true}
	for _, line := range render.Rows(r) {
		if len(t.Rows) == maxRows {
			t.Foot = "The rest is left out; --verbose prints it."
			break
		}
		t.Rows = append(t.Rows, []string{line.After, line.Who, sanitize.Bound(line.What, maxText)})
	}
	return t
}

// axis gives every time its place. It is not to scale: what follows closely is drawn apart, and pauses are shortened.
type axis struct {
	times []time.Duration
	xs    []float64
}

func newAxis(r result.Result, trails []result.Trail) axis {
	a := axis{times: []time.Duration{0, max(r.End.Sub(r.Start), 1)}}
	for _, e := range r.Timeline {
		a.times = append(a.times, e.At.Sub(r.Start))
	}
	for _, trail := range trails {
		for _, p := range trail.Phases {
			a.times = append(a.times, max(p.From.Sub(r.Start), 0), max(p.To.Sub(r.Start), 0))
		}
	}
	slices.Sort(a.times)
	a.times = slices.Compact(a.times)
	sum := 0.0
	for i := range a.times {
		if i > 0 {
			sum += 0.3 + math.Log1p(float64(a.times[i]-a.times[i-1])/float64(100*time.Millisecond))
		}
		a.xs = append(a.xs, sum)
	}
	for i := range a.xs {
		a.xs[i] = margin + a.xs[i]/max(sum, 1e-9)*(wide-2*margin)
	}
	return a
}

// margin keeps the first and the last dot within the drawing.
const margin = 8.0

func (a axis) x(at time.Duration) float64 {
	i := sort.Search(len(a.times), func(i int) bool { return a.times[i] >= at })
	switch {
	case i == 0:
		return a.xs[0]
	case i == len(a.times):
		return a.xs[i-1]
	}
	share := float64(at-a.times[i-1]) / float64(a.times[i]-a.times[i-1])
	return a.xs[i-1] + share*(a.xs[i]-a.xs[i-1])
}

// at is the time at a place.
func (a axis) at(x float64) time.Duration {
	i := sort.SearchFloat64s(a.xs, x)
	switch {
	case i == 0:
		return a.times[0]
	case i == len(a.xs):
		return a.times[i-1]
	}
	share := (x - a.xs[i-1]) / (a.xs[i] - a.xs[i-1])
	return a.times[i-1] + time.Duration(share*float64(a.times[i]-a.times[i-1]))
}

// coordinate writes a number of an SVG attribute, to a tenth.
func coordinate(v float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}
