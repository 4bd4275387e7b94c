package page

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"trailkeeper/lambda/internal/backtest"
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
	top, width := nice(float64(highest)), wide/float64(len(counts))
	if c.Top = thousands(int64(top)); top > 1 {
		c.Middle = thousands(int64(top / 2))
	}
	each := counted(int64(per), "day", "days")
	c.Desc = fmt.Sprintf("Bars of the matches, each of %s; the highest has %s.", each, thousands(highest))
	first := backtest.FirstDay(r)
	for i, n := range counts {
		from := first.AddDate(0, 0, i*per).Format("2 Jan 2006")
		if i%max(1, (len(counts)+3)/4) == 0 {
			c.Ticks = append(c.Ticks, tick(first.AddDate(0, 0, i*per), r.Days))
		}
		if n == 0 {
			continue
		}
		label := fmt.Sprintf("%s, %s: %s", from, each, thousands(n))
		if per == 1 {
			label = fmt.Sprintf("%s: %s", from, thousands(n))
		}
		h := max(high*float64(n)/top, 2) // what is there can be seen
		c.Rects = append(c.Rects, rect{
			X:     coordinate(float64(i)*width + width*0.08),
			Y:     coordinate(high - h),
			W:     coordinate(width * 0.84),
			H:     coordinate(h),
			Label: label,
		})
		c.Rows = append(c.Rows, [2]string{from, thousands(n)})
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

// nice is the top of a scale that holds v: a number that can be halved, or 1, times a power of ten.
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
