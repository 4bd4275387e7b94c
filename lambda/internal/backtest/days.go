package backtest

import "time"

// Bars are the counts of a report's days, from the first to the last, in at most so many bars; per is how many days
// each stands for. There are none where no record says when it happened.
func Bars(r *Report, byDay map[string]int64, most int) (bars []int64, per int) {
	first, err := time.Parse(time.DateOnly, cutDay(r.First))
	if err != nil || r.Days <= 0 {
		return nil, 0
	}
	per = (r.Days + most - 1) / most
	bars = make([]int64, (r.Days+per-1)/per)
	for day, n := range byDay {
		at, err := time.Parse(time.DateOnly, day)
		if i := int(at.Sub(first)/(24*time.Hour)) / per; err == nil && !at.Before(first) && i < len(bars) {
			bars[i] += n
		}
	}
	return bars, per
}

// FirstDay is the day of the first of Bars, at its beginning.
func FirstDay(r *Report) time.Time {
	first, _ := time.Parse(time.DateOnly, cutDay(r.First))
	return first
}
