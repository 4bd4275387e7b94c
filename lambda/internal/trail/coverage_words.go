package trail

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// records describes in one short line what a state's selectors record: "all management events", "management events except
// kms.amazonaws.com; data events of AWS::S3::Object (2 ARNs)", "nothing". The limits of missing hold.
func records(s State) string {
	w := &comparer{budget: steps}
	boxes := w.boxes(s)
	switch {
	case w.budget < 0:
		return "events by too many conditions to name"
	case len(boxes) == 0:
		return "nothing"
	}
	return strings.Join(phrases(tidy(boxes), 4, box.summary), "; ")
}

// phrases words boxes: those of management events first, each phrase once, at most limit of them and how many more there are.
func phrases(boxes []box, limit int, word func(box) string) []string {
	slices.SortStableFunc(boxes, func(a, b box) int { return cmp.Compare(a.rank(), b.rank()) })
	var words []string
	for _, b := range boxes {
		if p := word(b); !slices.Contains(words, p) {
			words = append(words, p)
		}
	}
	if more := len(words) - limit; more > 0 {
		words = append(words[:limit], fmt.Sprintf("and %d more", more))
	}
	return words
}

// rank is the place of a box among others: management events matter most.
func (b box) rank() int {
	c := b.of(onCategory)
	for i, category := range []string{categoryManagement, categoryData} {
		if covered(cube{exact: true, prefix: category}, c.some) {
			return i
		}
	}
	return 2
}

// phrase names the events of a box, in the plural.
func (b box) phrase() string {
	kind, others := b.kind()
	var does, not []string
	for _, k := range others {
		verbs := b.verbs(k.field)
		if !slices.Contains(k.some, cube{}) {
			does = append(does, verbs.list(k.some)...)
		}
		not = append(not, verbs.list(k.none)...)
	}
	if len(does) > 0 {
		kind += " " + strings.Join(does, " ")
	}
	if len(not) > 0 {
		kind += " other than those " + strings.Join(not, " or ")
	}
	return shorten(kind, maxPhrase)
}

// summary is a phrase in which resources are counted, and sources that are left out stand without more words.
func (b box) summary() string {
	kind, others := b.kind()
	if len(others) == 0 && !strings.HasPrefix(kind, "read ") && !strings.HasPrefix(kind, "write ") {
		return "all " + kind
	}
	var does, not []string
	for _, k := range others {
		verbs := b.verbs(k.field)
		switch {
		case k.field == onARN && len(k.some) > 1:
			does = append(does, fmt.Sprintf("(%d ARNs)", len(k.some)))
		case !slices.Contains(k.some, cube{}):
			does = append(does, verbs.list(k.some)...)
		}
		if k.field == onSource && !slices.ContainsFunc(k.none, func(c cube) bool { return !c.exact }) {
			verbs.exactly = ""
		} else if k.field == onARN && len(k.none) > 1 {
			not = append(not, fmt.Sprintf("%d ARNs", len(k.none)))
			continue
		}
		not = append(not, verbs.list(k.none)...)
	}
	if len(does) > 0 {
		kind += " " + strings.Join(does, " ")
	}
	if len(not) > 0 {
		kind += " except " + strings.Join(not, " or ")
	}
	return shorten(kind, maxPhrase)
}

// kind names the category of a box's events, and whether they read or write, and returns the other constraints.
func (b box) kind() (string, []constraint) {
	noun, half := "events", ""
	var others []constraint
	for _, k := range b {
		switch one := len(k.some) == 1 && k.some[0].exact; {
		case k.field == onCategory && one:
			noun = categoryNoun(k.some[0].prefix)
		case k.field == onReadOnly && one && k.some[0].prefix == "true":
			half = "read "
		case k.field == onReadOnly && one && k.some[0].prefix == "false":
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
	return "events of the category " + shownValue(category)
}
