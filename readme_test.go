package trailkeeper_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"trailkeeper/cdk/settings"
)

var update = flag.Bool("update", false, "rewrite the generated part of README.md")

const settingsStart, settingsEnd = "<!-- settings: generated, see cdk/settings -->\n", "<!-- /settings -->"

func TestReadmeHasTheSettingsTable(t *testing.T) {
	readme := read(t, "README.md")
	before, rest, ok := strings.Cut(readme, settingsStart)
	got, after, ok2 := strings.Cut(rest, settingsEnd)
	if !ok || !ok2 {
		t.Fatal("README.md has not the marks of the settings table")
	}
	want := "\n" + strings.TrimSpace(settings.Markdown()) + "\n\n"
	if *update {
		if err := os.WriteFile("README.md", []byte(before+settingsStart+want+settingsEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if got != want {
		t.Error("the settings table of README.md is old: go test . -update")
	}
}

// TestReadmeNamesOnlyWhatThereIs: the make targets, files and folders that README.md names exist.
func TestReadmeNamesOnlyWhatThereIs(t *testing.T) {
	readme, makefile := read(t, "README.md"), read(t, "Makefile")
	for _, m := range regexp.MustCompile("`make ([a-z]+)`").FindAllStringSubmatch(readme, -1) {
		if !strings.Contains(makefile, "\n"+m[1]+":") {
			t.Errorf("README.md names make %s, which the Makefile does not have", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`\b(?:cdk|rules|events|lambda)/[a-z_./-]+[a-z]`).FindAllString(readme, -1) {
		if _, err := os.Stat(m); err != nil {
			t.Errorf("README.md names %s: %v", m, err)
		}
	}
}

// TestReadmeCountsTheAlarms: the cost table is about what the default settings make.
func TestReadmeCountsTheAlarms(t *testing.T) {
	alarms := strings.Count(read(t, "cdk/golden/default.json"), `"AWS::CloudWatch::Alarm"`)
	if want := fmt.Sprintf("%d alarms $%.2f", alarms, float64(alarms)/10); !strings.Contains(read(t, "README.md"), want) {
		t.Errorf("README.md does not say %q", want)
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
