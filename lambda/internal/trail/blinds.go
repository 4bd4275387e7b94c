package trail

import "slices"

// Blinding lists the fields in which the trail loses events for good, compared with its baseline, in the order of Fields: it does not log, records
// fewer management events, Regions, global services or accounts, or delivers into another bucket or under another key, where whoever holds that
// can keep the events from their readers or delete them. What blinds is put back every time; the attempt cap is for the rest.
//
// Management events that only read count as well: AssumeRole and GetSecretValue are among them. A loss of data events, digests, Insights, copies to a
// topic or a log group, or tags does not blind. Another prefix does only with another bucket, whose policy may want it: otherwise the files are still in
// the trail's own. What is unseen in either state is left out.
func Blinding(baseline, now State) []Field {
	unseen := func(p Part) bool { return baseline.Unseen[p] != "" || now.Unseen[p] != "" }
	b, n := baseline.Settings, now.Settings
	blinds := map[Field]bool{
		FieldLogging:      baseline.Logging && !now.Logging,
		FieldS3Bucket:     b.S3Bucket != n.S3Bucket,
		FieldS3Prefix:     b.S3Bucket != n.S3Bucket && b.S3Prefix != n.S3Prefix,
		FieldKMSKey:       b.KMSKeyID != n.KMSKeyID && n.KMSKeyID != "",
		FieldMultiRegion:  b.MultiRegion && !n.MultiRegion,
		FieldGlobalEvents: b.GlobalEvents && !n.GlobalEvents,
		FieldOrganization: b.Organization && !n.Organization,
		FieldSelectors:    !unseen(PartSelectors) && losesManagement(baseline, now),
	}
	return slices.DeleteFunc(Fields(), func(f Field) bool { return !blinds[f] || unseen(f.Part()) })
}

// losesManagement reports whether a management event that the baseline records is not recorded now. Selectors whose comparison takes too long count
// as if: what is not known is not healthy. The rest of the selectors costs this comparison nothing.
func losesManagement(baseline, now State) bool {
	if sameSelectors(baseline, now) {
		return false
	}
	w := &comparer{budget: steps}
	lost := w.lost(w.management(baseline), w.management(now))
	return w.budget < 0 || len(lost) > 0
}

// management returns the management events that a state's selectors record.
func (w *comparer) management(s State) []box {
	var some []box
	for _, b := range w.boxes(s) {
		if c := w.meet(b.of(onCategory), condition{some: exactly(categoryManagement)}); !c.empty() {
			some = append(some, b.with(onCategory, c))
		}
	}
	return some
}
