package trail

import (
	"slices"
)

// steps bounds the work of comparing the events of one category one way. CloudTrail takes at most 500 values and 250 data resources on a trail; two
// such trails of the usual form stay below it. Of selectors that are built to take more, that is told.
const steps = 1 << 21

// maxPieces bounds the boxes of one category that are put in words.
const maxPieces = 200

// maxPhrases bounds the phrases of a difference.
const maxPhrases = 12

// difference is what one trail records and another does not.
//
// The phrases are nouns in the plural such as "write management events" or "data events of AWS::S3::Object below arn:aws:s3:::bucket/", those of
// management events first. They are bounded in number and length and hold no control characters; they do hold what callers of AWS wrote: escape them.
//
// An event with several resources is recorded for any one of them, so that comparing one resource at a time says "the same" for no two
// selectors that differ. Fields are taken to be independent of one another, which can only make selectors differ by events that never come.
type difference struct {
	phrases []string
	charged []string // those phrases that are about the events of every resource, for each of which CloudTrail charges
	// undecided names the categories that could not be compared in full, since the selectors have too many conditions: what is said of them is so,
	// and there may be more.
	undecided []string
	// management says that management events are among them, or may be.
	management bool
}

func (d difference) none() bool { return len(d.phrases)+len(d.undecided) == 0 }

// groups are the categories of events that are compared with a budget of their own, so that none of them keeps another from being decided. The
// first is what matters most; the last is of any other category.
var groups = []string{categoryManagement, categoryData, categoryNetwork, ""}

// difference returns what a records and b does not. The boxes are of w; those of a selector that could not be worked out are missing, and nothing is
// decided.
func (w *comparer) difference(a, b []box) difference {
	var d difference
	var lost []box
	for _, name := range groups {
		if w.unfinished {
			d.undecided, d.management = append(d.undecided, categoryNoun(name)), true
			continue
		}
		from := w.ofGroup(a, name)
		if len(from) == 0 {
			continue
		}
		w.budget = w.limit
		pieces, whole := w.lost(from, w.ofGroup(b, name))
		if !whole {
			d.undecided = append(d.undecided, categoryNoun(name))
		}
		if name == categoryManagement {
			d.management = len(pieces) > 0 || !whole
		}
		lost = append(lost, w.tidy(pieces)...)
	}
	d.phrases = w.phrases(lost, maxPhrases, func(b box) string {
		p := w.phrase(b)
		if w.charged(b) {
			d.charged = append(d.charged, p)
		}
		return p
	})
	return d
}

// charged reports whether a box holds the data events, or the network activity events, of every resource: CloudTrail charges for each event of
// these categories, on the first trail as well ("AWS CloudTrail pricing").
func (w *comparer) charged(b box) bool {
	categories := w.of(b, onCategory).some
	charged := covered(w.exactly(categoryData)[0], categories) || covered(w.exactly(categoryNetwork)[0], categories)
	return charged && slices.Equal(w.of(b, onARN).some, everything)
}

// ofGroup returns the events of the boxes that are of one group of categories.
func (w *comparer) ofGroup(boxes []box, name string) []box {
	var some []box
	for _, b := range boxes {
		has := w.of(b, onCategory)
		var of []cube
		for _, c := range has.some {
			if known := slices.Contains(w.categories, c); known && w.prefix(c) == name || !known && name == "" {
				of = append(of, c)
			}
		}
		switch {
		case len(of) == 0:
		case len(of) == len(has.some) && len(b) > 0 && b[0].field == onCategory:
			some = append(some, b)
		default:
			some = append(some, b.with(onCategory, condition{some: of}))
		}
	}
	return some
}

// compared is what comparing the selectors of a baseline and of the trail now has said.
type compared struct {
	lost, gained  difference
	before, after string // what each records, in one short line
}

func compareSelectors(baseline, now State, limit int) compared {
	w := newComparer(baseline, now)
	w.limit = limit
	b, n := w.boxes(baseline), w.boxes(now)
	c := compared{lost: w.difference(b, n), gained: w.difference(n, b)}
	if !c.lost.none() || !c.gained.none() || !sameSelectors(baseline, now) {
		c.before, c.after = w.records(b), w.records(n)
	}
	return c
}

// newComparer makes one for the selectors of some states, and for no other texts than theirs and those of further.
func newComparer(states ...State) *comparer {
	texts := []string{"", categoryManagement, categoryData, categoryNetwork, "true", "false"}
	endings := false
	for _, s := range states {
		for _, sel := range s.Selectors {
			texts = append(append(texts, sel.ReadWrite), sel.ExcludeSources...)
			for _, r := range sel.DataResources {
				texts = append(append(texts, r.Type), r.Values...)
			}
		}
		for _, sel := range s.Advanced {
			for _, f := range sel.Fields {
				texts = append(texts, f.Field)
				for _, values := range [...][]string{f.Equals, f.StartsWith, f.EndsWith, f.NotEquals, f.NotStartsWith, f.NotEndsWith} {
					texts = append(texts, values...)
				}
				endings = endings || len(f.EndsWith)+len(f.NotEndsWith) > 0
			}
		}
	}
	w := &comparer{index: newIndex(texts, endings), limit: steps, budget: steps}
	w.categories, w.readWrite = w.exactly(categoryData, categoryManagement, categoryNetwork), w.exactly("false", "true")
	return w
}
