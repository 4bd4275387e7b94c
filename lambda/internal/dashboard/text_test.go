package dashboard

import (
	"testing"
	"time"
)

func TestText(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{count(0), "0"},
		{count(999), "999"},
		{count(1000), "1,000"},
		{count(1234567), "1,234,567"},
		{count(-1500), "−1,500"},
		{things(1, "trail", "trails"), "1 trail"},
		{things(0, "trail", "trails"), "0 trails"},
		{span(0), "under 1 ms"},
		{span(999), "999 ms"},
		{span(999.6), "1.0 s"},
		{span(4200), "4.2 s"},
		{span(59_400), "59 s"},
		{span(59_960), "1 min"},
		{span(185_000), "3 min 5 s"},
		{span(3_600_000), "1 h"},
		{span(7_800_000), "2 h 10 min"},
		{span(86_400_000), "24 h"},
		{span(15 * 86_400_000), "15 d"},
		{span(51 * 3_600_000), "2 d 3 h"},
		{tally(0, true), "0"},
		{tally(0, false), "none reported"},
		{orNone(count)(0, false), "no data"},
		{tick(time.Date(2026, 3, 2, 9, 5, 0, 0, time.UTC), day), "09:05"},
		{tick(time.Date(2026, 3, 2, 9, 5, 0, 0, time.UTC), day+time.Minute), "Mon 09:05"},
		{tick(time.Date(2026, 3, 2, 9, 5, 0, 0, time.UTC), 8*day), "2 Mar 09:05"},
		{queueText("trailkeeper-GuardFailures1-AB"), "Failures: given up by the guard, or refused by a channel"},
		{queueText("somebody-elses"), "somebody-elses"},
	} {
		if tt.got != tt.want {
			t.Errorf("%q; want %q", tt.got, tt.want)
		}
	}
}

// TestPercentile: where CloudWatch cut the time in parts, a percentile of all of it is only known to be no more than
// the greatest.
func TestPercentile(t *testing.T) {
	q := Query{Metric: "TimeToRestore", Stat: p90, Span: All}
	for _, tt := range []struct {
		series Series
		want   string
	}{
		{nil, none},
		{Series{{Value: 5}}, "5 ms"},
		{Series{{Value: 5}, {Value: 9}, {Value: 2}}, "≤ 9 ms"},
	} {
		d := Data{Series: map[Query]Series{q: tt.series}}
		if got := d.percentile("", q, "").Value; got != tt.want {
			t.Errorf("%v: %s; want %s", tt.series, got, tt.want)
		}
	}
}
