package simulate

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	templates "trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/simulate/scenarios"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
)

var trailkeeper = clitest.Command(New)

// TestSimulate plays everything: the first screen is what README.md shows a part of.
func TestSimulate(t *testing.T) {
	code, out, errs := trailkeeper("", "simulate")
	if code != 0 || errs != "" {
		t.Errorf("exit %d, stderr %q", code, errs)
	}
	// What goes on side by side takes another time, and other messages, from run to run.
	out = regexp.MustCompile(`(?m)(event-concurrent) .*$`).ReplaceAllString(out, "$1 …")
	out = regexp.MustCompile(`(?m)^(Messages  ).*$`).ReplaceAllString(out, "$1 …")
	clitest.Golden(t, "screen.golden", out)
	clitest.Narrow(t, out, cli.Columns)
	if want := fmt.Sprintf("\n%d scenarios: all checks passed.\n", len(scenarios.All())); !strings.HasSuffix(out, want) {
		t.Errorf("the output does not end with %q", want)
	}
}

// TestSimulateForms keeps what each flag prints.
func TestSimulateForms(t *testing.T) {
	template := strings.Replace(
		string(templates.Template()), `"TRAILKEEPER_MODE": "restart"`, `"TRAILKEEPER_MODE": "notify"`, 1,
	)
	file := filepath.Join(t.TempDir(), "template.json")
	if err := os.WriteFile(file, []byte(template), 0o600); err != nil {
		t.Fatal(err)
	}
	for golden, tt := range map[string]struct {
		args []string
		code int
	}{
		"list.golden":    {[]string{"--list"}, 0},
		"verbose.golden": {[]string{"--scenario", "stop-re*", "--scenario", "logging-stopped", "--verbose"}, 0},
		"color.golden":   {[]string{"--scenario", "logging-stopped", "--color", "always"}, 0},
		"failure.golden": {
			[]string{"--scenario", "logging-*", "--scenario", "test-alert", "--scenario", "trail-r*", "--template", file},
			cli.ExitFailed,
		},
		"messages.golden": {[]string{"--scenario", "logging-stopped", "--messages"}, 0},
	} {
		t.Run(golden, func(t *testing.T) {
			code, out, errs := trailkeeper("", append([]string{"simulate"}, tt.args...)...)
			if code != tt.code || errs != "" {
				t.Errorf("exit %d, stderr %q", code, errs)
			}
			// The SDK says on what it runs.
			agent := regexp.MustCompile(`aws-sdk-go-v2/[^\n]*\n(  │ +md/[^\n]*\n)?`)
			out = agent.ReplaceAllString(out, "aws-sdk-go-v2/…\n")
			if _, after, ok := strings.Cut(out, "\n\n"); ok && strings.Contains(out, file) {
				out = after // where the introduction breaks depends on the folder
			}
			clitest.Golden(t, golden, strings.ReplaceAll(out, filepath.Dir(file)+"/", ""))
		})
	}
}

// interrupter interrupts the process when it has been told of something.
type interrupter struct {
	got  bytes.Buffer
	at   string
	once sync.Once
}

func (w *interrupter) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.at) {
		w.once.Do(func() { _ = syscall.Kill(os.Getpid(), syscall.SIGINT) })
	}
	return w.got.Write(p)
}

// TestSimulateInterrupted: Ctrl-C says how many were played, and by when all was well.
func TestSimulateInterrupted(t *testing.T) {
	out, errs := &interrupter{at: "passed  attempts"}, &bytes.Buffer{}
	code := cli.Run(cli.Root("a version", New()), []string{"simulate"}, strings.NewReader(""), out, errs)
	if code != cli.ExitInterrupted || errs.Len() > 0 {
		t.Errorf("exit %d, stderr %q", code, errs)
	}
	want := fmt.Sprintf(`\n\nInterrupted: [0-9]+ of %d scenarios played: all checks passed\.\n$`, len(scenarios.All()))
	if !regexp.MustCompile(want).MatchString(out.got.String()) {
		t.Errorf("the output does not match %s:\n%s", want, out.got.String())
	}
}

