package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
)

// TestNoCredentials: without credentials a command says one sentence, and the SDK nothing of its own.
func TestNoCredentials(t *testing.T) {
	metadata := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
	}))
	defer metadata.Close()
	for name, value := range map[string]string{
		"AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata.URL,
		"AWS_EC2_METADATA_DISABLED":         "false",
		"AWS_CONFIG_FILE":                   os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE":       os.DevNull,
		"AWS_ACCESS_KEY_ID":                 "",
		"AWS_SECRET_ACCESS_KEY":             "",
		"AWS_PROFILE":                       "",
	} {
		t.Setenv(name, value)
	}
	for _, args := range [][]string{
		{"redrive", "--function", "f", "--region", "eu-west-1"},
		{"test-alert", "--region", "eu-west-1"},
		{"baseline", "capture", "--region", "eu-west-1", "--dir", t.TempDir()},
	} {
		var code int
		var out, errs string
		beside := stderrOf(t, func() { code, out, errs = trailkeeper("", args...) })
		if code == cli.ExitOK || out != "" || !strings.HasPrefix(errs, "trailkeeper: find AWS credentials: ") ||
			strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: exit %d, %q, %q; want one sentence", args[0], code, out, errs)
		}
		if beside != "" {
			t.Errorf("%s: the SDK writes %s", args[0], beside)
		}
	}
}

// stderrOf returns what is written to the process's standard error meanwhile, past the command's own.
func stderrOf(t *testing.T, run func()) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // only read
	before := os.Stderr
	os.Stderr = file
	defer func() { os.Stderr = before }()
	run()
	written, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(written)
}

func TestOperatorWithoutRegionOrCredentials(t *testing.T) {
	clitest.Answers{}.Serve(t)
	t.Setenv("AWS_REGION", "")
	for _, command := range [][]string{{"accounts"}, {"redrive", "--function", "guard"}, {"test-alert"}} {
		if code, _, errs := trailkeeper("", command...); code != cli.ExitUsage ||
			!strings.Contains(errs, "no Region: the profile has none; give one with --region") {
			t.Errorf("%v: exit %d, %q", command, code, errs)
		}
		t.Setenv("AWS_ACCESS_KEY_ID", "")
		if code, _, errs := trailkeeper("", append(command, "--region", "eu-west-1")...); code != cli.ExitUsage ||
			!strings.Contains(errs, "find AWS credentials") {
			t.Errorf("%v: exit %d, %q", command, code, errs)
		}
		t.Setenv("AWS_ACCESS_KEY_ID", "operator")
		if code, _, errs := trailkeeper("", append(command, "--profile", "nowhere")...); code != cli.ExitUsage ||
			!strings.Contains(errs, "nowhere") {
			t.Errorf("%v: exit %d, %q", command, code, errs)
		}
	}
}

// TestNoRegionAndNoFlagForIt: --region of a backtest leaves out records, and the error names what does help.
func TestNoRegionAndNoFlagForIt(t *testing.T) {
	clitest.Answers{}.Serve(t)
	t.Setenv("AWS_REGION", "")
	for _, more := range [][]string{nil, {"--region", "eu-west-1"}} {
		command := append([]string{"rules", "backtest", "--distributed", "s3://logs/AWSLogs/"}, more...)
		code, _, errs := trailkeeper("", command...)
		if code != cli.ExitUsage || !strings.Contains(errs, "no Region: the profile has none; set AWS_REGION to that of the "+
			"deployment, or name a profile that has it with --profile") || strings.Contains(errs, "--region") {
			t.Errorf("%v: exit %d, %q", command, code, errs)
		}
	}
}
