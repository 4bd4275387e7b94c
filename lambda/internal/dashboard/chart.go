package dashboard

import (
	"fmt"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/webpage"
)

// The charts' coordinates. The page stretches them to its width; text stands beside them, where it keeps its size.
const (
	wide = 1000.0
	high = 200.0
)

// chart is bars over time, one track on another, with all of it in a table as well. What it has nothing of, it says in
// Empty.
type chart struct {
	ID, Title, Desc, Empty string
	Gaps                   string // what a period without any figure means; empty: nothing to mark
	Tracks                 []track
	Top, Middle            string // the scale's labels
	Ticks                  []string
	Rects                  []rect
	Table                  table
}

// track is one series of a chart. The class gives it its colour.
type track struct {
	Class, Label string
	series       Series
}

type rect struct{ X, Y, W, H, Class, Label string }

// draw fills the chart: a bar and a row of the table for each period.
func (d Data) draw(c chart) chart {
	period, page := periodOf(d.From, d.To), d.To.Sub(d.From)
	bars := int((page + period - 1) / period)
	begins := func(bar int) time.Time { return d.From.Add(time.Duration(bar) * period) }
	top := 0.0
	c.Table.Head = []string{"From (UTC)"}
	for _, t := range c.Tracks {
		c.Table.Head = append(c.Table.Head, t.Label)
	}
	for bar := range bars {
		row, sum, seen := []string{tick(begins(bar), page)}, 0.0, false
		for _, t := range c.Tracks {
			v, ok := t.series.in(begins(bar), period)
			row, sum, seen = append(row, orNone(count)(v, ok)), sum+max(v, 0), seen || ok
		}
		if top = max(top, sum); seen {
			c.Table.Rows = append(c.Table.Rows, row)
		}
	}
	if c.Table.Rows == nil {
		return c
	}
	c.Empty, top = "", webpage.ScaleTop(top)
	if c.Top = count(top); top > 1 {
		c.Middle = count(top / 2) // no half incidents
	}
	for quarter := range min(4, bars) {
		c.Ticks = append(c.Ticks, tick(begins(quarter*bars/4), page))
	}
	c.Table.Foot = fmt.Sprintf("Each row is %s.", finding.Duration(period))
	if silent := bars - len(c.Table.Rows); silent > 0 {
		c.Table.Foot += fmt.Sprintf(" %s without data left out.", things(float64(silent), "row", "rows"))
	}
	for bar := range bars {
		c.bar(begins(bar), period, float64(bar)*wide/float64(bars), wide/float64(bars), top, page)
	}
	return c
}

// bar draws one period, from x and so wide, up to the top of the scale.
func (c *chart) bar(begins time.Time, period time.Duration, x, width, top float64, page time.Duration) {
	below, seen := 0.0, false
	for _, t := range c.Tracks {
		v, ok := t.series.in(begins, period)
		seen = seen || ok
		if h := max(v, 0) / top * high; h > 0 {
			c.Rects = append(c.Rects, rect{
				X:     webpage.Coordinate(x + width*0.08),
				W:     webpage.Coordinate(width * 0.84),
				Y:     webpage.Coordinate(high - below - h),
				H:     webpage.Coordinate(h),
				Class: t.Class,
				Label: fmt.Sprintf("%s, %s: %s", tick(begins, page), t.Label, count(v)),
			})
			below += h
		}
	}
	if !seen && c.Gaps != "" {
		c.Rects = append(c.Rects, rect{webpage.Coordinate(x), "0", webpage.Coordinate(width), webpage.Coordinate(high), "gap", ""})
	}
}
