package page

import (
	"fmt"
	"time"

	"trailkeeper/lambda/internal/backtest"
	"trailkeeper/lambda/internal/webpage"
)

// The coordinates of the drawings, which the page stretches. Text stands beside them.
const wide, high = 1000.0, 200.0

// chart is bars over the days.
type chart struct {
	Rects       []rect
	Top, Middle string
	Ticks       []string
	Desc        string
	Rows        [][2]string // the figures
}

type rect struct{ X, Y, W, H, Label string }

// matchesByDay are the matches of all rules.
func matchesByDay(r *backtest.Report) map[string]int64 {
	all := map[string]int64{}
	for _, rule := range r.Rules {
		for day, n := range rule.ByDay {
			all[day] += n
		}
	}
	return all
}

// drawn is a chart of at most so many bars. Without any match there is none.
func drawn(r *backtest.Report, byDay map[string]int64, most int) chart {
	counts, per := backtest.Bars(r, byDay, most)
	var c chart
	highest := int64(0)
	for _, n := range counts {
		highest = max(highest, n)
	}
	if highest == 0 {
		return c
	}
	top, width := webpage.ScaleTop(float64(highest)), wide/float64(len(counts))
	if c.Top = backtest.Thousands(int64(top)); top > 1 {
		c.Middle = backtest.Thousands(int64(top / 2))
	}
	each := backtest.Counted(int64(per), "day", "days")
	c.Desc = fmt.Sprintf("Bars of the matches, each of %s; the highest has %s.", each, backtest.Thousands(highest))
	first := backtest.FirstDay(r)
	for i, n := range counts {
		from := first.AddDate(0, 0, i*per).Format("2 Jan 2006")
		if i%max(1, (len(counts)+3)/4) == 0 {
			c.Ticks = append(c.Ticks, tick(first.AddDate(0, 0, i*per), r.Days))
		}
		if n == 0 {
			continue
		}
		label := fmt.Sprintf("%s, %s: %s", from, each, backtest.Thousands(n))
		if per == 1 {
			label = fmt.Sprintf("%s: %s", from, backtest.Thousands(n))
		}
		h := max(high*float64(n)/top, 2) // what is there can be seen
		c.Rects = append(c.Rects, rect{
			X:     webpage.Coordinate(float64(i)*width + width*0.08),
			Y:     webpage.Coordinate(high - h),
			W:     webpage.Coordinate(width * 0.84),
			H:     webpage.Coordinate(h),
			Label: label,
		})
		c.Rows = append(c.Rows, [2]string{from, backtest.Thousands(n)})
	}
	return c
}

// tick writes a day as short as the length of the chart allows.
func tick(day time.Time, days int) string {
	if days < 300 {
		return day.Format("2 Jan")
	}
	return day.Format("Jan 2006")
}
