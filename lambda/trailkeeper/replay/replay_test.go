package replay

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/replay"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
)

var trailkeeper = clitest.Command(New)

// oneLine is a fixture as a line of JSON.
func oneLine(t *testing.T, fixture string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, clitest.Read(t, clitest.Fixtures+fixture)); err != nil {
		t.Fatal(err)
	}
	return b.String() + "\n"
}

func TestReplayFixtures(t *testing.T) {
	for name, flags := range map[string][]string{
		"replay.golden": nil,
		"all.golden":    {"--all", "--mode", "notify", "--account", "111122223333", "--partition", "aws"},
		"json.golden":   {"--json"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := trailkeeper("", append(append([]string{"replay"}, flags...), clitest.AllFixtures(t)...)...)
			if code != cli.ExitUsage ||
				!strings.Contains(errs, "ec2-state-change.json, line 1: ") { // the one that is no event for us
				t.Errorf("exit %d, stderr %q", code, errs)
			}
			clitest.Golden(t, name, out)
			if name == "json.golden" {
				return
			}
			clitest.Narrow(t, out, 105)
		})
	}
}

func TestReplayMessage(t *testing.T) {
	code, out, errs := trailkeeper("", "replay", "--message",
		clitest.Fixtures+"stop-logging.json", clitest.Fixtures+"stop-logging-denied.json",
		clitest.Fixtures+"start-logging.json")
	if code != cli.ExitOK || errs != "" {
		t.Errorf("exit %d, stderr %q", code, errs)
	}
	clitest.Golden(t, "message.golden", out)
}

