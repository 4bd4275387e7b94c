package catchup

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/objects"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
)

// key is a log file's of a day in March, and a minute after noon.
func key(day, minute int) string {
	return fmt.Sprintf("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/%02d/"+
		"111122223333_CloudTrail_eu-west-1_202603%02dT12%02dZ_x.json.gz", day, day, minute)
}

const digest = "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/03/03/" +
	"111122223333_CloudTrail-Digest_eu-west-1_main_eu-west-1_20260303T120500Z.json.gz"

// someKeys are of three days, with what is no log file among them.
func someKeys() []string {
	keys := []string{
		digest, "AWSLogs/111122223333/Config/eu-west-1/2026/03/03/x.json.gz", "elsewhere/" + key(3, 0),
		"AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/03/", "AWSLogs/111122223333/readme.txt",
	}
	for day := 1; day <= 4; day++ {
		for minute := range 5 {
			keys = append(keys, key(day, minute))
		}
	}
	return keys
}

func run(args ...string) (code int, out, errs string) {
	return trailkeeper("", append([]string{"catch-up", "--function", "watch", "--since", "2026-03-03"}, args...)...)
}

// TestStory shows what an operator sees.
func TestStory(t *testing.T) {
	var story strings.Builder
	for _, part := range []struct {
		title string
		args  []string
		setUp func(f *far)
	}{
		{"a dry run", []string{"--dry-run"}, func(*far) {}},
		{"all is well", nil, func(*far) {}},
		{"nothing is left", nil, func(f *far) { f.keys = []string{key(3, 1)} }},
		{"some fail", []string{"--until", "2026-03-03T12:00:00Z"}, func(f *far) {
			f.decide = func(asked []objects.Object) (any, bool) {
				all := objects.Answers{Objects: make([]objects.Answer, len(asked))}
				for i, o := range asked {
					switch o.Key {
					case key(2, 1):
						all.Objects[i].Error = fmt.Sprintf("%q: record 2, byte 411: unexpected EOF", "s3://org-logs/"+o.Key)
					case key(2, 3):
						all.Objects[i].Error = "odd\x1b[31m\u202etext\nin lines"
					}
				}
				return all, false
			}
		}},
		{"the function fails", nil, func(f *far) {
			f.keys = []string{key(3, 2)}
			f.decide = func([]objects.Object) (any, bool) {
				return map[string]string{"errorMessage": "Task timed out after 60.00 seconds"}, true
			}
		}},
		{"an empty bucket", nil, func(f *far) { f.keys = nil }},
		{"an older watch", nil, func(f *far) {
			f.keys, f.decide = []string{key(3, 0)}, func([]objects.Object) (any, bool) { return nil, false }
		}},
		{"very many", []string{"--dry-run"}, func(f *far) {
			for minute := 10; minute < 60; minute++ {
				f.keys = append(f.keys, key(4, minute))
			}
		}},
	} {
		f := newFar(t, someKeys()...)
		f.note(t, key(3, 1))
		part.setUp(f)
		code, out, errs := run(append(part.args, "--parallel", "1")...)
		fmt.Fprintf(&story, "== %s\n\n%s%s[exit %d]\n\n", part.title, out, errs, code)
	}
	clitest.Golden(t, "story.golden", story.String())
	clitest.Narrow(t, story.String(), cli.Columns, "trailkeeper: ", "s3://")
	if strings.ContainsAny(story.String(), "\x1b\u202e") {
		t.Error("what the function says can steer a terminal")
	}
}

// TestWhatIsDecided: every log file of these days that was not decided, and none twice; what is no log file is left.
func TestWhatIsDecided(t *testing.T) {
	f := newFar(t, someKeys()...)
	f.note(t, key(3, 1))
	code, _, errs := run("--parallel", "3", "--json")
	var want []string
	for _, day := range []int{2, 3, 4} { // a day before as well
		for minute := range 5 {
			if day != 3 || minute != 1 {
				want = append(want, key(day, minute))
			}
		}
	}
	got := slices.Sorted(slices.Values(slices.Concat(f.batches...)))
	if code != cli.ExitOK || errs != "" || !slices.Equal(got, want) {
		t.Errorf("exit %d, %q, decided %q, want %q", code, errs, got, want)
	}
	if listed := strings.Join(f.prefixes, " "); strings.Contains(listed, "Config") || strings.Contains(listed, "Digest") {
		t.Errorf("folders of others are listed: %s", listed)
	}
	for _, batch := range f.batches {
		if len(batch) > batchSize {
			t.Errorf("%d at once", len(batch))
		}
	}
	f = newFar(t, someKeys()...)
	f.note(t, key(3, 1))
	if _, _, errs := run("--all", "--until", "2026-03-03"); errs != "" || len(slices.Concat(f.batches...)) != 15 ||
		slices.Contains(f.asked, "GetItem") {
		t.Errorf("with --all: %q, %d decided, asked %q", errs, len(slices.Concat(f.batches...)), f.asked)
	}
	f = newFar(t, someKeys()...)
	if _, _, errs := run("--dry-run"); errs != "" || len(f.batches) > 0 {
		t.Errorf("a dry run: %q, decided %q", errs, f.batches)
	}
}

