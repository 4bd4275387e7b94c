package dashboard

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The charts' coordinates. The page stretches them to its width; text stands beside them, where it keeps its size.
const (
	wide = 1000.0
	high = 200.0
)

// chart is a drawing of series over time, with all of it in a table as well.
type chart struct {
	ID, Title, Desc string
	Legend          []legend
	Top, Middle     string   // the scale's labels
	Ticks           []string // along the time
	Rects           []rect
	Lines           []line
	Table           table
	Empty           string // in place of the drawing
}

type legend struct{ Class, Label string }

type rect struct{ X, Y, W, H, Class, Label string }

// line is a curve, and beside it the points of which no other is near, as dots.
type line struct{ D, Dots, Class string }

// plot is what a chart draws.
type plot struct {
	id, title, desc, empty string
	tracks                 []track
	write                  func(float64) string // a value
	gaps                   string               // what a period without any point means; empty: nothing to mark
}

// track is one series of a plot. The class gives it its colour.
type track struct {
	class, label string
	series       Series
}

// frame is the time of a page.
type frame struct {
	from, to time.Time
	period   time.Duration
}

func (d Data) frame() frame { return frame{d.From, d.To, Period(d.From, d.To)} }

// periods lists when each bar begins.
func (f frame) periods() []time.Time {
	var list []time.Time
	for t := f.from; t.Before(f.to); t = t.Add(f.period) {
		list = append(list, t)
	}
	return list
}

// bars draws tracks on top of each other, a bar for each period.
func (f frame) bars(p plot) chart {
	periods := f.periods()
	top, found := 0.0, false
	for _, t := range periods {
		sum := 0.0
		for _, track := range p.tracks {
			v, ok := track.series.in(t, f.period)
			sum, found = sum+max(v, 0), found || ok
		}
		top = max(top, sum)
	}
	c := f.blank(p, found, nice(top))
	if !found {
		return c
	}
	step := wide / float64(len(periods))
	for i, t := range periods {
		below, seen := 0.0, false
		for _, track := range p.tracks {
			v, ok := track.series.in(t, f.period)
			seen = seen || ok
			if h := max(v, 0) / nice(top) * high; h > 0 {
				c.Rects = append(c.Rects, rect{
					X: coordinate(float64(i)*step + step*0.08), W: coordinate(step * 0.84), Y: coordinate(high - below - h), H: coordinate(h),
					Class: track.class, Label: fmt.Sprintf("%s, %s: %s", tick(t, f.to.Sub(f.from)), track.label, p.write(v)),
				})
				below += h
			}
		}
		if !seen && p.gaps != "" {
			c.Rects = append(c.Rects, rect{X: coordinate(float64(i) * step), W: coordinate(step), Y: "0", H: coordinate(high), Class: "gap"})
		}
	}
	return c
}

// lines draws tracks as lines, which break where a period has no point.
func (f frame) lines(p plot) chart {
	periods := f.periods()
	top, found := 0.0, false
	for _, track := range p.tracks {
		for _, t := range periods {
			v, ok := track.series.in(t, f.period)
			top, found = max(top, v), found || ok
		}
	}
	c := f.blank(p, found, nice(top))
	if !found {
		return c
	}
	for _, track := range slices.Backward(p.tracks) { // the first lies on top
		c.Lines = append(c.Lines, curve(periods, f.period, track, nice(top)))
	}
	return c
}

// curve draws one track up to the top of the scale.
func curve(periods []time.Time, period time.Duration, t track, top float64) line {
	var curve, dots strings.Builder
	step := wide / float64(len(periods))
	run := 0 // points of the present stretch
	start := ""
	end := func() {
		if run == 1 {
			dots.WriteString(start + "h.01") // no length: only the round ends of the stroke are seen
		}
		run = 0
	}
	for i, at := range periods {
		v, ok := t.series.in(at, period)
		if !ok {
			end()
			continue
		}
		point := coordinate((float64(i)+0.5)*step) + " " + coordinate(high-max(v, 0)/top*high)
		switch run++; run {
		case 1:
			start = "M" + point
		case 2:
			curve.WriteString(start + "L" + point)
		default:
			curve.WriteString("L" + point)
		}
	}
	end()
	return line{curve.String(), dots.String(), t.class}
}

// blank is a chart with its words and its table.
func (f frame) blank(p plot, found bool, top float64) chart {
	c := chart{ID: p.id, Title: p.title, Desc: p.desc}
	if !found {
		c.Empty = p.empty
		return c
	}
	c.Top, c.Middle = p.write(top), p.write(top/2)
	if p.write(top/2) == p.write(top) || top == 1 {
		c.Middle = "" // no half incidents
	}
	periods := f.periods()
	for quarter := range min(4, len(periods)) {
		c.Ticks = append(c.Ticks, tick(periods[quarter*len(periods)/4], f.to.Sub(f.from)))
	}
	for _, track := range p.tracks {
		c.Legend = append(c.Legend, legend{track.class, track.label})
	}
	if p.gaps != "" {
		c.Legend = append(c.Legend, legend{"gap", p.gaps})
	}
	c.Table = f.table(p)
	return c
}

// table lists the periods that have a point.
func (f frame) table(p plot) table {
	t := table{Head: []string{"From (UTC)"}}
	for _, track := range p.tracks {
		t.Head = append(t.Head, track.label)
	}
	silent := 0
	for _, begins := range f.periods() {
		row, seen := []string{tick(begins, f.to.Sub(f.from))}, false
		for _, track := range p.tracks {
			v, ok := track.series.in(begins, f.period)
			row, seen = append(row, orNone(p.write)(v, ok)), seen || ok
		}
		if !seen {
			silent++
			continue
		}
		t.Rows = append(t.Rows, row)
	}
	t.Foot = fmt.Sprintf("Each row is %s.", span(float64(f.period.Milliseconds())))
	if silent > 0 {
		t.Foot += fmt.Sprintf(" %s without data left out.", things(float64(silent), "row", "rows"))
	}
	return t
}

// nice is the top of a scale that holds v: 1, 2 or 5 times a power of ten, and an even number where it can be halved.
func nice(v float64) float64 {
	if v <= 1 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, step := range []float64{1, 2, 4, 6, 8} {
		if v <= step*power {
			return step * power
		}
	}
	return 10 * power
}

// coordinate writes a number of an SVG attribute, to a tenth.
func coordinate(v float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}
