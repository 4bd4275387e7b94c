package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/goldentest"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/trail"
)

const (
	mainTrail    = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/management-events"
	archiveTrail = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/archive"
)

// loopback is an AWS on loopback with its operator, and a folder to work in.
type loopback struct {
	t     *testing.T
	cloud *localcloud.Cloud
	dir   string
}

// newLoopback starts the cloud, and points the SDK at it as an operator's environment would.
func newLoopback(t *testing.T, seeds ...localcloud.TrailSeed) *loopback {
	t.Helper()
	cloud, err := localcloud.New(localcloud.Options{
		Template: read(t, "../internal/localcloud/testdata/small.json"), Account: "111122223333", Region: "eu-west-1",
		Secrets:  map[string]string{"app": `{"webhook":"https://hooks.slack.com/services/T0/B0/x","bot_token":"xoxb-1"}`},
		RealTime: true, Lag: time.Nanosecond,
		NewHandler: func(context.Context, localcloud.FunctionEnv) (localcloud.Handler, error) {
			return nil, errors.New("not played")
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cloud.Close() })
	l := &loopback{t: t, cloud: cloud, dir: t.TempDir()}
	for _, s := range seeds {
		if err := cloud.AddTrail(s); err != nil {
			t.Fatal(err)
		}
	}
	none := filepath.Join(l.dir, "none")
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": cloud.Endpoint(), "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "operator", "AWS_SECRET_ACCESS_KEY": "local",
		"AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none, "AWS_EC2_METADATA_DISABLED": "true", "AWS_PROFILE": "",
	} {
		t.Setenv(name, value)
	}
	return l
}

func healthyTrail(arn string) localcloud.TrailSeed {
	return localcloud.TrailSeed{ARN: arn, Logging: true, MultiRegion: true}
}

// run carries out one command line in the folder.
func (l *loopback) run(stdin string, args ...string) (code int, stdout, stderr string) {
	l.t.Helper()
	home, err := os.Getwd()
	if err == nil {
		err = os.Chdir(l.dir)
	}
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() {
		if err := os.Chdir(home); err != nil {
			l.t.Fatal(err)
		}
	}()
	return trailkeeper(stdin, args...)
}

// want runs a command that must end with a code and say something, on either output.
func (l *loopback) want(code int, says string, args ...string) {
	l.t.Helper()
	got, out, errs := l.run("", args...)
	if got != code || !strings.Contains(strings.Join(strings.Fields(out+errs), " "), says) {
		l.t.Errorf("%v: exit %d, want %d and %q in:\n%s%s", args, got, code, says, out, errs)
	}
}

// attacker is a client of the same cloud.
func (l *loopback) attacker() *cloudtrail.Client {
	return cloudtrail.New(cloudtrail.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(l.cloud.Endpoint()), RetryMaxAttempts: 20,
		HTTPClient: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "mallory", SecretAccessKey: "local"}, nil
		}),
	})
}

func (l *loopback) file(arn string) string {
	return filepath.Join(l.dir, baselineFolder, baseline.FileName(arn))
}

func (l *loopback) weaken() {
	l.t.Helper()
	_, err := l.attacker().UpdateTrail(l.t.Context(), &cloudtrail.UpdateTrailInput{
		Name: aws.String(mainTrail), S3BucketName: aws.String("mallory-logs"), IsMultiRegionTrail: aws.Bool(false), EnableLogFileValidation: aws.Bool(false),
	})
	if err != nil {
		l.t.Fatal(err)
	}
	_, err = l.attacker().PutEventSelectors(l.t.Context(), &cloudtrail.PutEventSelectorsInput{
		TrailName: aws.String(mainTrail), EventSelectors: []types.EventSelector{{ReadWriteType: types.ReadWriteTypeReadOnly, IncludeManagementEvents: aws.Bool(true)}},
	})
	if err != nil {
		l.t.Fatal(err)
	}
}