func TestReplayJSONHasEveryKey(t *testing.T) {
	keys := []string{
		"event_id",
		"event_name",
		"event_source",
		"trail",
		"pattern",
		"severity",
		"decision",
		"rules",
		"ignored_by",
	}
	_, out, _ := trailkeeper("", append([]string{"replay", "--json"}, clitest.AllFixtures(t)...)...)
	for line := range strings.Lines(out) {
		var got map[string]any
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		want := keys
		decision, _ := got["decision"].(string)
		if decision == string(assess.Unreadable) || decision == "skipped" {
			want = append(slices.Clone(keys), "file", "position", "error")
		}
		for _, key := range want {
			if _, ok := got[key]; !ok {
				t.Errorf("no %s in %s", key, line)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d keys, want %d: %s", len(got), len(want), line)
		}
		if !slices.Contains(replay.Decisions(), assess.Decision(decision)) {
			t.Errorf("decision %q is not documented", decision)
		}
	}
}

func TestReplayReadsStandardInput(t *testing.T) {
	code, out, errs := trailkeeper(oneLine(t, "stop-logging.json")+"\n"+oneLine(t, "console-login-without-mfa.json"),
		"replay", "-")
	if code != cli.ExitOK || errs != "" {
		t.Errorf("exit %d, stderr %q", code, errs)
	}
	if !strings.Contains(out, "2 records: 1 restart, 1 ignored; rules match 2 (--all shows the ignored)") {
		t.Errorf("no such summary:\n%s", out)
	}
}

func TestReplayWithRulesOfOnesOwn(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("any.yaml", "id: any-sign-in\ntitle: t\nseverity: low\nmatch: record.eventName == \"ConsoleLogin\"\n")
	file := clitest.Fixtures + "console-login-without-mfa.json"
	code, out, errs := trailkeeper("", "replay", "--json", "--rules", dir, file)
	if code != cli.ExitOK || !strings.Contains(out,
		`"rules":["any-sign-in","console-login-without-mfa"],"ignored_by":""`) {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
	write("bad.yaml", "id: bad\ntitle: t\nseverity: low\nmatch: record.eventName ==\n")
	code, out, errs = trailkeeper("", "replay", "--rules", dir, file)
	if code != cli.ExitUsage || out != "" || !strings.Contains(errs, "bad.yaml:4:") ||
		!strings.Contains(errs, "1 problem in the rules; nothing was read") {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
	if code, _, errs = trailkeeper("", "replay", "--rules", filepath.Join(dir, "none"), file); code != cli.ExitUsage ||
		!strings.Contains(errs, "a folder") {
		t.Errorf("exit %d, %s", code, errs)
	}
}

func TestReplayReadsGzip(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log.json.gz")
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(`{"Records":[` + oneLine(t, "stop-logging-record.json") + `,` +
		oneLine(t, "stop-logging-record.json") + `]}`))
	if err = errors.Join(err, z.Close(), os.WriteFile(file, b.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	code, out, errs := trailkeeper("", "replay", file)
	if code != cli.ExitOK || !strings.Contains(out, "2 records: 2 restart") {
		t.Errorf("exit %d, stderr %q, stdout:\n%s", code, errs, out)
	}
}

// What cannot be read is named, with its place, and the rest goes on.
func TestReplayNamesTheUnreadable(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.Mkdir(empty, 0o700); err != nil {
		t.Fatal(err)
	}
	broken, missing := filepath.Join(dir, "broken.jsonl"), filepath.Join(dir, "missing.json")
	if err := os.WriteFile(broken, []byte(oneLine(t, "stop-logging.json")+"oops\n"+oneLine(t, "delete-trail.json")),
		0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{missing, empty, broken, clitest.Fixtures + "stop-logging-user.json"}
	code, out, errs := trailkeeper("", append([]string{"replay"}, args...)...)
	if code != cli.ExitUsage ||
		!strings.Contains(errs, "3 unreadable, the first: "+missing+": open: no such file or directory") {
		t.Errorf("exit %d, stderr %q", code, errs)
	}
	if !strings.Contains(out, "6 records: 2 restart, 1 notify, 3 unreadable") {
		t.Errorf("no such summary:\n%s", out)
	}
	_, out, _ = trailkeeper("", append([]string{"replay", "--json"}, args...)...)
	for _, want := range []string{
		`"file":"` + missing + `","error":"open: no such file or directory"`,
		`"file":"` + empty + `","error":"there is no file in it"`,
		`"file":"` + broken + `","position":"line 2","error":"no JSON: \"oops\""`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in:\n%s", want, out)
		}
	}
	// A directory is the files in it.
	if _, out, _ = trailkeeper("", "replay", dir); !strings.Contains(out,
		"3 records: 1 restart, 1 notify, 1 unreadable") ||
		!strings.Contains(out, broken+":\n") {
		t.Errorf("no such summary:\n%s", out)
	}
}

// What stands beside records is named, and is no failure.
func TestReplaySkipsDigests(t *testing.T) {
	code, out, errs := trailkeeper(`{"digestStartTime":"t","digestS3Object":"o","logFiles":[]}`, "replay", "-")
	if code != cli.ExitOK || errs != "" || !strings.Contains(out, "standard input, line 1: a digest") ||
		!strings.Contains(out, "no records: 1 skipped") {
		t.Errorf("exit %d, stderr %q:\n%s", code, errs, out)
	}
}

// A batch that holds no record is never passed over in silence.
func TestReplayRefusesOtherBatches(t *testing.T) {
	for batch, want := range map[string]string{
		`{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{}}]}`: "an S3 notification",
		`{"Records":[{"eventSource":"aws:sqs","body":"{\"a\":1}"}]}`:                     "none of an event's keys",
		`{"Records":[{"eventSource":"aws:dynamodb","eventName":"INSERT"}]}`:              "a DynamoDB stream",
		`{"records":[{"recordId":"1","data":"eA=="}]}`:                                   `no JSON: "x"`,
		`{"Records":[]}`:       "Records is an empty list",
		`{"class_uid":6003}`:   "an OCSF event",
		`{"events":[{"a":1}]}`: "none of an event's keys",
		"a,b,c\n1,2,3\n":       "CSV",
		"<html></html>":        "an HTML page",
		" \n":                  "there is no record in it",
		"":                     "it is empty",
	} {
		code, out, errs := trailkeeper(batch, "replay", "-")
		if code != cli.ExitUsage || !strings.Contains(errs, want) || !strings.Contains(out, "1 record: 1 unreadable") {
			t.Errorf("%s: exit %d, stderr %q:\n%s", batch, code, errs, out)
		}
	}
}

// Whoever makes a call writes most of its record. None of it may steer a terminal or forge a line of the table.
func TestReplayNeutralisesHostileText(t *testing.T) {
	hostile := "x\u001b[2J\u009b31m\u202eevil\u2066\n2026-01-01 00:00:00  ignored\u2028\u200b" +
		strings.Repeat("long", 500)
	var event map[string]any
	if err := json.Unmarshal(clitest.Read(t, clitest.Fixtures+"stop-logging-user.json"), &event); err != nil {
		t.Fatal(err)
	}
	detail := event["detail"].(map[string]any)
	detail["userIdentity"] = map[string]any{
		"type":      hostile,
		"userName":  hostile,
		"arn":       hostile,
		"accountId": hostile,
	}
	detail["eventTime"], detail["awsRegion"], detail["eventID"], detail["userAgent"] = hostile, hostile, hostile, hostile
	input, err := json.Marshal([]any{event, hostile, map[string]any{"source": hostile, "detail-type": hostile}})
	if err != nil {
		t.Fatal(err)
	}
	for _, flags := range [][]string{{"--all"}, {"--message"}, {"--json"}} {
		t.Run(flags[0], func(t *testing.T) {
			_, out, errs := trailkeeper(string(input), append([]string{"replay", "-"}, flags...)...)
			for _, r := range out + errs {
				if r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp) {
					t.Fatalf("%U in:\n%s\n%s", r, out, errs)
				}
			}
			for line := range strings.Lines(out) {
				if strings.HasPrefix(line, "2026-01-01") {
					t.Errorf("a forged line: %s", line)
				}
				if n := utf8.RuneCountInString(line); n > 101 && flags[0] != "--json" {
					t.Errorf("a line of %d columns: %s", n, line)
				}
			}
		})
	}
}

func TestHelp(t *testing.T) { clitest.Help(t, trailkeeper, "help.golden", "replay", "--help") }
