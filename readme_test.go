package trailkeeper_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config/metric"
)

var update = flag.Bool("update", false, "rewrite the generated part of cdk/README.md")

// The pages for users: the first one, and one beside each thing that it describes.
const (
	firstPage  = "README.md"
	appPage    = "cdk/README.md"
	guardPage  = "lambda/README.md"
	rulesPage  = "rules/README.md"
	eventsPage = "events/README.md"
)

var pages = []string{firstPage, appPage, guardPage, rulesPage, eventsPage}

const settingsStart, settingsEnd = "<!-- settings: generated, see cdk/settings -->\n", "<!-- /settings -->"

func TestReadmeHasTheSettingsTable(t *testing.T) {
	before, rest, ok := strings.Cut(read(t, appPage), settingsStart)
	got, after, ok2 := strings.Cut(rest, settingsEnd)
	if !ok || !ok2 {
		t.Fatal(appPage, "has no markers for the settings table")
	}
	want := "\n" + strings.TrimSpace(settings.Markdown()) + "\n\n"
	if *update {
		if err := os.WriteFile(appPage, []byte(before+settingsStart+want+settingsEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if got != want {
		t.Error("the settings table of", appPage, "is old: go test . -update")
	}
}

// TestReadmeShowsWhatSimulatePrints: the lines of the first screen are those that its test keeps.
func TestReadmeShowsWhatSimulatePrints(t *testing.T) {
	screen := read(t, "lambda/trailkeeper/simulate/testdata/screen.golden")
	shown := 0
	for line := range strings.Lines(read(t, firstPage)) {
		line, indented := strings.CutPrefix(line, "    ")
		if !indented || !strings.Contains(line, "✓ passed") && !strings.HasSuffix(line, "SNS\n") {
			continue
		}
		if shown++; !strings.Contains(screen, "\n"+line) {
			t.Errorf("%s shows a line that simulate does not print: %s", firstPage, line)
		}
	}
	if shown < 3 {
		t.Errorf("%s shows only %d lines of the first screen", firstPage, shown)
	}
}

// TestPagesNameOnlyWhatThereIs: the make targets, files and folders that the pages name exist.
func TestPagesNameOnlyWhatThereIs(t *testing.T) {
	makefile := read(t, "Makefile")
	target := regexp.MustCompile("`make ([a-z]+)[^`]*`")
	path := regexp.MustCompile(`\b(?:cdk|rules|events|lambda)/[a-z_./-]+[a-z]`)
	cdk := regexp.MustCompile(`aws-cdk@([0-9.]+[0-9])`)
	pinned := cdk.FindString(makefile)
	for _, page := range slices.Concat(pages, []string{"CONTRIBUTING.md", "SECURITY.md"}) {
		text := read(t, page)
		for _, m := range cdk.FindAllString(text, -1) {
			if m != pinned {
				t.Errorf("%s names %s; the Makefile has %s", page, m, pinned)
			}
		}
		for _, m := range target.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(makefile, "\n"+m[1]+":") {
				t.Errorf("%s names make %s, which the Makefile does not have", page, m[1])
			}
		}
		for _, m := range path.FindAllString(text, -1) {
			if _, err := os.Stat(m); err != nil {
				t.Errorf("%s names %s: %v", page, m, err)
			}
		}
	}
}

// TestReadmeCountsTheAlarms: the cost table is about what the default settings make.
func TestReadmeCountsTheAlarms(t *testing.T) {
	alarms := strings.Count(read(t, "cdk/golden/default.json"), `"AWS::CloudWatch::Alarm"`)
	want := fmt.Sprintf("| %d alarms (two of them count twice) | $%.2f |", alarms, float64(alarms+2)/10)
	if !strings.Contains(read(t, appPage), want) {
		t.Errorf("%s does not say %q", appPage, want)
	}
}

// TestReadmeCountsTheMetrics: the price of the metrics is that of those that there are.
func TestReadmeCountsTheMetrics(t *testing.T) {
	sweep := strings.Count(read(t, "lambda/internal/sweep/health.go"), "metrics.Metric{Name: metric.")
	all, byChannel, byReason := 0, 0, 0
	for _, m := range regexp.MustCompile(`(?m)^\t([A-Z]\w+)\s+= "[A-Z]\w+"(.*)$`).FindAllStringSubmatch(
		read(t, "lambda/config/metric/metric.go"), -1,
	) {
		switch {
		case strings.HasPrefix(m[1], "Dimension"):
			continue
		case strings.Contains(m[2], "by Channel"):
			byChannel++
		case strings.Contains(m[2], "by Reason"):
			byReason++
		}
		all++
	}
	more := all - sweep + byChannel*2 + byReason*len(metric.Reasons())
	for _, want := range []string{
		fmt.Sprintf(
			"| %d metrics of the sweep | $%.2f |", sweep, float64(sweep)*0.3,
		), fmt.Sprintf("| up to %d more metrics", more),
	} {
		if !strings.Contains(read(t, appPage), want) {
			t.Errorf("%s does not say %q", appPage, want)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestReadmeExplainsEveryAlarm: each alarm of the goldens stands in the table, those of EventBridge's rules as
// RULE-failed and RULE-lost, and those of metric filters as rule-ID.
func TestReadmeExplainsEveryAlarm(t *testing.T) {
	page := read(t, guardPage)
	rule := regexp.MustCompile(
		`^(activity|attempt|change|notices|odd-actor|odd-attempt|odd-markup|odd-markup-attempt|` +
			`own-repair|tampering|test)-(failed|lost)$`,
	)
	for _, file := range []string{"default", "everything"} {
		for _, m := range regexp.MustCompile(`"AlarmName": "[^/"]*/([a-z-]+)"`).FindAllStringSubmatch(
			read(t, "cdk/golden/"+file+".json"), -1,
		) {
			name := rule.ReplaceAllString(m[1], "RULE-$2")
			if strings.HasPrefix(name, "rule-") {
				name = "rule-ID"
			}
			if !strings.Contains(page, "`"+name+"`") {
				t.Errorf("%s does not explain alarm %s", guardPage, name)
			}
		}
	}
}

// TestReadmeExamplesOfSettings: what the pages show of cdk.json can be pasted there: it is JSON, and the synth takes
// it.
func TestReadmeExamplesOfSettings(t *testing.T) {
	shown := map[string]bool{}
	var examples []string
	for _, page := range pages {
		examples = append(examples, examplesOf(read(t, page))...)
	}
	for _, example := range examples {
		if strings.Contains(example, `"webhook": "https`) { // the secret
			if !json.Valid([]byte(example)) {
				t.Errorf("no JSON:\n%s", example)
			}
			continue
		}
		if !strings.HasPrefix(example, "{") {
			example = "{" + example + "}"
		}
		var object map[string]any
		if err := json.Unmarshal([]byte(example), &object); err != nil {
			t.Errorf("%v:\n%s", err, example)
			continue
		}
		for key := range object {
			shown[key] = true
		}
		whole := map[string]any{ // what the examples need
			"secret": "trailkeeper",
			"sns":    map[string]any{"enabled": true},
			"slack":  map[string]any{"enabled": true, "botToken": true, "channel": "C0123456789"},
		}
		maps.Copy(whole, object)
		from := settings.Source{Context: map[string]any{settings.ContextKey: whole}}
		if object[settings.ContextKey] != nil { // the example of several Regions
			from = settings.Source{Context: object, Region: "us-east-1"}
		}
		s, err := settings.Read(from)
		if err == nil {
			err = s.Validate()
		}
		if err != nil {
			t.Errorf("%v:\n%s", err, example)
		}
	}
	for _, key := range []string{"accountGroups", "routes", "approvals", "overrides", "mode", "slack"} {
		if !shown[key] {
			t.Errorf("no example of %s was found; there are %v", key, slices.Sorted(maps.Keys(shown)))
		}
	}
}

// examplesOf cuts the blocks of JSON out of a page: the fenced ones, and the indented ones that begin with a key.
func examplesOf(page string) []string {
	var found []string
	for _, m := range regexp.MustCompile("(?s)\n *```json\n(.*?)```").FindAllStringSubmatch(page, -1) {
		found = append(found, m[1])
	}
	for _, m := range regexp.MustCompile(`\n\n((?: {4}.*\n)+)`).FindAllStringSubmatch(page, -1) {
		if strings.HasPrefix(m[1], `    "`) {
			found = append(found, m[1])
		}
	}
	for i := range found {
		found[i] = strings.TrimSpace(found[i])
	}
	return found
}
