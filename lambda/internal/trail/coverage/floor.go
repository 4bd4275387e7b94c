package coverage

import (
	"slices"

	"trailkeeper/lambda/config/baseline"
)

// Short says, a plain sentence each, which write management events are not recorded.
func Short(s baseline.State) []string {
	writes := []baseline.FieldSelector{
		{Field: onCategory, Equals: []string{categoryManagement}},
		{Field: onReadOnly, Equals: []string{"false"}},
	}
	usual := baseline.FieldSelector{Field: onSource, NotEquals: []string{"kms.amazonaws.com", "rdsdata.amazonaws.com"}}
	all := baseline.State{Advanced: []baseline.AdvancedSelector{{Fields: writes}}}
	floor := baseline.State{Advanced: []baseline.AdvancedSelector{{Fields: append(writes, usual)}}}
	w := newComparer(all, floor, s)
	has := boxesOf(w, s)
	if lost := differenceOf(
		w,
		boxesOf(w, all),
		has,
	); len(lost.Undecided) == 0 &&
		slices.Equal(lost.Phrases, []string{"write management events"}) {
		return []string{"It records no write management events."}
	}
	var short []string
	lost := differenceOf(w, boxesOf(w, floor), has)
	for _, what := range lost.Phrases {
		short = append(short, "It does not record "+what+".")
	}
	for _, what := range lost.Undecided {
		short = append(
			short,
			"Whether it records all "+what+" could not be worked out: its selectors have too many conditions.",
		)
	}
	return short
}

// RecordsWrites reports whether the selectors record all write management events, but for those of AWS KMS and of the
// RDS Data API, which the console offers to leave out.
func RecordsWrites(s baseline.State) bool { return len(Short(s)) == 0 }
