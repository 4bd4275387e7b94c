package distribute_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"

	"trailkeeper/lambda/internal/backtest/distributed"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/rules/distribute"
)

var start = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// look is what Step Functions says of an execution at one look.
type look struct {
	status types.ExecutionStatus
	output string
	cause  string
	err    error

	label  string // of the newest map; empty: there is none yet
	counts types.MapRunItemCounts
	mapErr error
}

// cloud says one look after the other, ten minutes apart.
type cloud struct {
	looks   []look
	at      int
	started *sfn.StartExecutionInput
	refused error
}

func (c *cloud) StartExecution(
	_ context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options),
) (*sfn.StartExecutionOutput, error) {
	c.started = in
	return &sfn.StartExecutionOutput{ExecutionArn: aws.String("arn:x")}, c.refused
}

func (c *cloud) DescribeExecution(
	context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options),
) (*sfn.DescribeExecutionOutput, error) {
	l := c.looks[c.at]
	out := &sfn.DescribeExecutionOutput{Status: l.status, Output: aws.String(l.output), Cause: aws.String(l.cause)}
	if l.status == types.ExecutionStatusFailed {
		out.Error = aws.String("RequestError")
	}
	return out, l.err
}

func (c *cloud) ListMapRuns(
	context.Context, *sfn.ListMapRunsInput, ...func(*sfn.Options),
) (*sfn.ListMapRunsOutput, error) {
	out := &sfn.ListMapRunsOutput{}
	for i, l := range []string{"List", c.looks[c.at].label} {
		if c.looks[c.at].label != "" {
			out.MapRuns = append(out.MapRuns, types.MapRunListItem{
				MapRunArn: aws.String("arn:aws:states:eu-west-1:111122223333:mapRun:trailkeeper-Backtest/" + l + ":id"),
				StartDate: aws.Time(start.Add(time.Duration(i) * time.Minute)),
			})
		}
	}
	return out, c.looks[c.at].mapErr
}

func (c *cloud) DescribeMapRun(
	context.Context, *sfn.DescribeMapRunInput, ...func(*sfn.Options),
) (*sfn.DescribeMapRunOutput, error) {
	return &sfn.DescribeMapRunOutput{ItemCounts: &c.looks[c.at].counts, StartDate: aws.Time(start)}, nil
}

// wait waits for an execution, and returns what it says.
func wait(t *testing.T, live bool, looks ...look) (said string, files int64, err error) {
	t.Helper()
	var stderr bytes.Buffer
	c := &cloud{looks: looks}
	r, err := distribute.Wait(t.Context(), distribute.Options{
		API: c,
		Open: func(_ context.Context, bucket, key string) (io.ReadCloser, error) {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			_, _ = z.Write([]byte(`{"files":7}`))
			_ = z.Close()
			if bucket != "results" || key != "runs/r/report.json.gz" {
				return nil, errors.New("NoSuchKey: the object is gone")
			}
			return io.NopCloser(&b), nil
		},
		Now: func() time.Time { return start.Add(time.Duration(c.at+1) * 10 * time.Minute) },
		Sleep: func(_ context.Context, d time.Duration) error {
			if d < time.Second || d > 10*time.Second {
				t.Errorf("it waits %s", d)
			}
			c.at++
			return nil
		},
		Stderr: &stderr,
		Live:   live,
	}, "arn:x")
	if err == nil {
		files = r.Files
	}
	return stderr.String(), files, err
}

var done = look{status: types.ExecutionStatusSucceeded, output: `{"bucket":"results","key":"runs/r/report.json.gz"}`}

