package rules_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"trailkeeper/lambda/trailkeeper/cli"
)

const execution = "arn:aws:states:eu-west-1:111122223333:execution:trailkeeper-Backtest:backtest-1"

func TestDistributedFlags(t *testing.T) {
	for args, want := range map[string]string{
		"--distributed x.json":                             "--distributed takes one archive, as s3://BUCKET/PREFIX",
		"--distributed s3://a s3://b":                      "--distributed takes one archive",
		"--distributed":                                    "needs at least one file",
		"--distributed --only --shard 1/2 --all s3://a":    "--only cannot be used with --distributed: the deployed rules are applied",
		"--distributed --since x s3://a":                   `--since is "x"`,
		"--execution x":                                    `--execution is "x"; want the ARN of an execution`,
		"--execution " + execution + " s3://a":             "--execution waits for what was started; name no archive with it",
		"--execution " + execution + " --since 2026-01-01": "--since cannot be used with --execution",
	} {
		code, out, errs := trailkeeper("", append([]string{"rules", "backtest"}, strings.Fields(args)...)...)
		if code != cli.ExitUsage || out != "" || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d, %s%s", args, code, out, errs)
		}
	}
}

// deployment is an AWS with a state machine, and notes what it was asked for.
type deployment struct {
	refused   string // the code with which an execution is not started
	interrupt bool   // somebody presses Ctrl-C while it runs

	mutex sync.Mutex // a request that was interrupted may still be served
	asked []string
}

// calls are what it was asked for since the last time.
func (d *deployment) calls() []string {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	asked := d.asked
	d.asked = nil
	return asked
}

func (d *deployment) note(call string) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.asked = append(d.asked, call)
}

func (d *deployment) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, call, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	d.note(call + r.URL.Path + string(body))
	switch {
	case call == "StartExecution" && d.refused != "":
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type":"com.amazonaws.states#%s","message":"no"}`, d.refused)
	case call == "StartExecution":
		fmt.Fprintf(w, `{"executionArn":%q,"startDate":1}`, execution)
	case call == "DescribeExecution" && d.interrupt:
		_ = syscall.Kill(os.Getpid(), syscall.SIGINT) // the command waits for it
		fmt.Fprintf(w, `{"executionArn":%q,"status":"RUNNING","startDate":1}`, execution)
	case call == "ListMapRuns":
		_, _ = io.WriteString(w, `{"mapRuns":[]}`)
	case call == "DescribeExecution":
		fmt.Fprintf(w, `{"executionArn":%q,"status":"SUCCEEDED","startDate":1,`+
			`"output":"{\"bucket\":\"results\",\"key\":\"runs/r/report.json.gz\"}"}`, execution)
	case strings.Contains(string(body), "GetCallerIdentity"):
		_, _ = io.WriteString(w, `<GetCallerIdentityResponse><GetCallerIdentityResult>`+
			`<Arn>arn:aws:iam::111122223333:user/me</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	default:
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = io.WriteString(z, `{"records":3,"bytes":1000,"files":2,"skipped":[],"rules":{},"ignored":{},"kept":{}}`)
		_ = z.Close()
		_, _ = w.Write(b.Bytes())
	}
}

func (d *deployment) serve(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "operator", "AWS_PROFILE": "",
		"AWS_SECRET_ACCESS_KEY": "local", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		t.Setenv(name, value)
	}
}

// TestDistributed: it starts the deployment's state machine, and prints its report as one of its own.
func TestDistributed(t *testing.T) {
	d := &deployment{}
	d.serve(t)
	code, out, errs := trailkeeper("", "rules", "backtest", "--distributed", "--since", "2026-03-01", "--account",
		"111122223333", "s3://logs/AWSLogs/")
	if code != cli.ExitOK || !strings.HasPrefix(out, "3 records in 2 files, 1.0 kB.") || errs != "started "+execution+"\n" {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
	asked := d.calls()
	for i, want := range []string{
		"GetCallerIdentity", "StartExecution/", "DescribeExecution/", "/results/runs/r/report.json.gz",
	} {
		if len(asked) != 4 || !strings.Contains(asked[i], want) {
			t.Fatalf("it asked %q", asked)
		}
	}
	for _, want := range []string{
		`"stateMachineArn":"arn:aws:states:eu-west-1:111122223333:stateMachine:trailkeeper-Backtest"`,
		`"name":"backtest-2`, `\"archive\":\"s3://logs/AWSLogs/\"`, `\"since\":\"2026-03-01T00:00:00Z\"`, `\"accounts\":[\"111122223333\"]`,
	} {
		if !strings.Contains(asked[1], want) {
			t.Errorf("%s\nis not in %s", want, asked[1])
		}
	}
	code, out, errs = trailkeeper("", "rules", "backtest", "--execution", execution)
	asked = d.calls()
	if code != cli.ExitOK || !strings.HasPrefix(out, "3 records") || errs != "" || len(asked) != 2 {
		t.Errorf("exit %d, %q, %q, asked %q", code, out, errs, asked)
	}
	d.refused = "StateMachineDoesNotExist"
	code, out, errs = trailkeeper("", "rules", "backtest", "--distributed", "s3://logs/AWSLogs/")
	if code != cli.ExitFailed || out != "" || !strings.Contains(errs, "deploy with the setting archive.backtest") {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
}

// TestDistributedInterrupted: the execution goes on, and whoever interrupts is told how to wait for it and how to stop it.
func TestDistributedInterrupted(t *testing.T) {
	d := &deployment{interrupt: true}
	d.serve(t)
	code, out, errs := trailkeeper("", "rules", "backtest", "--execution", execution)
	if code != cli.ExitInterrupted || out != "" || !strings.HasSuffix(errs, "it goes on without this command.\n"+
		"wait for it:  trailkeeper rules backtest --execution "+execution+"\n"+
		"stop it:      aws stepfunctions stop-execution --execution-arn "+execution+"\n") {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
	for _, call := range d.calls() {
		if strings.HasPrefix(call, "StopExecution") {
			t.Error("the execution was stopped")
		}
	}
}
