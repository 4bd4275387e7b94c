package config_test

import (
	"slices"
	"strings"
	"testing"

	"trailkeeper/lambda/config"
)

func TestParseLogBucket(t *testing.T) {
	for text, want := range map[string]config.LogBucket{
		"111122223333/org-logs/AWSLogs/":   {Owner: "111122223333", Name: "org-logs", Prefix: "AWSLogs/"},
		"111122223333/org-logs":            {Owner: "111122223333", Name: "org-logs", Prefix: "AWSLogs/"},
		"111122223333/org-logs/":           {Owner: "111122223333", Name: "org-logs", Prefix: "AWSLogs/"},
		"111122223333/org.logs/p/AWSLogs/": {Owner: "111122223333", Name: "org.logs", Prefix: "p/AWSLogs/"},
	} {
		got, err := config.ParseLogBucket(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
		if again, err := config.ParseLogBucket(got.String()); err != nil || again != got {
			t.Errorf("%s: %+v, %v", got, again, err)
		}
	}
	for _, text := range []string{
		"", "org-logs", "org-logs/AWSLogs/", "11112222333/org-logs", "111122223333/", "111122223333/ab", "111122223333//x",
		"111122223333/org logs/", "111122223333/logs/a,b", "111122223333/logs/" + strings.Repeat("x", 1025),
		"s3://org-logs/AWSLogs/",
	} {
		if got, err := config.ParseLogBucket(text); err == nil {
			t.Errorf("%s: %+v", text, got)
		}
	}
	w := config.Watch{LogBuckets: []string{"111122223333/logs", "x"}}
	if got := w.LogFileBuckets(); !slices.Equal(got, []config.LogBucket{{
		Owner: "111122223333", Name: "logs", Prefix: "AWSLogs/",
	}}) {
		t.Errorf("%+v", got)
	}
}
