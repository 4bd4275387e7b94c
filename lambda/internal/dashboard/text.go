package dashboard

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"trailkeeper/lambda/internal/finding"
)

// What stands where nothing was reported.
const (
	none      = "no data"
	noneCount = "none reported" // of a metric that is written only when there is something to count
)

// count writes a number of things, with a comma between thousands.
func count(v float64) string {
	digits := strconv.FormatFloat(math.Abs(math.Round(v)), 'f', 0, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if math.Round(v) < 0 {
		return "−" + digits
	}
	return digits
}

// things writes a number with what is counted: "1 trail", "2 trails".
func things(v float64, one, more string) string {
	if math.Round(v) == 1 {
		return "1 " + one
	}
	return count(v) + " " + more
}

// span writes milliseconds as the messages do, and from two days on in days.
func span(ms float64) string {
	d := time.Duration(math.Round(ms)) * time.Millisecond
	if d < 2*day {
		return finding.Duration(d)
	}
	text := fmt.Sprintf("%d d", d/day)
	if hours := d % day / time.Hour; hours > 0 {
		text += fmt.Sprintf(" %d h", hours)
	}
	return text
}

// orNone writes a value that may be missing.
func orNone(write func(float64) string) func(v float64, ok bool) string {
	return func(v float64, ok bool) string {
		if !ok {
			return none
		}
		return write(v)
	}
}

// tally writes a number that is reported only when there is something to count.
func tally(v float64, ok bool) string {
	if !ok {
		return noneCount
	}
	return count(v)
}

// moment writes a time in full.
func moment(t time.Time) string { return t.UTC().Format("Mon 2 Jan 2006, 15:04") + " UTC" }

// tick writes the beginning of a period as short as the length of the page allows.
func tick(t time.Time, page time.Duration) string {
	switch {
	case page <= day:
		return t.UTC().Format("15:04")
	case page <= 7*day:
		return t.UTC().Format("Mon 15:04")
	default:
		return t.UTC().Format("2 Jan 15:04")
	}
}