// TestSimulateJSONInterrupted: what is no JSON is said on stderr.
func TestSimulateJSONInterrupted(t *testing.T) {
	out, errs := &interrupter{at: "logging-stopped"}, &bytes.Buffer{}
	args := []string{"simulate", "--json"}
	code := cli.Run(cli.Root("a version", New()), args, strings.NewReader(""), out, errs)
	want := fmt.Sprintf(`^trailkeeper: interrupted: [0-9]+ of %d scenarios played\n$`, len(scenarios.All()))
	if code != cli.ExitInterrupted || !regexp.MustCompile(want).Match(errs.Bytes()) {
		t.Errorf("exit %d, stderr %q, want %s", code, errs, want)
	}
}

// TestJSONForm: what is no JSON goes to stderr, and what was not played does not count.
func TestJSONForm(t *testing.T) {
	for total, want := range map[int]string{
		0: "trailkeeper: interrupted: 1 event played\ntrailkeeper: a note\n",
		9: "trailkeeper: interrupted: 1 of 9 events played\ntrailkeeper: a note\n",
	} {
		var out, errs bytes.Buffer
		to := jsonForm(&out, &errs, "event", total)
		for _, r := range []result.Result{{Name: "a"}, {Name: "b", NotPlayed: "why"}} {
			if err := to.show(r); err != nil {
				t.Fatal(err)
			}
		}
		if err := to.close(true, "a note"); err != nil || errs.String() != want || strings.Count(out.String(), "\n") != 2 {
			t.Errorf("of %d: %v, %q, want %q", total, err, &errs, want)
		}
	}
}

func TestInvocation(t *testing.T) {
	for program, want := range map[string]string{
		"/tmp/go-build123/b001/exe/trailkeeper": "go run ./lambda/trailkeeper",
		"/tmp/go-build123/b001/simulate.test":   "trailkeeper",
		"/usr/local/bin/trailkeeper":            "trailkeeper",
		"./trailkeeper":                         "trailkeeper",
	} {
		if got := invocation(program); got != want {
			t.Errorf("%s: %q, want %q", program, got, want)
		}
	}
	for word, want := range map[string]string{"a/b-c.json": "a/b-c.json", "a b": "'a b'", "it's": `'it'\''s'`} {
		if got := quote(word); got != want {
			t.Errorf("%q: %s, want %s", word, got, want)
		}
	}
}

func TestSimulateJSON(t *testing.T) {
	code, out, errs := trailkeeper(
		"", "simulate", "--json", "--scenario", "logging-stopped", "--scenario", "stop-refused",
	)
	if code != 0 || errs != "" {
		t.Errorf("exit %d, stderr %q", code, errs)
	}
	var names []string
	lines := bufio.NewScanner(strings.NewReader(out))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var object struct {
			Scenario string
			Held     bool
			Timeline []struct {
				Kind    string
				Err     string `json:"error"`
				Message json.RawMessage
			}
			Trail struct {
				DarkMS int64 `json:"dark_ms"`
				Ends   string
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &object); err != nil {
			t.Fatal(err)
		}
		names = append(names, object.Scenario)
		if !object.Held || len(object.Timeline) == 0 {
			t.Errorf("%s: held %t, %d entries", object.Scenario, object.Held, len(object.Timeline))
		}
		for _, e := range object.Timeline {
			if whole := len(e.Message) > 200; whole != (e.Kind == "slack" || e.Kind == "sns") {
				t.Errorf("%s: the message of an entry of kind %s is %s", object.Scenario, e.Kind, e.Message)
			}
		}
		stopped := object.Scenario == "logging-stopped"
		if object.Trail.Ends != "recording" || object.Trail.DarkMS > 0 != stopped {
			t.Errorf("%s: the trail %+v", object.Scenario, object.Trail)
		}
	}
	if strings.Join(names, " ") != "logging-stopped stop-refused" {
		t.Errorf("scenarios %v", names)
	}
}

