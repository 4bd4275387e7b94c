package rules_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"trailkeeper/rules"
)

// TestVerdictsOfEventRuler: what AWS's own matcher says of patterns and events where a plain reading goes wrong. The
// file is one verdict a line; .ci/event-ruler asks that matcher about each of them.
func TestVerdictsOfEventRuler(t *testing.T) {
	raw, err := os.ReadFile("testdata/verdicts.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	matches := map[bool]int{}
	for line := range bytes.Lines(raw) {
		var v struct {
			Pattern, Event json.RawMessage
			Match          bool
		}
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		p, err := rules.ParsePattern(v.Pattern)
		if err != nil {
			t.Errorf("%s: %v", v.Pattern, err)
			continue
		}
		if got, err := p.Match(v.Event); err != nil || got != v.Match {
			t.Errorf("%s on %s = %v, %v; want %v", v.Pattern, v.Event, got, err, v.Match)
		}
		matches[v.Match]++
	}
	if matches[true] < 20 || matches[false] < 20 {
		t.Errorf("%d matches and %d others; want 20 of both at least", matches[true], matches[false])
	}
}

// TestComplexity: the numbers are those of event-ruler's MachineComplexityEvaluator.
func TestComplexity(t *testing.T) {
	tests := []struct {
		conditions string
		want       int
	}{
		{`"x"`, 0},
		{`{"prefix":"x"},{"anything-but":["x","y"]}`, 0},
		{`{"wildcard":"x"}`, 1},
		{`{"wildcard":"*x"}`, 2},
		{`{"wildcard":"x*"}`, 2},
		{`{"wildcard":"*"}`, 2},
		{`{"wildcard":"*x*"}`, 3},
		{`{"wildcard":"*\"*"}`, 4},                                         // it also fits the quotation mark at the end
		{`{"wildcard":"*\"*"},{"wildcard":"*\\\\*"}`, 7},                   // rule odd-actor
		{"{\"wildcard\":\"*<*\"},{\"wildcard\":\"*`*\"}", 6},               // rule odd-markup
		{`{"anything-but":{"wildcard":["*\"*","*\\\\*","*<*","*!*"]}}`, 7}, // one condition
		{`{"anything-but":{"wildcard":["*x*","*y*","*z*","*w*"]}}`, 6},
		{`{"wildcard":"a*b*c*d*e"}`, 5},
		{`{"wildcard":"*a*a*a*a*"}`, 9},
		{`{"wildcard":"*:app/One/*"},{"wildcard":"*:app/Two/*"},{"wildcard":"*:app/Tri/*"}`, 9},
	}
	for _, tt := range tests {
		p, err := rules.ParsePattern([]byte(`{"a":{"b":[` + tt.conditions + `]},"c":[{"wildcard":"x"}]}`))
		if err != nil || p.Complexity() != max(1, tt.want) {
			t.Errorf("%s: complexity %d, %v; want %d", tt.conditions, p.Complexity(), err, max(1, tt.want))
		}
	}
}

func TestTooComplex(t *testing.T) {
	for name, conditions := range map[string]string{
		"four in the middle": `{"wildcard":"*\"*"},{"wildcard":"*\\\\*"},{"wildcard":"*<*"},{"wildcard":"*!*"}`,
		"four words": `{"wildcard":"*:app/One/*"},{"wildcard":"*:app/Two/*"},{"wildcard":"*:app/Tri/*"},
			{"wildcard":"*:app/Four/*"}`,
		"many stars": `{"wildcard":"*:*:*:*:*:bus/*"}`,
		"two kinds":  `{"wildcard":"*x*"},{"wildcard":"*y*"},{"anything-but":{"wildcard":["*z*","*w*"]}}`,
		"a long run": `{"wildcard":"*` + strings.Repeat("a", 12) + `b"}`,
	} {
		_, err := rules.ParsePattern([]byte(`{"a":["x"],"detail":{"arn":[` + conditions + `]}}`))
		if err == nil || !strings.Contains(err.Error(), "detail.arn: its wildcards have a complexity over 9") {
			t.Errorf("%s: %v, want the field and that it is too complex", name, err)
		}
	}
}
