package delivery

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"trailkeeper/rules"
	"trailkeeper/rules/expression"
)

// box is one pattern in the making: the events whose fields each meet one of some tests.
type box struct {
	fields map[string][]expression.Test // by their paths in the record
	types  []string                     // detail-types
	reads  bool
	rules  []string // IDs
	own    []byte   // the pattern that a rule brings itself, instead of all these
}

func boxOf(c expression.Clause, rule string) box {
	fields := map[string][]expression.Test{}
	for path, tests := range c.Fields {
		fields[path] = simple(tests)
	}
	c.Fields = fields
	return box{
		fields: fields,
		types:  detailTypes(c),
		reads:  mayRead(c),
		rules:  []string{rule},
	}
}

// simple are tests without regular expressions, and without those that others imply.
func simple(tests []expression.Test) []expression.Test {
	var plain, all []expression.Test
	for _, t := range tests {
		if t.Op == expression.Matches {
			plain = append(plain, plainly(t.Text)...)
		} else {
			plain = append(plain, t)
		}
	}
	for i, t := range plain {
		if !slices.ContainsFunc(plain, func(w expression.Test) bool { return w != t && implied(w, t) }) &&
			!slices.Contains(plain[:i], t) {
			all = append(all, t)
		}
	}
	return all
}

// shape tells the fields of a box.
func (b box) shape() string { return strings.Join(slices.Sorted(maps.Keys(b.fields)), " ") }

// named reports whether the box is about single calls: nothing but their names and services.
func (b box) named() bool {
	shape := b.shape()
	return shape == "eventName eventSource" || shape == "eventName"
}

// coarse is the box without what it asks of calls beside their names and services, where these are no data events and
// change something: there are few of such calls.
func (b box) coarse() box {
	if b.reads || len(b.fields["eventName"]) == 0 || len(dataEvents(b.fields)) > 0 ||
		slices.ContainsFunc(b.fields["eventName"], func(t expression.Test) bool {
			return t.Op != expression.Is && t.Op != expression.IsFold && t.Op != expression.StartsWith
		}) {
		return b
	}
	fields := map[string][]expression.Test{"eventName": b.fields["eventName"]}
	if source := b.fields["eventSource"]; source != nil {
		fields["eventSource"] = source
	}
	b.fields = fields
	return b
}

// covers reports whether each event of another box is in this one.
func (b box) covers(other box) bool {
	if b.own != nil || other.own != nil {
		return bytes.Equal(b.own, other.own)
	}
	if other.reads && !b.reads || slices.ContainsFunc(other.types, func(t string) bool {
		return !slices.Contains(b.types, t)
	}) {
		return false
	}
	for path, tests := range b.fields {
		narrower := other.fields[path]
		if len(narrower) == 0 || slices.ContainsFunc(narrower, func(n expression.Test) bool {
			return !slices.ContainsFunc(tests, func(w expression.Test) bool { return implied(w, n) })
		}) {
			return false
		}
	}
	return true
}

// implied reports whether what meets the narrower test meets the wider.
func implied(wider, narrower expression.Test) bool {
	switch wider.Op {
	case expression.Present:
		return true
	case expression.IsFold:
		if narrower.Op == expression.Is && isASCII(narrower.Text) && strings.ToLower(narrower.Text) == wider.Text {
			return true
		}
	case expression.StartsWith:
		if narrower.Op == expression.Is || narrower.Op == expression.StartsWith {
			return strings.HasPrefix(narrower.Text, wider.Text)
		}
	case expression.EndsWith:
		if narrower.Op == expression.Is || narrower.Op == expression.EndsWith {
			return strings.HasSuffix(narrower.Text, wider.Text)
		}
	}
	return wider == narrower
}

// with is a box that has the events of both, and perhaps more: the tests of each field that both ask something of.
func (b box) with(other box) box {
	fields := map[string][]expression.Test{}
	for path, tests := range b.fields {
		if also := other.fields[path]; also != nil {
			fields[path] = union(tests, also)
		}
	}
	return box{
		fields: fields,
		types:  union(b.types, other.types),
		reads:  b.reads || other.reads,
		rules:  union(b.rules, other.rules),
		own:    b.own,
	}
}

