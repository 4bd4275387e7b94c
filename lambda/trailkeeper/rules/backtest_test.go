package rules_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
	"trailkeeper/lambda/trailkeeper/rules"
)

func TestBacktestText(t *testing.T) {
	code, out, errs := trailkeeper("", append([]string{"rules", "backtest"}, clitest.AllFixtures(t)...)...)
	if code != cli.ExitUsage || !strings.HasPrefix(errs, "trailkeeper: 2 things were skipped, the first: ") {
		t.Errorf("exit %d, %q", code, errs)
	}
	clitest.Golden(t, "backtest.golden", out)
	clitest.Narrow(t, out, cli.Columns)
}

// backtestReport is what --json prints, as the contract has it.
type backtestReport struct {
	Records, Bytes, Files *int
	Skipped               *[]struct{ File, Reason, Position string }
	Rules                 *map[string]struct {
		Matches, Findings *int
		ByDay             *map[string]int `json:"by_day"`
		Samples           *[]any
	}
	Ignored         *map[string]int
	MessagesPerWeek *float64 `json:"messages_per_week"`
}

// hostile is a folder in which the names and the records have what terminals, pages and spreadsheets obey.
func hostile(t *testing.T) (rules, records string) {
	t.Helper()
	rules = folder(t, map[string]string{
		"a.yaml": `{id: a, title: "{{ record.userAgent }}", severity: low, match: record.eventName == "A"}`,
	})
	record := `{"eventName":"A","eventSource":"s","eventTime":"2026-03-02T12:00:00Z","eventID":"-1",` +
		`"userAgent":%s,"userIdentity":{"type":"Unknown","arn":%[1]s}}`
	const bad = `"=cmd|'/C calc'!A0 \u001b[31m</td><script>alert(1)</script>\u202e"`
	dir := folder(t, map[string]string{
		"=1+1\x1b[2J<b>.json": fmt.Sprintf(`{"Records":[`+record+`,7]}`, bad),
	})
	return rules, dir
}

func TestBacktestJSON(t *testing.T) {
	folder, records := hostile(t)
	code, out, errs := trailkeeper("", "rules", "backtest", "--json", "--only", "--rules", folder, records)
	if code != cli.ExitUsage || !strings.Contains(errs, "1 thing was skipped, the first: ") {
		t.Errorf("exit %d, %q", code, errs)
	}
	if strings.ContainsAny(out+errs, "\x1b\u202e") {
		t.Errorf("the terminal is told what to do: %q", out+errs)
	}
	var r backtestReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if r.Records == nil || r.Bytes == nil || r.Files == nil || r.Skipped == nil || r.Rules == nil || r.Ignored == nil ||
		r.MessagesPerWeek == nil {
		t.Fatalf("a key is missing in %s", out)
	}
	a := (*r.Rules)["a"]
	if *r.Records != 1 || *r.Files != 1 || len(*r.Skipped) != 1 || (*r.Skipped)[0].Position != "line 1, record 2" ||
		*a.Matches != 1 || *a.Findings != 1 || (*a.ByDay)["2026-03-02"] != 1 || len(*a.Samples) != 1 ||
		*r.MessagesPerWeek != 7 {
		t.Errorf("%s", out)
	}
	_, text, _ := trailkeeper("", "rules", "backtest", "--only", "--rules", folder, records)
	const projected = "7 Slack messages a week, if every week were like"
	if strings.ContainsAny(text, "\x1b\u202e") || !strings.Contains(text, projected) {
		t.Errorf("%q", text)
	}
}

// TestBacktestFiles: the page and the table are written beside the text, and have nothing in them that is carried out.
func TestBacktestFiles(t *testing.T) {
	folder, records := hostile(t)
	dir := t.TempDir()
	code, out, _ := trailkeeper("", "rules", "backtest", "--only", "--rules", folder, records,
		"--html", filepath.Join(dir, "a.html"), "--csv", filepath.Join(dir, "a.csv"))
	page, err := os.ReadFile(filepath.Join(dir, "a.html"))
	table, err2 := os.ReadFile(filepath.Join(dir, "a.csv"))
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	if code != cli.ExitUsage || !strings.HasPrefix(out, "1 record in 1 file, ") ||
		strings.Contains(string(page), "<script") || !strings.Contains(string(page), "About 7 Slack messages a week") ||
		strings.Contains(string(table), ",=cmd") || !strings.Contains(string(table), ",'=cmd") {
		t.Errorf("exit %d, %s\n%s\n%s", code, out, page, table)
	}
}

