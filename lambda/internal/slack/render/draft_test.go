package render

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
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

// TestReply: a reply names its thread and whether the channel shows it; for a webhook, which knows no threads, it is a
// message like any other.
func TestReply(t *testing.T) {
	for channel, want := range map[string]string{"C1": "1.2 true", "": " false"} {
		body, err := Message(findingtest.Stopped()).Reply("1.2", true).Encode(channel)
		var m struct {
			Thread    string `json:"thread_ts"`
			Broadcast bool   `json:"reply_broadcast"`
		}
		if err = errors.Join(err, json.Unmarshal(body, &m)); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(m.Thread, " ", m.Broadcast); got != want {
			t.Errorf("channel %q: %q; want %q", channel, got, want)
		}
	}
}

// TestSmallRequestGoes: a request that is cut to 200 goes whole before anything else is cut.
func TestSmallRequestGoes(t *testing.T) {
	for request, want := range map[int]int{201: 100, 200: 0, 1: 0} {
		s := sizes{value: 4, prose: 8, request: request}.smaller()
		if s.request != want || s.value != 4 || s.prose != 8 {
			t.Errorf("request of %d: %+v; want %d", request, s, want)
		}
	}
}

// TestParentWithoutFields has no block for them.
func TestParentWithoutFields(t *testing.T) {
	m := message.Message{Title: "t", Status: "s"}
	for n, want := range map[int]int{0: 3, 1: 4} {
		m.Fields = slices.Repeat([]message.Field{{Label: "l", Value: "v"}}, n)
		if got := parentBlocks(m, finding.Incident{}, sizes{400, 1500, 2400}); len(got) != want {
			t.Errorf("%d fields: %d blocks; want %d", n, len(got), want)
		}
	}
}

// TestLongestLink that a third of a section holds is whole, and so is a time from the first second on.
func TestLongestLink(t *testing.T) {
	url := "https://e.example/" + strings.Repeat("x", maxSection/3-18)
	if got := links(message.Message{Links: []message.Link{{Label: "l", URL: url}}}); got != "<"+url+"|l>" {
		t.Errorf("%d characters of %d: %s", len(got), len(url), got)
	}
	for at, want := range map[int64]bool{0: false, 1: true} {
		m := message.Message{Fields: []message.Field{{Label: "l", Value: "v", Time: time.Unix(at, 0)}}}
		if got := fieldBlocks(m, sizes{400, 1500, 2400}); strings.Contains(got[0].Text, "<!date^") != want {
			t.Errorf("second %d: %s", at, got[0].Text)
		}
	}
}
