package file_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/file"
)

type sample struct {
	Name string            `json:"name"`
	On   bool              `json:"on"`
	At   time.Time         `json:"at"`
	N    int               `json:"n"`
	All  []int             `json:"all,omitempty"`
	More []inner           `json:"more,omitempty"`
	One  inner             `json:"one,omitzero"`
	Tags map[string]string `json:"tags,omitempty"`
	Not  string            `json:"-"`
}

type inner struct {
	Key   string   `json:"key"`
	Texts []string `json:"texts"`
}

func full() sample {
	return sample{
		Name: `<a> & "b"`,
		On:   true,
		At:   time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC),
		N:    2,
		All:  []int{1, 2},
		More: []inner{{"a", []string{"x"}}, {"b", []string{"y", "z"}}},
		One:  inner{"c", []string{"v"}},
		Tags: map[string]string{"a": "1", "A": "2"},
	}
}

func TestRoundTrip(t *testing.T) {
	for name, want := range map[string]sample{
		"full": full(), "least": {At: time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)},
	} {
		content, err := file.Format(want)
		if err != nil || !strings.HasSuffix(string(content), "}\n") {
			t.Fatalf("%s: %s, %v", name, content, err)
		}
		got, err := file.Parse[sample](content)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if content, _ := file.Format(full()); !strings.Contains(string(content), `"name": "<a> & \"b\""`) {
		t.Errorf("it does not read well:\n%s", content)
	}
}

