package coverage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"trailkeeper/lambda/config/baseline"
)

// Records describes in one short line what a state's selectors record: "all management events", "management events
// except kms.amazonaws.com; data events of AWS::S3::Object (2 ARNs)", "nothing". The limits of the phrases of a
// difference hold.
func Records(s baseline.State) string {
	w := newComparer(s)
	return summarize(w, boxesOf(w, s))
}

func summarize(w *comparer, boxes []box) string {
	switch {
	case w.unfinished:
		return "events by too many conditions to name"
	case len(boxes) == 0:
		return "nothing"
	}
	return strings.Join(phrasesOf(w, tidy(w, boxes), 4, func(b box) string { return summaryOf(w, b) }), "; ")
}

// phrasesOf words boxes: those of management events first, each phrase once, at most limit of them and how many more
// there are.
func phrasesOf(w *comparer, boxes []box, limit int, word func(box) string) []string {
	slices.SortStableFunc(boxes, func(a, b box) int { return cmp.Compare(rankOf(w, a), rankOf(w, b)) })
	var words []string
	said := make(map[string]bool)
	for _, b := range boxes {
		if p := word(b); !said[p] {
			said[p] = true
			words = append(words, p)
		}
	}
	if more := len(words) - limit; more > 0 {
		words = append(words[:limit], fmt.Sprintf("and %d more", more))
	}
	return words
}

// rankOf is the place of a box among others: management events matter most.
func rankOf(w *comparer, b box) int {
	c := w.of(b, onCategory)
	for i, category := range []string{categoryManagement, categoryData} {
		if covered(w.texts.exactly(category)[0], c.some) {
			return i
		}
	}
	return 2
}

// phraseOf names the events of a box, in the plural.
func phraseOf(w *comparer, b box) string {
	kind, others := kindOf(w, b)
	var does, not []string
	for _, k := range others {
		verbs := b.verbs(k.field)
		if !slices.Contains(k.some, everything[0]) {
			does = append(does, listOf(w, verbs, k.some)...)
		}
		not = append(not, listOf(w, verbs, k.none)...)
	}
	if len(does) > 0 {
		kind += " " + strings.Join(does, " ")
	}
	if len(not) > 0 {
		kind += " other than those " + strings.Join(not, " or ")
	}
	return shorten(kind, maxPhrase)
}

// summaryOf is a phrase in which resources are counted, and sources that are left out stand without more words.
func summaryOf(w *comparer, b box) string {
	kind, others := kindOf(w, b)
	if len(others) == 0 && !strings.HasPrefix(kind, "read ") && !strings.HasPrefix(kind, "write ") {
		return "all " + kind
	}
	var does, not []string
	for _, k := range others {
		verbs := b.verbs(k.field)
		switch {
		case k.field == onARN && len(k.some) > 1:
			does = append(does, fmt.Sprintf("(%d ARNs)", len(k.some)))
		case !slices.Contains(k.some, everything[0]):
			does = append(does, listOf(w, verbs, k.some)...)
		}
		if k.field == onSource && !slices.ContainsFunc(k.none, func(c cube) bool { return !c.exact }) {
			verbs.exactly = ""
		} else if k.field == onARN && len(k.none) > 1 {
			not = append(not, fmt.Sprintf("%d ARNs", len(k.none)))
			continue
		}
		not = append(not, listOf(w, verbs, k.none)...)
	}
	if len(does) > 0 {
		kind += " " + strings.Join(does, " ")
	}
	if len(not) > 0 {
		kind += " except " + strings.Join(not, " or ")
	}
	return shorten(kind, maxPhrase)
}

// kindOf names the category of a box's events, and whether they read or write, and returns the other constraints.
func kindOf(w *comparer, b box) (string, []constraint) {
	noun, half := "events", ""
	var others []constraint
	for _, k := range b {
		switch one := len(k.some) == 1 && k.some[0].exact; {
		case k.field == onCategory && one:
			noun = categoryNoun(w.texts.prefix(k.some[0]))
		case k.field == onReadOnly && one && w.texts.prefix(k.some[0]) == "true":
			half = "read "
		case k.field == onReadOnly && one && w.texts.prefix(k.some[0]) == "false":
			half = "write "
		default:
			others = append(others, k)
		}
	}
	return half + noun, others
}

func categoryNoun(category string) string {
	switch category {
	case categoryManagement:
		return "management events"
	case categoryData:
		return "data events"
	case categoryNetwork:
		return "network activity events"
	}
	if category == "" {
		return "events of other categories"
	}
	return "events of the category " + shownValue(category)
}
