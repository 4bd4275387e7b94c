package main

import (
	"encoding/json"
	"io/fs"
	"log"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"trailkeeper/rules/delivery"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
	"trailkeeper/rules/expression"
)

// watch are the patterns for all built-in rules, as they are by default and with all of them on.
func watch() []delivery.Pattern {
	var all []delivery.Pattern
	for _, options := range []detect.Options{{Stack: "trailkeeper"}, detections.Tested()} {
		patterns, err := delivery.Patterns(builtIn(options))
		if err != nil {
			log.Fatal(err)
		}
		all = append(all, patterns...)
	}
	return all
}

func builtIn(options detect.Options) *detect.Set {
	set, problems := detect.Load(options, detections.Source())
	for _, p := range problems {
		log.Fatal(p)
	}
	return set
}

// ruleRecords are the records of the tests of the built-in rules in their envelopes. One that a rule matches and no
// pattern of that rule takes ends the program.
func ruleRecords() []string {
	set := builtIn(detections.Tested())
	patterns, err := delivery.Patterns(set)
	if err != nil {
		log.Fatal(err)
	}
	var all []string
	for _, record := range testRecords() {
		detail := encode(record)
		event := envelope(record)
		parsed, err := expression.ParseFields([]byte(detail))
		if err != nil {
			log.Fatalf("%v: %s", err, detail)
		}
		for _, rule := range set.Decide(parsed).Rules {
			if !slices.ContainsFunc(patterns, func(p delivery.Pattern) bool {
				ok, err := p.Match([]byte(event))
				return err == nil && ok && slices.Contains(p.Rules, rule.ID)
			}) {
				log.Fatalf("%s matches, and no pattern takes it: %s", rule.ID, event)
			}
		}
		all = append(all, event)
	}
	return all
}

func testRecords() []map[string]any {
	files := detections.Source().Files
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		log.Fatal(err)
	}
	var all []map[string]any
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			log.Fatal(err)
		}
		var rule struct {
			Tests []struct{ Record map[string]any }
		}
		if err := yaml.Unmarshal(text, &rule); err != nil {
			log.Fatalf("%s: %v", name, err)
		}
		for _, test := range rule.Tests {
			all = append(all, test.Record)
		}
	}
	return all
}

// envelope is a record of a test as EventBridge would deliver it.
func envelope(record map[string]any) string {
	text := func(name string) string { s, _ := record[name].(string); return s }
	service, _, _ := strings.Cut(text("eventSource"), ".")
	detailType := "AWS API Call via CloudTrail"
	switch {
	case text("eventName") == "ConsoleLogin":
		detailType = "AWS Console Sign In via CloudTrail"
	case text("eventType") == "AwsCloudTrailInsight":
		service, detailType = "cloudtrail", "AWS Insight via CloudTrail"
	}
	return encode(map[string]any{
		"source":      "aws." + service,
		"detail-type": detailType,
		"detail":      json.RawMessage(encode(record)),
	})
}
