package detect_test

import (
	"os"
	"strings"
	"testing"

	"trailkeeper/rules/detect"
)

// TestReadme: the rule in the documentation is as it should be, and passes its tests.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	rules := 0
	for _, block := range strings.Split(string(text), "```yaml\n")[1:] {
		rule, _, _ := strings.Cut(block, "```")
		set, problems := detect.Load(detect.Options{}, folder(map[string]string{"a.yaml": rule}))
		for _, p := range problems {
			t.Error(p)
		}
		for _, r := range set.Test() {
			rules++
			if r.Failure.Reason != "" {
				t.Error(r.Failure)
			}
		}
	}
	if rules == 0 {
		t.Error("there is no rule with tests")
	}
}
