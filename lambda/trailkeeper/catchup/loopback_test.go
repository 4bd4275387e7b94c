package catchup

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/spf13/cobra"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/watch"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
	"trailkeeper/rules/detect"
)

// TestLoopback: the loopback cloud answers as AWS does.
func TestLoopback(t *testing.T) {
	clitest.NewLoopback(t, func() *cobra.Command { return New() }).Want(cli.ExitUsage, "catch-up --function nope --since 1h",
		"ask for the settings of nope: there is no such function in this account and Region")
}

// deployment is the real watch in the loopback cloud, which nobody tells of what is in its bucket.
func deployment(t *testing.T) *localcloud.Cloud {
	t.Helper()
	set, problems := detect.Load(detect.Options{}, detect.Source{Name: "r", Files: fstest.MapFS{"a.yaml": {Data: []byte(
		`{id: stopped, title: A trail was stopped, severity: high, match: record.eventName == "StopLogging"}`,
	)}}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	encoded, err := set.Encode()
	if err != nil {
		t.Fatal(err)
	}
	c, err := localcloud.New(localcloud.Options{
		Template: clitest.Read(t, "../../internal/watch/testdata/sources.json"),
		Account:  "111122223333",
		Region:   "eu-west-1",
		RealTime: true,
		NewHandler: func(_ context.Context, env localcloud.FunctionEnv) (localcloud.Handler, error) {
			o := watch.Options{Getenv: env.Getenv, Environ: env.Environ, Log: env.Log, Clock: env.Clock, HTTPClient: env.HTTP}
			return watch.New(o.FromAsset(fstest.MapFS{config.RulesFile: {Data: encoded}}))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	clitest.PointAt(t, c.Endpoint())
	return c
}

// delivered is a log file of today with one record, and its key.
func delivered(t *testing.T, n int) (key string, body []byte) {
	t.Helper()
	now := time.Now().UTC()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := fmt.Fprintf(z, `{"Records":[{"eventVersion":"1.11","eventID":"e-%d","eventName":"StopLogging","awsRegion":"eu-west-1",`+
		`"eventSource":"cloudtrail.amazonaws.com","recipientAccountId":"111122223333","eventTime":%q,"eventType":"AwsApiCall"}]}`,
		n, now.Format(time.RFC3339))
	if err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("AWSLogs/111122223333/CloudTrail/eu-west-1/%s/111122223333_CloudTrail_eu-west-1_%sZ_%d.json.gz",
		now.Format("2006/01/02"), now.Format("20060102T1504"), n), b.Bytes()
}

// TestCatchUpWithTheRealWatch: what nobody told the watch of is decided, once, and what failed is decided when it can be.
func TestCatchUpWithTheRealWatch(t *testing.T) {
	c := deployment(t)
	var first string
	var whole []byte
	for n := range 12 {
		key, body := delivered(t, n)
		if n == 0 {
			first, whole, body = key, body, body[:len(body)-8]
		}
		c.PutObject("org-logs", key, body)
	}
	command := clitest.Command(New)
	line := strings.Fields("catch-up --function watch --since 2h --parallel 1")
	published := func() (n int) {
		for _, e := range c.Entries() {
			if e.Kind == localcloud.KindSNS && e.Err == "" {
				n++
			}
		}
		return n
	}
	want := func(code, messages int, says ...string) {
		t.Helper()
		got, out, errs := command("", line...)
		if got != code || published() != messages {
			t.Errorf("exit %d, %d messages; want %d and %d: %s%s", got, published(), code, messages, out, errs)
		}
		for _, part := range says {
			if !strings.Contains(out, part) {
				t.Errorf("no %q in %s", part, out)
			}
		}
	}
	want(cli.ExitFailed, 12, "listed        12 log files", "0 before, 11 now", first, "breaks off")
	want(cli.ExitFailed, 12, "11 before, 0 now", "0 log files decided, 1 failed")
	c.PutObject("org-logs", first, whole)
	want(cli.ExitOK, 12, "11 before, 1 now", "1 log file decided. Nothing is left.")
	want(cli.ExitOK, 12, "12 before, 0 now", "The watch has decided every log file")
	line = append(line, "--all")
	want(cli.ExitOK, 12, "0 before, 12 now")
}