func TestSimulateEvents(t *testing.T) {
	for name, tt := range map[string]struct {
		stdin string
		args  []string
		code  int
		want  []string
	}{
		"stopped": {
			"",
			[]string{clitest.Fixtures + "stop-logging.json"},
			0,
			[]string{"guard          StartLogging management-events", "and restored", "1 event: all checks passed."},
		},
		"bare record": {
			"",
			[]string{clitest.Fixtures + "stop-logging-record.json"},
			0,
			[]string{"StartLogging", "and restored"},
		},
		"refused": {
			"",
			[]string{clitest.Fixtures + "stop-logging-denied.json"},
			0,
			[]string{"Slack (guard)  ⚪ Refused:", "nothing was changed"},
		},
		"forged": {
			"",
			[]string{clitest.Fixtures + "stop-logging-forged.json"},
			0,
			[]string{"no rule matches StopLogging"},
		},
		"China": {
			"",
			[]string{clitest.Fixtures + "stop-logging-china.json"},
			0,
			[]string{"and restored", "cn-north"},
		},
		"two files": {
			"",
			[]string{clitest.Fixtures + "stop-logging.json", clitest.Fixtures + "delete-trail.json"},
			0,
			[]string{"2 events: all checks passed."},
		},
		"stdin":      {oneLineOf(t, "stop-logging.json"), []string{"-"}, 0, []string{"-, line 1:", "and restored"}},
		"unreadable": {"{", []string{"-"}, cli.ExitUsage, nil},
		"no file":    {"", []string{"nowhere.json"}, cli.ExitUsage, nil},
		"one missing": {
			"",
			[]string{"nowhere.json", clitest.Fixtures + "stop-logging.json"},
			cli.ExitUsage,
			[]string{"1 event: all checks passed."},
		},
		"no event": {"[]", []string{"-"}, cli.ExitUsage, nil},
		"nothing":  {"", []string{"-"}, cli.ExitUsage, nil},
	} {
		t.Run(name, func(t *testing.T) {
			args := []string{"simulate"}
			for _, file := range tt.args {
				args = append(args, "--event", file)
			}
			code, out, errs := trailkeeper(tt.stdin, args...)
			if code != tt.code || (errs == "") != (tt.code == 0) {
				t.Errorf("exit %d, stderr %q", code, errs)
			}
			for _, want := range tt.want {
				if !strings.Contains(out, want) {
					t.Errorf("the output does not say %q:\n%s", want, out)
				}
			}
		})
	}
}

func oneLineOf(t *testing.T, fixture string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, clitest.Read(t, clitest.Fixtures+fixture)); err != nil {
		t.Fatal(err)
	}
	return b.String() + "\n"
}

// Every fixture can be played, whatever its account, Region and partition.
func TestSimulateEveryFixture(t *testing.T) {
	for _, file := range clitest.AllFixtures(t) {
		code, out, errs := trailkeeper("", "simulate", "--event", file)
		if filepath.Base(file) == "ec2-state-change.json" {
			if code != cli.ExitUsage || !strings.Contains(errs, "line 1: an EventBridge event") {
				t.Errorf("%s: exit %d, stderr %q", file, code, errs)
			}
			continue
		}
		if code != 0 || errs != "" {
			t.Errorf("%s: exit %d, stderr %q\n%s", file, code, errs, out)
		}
	}
}

