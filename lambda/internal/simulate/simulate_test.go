package simulate

import (
	"bytes"
	"flag"
	"regexp"
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/goldentest"
	"trailkeeper/lambda/internal/simulate/render"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/simulate/scenarios"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestGoldenTemplateKeepsEveryCheck(t *testing.T) {
	var text, objects bytes.Buffer
	played := map[string]result.Result{}
	for _, s := range scenarios.All() {
		template, _ := golden.Variant(s.Golden())
		r, err := Play(t.Context(), template, s)
		if err != nil {
			t.Fatal(err)
		}
		played[s.Name] = r
		if err := render.WriteText(&text, r, 80); err != nil {
			t.Fatal(err)
		}
		if len(r.Unmet) > 0 {
			t.Errorf("%s: no call met the fault %s", s.Name, r.Unmet)
		}
		if s.Name == "logging-stopped" {
			if err := render.WriteJSON(&objects, r); err != nil {
				t.Fatal(err)
			}
		}
		for _, v := range r.Broken() {
			t.Errorf("%s: %s: %s", s.Name, v.Check, v.Why)
		}
	}
	checkAttacks(t, played)
	goldentest.Compare(t, "testdata/scenarios.txt", string(steady(text.Bytes())), *update)
	// The SDK says on what it runs.
	agent := regexp.MustCompile("aws-sdk-go-v2/[^\"`\\\\]*(\\\\+n +md/[^\"`\\\\]*)?")
	steadied := agent.ReplaceAllString(objects.String(), "aws-sdk-go-v2/…")
	goldentest.Compare(t, "testdata/logging-stopped.json", steadied, *update)
}

// steady leaves out the timeline of what goes on side by side, which is another from run to run, and of every call, which is
// long and says one thing after the other.
func steady(text []byte) []byte {
	return regexp.MustCompile(`(?s)((?:event-concurrent|every-call|every-evidence-call): [^\n]*\n).*?(  checks passed)`).ReplaceAll(text, []byte("$1$2"))
}