// TestBaselineStory shows what an operator sees: captures, drift, and changes that are accepted. Each part has a cloud of its own, because
// CloudTrail takes ten reads a second.
func TestBaselineStory(t *testing.T) {
	var story strings.Builder
	part := func(title string, seeds []localcloud.TrailSeed, plot func(l *loopback, play func(args ...string))) {
		l := newLoopback(t, seeds...)
		fmt.Fprintf(&story, "== %s\n\n", title)
		plot(l, func(args ...string) {
			code, out, errs := l.run("", args...)
			fmt.Fprintf(&story, "$ trailkeeper %s\n%s%s[exit %d]\n\n", strings.Join(args, " "), out, errs, code)
		})
	}
	both := []localcloud.TrailSeed{healthyTrail(mainTrail), {ARN: archiveTrail}}
	part("Capture", both, func(_ *loopback, play func(...string)) {
		play("baseline", "capture")
		play("baseline", "capture", "--trail", archiveTrail, "--force")
		play("baseline", "capture")
		play("baseline", "show")
		play("baseline", "diff")
	})
	part("Drift", both, func(l *loopback, play func(...string)) {
		l.want(exitOK, "written", "baseline", "capture", "--force")
		l.weaken()
		if _, err := l.attacker().DeleteTrail(t.Context(), &cloudtrail.DeleteTrailInput{Name: aws.String(archiveTrail)}); err != nil {
			t.Fatal(err)
		}
		play("baseline", "diff")
		play("baseline", "diff", "--json", "--trail", "management-events")
		play("baseline", "capture")
	})
	part("Accept", both[:1], func(l *loopback, play func(...string)) {
		l.want(exitOK, "written", "baseline", "capture")
		l.weaken()
		play("baseline", "accept", "--trail", "management-events", "--force")
		play("baseline", "accept", "--trail", "management-events", "--yes")
		play("baseline", "accept", "--trail", "management-events", "--yes", "--force")
		play("baseline", "diff")
	})
	times := regexp.MustCompile(`20\d\d-\d\d-\d\d \d\d:\d\d UTC, (just now|1 min ago)`)
	stamps := regexp.MustCompile(`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ`)
	text := times.ReplaceAllString(story.String(), "2026-10-01 12:00 UTC, just now")
	goldentest.Compare(t, filepath.Join("testdata", "baseline-story.golden"), stamps.ReplaceAllString(text, "2026-10-01T12:00:00Z"), *update)
	for line := range strings.Lines(text) {
		if n := len([]rune(line)); n > 101 && !strings.HasPrefix(line, "{") && !strings.HasPrefix(line, "$") && !strings.HasPrefix(line, "trailkeeper: ") {
			t.Errorf("a line of %d columns: %s", n, line)
		}
	}
}

// A file holds the whole trail, and nothing is written to AWS.
func TestBaselineFiles(t *testing.T) {
	l := newLoopback(t, healthyTrail(mainTrail))
	l.want(exitOK, "1 trail: 1 written.", "baseline", "capture")
	content := read(t, l.file(mainTrail))
	b, err := baseline.Parse(baseline.FileName(mainTrail), content)
	if err != nil {
		t.Fatal(err)
	}
	if s := b.Trail; !s.Logging || !s.Settings.MultiRegion || s.Settings.S3Bucket != "log-archive-111122223333" || len(s.Selectors) != 1 || len(trail.Floor(s)) > 0 {
		t.Errorf("captured %+v", s)
	}
	if time.Since(b.CapturedAt) > time.Minute || b.CapturedAt.Location() != time.UTC || b.CapturedAt.Nanosecond() != 0 {
		t.Errorf("captured at %v", b.CapturedAt)
	}
	entries, err := os.ReadDir(filepath.Dir(l.file(mainTrail)))
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v; want the file alone", entries, err)
	}
	if info, err := os.Stat(l.file(mainTrail)); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	for _, e := range l.cloud.Entries() {
		if e.Write {
			t.Errorf("%s was called", e.Op)
		}
	}
	l.want(exitOK, "1 trail: 1 unchanged.", "baseline", "capture")
	if string(content) != string(read(t, l.file(mainTrail))) {
		t.Error("the file of an unchanged trail was written again")
	}
}