func TestSimulateTemplate(t *testing.T) {
	write := func(template string) string {
		file := filepath.Join(t.TempDir(), "template.json")
		if err := os.WriteFile(file, []byte(template), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	good := string(templates.Template())
	broken := strings.Replace(good, `"TRAILKEEPER_MODE": "restart"`, `"TRAILKEEPER_MODE": "notify"`, 1)
	if broken == good {
		t.Fatal("the golden template has no mode to change")
	}
	for name, tt := range map[string]struct {
		file string
		code int
		want string
	}{
		"golden":    {write(good), 0, "1 scenario: all checks passed."},
		"one value": {write(broken), cli.ExitFailed, "CHECK FAILED: logging was restored"},
		"not modelled": {
			write(`{"Resources":{"A":{"Type":"AWS::EC2::Instance"}}}`), cli.ExitUsage,
			"A: the resource type AWS::EC2::Instance is not modelled",
		},
		"no JSON": {write("Resources:"), cli.ExitUsage, "template: invalid character"},
		"no file": {"nowhere.json", cli.ExitUsage, "nowhere.json"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := trailkeeper("", "simulate", "--scenario", "logging-stopped", "--template", tt.file)
			if code != tt.code || !strings.Contains(out+errs, tt.want) {
				t.Errorf("exit %d, stderr %q, want %q in:\n%s", code, errs, tt.want, out)
			}
		})
	}
}

func TestSimulateUsage(t *testing.T) {
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"unknown scenario": {[]string{"--scenario", "x"}, `no scenario is called "x" (--list shows all)`},
		"misspelt": {
			[]string{"--scenario", "loging-stopped", "--scenario", "slak-down"},
			`"loging-stopped"; did you mean "logging-stopped"?; ` +
				`no scenario is called "slak-down"; did you mean "slack-down"?`,
		},
		"colour":           {[]string{"--color", "blue"}, "auto, always or never"},
		"two forms":        {[]string{"--json", "--verbose"}, "--json and --verbose cannot be given together"},
		"open address":     {[]string{"--listen", "0.0.0.0:4566"}, "only loopback is served"},
		"no port":          {[]string{"--listen", "127.0.0.1"}, "want a loopback address and a port"},
		"bad port":         {[]string{"--listen", "127.0.0.1:x"}, "want a loopback address and a port"},
		"empty template":   {[]string{"--template", ""}, "--template is empty"},
		"empty event":      {[]string{"--event", ""}, "--event is empty"},
		"empty listen":     {[]string{"--listen", ""}, "--listen is empty"},
		"empty mode":       {[]string{"--mode", ""}, "--mode is empty"},
		"unknown mode":     {[]string{"--mode", "x"}, `no mode "x"; want notify, restart, restore or recreate`},
		"delay alone":      {[]string{"--delay", "0"}, "--delay needs --listen"},
		"negative delay":   {[]string{"--listen", "127.0.0.1:0", "--delay", "-1s"}, "--delay needs --listen, and a time"},
		"two templates":    {[]string{"--mode", "notify", "--template", "x"}, "cannot be given together"},
		"no settings":      {[]string{"--settings", "nobodys.json"}, "nobodys.json: "},
		"not the checkout": {[]string{"--settings", "simulate_test.go"}, "run the command in the checkout's folder"},
		"empty scenario":   {[]string{"--scenario", ""}, "--scenario is empty"},
		"two modes":        {[]string{"--listen", "127.0.0.1:0", "--json"}, "cannot be given together"},
		"argument":         {[]string{"stop-logging.json"}, "takes no arguments"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := trailkeeper("", append([]string{"simulate"}, tt.args...)...)
			if code != cli.ExitUsage || out != "" || !strings.Contains(errs, tt.want) {
				t.Errorf("exit %d, stdout %q, stderr %q", code, out, errs)
			}
		})
	}
}

// TestSettings: what CDK says of settings is the command's error.
func TestSettings(t *testing.T) {
	t.Chdir("../../..")
	file := filepath.Join(t.TempDir(), "settings.json")
	for content, want := range map[string]string{
		`{"mode": "x"}`: `"x"`,
		`{`:             "it is no JSON",
	} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, errs := trailkeeper("", "simulate", "--settings", file)
		if code != cli.ExitUsage || out != "" || !strings.Contains(errs, file+": ") || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d, stdout %q, stderr %q", content, code, out, errs)
		}
	}
}

// TestSettingsMissing: a file that is not there is named once, and nobody is told to wait.
func TestSettingsMissing(t *testing.T) {
	const want = "trailkeeper: read the settings: open nofile: no such file or directory\n"
	if code, out, errs := trailkeeper("", "simulate", "--settings", "nofile"); code != cli.ExitUsage || out != "" ||
		errs != want {
		t.Errorf("exit %d, %q, %q, want %q", code, out, errs, want)
	}
}

