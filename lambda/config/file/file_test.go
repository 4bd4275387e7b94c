package file_test

import (
	"strings"
	"testing"

	"trailkeeper/lambda/config/file"
)

type sample struct {
	Name string `json:"name"`
	All  []int  `json:"all,omitempty"`
}

func TestRoundTrip(t *testing.T) {
	want := sample{Name: `<a> & "b"`, All: []int{1, 2}}
	content, err := file.Format(want)
	if err != nil || !strings.Contains(string(content), `"name": "<a> & \"b\""`) || !strings.HasSuffix(string(content), "}\n") {
		t.Fatalf("%s, %v", content, err)
	}
	if got, err := file.Parse[sample](content); err != nil || got.Name != want.Name || len(got.All) != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestRefused: what is not exactly one value of the type is none, and the error says why.
func TestRefused(t *testing.T) {
	for content, want := range map[string]string{
		"":                       "EOF",
		"[]":                     "cannot unmarshal array",
		`{"name": "a", "x": 1}`:  `unknown field "x"`,
		`{"name": "a"} {}`:       "there is more behind the first JSON object",
		`{"name": "a"}]`:         "there is more behind the first JSON object",
		`{"name": "a", "all": 1`: "unexpected EOF",
	} {
		if got, err := file.Parse[sample]([]byte(content)); err == nil || !strings.Contains(err.Error(), want) || strings.HasPrefix(err.Error(), "json: ") || got.Name != "" {
			t.Errorf("%s: %+v, %v; want %s", content, got, err, want)
		}
	}
}
