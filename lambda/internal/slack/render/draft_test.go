package render

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"unicode/utf16"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/goldentest"
	"trailkeeper/lambda/internal/message"
)

func TestPlainText(t *testing.T) {
	stopped := findingtest.InIncident(findingtest.Named("partly-restored"), finding.IncidentHuman, 3, message.Headline)
	for name, n := range map[string]finding.Finding{
		"plain": stopped, "plain-hostile": findingtest.Hostile(), "plain-empty": {},
	} {
		body, err := Message(n).Plain(n, "invalid_blocks").Encode("C0123456789")
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(body, &m); err != nil {
			t.Fatal(err)
		}
		text, _ := m["text"].(string)
		if size := len(
			utf16.Encode([]rune(text)),
		); m["blocks"] != nil || m["mrkdwn"] != false || m["parse"] != "none" || size == 0 ||
			size > maxPlain {
			t.Errorf("%s: not plain, or %d characters: %s", name, size, body)
		}
		noMention(t, name, text)
		goldentest.Compare(t, "testdata/thread/"+name+".json", indent(t, body), *update)
	}
}

// TestSizesShrink: the request first, then the rest, down to nothing.
func TestSizesShrink(t *testing.T) {
	var got []string
	for s := (sizes{value: 4, prose: 8, request: 402}); s.value > 0; s = s.smaller() {
		got = append(got, fmt.Sprint(s))
	}
	if want := "[{4 8 402} {4 8 201} {4 8 100} {4 8 0} {2 4 0} {1 2 0}]"; fmt.Sprint(got) != want {
		t.Errorf("%v; want %s", got, want)
	}
}

// TestLimits are Slack's own, whatever the code calls them; what is just as long as they allow is not cut.
func TestLimits(t *testing.T) {
	want := []int{150, 3000, 2000, 10, 10, 50, 12000, 3000}
	if got := []int{
		maxHeader,
		maxSection,
		maxField,
		maxFields,
		maxContext,
		maxBlocks,
		maxMessage,
		maxPlain,
	}; !slices.Equal(
		got,
		want,
	) {
		t.Errorf("%v; want %v", got, want)
	}
	for limit, want := range map[int]string{
		10: "`12345678`",
		9:  "`123456…`",
		3:  "`…`",
		12: "`12345678`",
	} {
		if got := code("12345678", limit); got != want {
			t.Errorf("in %d: %s; want %s", limit, got, want)
		}
	}
}

// TestNothingEmpty: of what a message does not have, there is no block.
func TestNothingEmpty(t *testing.T) {
	all := blocks(message.Message{Title: "t", Status: "s"}, finding.Finding{}, sizes{400, 1500, 2400})
	if raw, err := json.Marshal(all); err != nil || len(all) != 3 {
		t.Errorf("%d blocks, %v: %s", len(all), err, raw)
	}
}

func sameAs(t *testing.T, name string, body []byte) {
	t.Helper()
	check(t, name, body)
	goldentest.Compare(t, "testdata/thread/"+name+".json", indent(t, body), *update)
}

// TestDeliveredWithinLimits: so are the messages of a whole incident, which package slack compares as delivered.
func TestDeliveredWithinLimits(t *testing.T) {
	paths, err := filepath.Glob("../testdata/thread/*.json")
	if err != nil || len(paths) < 7 {
		t.Fatalf("%q, %v", paths, err)
	}
	for _, p := range paths {
		body, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		check(t, p, body)
	}
}
