// Command event-ruler prints what our matcher says of event patterns, for AWS's own matcher to judge (Judge.java):
// every pattern of every golden template with the fixtures and near misses of them, those for the rules over CloudTrail
// with the records of the rules' tests as well, and generated patterns with generated events.
package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"log"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"trailkeeper/cdk/golden"
	"trailkeeper/events"
	"trailkeeper/rules"
)

// verdict is one line for the judge.
type verdict struct {
	Where      string    `json:"where"`
	Pattern    string    `json:"pattern"`
	Deployed   bool      `json:"deployed"` // AWS must admit it
	Admitted   bool      `json:"admitted"` // by us
	Complexity int       `json:"complexity"`
	Events     []matched `json:"events"`
}

type matched struct {
	Event string `json:"event"`
	Match bool   `json:"match"`
}

func main() {
	out := json.NewEncoder(os.Stdout)
	seen := map[string]bool{}
	known := fixtures()
	for _, name := range golden.Names() {
		for _, at := range patternsOf(name) {
			if seen[at.Pattern] {
				continue
			}
			seen[at.Pattern] = true
			g := &generator{rand.New(rand.NewPCG(1, uint64(len(seen))))}
			judge(out, at, append(nearMisses(g, known), eventsFor(g, at.Pattern, 300)...))
		}
	}
	watched, records := watch(), ruleRecords()
	for i, p := range watched {
		g := &generator{rand.New(rand.NewPCG(3, uint64(i)))}
		at := verdict{
			Where:    "rules over CloudTrail: " + strings.Join(p.Rules, ", "),
			Pattern:  string(p.JSON()),
			Deployed: true,
		}
		judge(out, at, slices.Concat(nearMisses(g, records), known, eventsFor(g, at.Pattern, 300)))
	}
	for _, v := range truths() {
		judge(out, verdict{Where: "rules/testdata/verdicts.jsonl", Pattern: string(v.Pattern)}, []string{string(v.Event)})
	}
	const generated = 4000
	for i := range uint64(generated) {
		g := &generator{rand.New(rand.NewPCG(2, i))}
		pattern := g.pattern()
		judge(out, verdict{Where: fmt.Sprintf("generated %d", i), Pattern: pattern}, eventsFor(g, pattern, 40))
	}
}

// judge says what we make of a pattern.
func judge(out *json.Encoder, v verdict, all []string) {
	if p, err := rules.ParsePattern([]byte(v.Pattern)); err == nil {
		v.Admitted, v.Complexity = true, p.Complexity()
		for _, event := range all {
			match, err := p.Match([]byte(event))
			if err != nil {
				log.Fatalf("%s: %v: %s", v.Where, err, event)
			}
			v.Events = append(v.Events, matched{event, match})
		}
	}
	if err := out.Encode(v); err != nil {
		log.Fatal(err)
	}
}

// truth is a line of the verdicts that the tests of package rules hold.
type truth struct{ Pattern, Event json.RawMessage }

func truths() []truth {
	f, err := os.Open("rules/testdata/verdicts.jsonl")
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	var all []truth
	for dec := json.NewDecoder(f); dec.More(); {
		var v truth
		if err := dec.Decode(&v); err != nil {
			log.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// fixtures are the project's events as EventBridge would deliver them.
func fixtures() []string {
	names, err := fs.Glob(events.Fixtures(), "*.json")
	if err != nil {
		log.Fatal(err)
	}
	var all []string
	for _, name := range names {
		raw, err := fs.ReadFile(events.Fixtures(), name)
		if err != nil {
			log.Fatal(err)
		}
		if ev, err := events.Parse(raw); err == nil {
			raw = ev.JSON()
		}
		all = append(all, string(raw))
	}
	return all
}

// patternsOf finds the patterns of a template: those of rules, and what else has their form.
func patternsOf(template string) []verdict {
	raw, _ := golden.Variant(template)
	var doc map[string]any
	if err := json.Unmarshal(raw, &doc); err != nil {
		log.Fatalf("%s: %v", template, err)
	}
	var found []verdict
	walk(template, doc["Resources"], func(path string, v any) {
		found = append(found, verdict{Where: path, Pattern: encode(longest(v)), Deployed: true})
	})
	if len(found) == 0 {
		log.Fatalf("%s has no pattern", template)
	}
	return found
}

func walk(path string, v any, found func(string, any)) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			switch below := path + "." + key; {
			case key == "EventPattern" || key == "FilterPolicy":
				found(below, v[key])
			case key == "Pattern" && path != "": // of a FilterCriteria, as text
				if text, ok := v[key].(string); ok {
					found(below, json.RawMessage(text))
				}
			default:
				walk(below, v[key], found)
			}
		}
	case []any:
		for _, element := range v {
			walk(path, element, found)
		}
	}
}

// longest puts the longest text in the place of what CloudFormation fills in.
func longest(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if join, ok := v["Fn::Join"].([]any); ok {
			text := ""
			for _, part := range join[1].([]any) {
				text += longest(part).(string)
			}
			return text
		}
		if ref, ok := v["Ref"].(string); ok {
			return rules.LongestText(ref)
		}
		if at, ok := v["Fn::GetAtt"].([]any); ok {
			return rules.LongestText(fmt.Sprint(at...))
		}
		filled := map[string]any{}
		for key, value := range v {
			filled[key] = longest(value)
		}
		return filled
	case []any:
		filled := []any{}
		for _, value := range v {
			filled = append(filled, longest(value))
		}
		return filled
	}
	return v
}