func TestWait(t *testing.T) {
	const running = types.ExecutionStatusRunning
	looks := []look{
		{status: running},
		{status: running, label: "List", counts: types.MapRunItemCounts{Total: 40, Succeeded: 10, Running: 30}},
		{status: running, label: "Read"},
		{status: running, label: "Read", counts: types.MapRunItemCounts{
			Total: 48_829, Succeeded: 12_000, Failed: 2, TimedOut: 1, Running: 10_000, Pending: 26_826,
		}},
		{status: running, label: "Read", counts: types.MapRunItemCounts{Total: 10, Succeeded: 10}},
		{status: running, label: "Merge", counts: types.MapRunItemCounts{Total: 1, Running: 1}},
		{status: running, mapErr: &smithy.GenericAPIError{Code: "AccessDeniedException"}},
		done,
	}
	lines := []string{
		"planning",
		"listing [#####...............] 10/40 lists, 30 running, 1 h left",
		"reading shards",
		"reading 12,003/48,829 shards, 10,000 running, 3 failed, 2 h 3 min left",
		"reading [####################] 10/10 shards",
		"merging [....................] 0/1 group of reports, 1 running",
		"running; how far it is cannot be seen: list its maps: the permission states:Li…",
	}
	said, files, err := wait(t, true, looks...)
	if want := "\r\x1b[K" + strings.Join(lines, "\r\x1b[K") + "\r\x1b[K"; err != nil || files != 7 || said != want {
		t.Errorf("%v, %d files\n%q\nwant\n%q", err, files, said, want)
	}
	for _, line := range lines {
		if n := len([]rune(line)); n > cli.Columns-1 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	said, _, err = wait(t, false, looks...)
	if got := strings.Split(strings.TrimSpace(said), "\n"); err != nil || len(got) != 5 || strings.Contains(said, "\r") {
		t.Errorf("%v: without a terminal it says\n%s", err, said)
	}
}

func TestWaitFails(t *testing.T) {
	for want, l := range map[string]look{
		"the execution failed: list s3://b/: AccessDenied. Nothing is reported": {
			status: types.ExecutionStatusFailed, cause: `{"errorMessage":"list s3://b/: AccessDenied","errorType":"RequestError"}`,
		},
		"the execution failed: some cause. Nothing is reported": {status: types.ExecutionStatusFailed, cause: "some cause"},
		"the execution was stopped. Nothing is reported":        {status: types.ExecutionStatusAborted},
		"the execution took too long. Nothing is reported":      {status: types.ExecutionStatusTimedOut},
		"its output names no report":                            {status: types.ExecutionStatusSucceeded, output: "[]"},
		"read the report s3://b/k: NoSuchKey: the object is gone; it expires": {
			status: types.ExecutionStatusSucceeded, output: `{"bucket":"b","key":"k"}`,
		},
		"there is no such execution":                         {err: &smithy.GenericAPIError{Code: "ExecutionDoesNotExist"}},
		"the permission states:DescribeExecution is missing": {err: &smithy.GenericAPIError{Code: "AccessDeniedException"}},
	} {
		if _, _, err := wait(t, false, l); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestInterrupted: then the execution goes on, and nothing but the context's error is said.
func TestInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	_, err := distribute.Wait(ctx, distribute.Options{
		API:    &cloud{looks: []look{{status: types.ExecutionStatusRunning}}},
		Now:    time.Now,
		Sleep:  func(ctx context.Context, _ time.Duration) error { stop(); return ctx.Err() },
		Stderr: io.Discard,
	}, "arn:x")
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestStart(t *testing.T) {
	c := &cloud{}
	machine, err := distribute.StateMachine("arn:aws-us-gov:sts::111122223333:assumed-role/a/b", "us-gov-west-1", "audit")
	if err != nil {
		t.Fatal(err)
	}
	const want = "arn:aws-us-gov:states:us-gov-west-1:111122223333:stateMachine:audit-Backtest"
	arn, err := distribute.Start(t.Context(), c, machine, "name", distributed.Request{Archive: `s3://b/"x`, Accounts: []string{"1"}})
	if got := fmt.Sprint(*c.started.StateMachineArn, *c.started.Name, *c.started.Input); err != nil || arn != "arn:x" ||
		got != want+"name"+`{"archive":"s3://b/\"x","accounts":["1"]}` {
		t.Errorf("%v, %s, %s", err, arn, got)
	}
	for code, says := range map[string]string{
		"StateMachineDoesNotExist": "start " + want + ": there is no such state machine; deploy with the setting archive.backtest",
		"AccessDeniedException":    "the permission states:StartExecution is missing",
	} {
		c.refused = &smithy.GenericAPIError{Code: code}
		if _, err := distribute.Start(t.Context(), c, machine, "name", distributed.Request{}); err == nil ||
			!strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %s", err, says)
		}
	}
}

func TestIsExecution(t *testing.T) {
	for arn, want := range map[string]string{
		"arn:aws:states:eu-west-1:111122223333:execution:trailkeeper-Backtest:backtest-1": "eu-west-1",
		"arn:aws:states:eu-west-1:111122223333:stateMachine:trailkeeper-Backtest":         "",
		"arn:aws:states:eu-west-1:111122223333:execution:a:b:c":                           "",
		"arn:aws:states:eu-west-1/x:111122223333:execution:a:b":                           "",
		"arn:aws:sns:eu-west-1:111122223333:execution:a:b":                                "",
		"": "",
	} {
		if region, ok := distribute.IsExecution(arn); ok != (want != "") || ok && region != want {
			t.Errorf("%s: %s, %t", arn, region, ok)
		}
	}
}