// TestRefused: what is not exactly what Format writes is refused, and the error says where and what to do. Each file
// differs in one place from one that is taken.
func TestRefused(t *testing.T) {
	const good = `{"name": "a", "on": true, "at": "2026-10-01T12:00:00Z", "n": 1, "more": [{"key": "k", "texts": []},
		{"key": "l", "texts": ["x"]}],
		"one": {"key": "k", "texts": ["x"]}, "tags": {"b": "1", "B": "2"}}`
	if _, err := file.Parse[sample]([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ old, changed, want string }{
		{`"on": true, `, ``, "on is missing; want true or false"},
		{`"on": true`, `"on": null`, "on is null; want true or false"},
		{`"on": true`, `"on": "true"`, `on is "true"; want true or false`},
		{`"on": true`, `"on": 1`, "on is 1; want true or false"},
		{`"on": true`, `"on": {"a": [1]}`, "on is an object; want true or false"},
		{`"on": true`, `"On": true`, "unknown field \"On\"; capitals count: write \"on\"\non is missing; want true or false"},
		{`"on": true`, `"on": true, "ON": true`, `unknown field "ON"; capitals count: write "on"`},
		{`"on": true`, `"on": true, "on": true`, "on is there twice; keep one"},
		{`"on": true`, `"on": true, "\u006fn": false`, "on is there twice; keep one"},
		{`"on": true`, `"on": true, "off": [{"x": [1, {}]}]`, `unknown field "off"; remove it`},
		{`"on": true`, `"on": true, "Not": "x"`, `unknown field "Not"; remove it`},
		{`"on": true`, `"on": true, "-": "x"`, `unknown field "-"; remove it`},
		{`"n": 1`, `"n": 1.5`, "n is 1.5; want a whole number"},
		{`"n": 1`, `"n": 1e2`, "n is 1e2; want a whole number"},
		{`"n": 1`, `"n": 99999999999999999999`, "n is 99999999999999999999; want a whole number"},
		{`"2026-10-01T12:00:00Z"`, `"yesterday"`, `at is "yesterday"; want a time such as 2026-10-01T12:00:00Z`},
		{`"2026-10-01T12:00:00Z"`, `1`, "at is 1; want a time"},
		{`"2026-10-01T12:00:00Z"`, `{}`, "at is an object; want a time"},
		{`, "texts": ["x"]}]`, `}]`, "more[1].texts is missing; want a list"},
		{`"texts": ["x"]}]`, `"texts": [null]}]`, "more[1].texts[0] is null; want a text"},
		{`"texts": ["x"]}]`, `"texts": "x"}]`, `more[1].texts is "x"; want a list`},
		{
			`"texts": ["x"]}]`, `"texts": ["x"], "Texts": []}]`,
			`more[1].Texts: unknown field "Texts"; capitals count: write "texts"`,
		},
		{`{"key": "l", "texts": ["x"]}]`, `[]]`, "more[1] is a list; want an object"},
		{`"one": {"key": "k"`, `"one": {"key": false`, "one.key is false; want a text"},
		{`"one": {"key": "k", `, `"one": {`, "one.key is missing; want a text"},
		{`"B": "2"`, `"b": "2"`, `tags["b"] is there twice; keep one`},
		{`"B": "2"`, `"B": 2`, `tags["B"] is 2; want a text`},
	} {
		content := strings.Replace(good, tt.old, tt.changed, 1)
		got, err := file.Parse[sample]([]byte(content))
		if content == good || err == nil || err.Error() != tt.want && !strings.HasPrefix(err.Error(), tt.want) ||
			got.Name != "" {
			t.Errorf("%s: %+v, %v; want %s", tt.changed, got, err, tt.want)
		}
	}
}

func TestRefusedAsAWhole(t *testing.T) {
	for content, want := range map[string]string{
		"":                       "EOF",
		"[]":                     "the file is a list; want an object",
		"null":                   "the file is null; want an object",
		`{"name": "a"`:           "unexpected EOF",
		"{\n\n\"name\": a}":      "line 3: invalid character 'a'",
		`{"name": "a"} {}`:       "there is more behind the first JSON object",
		`{"name": "a"}]`:         "there is more behind the first JSON object",
		`{"name": "a", "all": 1`: "unexpected EOF",
	} {
		if got, err := file.Parse[sample](
			[]byte(content),
		); err == nil || !strings.Contains(err.Error(), want) || strings.HasPrefix(err.Error(), "json: ") ||
			got.Name != "" {
			t.Errorf("%s: %+v, %v; want %s", content, got, err, want)
		}
	}
}

// TestAllAtOnce: everything that is wrong is reported, and what is right is read beside it.
func TestAllAtOnce(t *testing.T) {
	got, problems := file.Read[sample]([]byte(`{"name": "a", "On": false, "n": "1", "more": [{"key": 1}], "x": 1}`))
	want := []file.Problem{
		{Path: "On", Sentence: `unknown field "On"; capitals count: write "on"`},
		{Path: "n", Sentence: `n is "1"; want a whole number`},
		{Path: "more[0].key", Sentence: "more[0].key is 1; want a text"},
		{Path: "more[0].texts", Sentence: "more[0].texts is missing; want a list"},
		{Path: "x", Sentence: `unknown field "x"; remove it`},
		{Path: "on", Sentence: "on is missing; want true or false"},
		{Path: "at", Sentence: "at is missing; want a time such as 2026-10-01T12:00:00Z"},
	}
	if diff := cmp.Diff(want, problems); diff != "" || got.Name != "a" {
		t.Errorf("%+v (-want +got):\n%s", got, diff)
	}
	for path, is := range map[string]bool{
		"n":    true,
		"n.x":  true,
		"n[0]": true,
		"name": false,
		"":     false,
		"m":    false,
	} {
		if (file.Problem{Path: "n"}).Holds(path) != is {
			t.Errorf("a problem of n holds %q: %v", path, !is)
		}
	}
	if !(file.Problem{}).Holds("n") {
		t.Error("a problem of the whole file does not hold what is in it")
	}
}

// FuzzParse: whatever is taken is written in a form that is taken for the same.
func FuzzParse(f *testing.F) {
	content, err := file.Format(full())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	f.Add([]byte(`{"a":{"a":[[{}]]}}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		v, err := file.Parse[sample](content)
		if err != nil {
			return
		}
		again, err := file.Format(v)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := file.Parse[sample](again); err != nil || !got.At.Equal(v.At) || got.On != v.On || got.N != v.N {
			t.Errorf("%s is written as %s: %v", content, again, err)
		}
	})
}
