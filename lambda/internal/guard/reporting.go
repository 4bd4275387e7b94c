package guard

import (
	"trailkeeper/lambda/internal/bearing"
	"trailkeeper/lambda/internal/reporting"
)

// reporting says what the way of findings is made of.
func (w *wiring) reporting() reporting.Options {
	o := reporting.Options{
		Config:   w.cfg.Reporting,
		Problems: w.problems,
		AWS:      w.aws,

		SecretRegion: w.secretRegion,

		Client:    w.client,
		Routes:    w.Routes,
		Scheduled: w.cfg.SweepMinutes > 0, // a sweep sends the summaries
		Base:      w.base,
		Measure:   w.measure,
		Clock:     w.Clock,
		Log:       w.Log,
	}
	if w.table != nil {
		o.Documents = w.table.documents
	}
	return o
}

// way wires the way of findings: what each means for the incident of its trail is said on it.
func (w *wiring) way() reporting.Way {
	r := reporting.New(w.reporting())
	r.Reporter = bearing.Reporter{Next: r.Reporter}
	if r.Summaries != nil {
		r.Summaries.Reporter = r.Reporter
	}
	return r
}
