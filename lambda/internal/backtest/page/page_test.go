package page_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/backtest"
	"trailkeeper/lambda/internal/backtest/page"
	"trailkeeper/lambda/internal/goldentest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// hostile is what attackers write to spreadsheets, pages and terminals.
const hostile = "=HYPERLINK(\\\"https://example.com\\\")</td><script>alert(1)</script>\\u202e\\u001b[2J\\\"'"

// report is one with something of each kind.
func report(t testing.TB) *backtest.Report {
	t.Helper()
	const text = `{"records": 12345, "bytes": 1000000, "files": 3,
		"skipped": [{"file": "@` + hostile + `", "position": "-1", "reason": "+` + hostile +
		`"}, {"file": "d", "reason": "digest"}],
		"skipped_faults": 75, "skipped_digests": 1, "messages_per_week": 35,
		"first": "2026-03-01T00:00:00Z", "last": "2026-03-04T12:00:00Z", "days": 4,
		"asked": {"since": "2026-03-01T00:00:00Z", "accounts": ["` + hostile + `"]}, "shards": ["2/3"],
		"rules": {
			"often": {"matches": 2000, "findings": 15, "messages": 10, "by_day": {"2026-03-01": 1500, "2026-03-03": 500},
				"severity": "high", "description": "` + hostile + `", "threshold": {"count": 3, "within": 5400, "distinct": true},
				"counted_until": "2026-03-03T00:00:00Z", "actors": [{"actor": "` + hostile + `", "matches": 2000}],
				"samples": [{"event_time": "2026-03-03T12:00:00Z", "event_id": "-e", "event_name": "A", "title": "` + hostile + `",
					"severity": "high", "actor": "` + hostile + `", "file": "s3://b/k/` + hostile + `", "position": "record 1"}]},
			"seldom": {"matches": 1, "findings": 1, "messages": 1, "by_day": {}, "severity": "by record",
				"actors": [], "samples": []},
			"never": {"matches": 0, "findings": 0, "messages": 0, "by_day": {}, "severity": "low", "actors": [], "samples": []}},
		"kept": {"often": {}, "seldom": {}, "never": {}}, "ignored": {"robot": 40},
		"actors": [{"actor": "` + hostile + `", "matches": 2000}, {"actor": "user bob", "matches": 1}],
		"errors": {"often": {"records": 2, "reason": "` + hostile + `"}}}`
	var r backtest.Report
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	return &r
}

func html(t *testing.T, r *backtest.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := page.HTML(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHTML(t *testing.T) {
	text := html(t, report(t))
	goldentest.Compare(t, filepath.Join("testdata", "backtest.html"), text, *update)
	if strings.Contains(text, "<script") || strings.ContainsAny(text, "\x1b\u202e") {
		t.Error("what an attacker wrote is not escaped")
	}
	foreign := regexp.MustCompile(`(?i)\b(src|href|action|style|on[a-z]+)\s*=|url\(|@import`)
	if found := foreign.FindString(text); found != "" {
		t.Errorf("the page loads or runs something: %q", found)
	}
	if !strings.Contains(text, `http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;`) &&
		!strings.Contains(text, `http-equiv="Content-Security-Policy" content="default-src 'none'`) {
		t.Error("the page has no policy")
	}
}

// TestEmpty: of nothing there is a page as well, and it promises nothing.
func TestEmpty(t *testing.T) {
	text := html(t, &backtest.Report{})
	for _, want := range []string{"Nothing can be projected", "No rule matched a record."} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q", want)
		}
	}
}

func TestVerdict(t *testing.T) {
	for perWeek, want := range map[float64]string{
		0:    "No Slack message",
		0.04: "Less than one Slack message a week",
		1.2:  "About 1 Slack message a week",
		35:   "About 35 Slack messages a week",
		1234: "About 1,234 Slack messages a week",
	} {
		r := report(t)
		r.MessagesPerWeek = perWeek
		if text := html(t, r); !strings.Contains(text, `<h2 id="verdict">`+want+`</h2>`) {
			t.Errorf("%v is not %q", perWeek, want)
		}
	}
}

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	if err := page.CSV(&b, report(t)); err != nil {
		t.Fatal(err)
	}
	goldentest.Compare(t, filepath.Join("testdata", "backtest.csv"), b.String(), *update)
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, row := range rows {
		kinds[row[0]]++
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("a spreadsheet carries out %q", cell)
			}
		}
	}
	for _, kind := range []string{"rule", "day", "actor", "sample", "ignored", "error", "skipped"} {
		if kinds[kind] == 0 {
			t.Errorf("there is no row of the kind %s", kind)
		}
	}
}
