package dashboard

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
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

// span writes milliseconds in the unit that suits them: "850 ms", "4.2 s", "3 min 5 s", "2 h 10 min".
func span(ms float64) string {
	switch d := time.Duration(math.Round(ms)) * time.Millisecond; {
	case d < time.Second:
		return count(ms) + " ms"
	case d < time.Minute-50*time.Millisecond:
		return strings.TrimSuffix(strconv.FormatFloat(d.Seconds(), 'f', 1, 64), ".0") + " s"
	case d < time.Hour:
		return two(d.Round(time.Second), time.Minute, "min", time.Second, "s")
	case d < 2*day:
		return two(d.Round(time.Minute), time.Hour, "h", time.Minute, "min")
	default:
		return two(d.Round(time.Hour), day, "d", time.Hour, "h")
	}
}

func two(d, big time.Duration, bigName string, small time.Duration, smallName string) string {
	text := fmt.Sprintf("%d %s", d/big, bigName)
	if rest := d % big / small; rest > 0 {
		text += fmt.Sprintf(" %d %s", rest, smallName)
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

// percent writes a share. It rounds down, so that 100% is all.
func percent(share float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(math.Floor(share*1000)/10, 'f', 1, 64), ".0") + "%"
}
