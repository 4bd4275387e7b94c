// Package coverage works out what the event selectors of a trail record, and what one trail records that another does
// not.
//
// It reads no trail and judges none: which difference is for the worse is for package trail to say.
package coverage

import (
	"slices"

	"trailkeeper/lambda/config/baseline"
)

// Steps bounds the work of comparing the events of one category one way. CloudTrail takes at most 500 values and 250
// data resources on a trail; two such trails of the usual form stay below it. Of selectors that are built to take more,
// that is reported.
const Steps = 1 << 21

// maxPieces bounds the boxes of one category that are put in words.
const maxPieces = 200

// maxPhrases bounds the phrases of a difference.
const maxPhrases = 12

// Difference is what one trail records and another does not.
//
// The phrases are nouns in the plural such as "write management events" or "data events of AWS::S3::Object below
// arn:aws:s3:::bucket/", those of management events first. They are bounded in number and length and hold no control
// characters; they do hold what callers of AWS wrote: escape them.
//
// An event with several resources is recorded for any one of them, so that comparing one resource at a time says "the
// same" for no two selectors that differ. Fields are taken to be independent of one another, which can only make
// selectors differ by events that never come.
type Difference struct {
	Phrases []string
	Charged []string // those phrases that are about the events of every resource, for each of which CloudTrail charges
	// undecided names the categories that could not be compared in full, since the selectors have too many conditions:
	// what is said of them is so, and there may be more.
	Undecided []string
	// management says that management events are among them, or may be.
	Management bool
}

// None reports whether there is none, and none that could not be worked out.
func (d Difference) None() bool { return len(d.Phrases)+len(d.Undecided) == 0 }

// groups are the categories of events that are compared with a budget of their own, so that none of them keeps another
// from being decided. The first is what matters most; the last is of any other category.
var groups = []string{categoryManagement, categoryData, categoryNetwork, ""}

// differenceOf returns what a records and b does not. The boxes are of w; those of a selector that could not be worked
// out are missing, and nothing is decided.
func differenceOf(w *comparer, a, b []box) Difference {
	var d Difference
	var lost []box
	for _, name := range groups {
		if w.unfinished {
			d.Undecided, d.Management = append(d.Undecided, categoryNoun(name)), true
			continue
		}
		from := ofGroup(w, a, name)
		if len(from) == 0 {
			continue
		}
		w.budget = w.limit
		pieces, whole := w.lost(from, ofGroup(w, b, name))
		if !whole {
			d.Undecided = append(d.Undecided, categoryNoun(name))
		}
		if name == categoryManagement {
			d.Management = len(pieces) > 0 || !whole
		}
		lost = append(lost, tidy(w, pieces)...)
	}
	d.Phrases = phrasesOf(w, lost, maxPhrases, func(b box) string {
		p := phraseOf(w, b)
		if isCharged(w, b) {
			d.Charged = append(d.Charged, p)
		}
		return p
	})
	return d
}

// isCharged reports whether a box holds the data events, or the network activity events, of every resource: CloudTrail
// charges for each event of these categories, on the first trail as well ("AWS CloudTrail pricing").
func isCharged(w *comparer, b box) bool {
	categories := w.of(b, onCategory).some
	charged := covered(w.texts.exactly(categoryData)[0], categories) ||
		covered(w.texts.exactly(categoryNetwork)[0], categories)
	return charged && slices.Equal(w.of(b, onARN).some, everything)
}

// ofGroup returns the events of the boxes that are of one group of categories.
func ofGroup(w *comparer, boxes []box, name string) []box {
	var some []box
	for _, b := range boxes {
		has := w.of(b, onCategory)
		var of []cube
		for _, c := range has.some {
			if known := slices.Contains(w.categories, c); known && w.texts.prefix(c) == name || !known && name == "" {
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

// Compared is what comparing the selectors of a baseline and of the trail now has said.
type Compared struct {
	Lost, Gained  Difference
	Before, After string // what each records, in one short line
}

// Compare compares the selectors of two states, each category of events within a limit of steps.
func Compare(before, now baseline.State, limit int) Compared {
	w := newComparer(before, now)
	w.limit = limit
	b, n := boxesOf(w, before), boxesOf(w, now)
	c := Compared{Lost: differenceOf(w, b, n), Gained: differenceOf(w, n, b)}
	if !c.Lost.None() || !c.Gained.None() || !Same(before, now) {
		c.Before, c.After = summarize(w, b), summarize(w, n)
	}
	return c
}

// newComparer makes one for the selectors of some states, and for no other texts than theirs and those of further.
func newComparer(states ...baseline.State) *comparer {
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
				for _, values := range [...][]string{
					f.Equals, f.StartsWith, f.EndsWith, f.NotEquals, f.NotStartsWith, f.NotEndsWith,
				} {
					texts = append(texts, values...)
				}
				endings = endings || len(f.EndsWith)+len(f.NotEndsWith) > 0
			}
		}
	}
	w := &comparer{texts: newIndex(texts, endings), limit: Steps, budget: Steps}
	w.categories = w.texts.exactly(categoryData, categoryManagement, categoryNetwork)
	w.readWrite = w.texts.exactly("false", "true")
	return w
}

// Same compares the selectors as they are written.
func Same(a, b baseline.State) bool {
	return slices.EqualFunc(a.Selectors, b.Selectors, func(x, y baseline.Selector) bool {
		return x.ReadWrite == y.ReadWrite && x.Management == y.Management &&
			slices.Equal(x.ExcludeSources, y.ExcludeSources) &&
			slices.EqualFunc(
				x.DataResources,
				y.DataResources,
				func(v, w baseline.DataResource) bool { return v.Type == w.Type && slices.Equal(v.Values, w.Values) },
			)
	}) && slices.EqualFunc(a.Advanced, b.Advanced, func(x, y baseline.AdvancedSelector) bool {
		return x.Name == y.Name && slices.EqualFunc(x.Fields, y.Fields, sameField)
	})
}

func sameField(a, b baseline.FieldSelector) bool {
	return a.Field == b.Field && slices.Equal(a.Equals, b.Equals) && slices.Equal(a.NotEquals, b.NotEquals) &&
		slices.Equal(a.StartsWith, b.StartsWith) && slices.Equal(a.NotStartsWith, b.NotStartsWith) &&
		slices.Equal(a.EndsWith, b.EndsWith) && slices.Equal(a.NotEndsWith, b.NotEndsWith)
}
