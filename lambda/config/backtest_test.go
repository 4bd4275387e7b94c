package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config"
)

func TestBacktestIsReadBack(t *testing.T) {
	want := config.ExampleBacktest()
	env := want.Env()
	got, err := config.BacktestFromEnv(func(k string) string { return env[k] }, []string{"TRAILKEEPER_RESULTS=x", "PATH=/"})
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if diff := cmp.Diff([]config.LogBucket{{Owner: "111122223333", Name: "org-logs", Prefix: "AWSLogs/"}}, got.Archives()); diff != "" {
		t.Error(diff)
	}
}

func TestBacktestProblems(t *testing.T) {
	for name, bad := range map[string]string{
		config.EnvResults: "results", config.EnvLogBuckets: "", config.EnvLogLevel: "LOUD",
	} {
		env := config.ExampleBacktest().Env()
		env[name] = bad
		_, err := config.BacktestFromEnv(func(k string) string { return env[k] }, nil)
		if err == nil || !strings.HasPrefix(err.Error(), name+" is ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s=%s: %v", name, bad, err)
		}
	}
	_, err := config.BacktestFromEnv(func(string) string { return "" }, []string{"TRAILKEEPER_TOPIC_ARN=arn:aws:sns:x"})
	if err == nil || !strings.Contains(err.Error(), "TRAILKEEPER_TOPIC_ARN is no variable of the backtest") {
		t.Error(err)
	}
}
