package trail

import (
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/trail/coverage"
)

// Floor says what keeps a state from becoming a baseline, one plain sentence each: the trail does not log, does not
// record all write management events, or cannot deliver. Without a sentence it is fit. A part that is unseen is not
// judged, and so an unseen state is never fit by the lack of a sentence.
//
// Write management events of AWS KMS and of the RDS Data API may be left out: they are what the console offers to leave
// out, for their number.
func Floor(s State) []string {
	var short []string
	add := func(bad bool, sentence string) {
		if bad {
			short = append(short, sentence)
		}
	}
	seen := func(p Part) bool { return s.Unseen[p] == "" }
	if seen(PartLogging) {
		add(!s.Logging, "It does not log.")
	}
	if seen(PartSelectors) {
		short = append(short, coverage.Short(s)...)
	}
	if seen(PartLogging) {
		d := s.Delivery
		add(d.LatestError != "", "Its log files cannot be delivered: "+sanitize.Bound(d.LatestError, 100)+".")
		add(
			d.LatestDigestError != "" && s.Settings.LogValidation,
			"Its digests cannot be delivered: "+sanitize.Bound(d.LatestDigestError, 100)+".",
		)
		add(
			d.LatestLogError != "" && s.Settings.LogGroupARN != "",
			"Its events cannot be delivered to CloudWatch Logs: "+sanitize.Bound(d.LatestLogError, 100)+".",
		)
	}
	return short
}
