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
		{span(0), "0 ms"},
		{span(999), "999 ms"},
		{span(999.6), "1 s"},
		{span(4200), "4.2 s"},
		{span(59_940), "59.9 s"},
		{span(59_960), "1 min"},
		{span(185_000), "3 min 5 s"},
		{span(3_600_000), "1 h"},
		{span(7_800_000), "2 h 10 min"},
		{span(86_400_000), "24 h"},
		{span(15 * 86_400_000), "15 d"},
		{percent(1), "100%"},
		{percent(0.99999), "99.9%"}, // not all
		{percent(0), "0%"},
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

// TestNice: the top of a scale holds the greatest value and is not far above it.
func TestNice(t *testing.T) {
	for v := 0.01; v < 1e9; v *= 1.07 {
		if top := nice(v); top < v || top > 2*max(v, 1)+1e-9 {
			t.Errorf("the scale of %g goes up to %g", v, top)
		}
	}
}

// TestWhole: where CloudWatch cut the time in parts, a percentile of all of it is only known to be no more than the greatest.
func TestWhole(t *testing.T) {
	q := Query{Metric: "TimeToRestore", Stat: P90, Span: All}
	for _, tt := range []struct {
		series Series
		bound  string
		want   float64
		ok     bool
	}{
		{nil, "", 0, false},
		{Series{{Value: 5}}, "", 5, true},
		{Series{{Value: 5}, {Value: 9}, {Value: 2}}, "≤ ", 9, true},
	} {
		d := Data{Series: map[Query]Series{q: tt.series}}
		if v, bound, ok := d.whole(q); v != tt.want || bound != tt.bound || ok != tt.ok {
			t.Errorf("%v: %s%g, %t; want %s%g, %t", tt.series, bound, v, ok, tt.bound, tt.want, tt.ok)
		}
	}
}
