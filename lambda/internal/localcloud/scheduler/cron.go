package scheduler

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cron is a cron expression of EventBridge Scheduler in UTC: minute, hour, day of the month, month, day of the week,
// year. It knows numbers, names, lists, ranges, steps, * and ?; what else there is (L, W, #) is refused.
type cron struct{ minutes, hours, days, months, weekdays, years []int } // nil: any

var (
	monthNames   = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	weekdayNames = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
)

// parseCron reads "cron(7 9 ? * MON *)".
func parseCron(text string) (*cron, error) {
	inner, ok := strings.CutPrefix(text, "cron(")
	inner, closed := strings.CutSuffix(inner, ")")
	fields := strings.Fields(inner)
	if !ok || !closed || len(fields) != 6 {
		return nil, fmt.Errorf("%q; want cron(minutes hours day-of-month month day-of-week year)", text)
	}
	if (fields[2] == "?") == (fields[4] == "?") {
		return nil, fmt.Errorf("%q; want ? for the day of the month or for the day of the week, and not for both", text)
	}
	c := &cron{}
	for i, f := range []struct {
		into      *[]int
		low, high int
		names     []string
	}{
		{&c.minutes, 0, 59, nil},
		{&c.hours, 0, 23, nil},
		{&c.days, 1, 31, nil},
		{&c.months, 1, 12, monthNames},
		{&c.weekdays, 1, 7, weekdayNames},
		{&c.years, 1970, 2199, nil},
	} {
		values, err := cronField(fields[i], f.low, f.high, f.names)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", text, err)
		}
		*f.into = values
	}
	return c, nil
}

func cronField(text string, low, high int, names []string) ([]int, error) {
	if text == "*" || text == "?" {
		return nil, nil
	}
	number := func(s string) (int, bool) {
		if i := slices.Index(names, strings.ToUpper(s)); i >= 0 {
			return low + i, true
		}
		n, err := strconv.Atoi(s)
		return n, err == nil && n >= low && n <= high
	}
	var values []int
	for _, part := range strings.Split(text, ",") {
		from, to, step, ok := cronSpan(part, low, high, number)
		if !ok {
			return nil, fmt.Errorf("%q is not modelled", part)
		}
		for n := from; n <= to; n += step {
			values = append(values, n)
		}
	}
	return values, nil
}

// cronSpan reads a number, a range or *, with or without a step.
func cronSpan(part string, low, high int, number func(string) (int, bool)) (from, to, step int, ok bool) {
	span, stepText, stepped := strings.Cut(part, "/")
	from, to, step = low, high, 1
	also, positive := true, true
	if stepped {
		step, positive = number(stepText)
		positive = positive && step > 0
	}
	first, last, isRange := strings.Cut(span, "-")
	switch {
	case isRange:
		from, ok = number(first)
		to, also = number(last)
		return from, to, step, ok && also && positive && from <= to
	case span != "*":
		from, also = number(span)
		if !stepped {
			to = from
		}
	}
	return from, to, step, also && positive
}

// at reports whether the expression means the minute.
func (c *cron) at(t time.Time) bool {
	t = t.UTC()
	in := func(values []int, n int) bool { return values == nil || slices.Contains(values, n) }
	return in(c.minutes, t.Minute()) && in(c.hours, t.Hour()) && in(c.days, t.Day()) && in(c.months, int(t.Month())) &&
		in(c.weekdays, int(t.Weekday())+1) && in(c.years, t.Year())
}
