package nearest_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"trailkeeper/lambda/config/nearest"
)

func TestOf(t *testing.T) {
	long := strings.Repeat("x", 65)
	for _, test := range []struct {
		word    string
		choices []string
		want    string
	}{
		{"runbok", []string{"routes", "runbook"}, "runbook"},
		{"RUNBOOK", []string{"runbook"}, "runbook"},
		{"simulat", []string{"simulate"}, "simulate"},
		{"stop", []string{"stop-logging", "delete"}, "stop-logging"},
		{"stop", []string{"stop-logging", "stop-twice"}, ""}, // the beginning of two
		{"st", []string{"stop-logging"}, ""},                 // too short for a beginning
		{"foo", []string{"bar"}, ""},
		{"ab", []string{"cd"}, ""},
		{"abc", []string{"abd"}, "abd"},
		{"abcd", []string{"abcx"}, "abcx"},
		{"abcd", []string{"xbcy"}, ""},                         // two of four
		{"restrat", []string{"restore", "restart"}, "restart"}, // a swap is one change
		{"restor", []string{"restart", "restore"}, "restore"},
		{"ssq", []string{"sms", "sqs"}, "sqs"},
		{"badc", []string{"abcd"}, ""}, // two swaps
		{"repair", []string{"notify", "restart", "restore", "recreate"}, ""},
		{"on", []string{"notify", "restart"}, ""},
		{"abcd", []string{"xycz"}, ""},
		{"laef", []string{"leaf"}, "leaf"},
		{"abcdef", []string{"xbcdey"}, "xbcdey"},
		{"alert", []string{"alerts", "alert"}, "alert"},
		{"übung", []string{"ubung"}, "ubung"},
		{"", []string{"a"}, ""},
		{"x", nil, ""},
		{long, []string{long}, ""},
		{"xxx", []string{long}, ""},
	} {
		if got := nearest.Of(test.word, test.choices); got != test.want {
			t.Errorf("Of(%.20q, %.20q) = %q, want %q", test.word, test.choices, got, test.want)
		}
	}
	if got := nearest.Mean("runbok", []string{"runbook"}); got != `; did you mean "runbook"?` {
		t.Errorf("Mean: %q", got)
	}
	if got := nearest.Mean("Restart", []string{"notify", "restart"}); got != `; did you mean "restart"?` {
		t.Errorf("Mean of another case: %q", got)
	}
	if got := nearest.Mean("foo", []string{"bar"}); got != "" {
		t.Errorf("Mean of nothing near: %q", got)
	}
}

func FuzzOf(f *testing.F) {
	f.Add("restrat", "restart")
	f.Add("", "ä")
	f.Add("\xff", "ÿ")
	f.Fuzz(func(t *testing.T, word, choice string) {
		if got := nearest.Of(word, []string{choice}); got != "" && got != choice {
			t.Errorf("%q of %q", got, choice)
		}
		short := choice != "" && utf8.RuneCountInString(strings.ToLower(choice)) <= 64
		if short && nearest.Of(choice, []string{choice}) != choice {
			t.Errorf("%q is not near itself", choice)
		}
	})
}