// union are the elements of both. It shares nothing with either.
func union[T comparable](a, b []T) []T {
	all := slices.Clone(a)
	for _, one := range b {
		if !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return all
}

// differs counts the fields of which two boxes of one shape ask different things.
func (b box) differs(other box) int {
	n := 0
	for path, tests := range b.fields {
		if !slices.Equal(tests, other.fields[path]) {
			n++
		}
	}
	return n
}

// merge makes few boxes of many. Each fits into a pattern of EventBridge.
//
// Boxes that are about single calls are taken in order, so that those of one service stay together.
func merge(all []box) []box {
	slices.SortStableFunc(all, func(a, b box) int {
		return strings.Compare(string(a.json()), string(b.json()))
	})
	var boxes []box
	for _, b := range all {
		boxes = append(boxes, fitting(b)...)
	}
	boxes = within(boxes)
	for before := -1; before != len(boxes); {
		before = len(boxes)
		boxes = within(packed(boxes))
	}
	slices.SortStableFunc(boxes, func(a, b box) int {
		return cmp.Or(strings.Compare(a.shape(), b.shape()), strings.Compare(string(a.json()), string(b.json())))
	})
	for _, b := range boxes {
		slices.Sort(b.rules)
	}
	return boxes
}

// packed puts each box to the first that it may be merged with.
func packed(boxes []box) []box {
	var packs []box
	for _, b := range boxes {
		at := slices.IndexFunc(packs, func(p box) bool { return p.mergeable(b) && p.with(b).fits() })
		if at < 0 {
			packs = append(packs, b)
			continue
		}
		packs[at] = packs[at].with(b)
	}
	return packs
}

// mergeable reports whether one box for both would let little pass that neither does: they ask the same of all fields
// but one, or are about single calls, whose names are hardly those of another service's.
func (b box) mergeable(other box) bool {
	if b.own != nil || other.own != nil || b.reads != other.reads || b.shape() != other.shape() ||
		!b.named() && b.differs(other) > 1 {
		return false
	}
	for path, tests := range b.fields {
		if also := other.fields[path]; vague(path, union(tests, also)) && !vague(path, tests) && !vague(path, also) {
			return false
		}
	}
	return true
}

// vague reports whether all that a pattern asks is that the field is there.
func vague(path string, tests []expression.Test) bool {
	of, _ := conditions(path, tests)[0].(map[string]any)
	return of["exists"] != nil
}

// within leaves out the boxes that others cover.
func within(boxes []box) []box {
	var kept []box
	for _, b := range boxes {
		at := slices.IndexFunc(kept, func(k box) bool { return k.covers(b) })
		if at >= 0 {
			kept[at].rules = union(kept[at].rules, b.rules)
			continue
		}
		kept = slices.DeleteFunc(kept, func(k box) bool {
			if !b.covers(k) {
				return false
			}
			b.rules = union(b.rules, k.rules)
			return true
		})
		kept = append(kept, b)
	}
	return kept
}

// fitting splits a box until each part is short enough.
func fitting(b box) []box {
	if b.fits() || b.own != nil {
		return []box{b}
	}
	longest := ""
	for _, path := range slices.Sorted(maps.Keys(b.fields)) {
		if len(b.fields[path]) > len(b.fields[longest]) {
			longest = path
		}
	}
	tests := b.fields[longest]
	if len(tests) < 2 { // one text that is too long: nothing is asked of its field but that it is there
		b.fields = maps.Clone(b.fields)
		for path, tests := range b.fields {
			if len(tests[0].Text) > 100 {
				b.fields[path] = []expression.Test{{}}
			}
		}
		return []box{b}
	}
	var parts []box
	for _, part := range [][]expression.Test{tests[:len(tests)/2], tests[len(tests)/2:]} {
		half := b
		half.fields = maps.Clone(b.fields)
		half.fields[longest] = part
		parts = append(parts, fitting(half)...)
	}
	return parts
}

// fits reports whether EventBridge takes the pattern.
func (b box) fits() bool {
	text := b.json()
	if utf8.RuneCount(text) > rules.MaxPatternLength { // most that do not fit are too long
		return false
	}
	_, err := rules.ParsePattern(text)
	return err == nil
}

// json is the pattern. What the rule brings itself is kept, and has CloudTrail's events of AWS where it says nothing of
// either.
func (b box) json() []byte {
	pattern := map[string]any{}
	if b.own != nil {
		if err := json.Unmarshal(b.own, &pattern); err != nil {
			return b.own
		}
	} else {
		detail := map[string]any{}
		for path, tests := range b.fields {
			put(detail, strings.Split(path, "."), conditions(path, tests))
		}
		if len(detail) > 0 {
			pattern["detail"] = detail
		}
	}
	if pattern["source"] == nil {
		pattern["source"] = b.source()
	}
	if pattern["detail-type"] == nil {
		pattern["detail-type"] = b.types
		if b.own != nil {
			pattern["detail-type"] = []any{map[string]any{"suffix": cloudTrail}}
		}
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(pattern); err != nil {
		return fmt.Append(nil, err) // maps, lists and texts can be encoded
	}
	return bytes.TrimSpace(text.Bytes())
}

// source is the envelope's: that of the only service, and otherwise any of AWS, which nobody else can send as.
func (b box) source() []any {
	if tests := b.fields["eventSource"]; len(tests) == 1 && tests[0].Op == expression.Is {
		if name, is := strings.CutSuffix(tests[0].Text, ".amazonaws.com"); is && name != "" && !strings.Contains(name, ".") {
			return []any{"aws." + name}
		}
	}
	return []any{map[string]any{"prefix": "aws."}}
}

// put sets a field below an object. Where a field is asked for as well as one of its own fields, the deeper is kept: no
// event has both.
func put(object map[string]any, path []string, conditions []any) {
	for _, name := range path[:len(path)-1] {
		below, ok := object[name].(map[string]any)
		if !ok {
			below = map[string]any{}
			object[name] = below
		}
		object = below
	}
	name := path[len(path)-1]
	if _, deeper := object[name].(map[string]any); !deeper {
		object[name] = conditions
	}
}
