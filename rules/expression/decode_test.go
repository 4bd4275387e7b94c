package expression_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"trailkeeper/rules/expression"
)

// odd are texts that are decoded in more ways than one.
var odd = []string{
	`{}`, ` { "a" : [ 1 , null , { } ] , "b" : { "c" : null } } `, `{"a":1,"a":null}`, `{"a":null,"a":1}`,
	`{"a":{"b":1},"a":{"c":2}}`, `{"\u0061":1,"a":2}`, `{"a":"\u00e9\ud83d\ude00\ud800"}`, `{"a":"é"}`, "{\"a\":\"\xff\"}",
	"{\"\xff\":1,\"\ufffd\":2}", "{\"a\":\"\n\"}", `{"a":"\x"}`, `{"a":"\"}`, `{"a":"\u12"}`, `{"a":-0.5e+10}`, `{"a":01}`,
	`{"a":-}`, `{"a":1.}`, `{"a":1e999}`, `{"a":12345678901234567890}`, `{"a":0}`, `{"a":-0}`, `{"a":00}`, `{"a":}`,
	`{"a":true,"b":false,"c":nul}`, `{"a":trueish}`, `{"a":1,}`, `{"a":[1,]}`, `{"a" 1}`, `{a:1}`, `{"a":1]`, `{"a":[1}`,
	`{"a":1}{}`, `{"a":1} x`, `[]`, `"a"`, ``, `{`, `{"a"`, `{"a":"b`, `{"a":"b\`,
	`{"a":` + strings.Repeat("[", 99) + strings.Repeat("]", 99) + `}`,
	`{"a":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`,
	`{"a":` + strings.Repeat(`{"b":`, 10_000) + `1` + strings.Repeat("}", 10_000) + `}`,
	`{"a":"` + strings.Repeat("x", 20_000) + `","b":17}`,
}

// decodesAlike fails where the quick way gives something else than encoding/json, or anything where that has an error.
func decodesAlike(t *testing.T, text string) (quickly bool) {
	t.Helper()
	got := expression.Decoded([]byte(text))
	want, err := expression.Slowly([]byte(text))
	if got != nil && (err != nil || !reflect.DeepEqual(got, want)) {
		t.Fatalf("%.300q: %v, want %v, %v", text, got, want, err)
	}
	return got != nil
}

func TestDecode(t *testing.T) {
	for _, text := range odd {
		decodesAlike(t, text)
	}
	fixtures, err := filepath.Glob("../../events/testdata/*.json")
	if err != nil || len(fixtures) == 0 {
		t.Fatal(fixtures, err)
	}
	for _, name := range fixtures {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !decodesAlike(t, string(text)) {
			t.Errorf("%s is decoded slowly", name)
		}
	}
}

// TestReader: a record is what Parse makes of it, whatever was read before.
func TestReader(t *testing.T) {
	var r expression.Reader
	texts := []string{
		`{"eventName":"A","eventSource":"s","a":{"b":{"c":[{"d":1},{"d":2}]}},"e":{"f":"g"}}`,
		`{"eventName":"B","eventSource":"s","a":{"x":{}},"e":{}}`,
		`{"eventName":"C","eventSource":"s"`,
		`{"eventName":"D","eventSource":"s","a":[` + strings.Repeat(`{"b":{"c":1}},`, 1000) + `{}]}`,
		`{"detail":{"eventName":"E","eventSource":"s","a":{"b":1}}}`,
	}
	for range 3 {
		for _, text := range texts {
			want, wantErr := expression.Parse([]byte(text))
			got, err := r.Parse([]byte(text))
			if got.String() != want.String() || (err == nil) != (wantErr == nil) {
				t.Errorf("%.80s is %s, %v; want %s, %v", text, got, err, want, wantErr)
			}
		}
	}
}

// FuzzDecode: whatever the quick way decodes is what encoding/json makes of it.
func FuzzDecode(f *testing.F) {
	for _, text := range odd[:len(odd)-2] {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { decodesAlike(t, text) })
}
