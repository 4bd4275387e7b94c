package rules_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
	"trailkeeper/lambda/trailkeeper/rules"
)

var trailkeeper = clitest.Command(rules.New)

// folder writes the files of a folder with rules.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const own = `id: own
title: "{{ record.eventName }}"
severity: low
match: record.sourceIPAddress in list("vpn") && record.count < 5
enabled: false
tests:
  - {name: a, record: {sourceIPAddress: 10.0.0.1, count: 4}, expect: {match: true}}
  - {name: b, record: {sourceIPAddress: 10.0.0.1, count: 5}, expect: {match: false}}
`

func TestHelp(t *testing.T) {
	for _, command := range []string{"list", "test", "match", "explain", "backtest", "import"} {
		clitest.Help(t, trailkeeper, command+"-help.golden", "rules", command, "--help")
	}
}

func TestFixtures(t *testing.T) {
	for golden, args := range map[string][]string{
		"list.golden":    {"list"},
		"match.golden":   append([]string{"match"}, clitest.AllFixtures(t)...),
		"json.golden":    append([]string{"match", "--json", "--all"}, clitest.AllFixtures(t)...),
		"explain.golden": {"explain", clitest.Fixtures + "console-login-without-mfa.json"},
		"named.golden":   {"explain", "--rule", "refused-calls,root-activity", clitest.Fixtures + "stop-logging-denied.json"},
	} {
		t.Run(golden, func(t *testing.T) {
			_, out, _ := trailkeeper("", append([]string{"rules"}, args...)...)
			clitest.Golden(t, golden, out)
			if golden != "json.golden" {
				clitest.Narrow(t, out, 105)
			}
		})
	}
}

func TestMatchJSON(t *testing.T) {
	dir := folder(t, map[string]string{
		"detections/own.yaml": own,
		"ignore/bot.yaml":     "match: record.userIdentity.userName == \"bot\"\nreason: it is ours\nowner: ops\n",
	})
	flags := []string{"rules", "match", "--json", "--all", "--only", "--rules", dir, "--list", "vpn=10.0.0.0/8,192.0.2.1"}
	for stdin, want := range map[string]struct {
		code int
		line string
	}{
		`{"eventName":"A","eventSource":"s","eventID":"1","sourceIPAddress":"10.0.0.1","count":1}`: {
			cli.ExitOK, `{"event_id":"1","event_name":"A","rules":["own"],"ignored_by":"","errors":[]}`,
		},
		`{"eventName":"A","eventSource":"s","sourceIPAddress":"192.0.2.1","count":"1"}`: {
			cli.ExitOK,
			`{"event_id":"","event_name":"A","rules":[],"ignored_by":"","errors":["own: a text is compared with a number"]}`,
		},
		`{"detail":{"eventName":"A","eventSource":"s","userIdentity":{"userName":"bot"}},"detail-type":"x"}`: {
			cli.ExitOK, `{"event_id":"","event_name":"A","rules":[],"ignored_by":"bot","errors":[]}`,
		},
		`{"eventName":"A\u001b[31m","eventSource":"s"}`: {
			cli.ExitOK, `{"event_id":"","event_name":"A\u001b[31m","rules":[],"ignored_by":"","errors":[]}`,
		},
		`{"some":"object"}`: {
			cli.ExitUsage, `{"event_id":"","event_name":"","rules":[],"ignored_by":"","errors":["not a CloudTrail record: `,
		},
	} {
		code, out, errs := trailkeeper(stdin, append(flags, "-")...)
		if code != want.code || !strings.HasPrefix(out, want.line) || !json.Valid([]byte(out)) {
			t.Errorf("%s: exit %d, %q, %q; want %d, %s", stdin, code, out, errs, want.code, want.line)
		}
	}
}

// TestMatchEach: there is an object for each record, however many in a row are none, and for what stands in the place
// of one. Records of Insights are records here.
func TestMatchEach(t *testing.T) {
	const insight = `{"eventType":"AwsCloudTrailInsight","eventID":"i","insightDetails":{"state":"Start"}}`
	none := strings.Repeat(`{"a":1},`, 9) + strings.Repeat(`5,`, 9) + strings.Repeat(`"x",`, 9) + `null,[],`
	code, out, _ := trailkeeper(`{"Records":[`+none+insight+`]}`, "rules", "match", "--json", "--all", "-")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != cli.ExitUsage || len(lines) != 30 || !strings.Contains(lines[29], `"rules":["insight-event"]`) {
		t.Errorf("exit %d, %d lines, %s", code, len(lines), out)
	}
	for _, line := range lines[:len(lines)-1] {
		if strings.Contains(line, `"errors":[]`) {
			t.Errorf("%s has no error", line)
		}
	}
	const digest = `{"awsAccountId":"1","digestStartTime":"t","digestS3Object":"o","logFiles":[]}`
	code, out, _ = trailkeeper(digest, "rules", "match", "--json", "-")
	if code != cli.ExitUsage || !strings.Contains(out, `"errors":["a digest file`) {
		t.Errorf("a digest: exit %d, %s", code, out)
	}
}