// TestFailedIsTriedOnceMore by itself: what failed may have passed.
func TestFailedIsTriedOnceMore(t *testing.T) {
	f := newFar(t, someKeys()...)
	f.decide = func(asked []objects.Object) (any, bool) {
		all := objects.Answers{Objects: make([]objects.Answer, len(asked))}
		if len(asked) > 1 {
			all.Objects[0].Error = "the time ran out"
		}
		return all, false
	}
	if code, out, _ := run(); code != cli.ExitOK || !strings.Contains(out, "15 log files decided") {
		t.Errorf("exit %d, %s", code, out)
	}
	f = newFar(t, someKeys()...)
	crashes := 0
	f.decide = func(asked []objects.Object) (any, bool) {
		if crashes++; len(asked) > 1 {
			return map[string]string{"errorMessage": "out of memory"}, true
		}
		return objects.Answers{Objects: make([]objects.Answer, 1)}, false
	}
	if code, out, _ := run("--parallel", "1"); code != cli.ExitOK || crashes != 2+15 {
		t.Errorf("exit %d after %d runs, %s", code, crashes, out)
	}
}

// TestJSON is what a program gets.
func TestJSON(t *testing.T) {
	f := newFar(t, someKeys()...)
	f.note(t, key(3, 1))
	f.decide = func(asked []objects.Object) (any, bool) {
		all := objects.Answers{Objects: make([]objects.Answer, len(asked))}
		for i, o := range asked {
			if o.Key == key(3, 2) {
				all.Objects[i].Error = "gone"
			}
		}
		return all, false
	}
	code, out, errs := run("--json", "--parallel", "1")
	if code != cli.ExitFailed || errs != "" || !json.Valid([]byte(out)) {
		t.Errorf("exit %d, %q", code, errs)
	}
	clitest.Golden(t, "json.golden", out)
}

// TestRefused: what cannot be started is said in a sentence.
func TestRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		setUp func(f *far)
		want  string
	}{
		"no function": {
			func(f *far) { f.refused["GetFunctionConfiguration"] = "ResourceNotFoundException" },
			"the stack's output WatchFunctionName has its name",
		},
		"settings denied": {
			func(f *far) { f.refused["GetFunctionConfiguration"] = "AccessDeniedException" },
			"the permission lambda:GetFunctionConfiguration is missing",
		},
		"the guard":    {func(f *far) { f.env = config.Example().Env() }, "reads no log files (TRAILKEEPER_LOG_BUCKETS is empty)"},
		"no table":     {func(f *far) { delete(f.env, config.EnvTable) }, "watch has no state table"},
		"no bucket":    {func(f *far) { f.refused["ListObjectsV2"] = "NoSuchBucket" }, "list s3://org-logs/AWSLogs/: there is no such bucket"},
		"no list":      {func(f *far) { f.refused["ListObjectsV2"] = "AccessDenied" }, "the permission s3:ListBucket is missing"},
		"no table yet": {func(f *far) { f.refused["GetItem"] = "ResourceNotFoundException" }, "there is no such table"},
		"table denied": {func(f *far) { f.refused["GetItem"] = "AccessDeniedException" }, "the permission dynamodb:GetItem is missing"},
		"may not run":  {func(f *far) { f.refused["Invoke"] = "AccessDeniedException" }, "the permission lambda:InvokeFunction is missing"},
	} {
		f := newFar(t, someKeys()...)
		tt.setUp(f)
		if code, _, errs := run(); code != cli.ExitUsage || !strings.Contains(errs, tt.want) {
			t.Errorf("%s: exit %d, %q; want %q", name, code, errs, tt.want)
		}
	}
	newFar(t, someKeys()...)
	if code, _, errs := run("--bucket", "other,org-logs"); code != cli.ExitUsage ||
		!strings.Contains(errs, `--bucket is "other"; watch reads org-logs`) {
		t.Errorf("another bucket: exit %d, %q", code, errs)
	}
}

// TestFlags: everything that is wrong is said at once.
func TestFlags(t *testing.T) {
	for line, want := range map[string]string{
		"--since yesterday --parallel 0 --region x":          `--since is "yesterday"; want a day`,
		"--function f --since 6h --parallel 101":             `--parallel is "101"; want 1 to 100`,
		"--function f --since 2026-03-05":                    "--since 2026-03-05 is in the future",
		"--function f --since -6h":                           "--since is \"-6h\"",
		"--function f --since 2026-03-03 --until 2026-03-01": "--until 2026-03-01 is before --since 2026-03-03",
		"--function f --since 2026-01-03":                    "more than 30 days ago",
		"--function f --since 2026-03-03 --until 5":          `--until is "5"`,
		"--since 6h": `--function is ""`,
		"--function a/b --since 2026-03-03T11:00:00Z --region Mars-1": `--function is "a/b"`,
	} {
		code, out, errs := trailkeeper("", append([]string{"catch-up"}, strings.Fields(line)...)...)
		if code != cli.ExitUsage || out != "" || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d, %q; want %q", line, code, errs, want)
		}
	}
	_, _, errs := trailkeeper("", strings.Fields("catch-up --since yesterday --parallel 0 --region x")...)
	if strings.Count(errs, "; want") != 4 {
		t.Errorf("not all is named: %s", errs)
	}
}

func TestHelp(t *testing.T) { clitest.Help(t, trailkeeper, "help.golden", "catch-up", "--help") }