func TestBaselineCaptureRefuses(t *testing.T) {
	l := newLoopback(t, healthyTrail(mainTrail), localcloud.TrailSeed{ARN: "arn:aws:cloudtrail:eu-west-1:999988887777:trail/organization", Logging: true, Organization: true})
	l.cloud.AddPrincipal(localcloud.Principal{AccessKey: "auditor", Account: "111122223333", UserName: "auditor", Denied: map[string]string{
		"cloudtrail:GetEventSelectors": fmt.Sprintf(localcloud.NoIdentityPolicy, "cloudtrail:GetEventSelectors"),
	}})
	l.cloud.AddPrincipal(localcloud.Principal{AccessKey: "nobody", Account: "111122223333", UserName: "nobody", Denied: map[string]string{
		"cloudtrail:DescribeTrails": localcloud.DeniedBySCP,
	}})
	t.Setenv("AWS_ACCESS_KEY_ID", "auditor")
	l.want(exitFailed, "CANNOT SEE The event selectors may not be read: the permission cloudtrail:GetEventSelectors is missing.", "baseline", "capture", "--force")
	t.Setenv("AWS_ACCESS_KEY_ID", "nobody")
	l.want(exitFailed, "list the trails of eu-west-1: a policy denies cloudtrail:DescribeTrails", "baseline", "capture")
	t.Setenv("AWS_ACCESS_KEY_ID", "operator")
	if _, err := os.Stat(l.file(mainTrail)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was written: %v", err)
	}
	l.want(exitFailed, "there is no trail to capture for us-east-1", "baseline", "capture", "--region", "us-east-1")
	l.want(exitFailed, "NOT FOUND No such trail. Give its home Region", "baseline", "capture", "--trail", "nope")
	l.want(exitFailed, "NOT FOUND CloudTrail knows no such trail.", "baseline", "capture", "--trail", archiveTrail)
	l.want(exitOK, "It belongs to account 999988887777: capture it there.", "baseline", "capture", "--region", "eu-west-1,us-east-1")
}