// TestBacktestMerge: the command makes of the parts what it makes of the whole.
func TestBacktestMerge(t *testing.T) {
	dir := t.TempDir()
	text := func(args ...string) string {
		_, out, _ := trailkeeper("", append([]string{"rules", "backtest"}, args...)...)
		return out
	}
	var files []string
	for part := 1; part <= 3; part++ {
		file := filepath.Join(dir, fmt.Sprint(part, ".json"))
		out := text(append([]string{"--json", "--shard", fmt.Sprintf("%d/3", part)}, clitest.AllFixtures(t)...)...)
		if err := os.WriteFile(file, []byte(out), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	whole := text(clitest.AllFixtures(t)...)
	if merged := text(append([]string{"merge"}, files...)...); merged != whole {
		t.Errorf("merged %s\nwant %s", merged, whole)
	}
	code, out, errs := trailkeeper("", append([]string{"rules", "backtest", "merge"}, files[1:]...)...)
	if code != cli.ExitUsage || !strings.HasSuffix(errs, "the report misses the parts 1/3\n") ||
		!strings.Contains(out, "Parts 2/3, 3/3 only.") {
		t.Errorf("exit %d, %q, %q", code, errs, out[:200])
	}
	for want, args := range map[string][]string{
		"the part 1/3 is in an earlier report as well":         {files[0], files[0]},
		"is no report of trailkeeper rules backtest --json":    {"backtest_test.go"},
		`read the report "none.json": no such file`:            {"none.json", files[0]},
		"rules backtest merge needs at least one file":         {},
		"it was made with other rules: \"bucket-policy-change": {files[0], onlyReport(t, dir)},
	} {
		code, _, errs := trailkeeper("", append([]string{"rules", "backtest", "merge"}, args...)...)
		if code != cli.ExitUsage || !strings.Contains(errs, want) {
			t.Errorf("%v: exit %d, %q, want %q", args, code, errs, want)
		}
	}
}

// onlyReport is a report with one rule.
func onlyReport(t *testing.T, dir string) string {
	t.Helper()
	folder, records := hostile(t)
	_, out, _ := trailkeeper("", "rules", "backtest", "--json", "--only", "--rules", folder, records)
	file := filepath.Join(dir, "only.json")
	if err := os.WriteFile(file, []byte(out), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestBacktestFlags(t *testing.T) {
	for want, args := range map[string][]string{
		`--since is "yesterday"; want a day such as 2026-03-01 or a time such as 2026-03-01T`: {"--since", "yesterday"},
		"--until 2026-01-01 is before --since 2026-01-02": {
			"--since", "2026-01-02", "--until", "2026-01-01",
		},
		`--account is "12"; want an account ID of 12 digits`:     {"--account", "12"},
		`--region is "mars"; want a Region such as eu-west-1`:    {"--region", "mars"},
		`--shard: "4/3" is no part; want I/N with I from 1 to N`: {"--shard", "4/3"},
		`"s3://" names no bucket; want s3://BUCKET/PREFIX`:       {"s3://"},
		"it is a folder":                         {"--html", "."},
		"rules backtest needs at least one file": nil,
	} {
		if !slices.Contains(args, "s3://") && args != nil {
			args = append(args, "backtest_test.go")
		}
		code, out, errs := trailkeeper("", append([]string{"rules", "backtest"}, args...)...)
		if code != cli.ExitUsage || out != "" || !strings.Contains(errs, want) {
			t.Errorf("%v: exit %d, %q, %q; want %q", args, code, out, errs, want)
		}
	}
	one := []string{"rules", "backtest", "--since", "2026-03-02", "--until", "2026-03-02"}
	code, out, errs := trailkeeper("", append(one, clitest.Fixtures+"console-login-without-mfa.json")...)
	if code != cli.ExitOK || errs != "" || !strings.HasPrefix(out, "1 record in 1 file, ") {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
}

// interrupter interrupts the process when it is read, and has no end.
type interrupter struct{ once sync.Once }

func (i *interrupter) Read(p []byte) (int, error) {
	i.once.Do(func() { _ = syscall.Kill(os.Getpid(), syscall.SIGINT) })
	p[0] = ' '
	return 1, nil
}

func TestBacktestInterrupted(t *testing.T) {
	var out, errs bytes.Buffer
	args := []string{"rules", "backtest", "-"}
	code := cli.Run(cli.Root("a version", rules.New()), args, &interrupter{}, &out, &errs)
	want := regexp.MustCompile(`^trailkeeper: interrupted: 0 of 1 file read, 0 records, .*B; nothing is reported\n$`)
	if code != cli.ExitInterrupted || out.Len() > 0 || !want.Match(errs.Bytes()) {
		t.Errorf("exit %d, %q, %q", code, out.String(), errs.String())
	}
}
