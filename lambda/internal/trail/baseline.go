package trail

import (
	"slices"

	"trailkeeper/lambda/internal/sanitize"
)

// Records says in one short line what a trail's selectors record, such as "all management events". It holds what callers of AWS wrote: escape
// it before it is shown.
func Records(s State) string { return records(s) }

// RecordsWrites reports whether the selectors record all write management events, but for those of AWS KMS and of the RDS Data API, which the
// console offers to leave out.
func RecordsWrites(s State) bool { return len(floorOfSelectors(s)) == 0 }

// Floor says what keeps a state from becoming a baseline, one plain sentence each: the trail does not log, does not record all write
// management events, or cannot deliver. Without a sentence it is fit. A part that is unseen is not judged, and so an unseen state is never fit
// by the lack of a sentence.
//
// Write management events of AWS KMS and of the RDS Data API may be left out: they are what the console offers to leave out, for their number.
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
		short = append(short, floorOfSelectors(s)...)
	}
	if seen(PartLogging) {
		d := s.Delivery
		add(d.LatestError != "", "Its log files cannot be delivered: "+sanitize.Bound(d.LatestError, 100)+".")
		add(d.LatestDigestError != "" && s.Settings.LogValidation, "Its digests cannot be delivered: "+sanitize.Bound(d.LatestDigestError, 100)+".")
		add(d.LatestLogError != "" && s.Settings.LogGroupARN != "", "Its events cannot be delivered to CloudWatch Logs: "+sanitize.Bound(d.LatestLogError, 100)+".")
	}
	return short
}

// floorOfSelectors says which write management events are not recorded.
func floorOfSelectors(s State) []string {
	writes := []FieldSelector{{Field: onCategory, Equals: []string{categoryManagement}}, {Field: onReadOnly, Equals: []string{"false"}}}
	usual := FieldSelector{Field: onSource, NotEquals: []string{"kms.amazonaws.com", "rdsdata.amazonaws.com"}}
	all := State{Advanced: []AdvancedSelector{{Fields: writes}}}
	floor := State{Advanced: []AdvancedSelector{{Fields: append(writes, usual)}}}
	w := newComparer(all, floor, s)
	has := w.boxes(s)
	if lost := w.difference(w.boxes(all), has); len(lost.undecided) == 0 && slices.Equal(lost.phrases, []string{"write management events"}) {
		return []string{"It records no write management events."}
	}
	var short []string
	lost := w.difference(w.boxes(floor), has)
	for _, what := range lost.phrases {
		short = append(short, "It does not record "+what+".")
	}
	for _, what := range lost.undecided {
		short = append(short, "Whether it records all "+what+" could not be worked out: its selectors have too many conditions.")
	}
	return short
}
