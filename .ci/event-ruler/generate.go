package main

import (
	"bytes"
	"encoding/json"
	"log"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// generator makes patterns and events of few and short parts, so that they often meet.
type generator struct{ random *rand.Rand }

func pick[T any](g *generator, list ...T) T { return list[g.random.IntN(len(list))] }

// text is short, and of characters that some matcher takes for something else.
func (g *generator) text() string {
	var b strings.Builder
	for range g.random.IntN(4) {
		b.WriteString(
			pick(
				g, "a", "b", "A", "s", "S", "ſ", "ı", "I", "i", "k", "K", "é", "É", `"`, `\`, "*", "<", "`", ".", "1", "µ",
				"Σ", "ς",
			),
		)
	}
	return b.String()
}

func (g *generator) wildcard() string {
	text := strings.NewReplacer(`\`, `\\`, "*", `\*`).Replace
	s := text(g.text())
	for range g.random.IntN(4) {
		if !strings.HasSuffix(s, "*") || strings.HasSuffix(s, `\*`) {
			s += "*"
		}
		s += text(g.text())
	}
	return s
}

func (g *generator) wildcards() []any {
	list := []any{}
	for range 1 + g.random.IntN(3) {
		list = append(list, g.wildcard())
	}
	return list
}

func (g *generator) number() any {
	return json.Number(
		pick(g, "0", "-0", "1", "1.0", "10", "1e1", "0.1", "-1", "300", "123456789012345678901", "1e400", "9007199254740993"),
	)
}

func (g *generator) scalar() any {
	return pick[func() any](g, func() any { return g.text() }, func() any { return g.text() }, g.number,
		func() any { return pick[any](g, nil, true, false, "") })()
}

func (g *generator) texts() any {
	list := []any{}
	for range 1 + g.random.IntN(3) {
		list = append(list, g.text())
	}
	return pick[any](g, list, list[0])
}

func (g *generator) condition() any {
	op := func(name string, arg any) any { return map[string]any{name: arg} }
	return pick[func() any](g,
		g.scalar, g.scalar,
		func() any { return op("exists", pick(g, true, false, false)) },
		func() any { return op("prefix", g.text()) },
		func() any { return op("suffix", g.text()) },
		func() any { return op("equals-ignore-case", g.text()) },
		func() any { return op("wildcard", g.wildcard()) },
		func() any {
			return op("anything-but", pick(g, g.texts(), g.number(), any([]any{g.number(), g.number()})))
		},
		func() any {
			return op("anything-but", op(pick(g, "prefix", "suffix", "equals-ignore-case"), g.texts()))
		},
		func() any { return op("anything-but", op("wildcard", g.wildcards())) },
		func() any {
			return op("anything-but", pick[any](g, nil, true, []any{}, []any{"a", g.number()}, op("numeric", 1)))
		},
	)()
}

// pattern has few fields, some of which are deeper.
func (g *generator) pattern() string { return encode(g.fields(2)) }

func (g *generator) fields(depth int) map[string]any {
	o := map[string]any{}
	for range 1 + g.random.IntN(3) {
		key := pick(g, "a", "b", "c")
		if depth > 0 && g.random.IntN(3) == 0 {
			o[key] = g.fields(depth - 1)
			continue
		}
		list := []any{}
		for range 1 + g.random.IntN(4) {
			list = append(list, g.condition())
		}
		o[key] = list
	}
	return o
}

// value is anything that may stand in an event.
func (g *generator) value(depth int) any {
	switch n := g.random.IntN(8); {
	case depth > 0 && n == 0:
		list := []any{}
		for range g.random.IntN(4) {
			list = append(list, g.value(depth-1))
		}
		return list
	case depth > 0 && n < 3:
		return g.object(depth - 1)
	}
	return g.scalar()
}

// object may have a key twice, and keys in another case.
func (g *generator) object(depth int) any {
	var b bytes.Buffer
	b.WriteByte('{')
	for i := range g.random.IntN(5) {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(encode(pick(g, "a", "b", "c", "a", "b", "A", "a.b")) + ":" + encode(g.value(depth)))
	}
	b.WriteByte('}')
	return json.RawMessage(b.Bytes())
}

// eventsFor are events for a pattern: made of what it asks for, and changed a little; and others.
func eventsFor(g *generator, pattern string, n int) []string {
	var wanted map[string]any
	dec := json.NewDecoder(strings.NewReader(pattern))
	dec.UseNumber()
	if err := dec.Decode(&wanted); err != nil {
		log.Fatalf("%s: %v", pattern, err)
	}
	var all []string
	for i := range n {
		if i%4 == 0 {
			all = append(all, encode(g.object(3)))
		} else {
			all = append(all, encode(like(g, wanted)))
		}
	}
	return all
}

// like makes an event that a pattern may match.
func like(g *generator, wanted map[string]any) any {
	event := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(wanted)) {
		if g.random.IntN(8) == 0 {
			continue
		}
		var v any
		switch below := wanted[key].(type) {
		case map[string]any:
			v = like(g, below)
		case []any:
			v = near(g, pick(g, below...))
		}
		switch g.random.IntN(10) {
		case 0:
			v = []any{g.value(1), v}
		case 1:
			v = []any{v, g.value(1)}
		case 2:
			v = g.value(2)
		case 3:
			v = []any{[]any{v}}
		}
		event[key] = v
	}
	return event
}

// near is a value that a condition speaks of, and now and then one beside it.
func near(g *generator, condition any) any {
	for {
		switch c := condition.(type) {
		case map[string]any:
			for _, arg := range c {
				condition = arg
			}
			continue
		case []any:
			if len(c) == 0 {
				return g.scalar()
			}
			condition = pick(g, c...)
			continue
		case bool:
			return g.scalar()
		case string:
			return change(g, strings.ReplaceAll(c, "*", g.text()))
		}
		return condition
	}
}

func change(g *generator, s string) string {
	runes := []rune(s)
	at := g.random.IntN(len(runes) + 1)
	head, tail := string(runes[:at]), string(runes[at:])
	return pick(g, s, s, s, head+g.text()+tail, head, tail, s+g.text(), g.text()+s, strings.ToUpper(s), strings.ToLower(s))
}

// nearMisses are events, and what becomes of them when one of their values is changed, left out, put into an array or
// written twice.
func nearMisses(g *generator, known []string) []string {
	all := slices.Clone(known)
	for _, event := range known {
		for range 12 {
			var v any
			if err := json.Unmarshal([]byte(event), &v); err != nil {
				continue // a fixture may be unreadable on purpose
			}
			if _, ok := v.(map[string]any); ok {
				all = append(all, encode(bend(g, v)))
			}
		}
	}
	return slices.DeleteFunc(all, func(event string) bool {
		var object map[string]any
		return json.Unmarshal([]byte(event), &object) != nil
	})
}

// bend changes one value somewhere below.
func bend(g *generator, v any) any {
	o, ok := v.(map[string]any)
	if !ok || len(o) == 0 {
		if s, isText := v.(string); isText && g.random.IntN(2) == 0 {
			return change(g, s)
		}
		return pick[any](g, nil, "", []any{}, []any{v}, []any{"x", v}, []any{[]any{v}}, map[string]any{"x": v}, 0, g.value(1))
	}
	key := pick(g, slices.Sorted(maps.Keys(o))...)
	if _, deep := o["detail"]; deep && g.random.IntN(4) > 0 {
		key = "detail"
	}
	switch g.random.IntN(12) {
	case 0:
		delete(o, key)
	case 1:
		o[strings.ToUpper(key)] = o[key]
		delete(o, key)
	case 2:
		return []any{o, map[string]any{key: g.value(1)}}
	default:
		o[key] = bend(g, o[key])
	}
	return o
}

// encode is JSON as it is: < and > stay what they are.
func encode(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		log.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
