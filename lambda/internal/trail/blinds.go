package trail

import "slices"

// Blinding lists the fields in which the trail loses events for good, compared with its baseline, in the order of
// Fields: it does not log, records fewer management events, Regions, global services or accounts, or delivers into
// another bucket or under another key, where whoever holds that can keep the events from their readers or delete them.
// What blinds is put back every time; the attempt cap is for the rest.
//
// Management events that only read count as well: AssumeRole and GetSecretValue are among them. A loss of data events,
// digests, Insights, copies to a topic or a log group, or tags does not blind. Another prefix does only with another
// bucket, whose policy may want it: otherwise the files are still in the trail's own. What is unseen in either state is
// left out.
//
// Selectors whose comparison takes too long count as if they blinded: what is not known is not healthy. The selectors
// of other events cost this comparison nothing.
func (d *Differ) Blinding(baseline, now State) []Field {
	return fieldsWhere(func(r *row) bool {
		return r.blinds != nil && baseline.Unseen[r.part] == "" && now.Unseen[r.part] == "" && r.blinds(d, &baseline, &now)
	})
}

// Dark lists the fields in which the trail records less than its baseline: those that blind it, and selectors that
// record less of anything. The changes are those that Diff finds between the two.
func Dark(baseline, now State, changes []Change) []Field {
	return new(Differ).Dark(baseline, now, changes)
}

// Dark is like the function, and works the same selectors out once.
func (d *Differ) Dark(baseline, now State, changes []Change) []Field {
	dark := d.Blinding(baseline, now)
	less := slices.ContainsFunc(changes, func(c Change) bool { return c.Field == FieldSelectors && c.Effect == Weakens })
	if less && !slices.Contains(dark, FieldSelectors) {
		dark = append(dark, FieldSelectors)
	}
	return dark
}