// TestMatchTexts: what a rule cannot say of a record that it matches is an error of that record.
func TestMatchTexts(t *testing.T) {
	dir := folder(t, map[string]string{
		"odd.yaml": "id: odd\ntitle: \"{{ record.eventName.startsWith(record.readOnly) }}\"\n" +
			"severity: record.eventName\nmatch: record.eventName == \"A\"\n",
	})
	const in = `{"eventName":"A","eventSource":"s","readOnly":true}`
	code, out, _ := trailkeeper(in, "rules", "match", "--json", "--only", "--rules", dir, "-")
	const want = `"rules":["odd"],"ignored_by":"","errors":["odd: title: a text is wanted, and this is true or false",` +
		`"odd: severity: it is \"A\"; it must be low, medium, high or critical"]`
	if code != cli.ExitOK || !strings.Contains(out, want) {
		t.Errorf("exit %d, %s", code, out)
	}
}

// TestSameFolder: a folder that is named twice, by whatever name, is one. The values of a list may have spaces around.
func TestSameFolder(t *testing.T) {
	dir := folder(t, map[string]string{"detections/own.yaml": own})
	const in = `{"eventName":"A","eventSource":"s","sourceIPAddress":"192.0.2.1","count":1}`
	code, out, errs := trailkeeper(in, "rules", "match", "--json", "--all", "--only", "--rules", dir,
		"--rules", dir+"/detections/..", "--list", "vpn=10.0.0.0/8, 192.0.2.1 ,", "-")
	if code != cli.ExitOK || !strings.Contains(out, `"rules":["own"]`) || errs != "" {
		t.Errorf("exit %d, %s, %s", code, out, errs)
	}
	code, out, _ = trailkeeper(`{"eventName":"A","eventSource":"s","sourceIPAddress":"","count":1}`, "rules", "match",
		"--json", "--all", "--only", "--rules", dir, "--list", "vpn=", "-")
	if code != cli.ExitOK || !strings.Contains(out, `"rules":[]`) {
		t.Errorf("a list without values: exit %d, %s", code, out)
	}
}

func TestTests(t *testing.T) {
	good, bad := folder(t, map[string]string{"own.yaml": own}), folder(t, map[string]string{
		"own.yaml": strings.Replace(own, "match: true}", "match: true, title: x}", 1),
	})
	list := []string{"--list", "vpn=10.0.0.0/8"}
	code, out, errs := trailkeeper("", append([]string{"rules", "test", "--only", "--rules", good}, list...)...)
	if code != cli.ExitOK || out != "2 tests of 1 rule, 0 failed\n" || errs != "" {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
	code, out, errs = trailkeeper("", append([]string{"rules", "test", "--only", "--rules", bad}, list...)...)
	if code != cli.ExitFailed || !strings.Contains(out, `own.yaml:7:5: test "a": title is "-", want "x"`) ||
		!strings.Contains(errs, "1 test of the rules fails") {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
	// A list of one's own is no matter for the tests of the built-in rules.
	code, out, errs = trailkeeper("", "rules", "test", "--list", "office-networks=203.0.113.0/24",
		"--list", "large-instances=t3.micro", "--stack", "other")
	if code != cli.ExitOK || !strings.HasSuffix(out, " 0 failed\n") {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
}

func TestUsage(t *testing.T) {
	for _, row := range []struct {
		args []string
		want string
	}{
		{[]string{"match"}, "at least one file"},
		{[]string{"match", "--only", "-"}, "--only leaves no rules"},
		{[]string{"list", "--list", "vpn"}, `--list is "vpn"; want NAME=VALUE,VALUE`},
		{[]string{"list", "--rules", "/nowhere"}, `--rules is "/nowhere"; want a folder`},
		{[]string{"explain", "--rule", "no-such", "-"}, `--rule is "no-such"`},
	} {
		code, out, errs := trailkeeper("", append([]string{"rules"}, row.args...)...)
		if code != cli.ExitUsage || out != "" || !strings.Contains(errs, row.want) {
			t.Errorf("%q: exit %d, %q, %q; want %q", row.args, code, out, errs, row.want)
		}
	}
}

// TestWrongRules: what is wrong is named, the rest applies, and the command ends with 2.
func TestWrongRules(t *testing.T) {
	wrong := folder(t, map[string]string{
		"a.yaml": "id: a\nfoo: 1\n",
		"b.yaml": own,
		"c.yaml": "id: c\ntitle: x\nseverity: low\nmatch: record.eventName == \"A\"\n",
	})
	for _, row := range []struct {
		args []string
		want string
	}{
		{[]string{"list"}, "trail-tampering"},
		{[]string{"test"}, " 0 failed\n"},
		{[]string{"match", "--json", "-"}, `"rules":["c"]`},
		{[]string{"explain", "-"}, "c matches"},
	} {
		args := append([]string{"rules"}, append(row.args, "--rules", wrong)...)
		code, out, errs := trailkeeper(`{"eventName":"A","eventSource":"s"}`, args...)
		if code != cli.ExitUsage || !strings.Contains(out, row.want) {
			t.Errorf("%q: exit %d, %q; want %q", row.args, code, out, row.want)
		}
		for _, want := range []string{
			`a.yaml:2:1: a rule has no key "foo"`, `b.yaml:4:39: there is no list "vpn"; add lists/vpn.yaml`,
			"5 problems in the rules",
		} {
			if !strings.Contains(errs, want) {
				t.Errorf("%q: %q; want %q", row.args, errs, want)
			}
		}
	}
}

// TestReadmeTable: the documentation shows what rules list prints. With -update it is written.
func TestReadmeTable(t *testing.T) {
	const file = "../../../rules/README.md"
	const start, end = "<!-- rules list: written by go test ./lambda/trailkeeper/rules -update -->\n```\n", "```\n"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(raw), start)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s does not show the table", file)
	}
	_, out, _ := trailkeeper("", "rules", "list")
	clitest.Golden(t, "../"+file, before+start+out+end+after)
}