// A file that is no baseline is neither used nor overwritten unasked.
func TestBaselineBrokenFile(t *testing.T) {
	l := newLoopback(t, healthyTrail(mainTrail))
	if err := os.MkdirAll(filepath.Dir(l.file(mainTrail)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(l.file(mainTrail), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	l.want(exitFailed, "is there and is no baseline", "baseline", "capture", "--trail", mainTrail)
	l.want(exitUsage, "version is", "baseline", "show")
	l.want(exitOK, "1 trail: 1 written.", "baseline", "capture", "--trail", mainTrail, "--force")
	l.want(exitOK, "all management events", "baseline", "show")
}

// What cannot be read is never taken for unchanged.
func TestBaselineDiffCannotSee(t *testing.T) {
	l := newLoopback(t, healthyTrail(mainTrail))
	l.want(exitOK, "written", "baseline", "capture")
	l.cloud.AddPrincipal(localcloud.Principal{AccessKey: "auditor", Account: "111122223333", UserName: "auditor", Denied: map[string]string{
		"cloudtrail:ListTags": fmt.Sprintf(localcloud.NoIdentityPolicy, "cloudtrail:ListTags"),
	}})
	t.Setenv("AWS_ACCESS_KEY_ID", "auditor")
	l.want(exitFailed, "CANNOT SEE The tags may not be read: the permission cloudtrail:ListTags is missing. 1 trail: 1 not fully seen.", "baseline", "diff")
	l.want(exitFailed, "REFUSED A baseline must hold the whole trail.", "baseline", "accept", "--trail", mainTrail, "--yes", "--force")
	_, out, _ := l.run("", "baseline", "diff", "--json")
	l.cloud.AddPrincipal(localcloud.Principal{AccessKey: "nobody", Account: "111122223333", UserName: "nobody", Denied: map[string]string{
		"cloudtrail:DescribeTrails": localcloud.DeniedBySCP,
	}})
	t.Setenv("AWS_ACCESS_KEY_ID", "nobody")
	l.want(exitFailed, "account 111122223333) CANNOT SEE The settings may not be read: a policy denies cloudtrail:DescribeTrails. 1 trail: 1 not fully seen.", "baseline", "diff")
	var d drift
	if err := json.Unmarshal([]byte(out), &d); err != nil || d.Status != driftUnseen || len(d.Unseen) != 1 || d.Trail != mainTrail || d.Changes == nil {
		t.Errorf("%v: %s", err, out)
	}
}

// A change that weakens nothing is shown and does not fail.
func TestBaselineDiffStrengthened(t *testing.T) {
	l := newLoopback(t, localcloud.TrailSeed{ARN: mainTrail, Logging: true})
	l.want(exitOK, "written", "baseline", "capture")
	if _, err := l.attacker().UpdateTrail(t.Context(), &cloudtrail.UpdateTrailInput{Name: aws.String(mainTrail), IsMultiRegionTrail: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	l.want(exitOK, "strengthens All Regions are recorded now. isMultiRegionTrail: false → true 1 trail: 1 changed without being weakened.", "baseline", "diff")
	l.want(exitUsage, "needs --yes, or a terminal", "baseline", "accept", "--trail", mainTrail)
	l.want(exitFailed, "REFUSED cdk/baselines/eu-west-1.111122223333.management-events.json says something else. See what with: trailkeeper baseline diff.", "baseline", "capture")
}

func TestBaselineUsage(t *testing.T) {
	l := newLoopback(t)
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"no files":         {[]string{"show"}, "no baselines in cdk/baselines: write them with trailkeeper baseline capture"},
		"no files to diff": {[]string{"diff", "--dir", "elsewhere"}, "no baselines in elsewhere"},
		"no trail":         {[]string{"accept", "--yes"}, "needs a trail"},
		"every bad flag":   {[]string{"capture", "--dir", "", "--region", "Europe", "--trail", "a b"}, `--dir is empty; want a folder; --region is "Europe"; want a Region such as eu-west-1; --trail is "a b"`},
		"argument":         {[]string{"capture", "management-events"}, "management-events"},
		"profile":          {[]string{"capture", "--profile", "nowhere"}, "nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := l.run("", append([]string{"baseline"}, tt.args...)...)
			if code != exitUsage || out != "" || !strings.Contains(errs, tt.want) {
				t.Errorf("exit %d, stdout %q, stderr %q", code, out, errs)
			}
		})
	}
	t.Setenv("AWS_REGION", "")
	l.want(exitUsage, "no Region: the profile has none; give one with --region", "baseline", "capture")
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	l.want(exitFailed, "find AWS credentials", "baseline", "capture", "--region", "eu-west-1")
}

func TestConfirm(t *testing.T) {
	for typed, want := range map[string]int{"management-events\n": exitOK, "management-events": exitOK, "yes\n": exitFailed, "": exitFailed} {
		var asked strings.Builder
		err := confirm(strings.NewReader(typed), true, &asked, "management-events")
		code := exitOK
		if e, ok := errors.AsType[*exitError](err); ok {
			code = e.code
		}
		if code != want || asked.Len() == 0 {
			t.Errorf("%q: %v, asked %q", typed, err, asked.String())
		}
	}
	if isTerminal(strings.NewReader("")) {
		t.Error("a reader is taken for a terminal")
	}
	two := strings.NewReader("one\ntwo\n")
	_ = confirm(two, true, io.Discard, "one")
	if rest, err := io.ReadAll(two); err != nil || string(rest) != "two\n" {
		t.Errorf("the answer to the next question is %q, %v", rest, err)
	}
}

func TestAgo(t *testing.T) {
	now := time.Date(2026, 10, 10, 12, 0, 0, 0, time.UTC)
	for age, want := range map[time.Duration]string{
		-time.Hour: "in the future", 30 * time.Second: "just now", 3*time.Hour + 5*time.Second: "3 h ago", 47 * time.Hour: "47 h ago",
		51*24*time.Hour + time.Hour: "51 days ago",
	} {
		if got := ago(now.Add(-age), now); got != want {
			t.Errorf("%v: %q, want %q", age, got, want)
		}
	}
}

// A file that cannot be put in its place leaves nothing behind.
func TestWriteFileIsWholeOrNot(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "x.json", "in the way"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := writeFile(dir, "x.json", []byte("{}")); err == nil || !strings.Contains(err.Error(), "write x.json: ") {
		t.Errorf("got %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestBaselineHelp(t *testing.T) {
	for _, name := range []string{"", "accept", "capture", "diff", "show"} {
		args := []string{"baseline"}
		file := "baseline-help.golden"
		if name != "" {
			args, file = append(args, name, "--help"), "baseline-help-"+name+".golden"
		}
		code, out, errs := trailkeeper("", args...)
		if code != exitOK || errs != "" {
			t.Errorf("%s: exit %d, stderr %q", name, code, errs)
		}
		goldentest.Compare(t, filepath.Join("testdata", file), out, *update)
		for line := range strings.Lines(out) {
			if len([]rune(line)) > 104 {
				t.Errorf("a line of %d columns: %s", len([]rune(line)), line)
			}
		}
	}
}