// TestList: a terminal shows every title whole, below itself where it is longer than the line.
func TestList(t *testing.T) {
	for _, width := range []int{60, 80, 120} {
		var b strings.Builder
		if err := list(&b, scenarios.All(), cli.Terminal{Live: true, Width: width}); err != nil {
			t.Fatal(err)
		}
		clitest.Narrow(t, b.String(), width)
		shown := strings.Join(strings.Fields(b.String()), " ")
		for _, s := range scenarios.All() {
			if !strings.Contains(shown, s.Name+" "+s.Title) {
				t.Errorf("%d columns cut the title of %s", width, s.Name)
			}
		}
	}
}

// TestModes: each mode has a template, which is in it.
func TestModes(t *testing.T) {
	for mode, code := range map[string]int{
		"notify":   cli.ExitFailed,
		"restart":  0,
		"restore":  0,
		"recreate": 0,
	} {
		got, out, errs := trailkeeper("", "simulate", "--scenario", "logging-stopped", "--mode", mode)
		if got != code || !strings.Contains(out, "logging-stopped") {
			t.Errorf("%s: exit %d, %s\n%s", mode, got, errs, out)
		}
	}
}

// TestNotify: what wants a restart is not played in mode notify, unless its name is asked for; then the reason is said.
func TestNotify(t *testing.T) {
	const reason = "\n\nMode notify restores nothing, so checks of logging-stopped fail.\n\n"
	for _, tt := range []struct {
		args   []string
		code   int
		want   string
		reason bool
	}{
		{[]string{"--scenario", "logging-*"}, 0, "- skipped logging-stopped: mode notify restores nothing\n", false},
		{[]string{"--scenario", "logging-stopped"}, cli.ExitFailed, "CHECK FAILED: logging was restored", true},
		{
			[]string{"--scenario", "cloudtrail-*", "--scenario", "logging-stopped"},
			cli.ExitFailed,
			"- skipped cloudtrail-stuck: mode notify restores nothing\n",
			true,
		},
	} {
		code, out, errs := trailkeeper("", append([]string{"simulate", "--mode", "notify"}, tt.args...)...)
		if code != tt.code || errs != "" || !strings.Contains(out, tt.want) || strings.Contains(out, reason) != tt.reason {
			t.Errorf("%v: exit %d, %q, want %d and %q in:\n%s", tt.args, code, errs, tt.code, tt.want, out)
		}
	}
	code, out, _ := trailkeeper("", "simulate", "--mode", "notify")
	if code != 0 || !strings.Contains(out, "\nAssumptions  ") ||
		!strings.Contains(out, "--mode notify --scenario stop-refused --verbose") {
		t.Errorf("all: exit %d, want what is played to hold, and a scenario of it to try next:\n%s", code, out)
	}
}

func TestHelp(t *testing.T) { clitest.Help(t, trailkeeper, "help.golden", "simulate", "--help") }

// TestHTML writes the run as a page, beside what is printed.
func TestHTML(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pages", "attacks.html")
	code, out, errs := trailkeeper("", "simulate", "--scenario", "logging-stopped", "--html", file)
	if code != 0 || errs != "" || !strings.Contains(out, "The page is "+file) {
		t.Fatalf("exit %d, %q, %q", code, out, errs)
	}
	content := string(clitest.Read(t, file))
	for _, want := range []string{"All checks passed", `id="s1"`, "StopLogging", "AWS Notifications"} {
		if !strings.Contains(content, want) {
			t.Errorf("the page does not hold %q", want)
		}
	}
}

