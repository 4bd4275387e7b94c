package config_test

import (
	"slices"
	"strings"
	"testing"

	"trailkeeper/lambda/config"
)

func TestParseLogGroup(t *testing.T) {
	for text, want := range map[string]config.LogGroup{
		"111122223333:CloudTrail/logs":     {Owner: "111122223333", Name: "CloudTrail/logs"},
		"111122223333:/aws/cloudtrail.a#1": {Owner: "111122223333", Name: "/aws/cloudtrail.a#1"},
	} {
		got, err := config.ParseLogGroup(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "CloudTrail/logs", "11112222333:logs", "111122223333:", "111122223333:a b", "111122223333:a:*",
		"111122223333:" + strings.Repeat("x", 513), "arn:aws:logs:eu-west-1:111122223333:log-group:logs",
	} {
		if got, err := config.ParseLogGroup(text); err == nil {
			t.Errorf("%s: %+v", text, got)
		}
	}
	w := config.Watch{LogGroups: []string{"111122223333:logs", "x"}}
	if got := w.SubscribedLogGroups(); !slices.Equal(got, []config.LogGroup{{Owner: "111122223333", Name: "logs"}}) {
		t.Errorf("%+v", got)
	}
}
