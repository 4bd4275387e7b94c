package near_test

import (
	"strings"
	"testing"

	"trailkeeper/lambda/config/near"
)

func TestHint(t *testing.T) {
	modes := []string{"notify", "restart", "restore", "recreate"}
	for text, want := range map[string]string{
		"restrat":                             "restart",
		"Restart":                             "restart",
		"restor":                              "restore",
		"recreat":                             "recreate",
		"notfy":                               "notify",
		"repair":                              "",
		"":                                    "",
		"on":                                  "",
		strings.Repeat("x", 9):                "",
		"restart" + strings.Repeat("t", 1000): "",
	} {
		got := near.Hint(text, modes...)
		if want != "" {
			want = `; did you mean "` + want + `"?`
		}
		if got != want {
			t.Errorf("%.20q: %q; want %q", text, got, want)
		}
	}
}

func FuzzWord(f *testing.F) {
	f.Add("restrat", "restart")
	f.Add("", "ä")
	f.Fuzz(func(t *testing.T, text, word string) {
		if got := near.Word(text, word); got != "" && got != word {
			t.Errorf("%q of %q", got, word)
		}
		if word != "" && len(word) <= 64 && near.Word(word, word) != word {
			t.Errorf("%q is not near itself", word)
		}
	})
}
