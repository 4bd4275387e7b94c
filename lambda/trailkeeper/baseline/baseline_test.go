package baseline

import (
	"bufio"
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
	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/trail"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
)

const (
	mainTrail    = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/management-events"
	archiveTrail = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/archive"
)

func healthyTrail(arn string) localcloud.TrailSeed {
	return localcloud.TrailSeed{ARN: arn, Logging: true, MultiRegion: true}
}

// attacker is a client of the same cloud.
func attacker(l *clitest.Loopback) *cloudtrail.Client {
	return cloudtrail.New(cloudtrail.Options{
		Region:           "eu-west-1",
		BaseEndpoint:     aws.String(l.Cloud.Endpoint()),
		RetryMaxAttempts: 20,
		HTTPClient:       &http.Client{Transport: awsenv.Transport{Transport: &http.Transport{DisableKeepAlives: true}}},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "mallory", SecretAccessKey: "local"}, nil
		}),
	})
}

func fileOf(l *clitest.Loopback, arn string) string {
	return filepath.Join(l.Dir, folder, baseline.FileName(arn))
}

func weaken(t *testing.T, l *clitest.Loopback) {
	t.Helper()
	_, err := attacker(l).UpdateTrail(t.Context(), &cloudtrail.UpdateTrailInput{
		Name:                    aws.String(mainTrail),
		S3BucketName:            aws.String("mallory-logs"),
		IsMultiRegionTrail:      aws.Bool(false),
		EnableLogFileValidation: aws.Bool(false),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = attacker(l).PutEventSelectors(t.Context(), &cloudtrail.PutEventSelectorsInput{
		TrailName: aws.String(mainTrail), EventSelectors: []types.EventSelector{{
			ReadWriteType:           types.ReadWriteTypeReadOnly,
			IncludeManagementEvents: aws.Bool(true),
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestBaselineStory shows what an operator sees: captures, drift, and changes that are accepted. Each part has a cloud
// of its own, because CloudTrail takes ten reads a second.
func TestBaselineStory(t *testing.T) {
	var story strings.Builder
	part := func(title string, seeds []localcloud.TrailSeed, plot func(l *clitest.Loopback, play func(args ...string))) {
		l := clitest.NewLoopback(t, New, seeds...)
		fmt.Fprintf(&story, "== %s\n\n", title)
		plot(l, func(args ...string) {
			code, out, errs := l.Run(args...)
			fmt.Fprintf(&story, "$ trailkeeper %s\n%s%s[exit %d]\n\n", strings.Join(args, " "), out, errs, code)
		})
	}
	both := []localcloud.TrailSeed{healthyTrail(mainTrail), {ARN: archiveTrail}}
	part("Capture", both, func(_ *clitest.Loopback, play func(...string)) {
		play("baseline", "capture")
		play("baseline", "capture", "--trail", archiveTrail, "--force")
		play("baseline", "capture")
		play("baseline", "show")
		play("baseline", "diff")
	})
	part("Drift", both, func(l *clitest.Loopback, play func(...string)) {
		l.Want(cli.ExitOK, "baseline capture --force", "written")
		weaken(t, l)
		if _, err := attacker(l).DeleteTrail(t.Context(),
			&cloudtrail.DeleteTrailInput{Name: aws.String(archiveTrail)}); err != nil {
			t.Fatal(err)
		}
		play("baseline", "diff")
		play("baseline", "diff", "--json", "--trail", "management-events")
		play("baseline", "capture")
	})
	part("Accept", both[:1], func(l *clitest.Loopback, play func(...string)) {
		l.Want(cli.ExitOK, "baseline capture", "written")
		weaken(t, l)
		play("baseline", "accept", "--trail", "management-events", "--force")
		play("baseline", "accept", "--trail", "management-events", "--yes")
		play("baseline", "accept", "--trail", "management-events", "--yes", "--force")
		play("baseline", "diff")
	})
	times := regexp.MustCompile(`20\d\d-\d\d-\d\d \d\d:\d\d UTC, (just now|1 min ago)`)
	stamps := regexp.MustCompile(`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ`)
	text := times.ReplaceAllString(story.String(), "2026-10-01 12:00 UTC, just now")
	clitest.Golden(t, "story.golden", stamps.ReplaceAllString(text, "2026-10-01T12:00:00Z"))
	clitest.Narrow(t, text, cli.Columns, "{", "$", "trailkeeper: ")
}

// A file holds the whole trail, and nothing is written to AWS.
func TestBaselineFiles(t *testing.T) {
	l := clitest.NewLoopback(t, New, healthyTrail(mainTrail))
	l.Want(cli.ExitOK, "baseline capture", "1 trail: 1 written.")
	content := clitest.Read(t, fileOf(l, mainTrail))
	b, err := baseline.Parse(baseline.FileName(mainTrail), content)
	if err != nil {
		t.Fatal(err)
	}
	if s := b.Trail; !s.Logging || !s.Settings.MultiRegion || s.Settings.S3Bucket != "log-archive-111122223333" ||
		len(s.Selectors) != 1 || len(trail.Floor(s)) > 0 {
		t.Errorf("captured %+v", s)
	}
	if time.Since(b.CapturedAt) > time.Minute || b.CapturedAt.Location() != time.UTC || b.CapturedAt.Nanosecond() != 0 {
		t.Errorf("captured at %v", b.CapturedAt)
	}
	entries, err := os.ReadDir(filepath.Dir(fileOf(l, mainTrail)))
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v; want the file alone", entries, err)
	}
	if info, err := os.Stat(fileOf(l, mainTrail)); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	for _, e := range l.Cloud.Entries() {
		if e.Write {
			t.Errorf("%s was called", e.Op)
		}
	}
	l.Want(cli.ExitOK, "baseline capture", "1 trail: 1 unchanged.")
	if string(content) != string(clitest.Read(t, fileOf(l, mainTrail))) {
		t.Error("the file of an unchanged trail was written again")
	}
}

func TestBaselineCaptureRefuses(t *testing.T) {
	l := clitest.NewLoopback(t, New, healthyTrail(mainTrail),
		localcloud.TrailSeed{
			ARN: "arn:aws:cloudtrail:eu-west-1:999988887777:trail/organization", Logging: true,
			Organization: true,
		})
	l.Cloud.AddPrincipal(localcloud.Principal{
		AccessKey: "auditor",
		Account:   "111122223333",
		UserName:  "auditor",
		Denied: map[string]string{
			"cloudtrail:GetEventSelectors": fmt.Sprintf(localcloud.NoIdentityPolicy, "cloudtrail:GetEventSelectors"),
		},
	})
	l.Cloud.AddPrincipal(localcloud.Principal{
		AccessKey: "nobody",
		Account:   "111122223333",
		UserName:  "nobody",
		Denied: map[string]string{
			"cloudtrail:DescribeTrails": localcloud.DeniedBySCP,
		},
	})
	t.Setenv("AWS_ACCESS_KEY_ID", "auditor")
	l.Want(cli.ExitFailed, "baseline capture --force",
		"CANNOT SEE The event selectors may not be read: the permission cloudtrail:GetEventSelectors is missing.")
	t.Setenv("AWS_ACCESS_KEY_ID", "nobody")
	l.Want(cli.ExitFailed, "baseline capture", "list the trails of eu-west-1: a policy denies cloudtrail:DescribeTrails")
	t.Setenv("AWS_ACCESS_KEY_ID", "operator")
	if _, err := os.Stat(fileOf(l, mainTrail)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was written: %v", err)
	}
	l.Want(cli.ExitFailed, "baseline capture --region us-east-1", "there is no trail to capture for us-east-1")
	l.Want(cli.ExitFailed, "baseline capture --trail nope", "NOT FOUND No such trail. Give its home Region")
	l.Want(cli.ExitFailed, "baseline capture --trail "+archiveTrail, "NOT FOUND CloudTrail knows no such trail.")
	l.Want(cli.ExitOK, "baseline capture --region eu-west-1,us-east-1",
		"It belongs to account 999988887777: capture it there.")
}

// A file that is no baseline is neither used nor overwritten unasked.
func TestBaselineBrokenFile(t *testing.T) {
	l := clitest.NewLoopback(t, New, healthyTrail(mainTrail))
	if err := os.MkdirAll(filepath.Dir(fileOf(l, mainTrail)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(fileOf(l, mainTrail), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	l.Want(cli.ExitFailed, "baseline capture --trail "+mainTrail, "is there and is no baseline")
	l.Want(cli.ExitUsage, "baseline show", "version is")
	l.Want(cli.ExitOK, "baseline capture --trail "+mainTrail+" --force", "1 trail: 1 written.")
	l.Want(cli.ExitOK, "baseline show", "all management events")
}

// What cannot be read is never taken for unchanged.
func TestBaselineDiffCannotSee(t *testing.T) {
	l := clitest.NewLoopback(t, New, healthyTrail(mainTrail))
	l.Want(cli.ExitOK, "baseline capture", "written")
	l.Cloud.AddPrincipal(localcloud.Principal{
		AccessKey: "auditor",
		Account:   "111122223333",
		UserName:  "auditor",
		Denied: map[string]string{
			"cloudtrail:ListTags": fmt.Sprintf(localcloud.NoIdentityPolicy, "cloudtrail:ListTags"),
		},
	})
	t.Setenv("AWS_ACCESS_KEY_ID", "auditor")
	l.Want(cli.ExitFailed, "baseline diff",
		"CANNOT SEE The tags may not be read: the permission cloudtrail:ListTags is missing. 1 trail: 1 not fully seen.")
	l.Want(cli.ExitFailed, "baseline accept --trail "+mainTrail+" --yes --force",
		"REFUSED A baseline must hold the whole trail.")
	_, out, _ := l.Run("baseline", "diff", "--json")
	l.Cloud.AddPrincipal(localcloud.Principal{
		AccessKey: "nobody",
		Account:   "111122223333",
		UserName:  "nobody",
		Denied: map[string]string{
			"cloudtrail:DescribeTrails": localcloud.DeniedBySCP,
		},
	})
	t.Setenv("AWS_ACCESS_KEY_ID", "nobody")
	l.Want(cli.ExitFailed, "baseline diff",
		"account 111122223333) CANNOT SEE The settings may not be read: a policy denies cloudtrail:DescribeTrails. 1 "+
			"trail: 1 not fully seen.")
	var d drift
	if err := json.Unmarshal([]byte(out), &d); err != nil || d.Status != driftUnseen || len(d.Unseen) != 1 ||
		d.Trail != mainTrail || d.Changes == nil {
		t.Errorf("%v: %s", err, out)
	}
}

// A change that weakens nothing is shown and does not fail.
func TestBaselineDiffStrengthened(t *testing.T) {
	l := clitest.NewLoopback(t, New, localcloud.TrailSeed{ARN: mainTrail, Logging: true})
	l.Want(cli.ExitOK, "baseline capture", "written")
	if _, err := attacker(l).UpdateTrail(t.Context(),
		&cloudtrail.UpdateTrailInput{Name: aws.String(mainTrail), IsMultiRegionTrail: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	l.Want(cli.ExitOK, "baseline diff",
		"strengthens All Regions are recorded now. isMultiRegionTrail: false → true 1 trail: 1 changed without being "+
			"weakened.")
	l.Want(cli.ExitUsage, "baseline accept --trail "+mainTrail, "needs --yes, or a terminal")
	l.Want(cli.ExitFailed, "baseline capture",
		"REFUSED cdk/baselines/eu-west-1.111122223333.management-events.json says something else. See what with: "+
			"trailkeeper baseline diff.")
}

func TestBaselineUsage(t *testing.T) {
	l := clitest.NewLoopback(t, New)
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"no files":         {[]string{"show"}, "no baselines in cdk/baselines: write them with trailkeeper baseline capture"},
		"no files to diff": {[]string{"diff", "--dir", "elsewhere"}, "no baselines in elsewhere"},
		"no trail":         {[]string{"accept", "--yes"}, "needs a trail"},
		"every bad flag": {
			[]string{"capture", "--dir", "", "--region", "Europe", "--trail", "a b"},
			`--dir is empty; want a folder; --region is "Europe"; want a Region such as eu-west-1; --trail is "a b"`,
		},
		"argument": {[]string{"capture", "management-events"}, "management-events"},
		"profile":  {[]string{"capture", "--profile", "nowhere"}, "nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := l.Run(append([]string{"baseline"}, tt.args...)...)
			if code != cli.ExitUsage || out != "" || !strings.Contains(errs, tt.want) {
				t.Errorf("exit %d, stdout %q, stderr %q", code, out, errs)
			}
		})
	}
	t.Setenv("AWS_REGION", "")
	l.Want(cli.ExitUsage, "baseline capture", "no Region: the profile has none; give one with --region")
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	l.Want(cli.ExitFailed, "baseline capture --region eu-west-1", "find AWS credentials")
}

func TestConfirm(t *testing.T) {
	for typed, want := range map[string]bool{
		"management-events\n": true,
		"management-events":   true,
		"yes\n":               false,
		"":                    false,
	} {
		var asked strings.Builder
		err := confirm(strings.NewReader(typed), true, bufio.NewWriter(&asked), "management-events")
		if (err == nil) != want || asked.Len() == 0 {
			t.Errorf("%q: %v, asked %q", typed, err, asked.String())
		}
	}
	if isTerminal(strings.NewReader("")) {
		t.Error("a reader is taken for a terminal")
	}
	two := strings.NewReader("one\ntwo\n")
	_ = confirm(two, true, bufio.NewWriter(io.Discard), "one")
	if rest, err := io.ReadAll(two); err != nil || string(rest) != "two\n" {
		t.Errorf("the answer to the next question is %q, %v", rest, err)
	}
}

func TestAgo(t *testing.T) {
	now := time.Date(2026, 10, 10, 12, 0, 0, 0, time.UTC)
	for age, want := range map[time.Duration]string{
		-time.Hour:                  "in the future",
		30 * time.Second:            "just now",
		3*time.Hour + 5*time.Second: "3 h ago",
		47 * time.Hour:              "47 h ago",
		51*24*time.Hour + time.Hour: "51 days ago",
	} {
		if got := ago(now.Add(-age), now); got != want {
			t.Errorf("%v: %q, want %q", age, got, want)
		}
	}
}

func TestHelp(t *testing.T) {
	run := clitest.Command(New)
	clitest.Help(t, run, "help.golden", "baseline")
	for _, name := range []string{"accept", "capture", "diff", "show"} {
		clitest.Help(t, run, "help-"+name+".golden", "baseline", name, "--help")
	}
}