// TestHTMLRefused: where no page can be written, nothing is played.
func TestHTMLRefused(t *testing.T) {
	folder := t.TempDir()
	for file, want := range map[string]string{
		folder:                         "--html: write " + folder + ": it is a folder; name another file\n",
		"simulate_test.go/a/page.html": "--html: write simulate_test.go/a/page.html: not a directory; name another file\n",
	} {
		code, out, errs := trailkeeper("", "simulate", "--scenario", "logging-stopped", "--html", file)
		if code != cli.ExitUsage || out != "" || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d, %q, %q, want %q", file, code, out, errs, want)
		}
	}
	code, out, errs := trailkeeper("", "simulate", "--json", "--html", "-")
	if code != cli.ExitUsage || out != "" || !strings.Contains(errs, "--json and --html - both want standard output") {
		t.Errorf("two on standard output: exit %d, %q, %q", code, out, errs)
	}
}

// TestHTMLToStdout: the page is alone on standard output, and makes no file.
func TestHTMLToStdout(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, errs := trailkeeper("", "simulate", "--scenario", "logging-stopped", "--html", "-")
	if code != 0 || !strings.HasPrefix(out, "<!doctype html>") || !strings.HasSuffix(strings.TrimSpace(out), "</html>") ||
		!strings.Contains(errs, "1 scenario: all checks passed.") {
		t.Errorf("exit %d, %.80q … %q", code, out, errs)
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) > 0 {
		t.Errorf("written: %v, %v", entries, err)
	}
}

// saboteur puts a folder where the page is to go, as soon as it is told of something.
type saboteur struct {
	got  bytes.Buffer
	file string
}

func (w *saboteur) Write(p []byte) (int, error) {
	_ = os.Mkdir(w.file, 0o755)
	return w.got.Write(p)
}

// TestHTMLLost: a page that cannot be written at last does not take the closing table with it.
func TestHTMLLost(t *testing.T) {
	var errs bytes.Buffer
	out := &saboteur{file: filepath.Join(t.TempDir(), "page.html")}
	args := []string{"simulate", "--scenario", "logging-stopped", "--html", out.file}
	code := cli.Run(cli.Root("a version", New()), args, strings.NewReader(""), out, &errs)
	want := "trailkeeper: the page: write " + out.file + ": it is a folder; name another file\n"
	if code != cli.ExitFailed || errs.String() != want ||
		!strings.HasSuffix(out.got.String(), "1 scenario: all checks passed.\n") {
		t.Errorf("exit %d, %q, want %q, after:\n%s", code, &errs, want, &out.got)
	}
}

// TestNothingToPlay: what holds no event of CloudTrail is named, and so is that nothing was played.
func TestNothingToPlay(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "digest.json")
	digest := `{"awsAccountId":"111122223333","digestStartTime":"2026-03-02T09:00:00Z","digestS3Bucket":"logs",` +
		`"logFiles":[]}`
	if err := os.WriteFile(file, []byte(digest), 0o600); err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(dir, "page.html")
	for want, args := range map[string][]string{
		"nothing was played: there is no event that could be\n":                          {},
		"nothing was played: there is no event that could be, and no page was written\n": {"--html", page},
	} {
		code, out, errs := trailkeeper("", append([]string{"simulate", "--event", file}, args...)...)
		if code != cli.ExitUsage || out != "" || !strings.HasSuffix(errs, "trailkeeper: "+want) ||
			!strings.Contains(errs, "digest") {
			t.Errorf("exit %d, %q, %q", code, out, errs)
		}
	}
	if _, err := os.Stat(page); err == nil {
		t.Error("a page was written")
	}
}

// TestCompletion: the shell is offered the values of flags that have a closed set of them.
func TestCompletion(t *testing.T) {
	for flag, want := range map[string]string{
		"--mode":     "notify\nrestart\nrestore\nrecreate\n",
		"--scenario": strings.Join(scenarios.Names(), "\n") + "\n",
		"--color":    "auto\nalways\nnever\n",
	} {
		code, out, _ := trailkeeper("", "__complete", "simulate", flag, "")
		if got, _, _ := strings.Cut(out, ":"); code != 0 || got != want || !strings.HasSuffix(out, ":4\n") {
			t.Errorf("%s: exit %d, %q, want %q", flag, code, out, want)
		}
	}
}
