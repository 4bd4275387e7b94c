package coverage

import (
	"cmp"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
)

// boxesOf returns what a state's selectors record. An event is recorded if one of them matches (CloudTrail API
// reference, EventSelector). The values of a condition are in an order of their own, so that the order in which they
// were written costs no comparison.
func boxesOf(w *comparer, s baseline.State) []box {
	w.budget = w.limit
	if len(s.Selectors)+len(s.Advanced) == 0 {
		return []box{ofCategory(w, categoryManagement)}
	}
	partition, _, _ := events.ARNPrefix(s.ARN)
	all := make([]box, 0, 2*len(s.Selectors)+len(s.Advanced))
	for _, sel := range s.Selectors {
		all = basicBoxes(w, all, sel, partition)
	}
	for _, sel := range s.Advanced {
		if b, ok := advancedBox(w, sel, partition); ok {
			all = append(all, b)
		}
	}
	w.unfinished = w.unfinished || w.budget < 0
	return all
}

func ofCategory(w *comparer, name string) box {
	return box{{onCategory, condition{some: w.texts.exactly(name)}}}
}

// basicBoxes appends what a basic selector records: its management events, and the data events of each data resource.
func basicBoxes(w *comparer, all []box, s baseline.Selector, partition string) []box {
	var half []constraint
	switch s.ReadWrite {
	case "", "All":
	case "ReadOnly":
		half = []constraint{{onReadOnly, condition{some: w.texts.exactly("true")}}}
	case "WriteOnly":
		half = []constraint{{onReadOnly, condition{some: w.texts.exactly("false")}}}
	default: // not known: equal to itself only
		half = []constraint{{onReadOnly, condition{some: w.texts.exactly(s.ReadWrite)}}}
	}
	if s.Management {
		b := append(ofCategory(w, categoryManagement), half...)
		if len(s.ExcludeSources) > 0 {
			b = append(b, constraint{onSource, condition{everything, inOrder(w.texts.exactly(s.ExcludeSources...))}})
		}
		all = append(all, b)
	}
	for _, r := range s.DataResources {
		if len(r.Values) == 0 {
			continue // names no resource
		}
		b := append(ofCategory(w, categoryData), constraint{onType, condition{some: w.texts.exactly(r.Type)}})
		b = append(b, half...)
		if cubes, ok := resourcesOf(w, r, partition); ok {
			b = append(b, constraint{onARN, condition{some: cubes}})
		}
		all = append(all, b)
	}
	return all
}

// resourcesOf returns the ARNs of a data resource, and false if it means all. Functions and tables are named by their
// ARN, objects by a prefix (CloudTrail API reference, DataResource).
func resourcesOf(w *comparer, r baseline.DataResource, partition string) ([]cube, bool) {
	cubes := w.texts.exactly(r.Values...)
	for i, v := range r.Values {
		if everyARN(r.Type, partition, v) {
			return nil, false
		}
		if r.Type == typeObject {
			cubes[i] = w.texts.starting(v)
		}
	}
	return inOrder(cubes), true
}

// typeObject is the one type of data resource that a basic selector names by a prefix.
const typeObject = "AWS::S3::Object"

// everyARN reports whether all ARNs of a type of resource in a partition start with a prefix; an empty partition is
// any. The forms of the ARNs are in the CloudTrail API reference, AdvancedFieldSelector.
func everyARN(resource, partition, prefix string) bool {
	var service string
	switch resource {
	case typeObject:
		service = "s3:::"
	case "AWS::Lambda::Function":
		service = "lambda:"
	case "AWS::DynamoDB::Table":
		service = "dynamodb:"
	default:
		return false
	}
	in, name, ok := events.ARNPrefix(prefix)
	if !ok || in == "" || partition != "" && in != partition {
		return false
	}
	return name != "" && strings.HasPrefix(service, name) && len(name) >= len(strings.TrimRight(service, ":"))
}

// advancedBox returns what an advanced selector records, and false if that is nothing.
func advancedBox(w *comparer, s baseline.AdvancedSelector, partition string) (box, bool) {
	resource := ""
	for _, f := range s.Fields {
		if f.Field == onType && len(f.Equals) == 1 {
			resource = f.Equals[0]
		}
	}
	b := make(box, 0, len(s.Fields))
	for _, f := range s.Fields {
		name, c := f.Field, conditionOf(w, f, resource, partition)
		if noOperator(f) {
			name, c = onUnknown+f.Field, condition{some: w.texts.exactly(f.Field)}
		}
		i, ok := b.find(name)
		switch {
		case c.empty():
			return nil, false
		case !ok:
			b = slices.Insert(b, i, constraint{name, c})
		default:
			if b[i].condition = w.meet(b[i].condition, c); b[i].empty() {
				return nil, false
			}
		}
	}
	return b, true
}

// onUnknown and the name of a field stand for the field in a condition whose operator is not known: CloudTrail returns
// no field without an operator, so that one of tomorrow was left out on the way. The value is the field, and the
// condition is equal to itself only.
const onUnknown = "?"

func noOperator(f baseline.FieldSelector) bool {
	return len(f.Equals)+len(f.StartsWith)+len(f.EndsWith)+len(f.NotEquals)+len(f.NotStartsWith)+len(f.NotEndsWith) == 0
}

// conditionOf returns the condition of a field selector: any of its selecting operators and none of its deselecting
// ones (CloudTrail user guide, "How CloudTrail evaluates multiple conditions for a field").
func conditionOf(w *comparer, f baseline.FieldSelector, resource, partition string) condition {
	some, none := w.texts.exactly(f.Equals...), w.texts.exactly(f.NotEquals...)
	for _, v := range f.StartsWith {
		if f.Field == onARN && everyARN(resource, partition, v) {
			v = ""
		}
		some = append(some, w.texts.starting(v))
	}
	for _, v := range f.EndsWith {
		some = append(some, w.texts.ending(v))
	}
	for _, v := range f.NotStartsWith {
		none = append(none, w.texts.starting(v))
	}
	for _, v := range f.NotEndsWith {
		none = append(none, w.texts.ending(v))
	}
	some, none = inOrder(some), inOrder(none)
	domain := w.universe(f.Field)
	if len(some) == 0 {
		some = domain
	} else if domain[0].exact {
		some = finite(some, domain)
	}
	return w.without(condition{some: some}, none)
}

// inOrder sorts cubes, each once.
func inOrder(cubes []cube) []cube {
	slices.SortFunc(cubes, func(a, b cube) int {
		return cmp.Or(
			cmp.Compare(a.from, b.from),
			cmp.Compare(a.to, b.to),
			cmp.Compare(a.fromBack, b.fromBack),
			cmp.Compare(a.toBack, b.toBack),
		)
	})
	return slices.Compact(cubes)
}

// finite returns the exact cubes, and for the others the values of the domain that they hold.
func finite(cubes, domain []cube) []cube {
	exact := slices.DeleteFunc(slices.Clone(cubes), func(c cube) bool { return !c.exact })
	for _, v := range domain {
		if covered(v, cubes) && !covered(v, exact) {
			exact = append(exact, v)
		}
	}
	return exact
}
