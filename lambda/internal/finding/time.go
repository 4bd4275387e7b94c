package finding

import (
	"strconv"
	"time"
)

// Duration writes d for people, with as many digits as mean something: "812 ms", "2.1 s", "34 s", "3 min 5 s", "2 h 3
// min".
func Duration(d time.Duration) string {
	itoa := func(d, unit time.Duration) string { return strconv.FormatInt(int64(d/unit), 10) }
	switch {
	case d < time.Millisecond:
		return "under 1 ms"
	case d < time.Second-time.Millisecond/2:
		return itoa(d.Round(time.Millisecond), time.Millisecond) + " ms"
	case d < 10*time.Second-50*time.Millisecond:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d.Round(time.Second) < time.Minute:
		return itoa(d.Round(time.Second), time.Second) + " s"
	case d.Round(time.Second) < time.Hour:
		d = d.Round(time.Second)
		return itoa(d, time.Minute) + " min" + rest(itoa(d%time.Minute, time.Second), " s")
	default:
		d = d.Round(time.Minute)
		return itoa(d, time.Hour) + " h" + rest(itoa(d%time.Hour, time.Minute), " min")
	}
}

func rest(n, unit string) string {
	if n == "0" {
		return ""
	}
	return " " + n + unit
}

// Time writes a time for people, in UTC; the zero time is "".
func Time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}
