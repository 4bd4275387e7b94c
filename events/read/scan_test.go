package read

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// seeds are JSON and what is nearly JSON.
var seeds = []string{
	`{}`, `[]`, `""`, `0`, `-0.5e+10`, `01`, `1.`, `.5`, `+1`, `1e`, `true`, `truth`, `nul`, `[1,]`, `{"a":1,}`, `{"a"}`,
	`[1.]`, `[-]`, `[1e]`, `[1e+]`, `[-x]`, `[0x]`, `[1.5e-3,0.0]`,
	`{"a\x":1}`, `{"a`, `{"a\`, `{"a"`, `{"a":`,
	`{a:1}`, `{"a":1 "b":2}`, `[1 2]`, `"\u00e9\ud83d\ude00"`, `"\x"`, `"\u12g4"`, "\"\x01\"", "\"\xff\"",
	`"a`, `{"a":[{"b":"}"}]}`,
	` { "a" : [ 1 , null ] , "b" : { } } `, `[}`, `{]`, `{"a":1]`, `[1}`, "\t[\n]\r", `"0123456789\"0123456789"`,
	`-`, `--1`, `1 1`,
	strings.Repeat("[", 9999) + strings.Repeat("]", 9999), strings.Repeat(`{"x":[`, 5001),
}

// FuzzScan: a text is a value for the scanner where it is one for encoding/json, whose members it finds; and whatever
// part of it has come, the verdict on the whole is the same.
func FuzzScan(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, text []byte, part int) {
		s := scanner{final: true}
		n, err := s.value(text)
		isValue := err == nil && len(strings.Trim(string(text[n:]), " \t\r\n")) == 0
		if isValue != json.Valid(text) {
			t.Fatalf("%q: %d, %v; encoding/json says %t", text, n, err, json.Valid(text))
		}
		if at := (malformed{}); errors.As(err, &at) && (at.at < 0 || at.at > len(text)) {
			t.Fatalf("%q: wrong at %d", text, at.at)
		}
		if part >= 0 && part < len(text) {
			_, early := new(scanner).value(text[:part])
			if bad := (malformed{}); errors.As(early, &bad) && !errors.As(err, &bad) {
				t.Fatalf("%q: the first %d bytes are wrong, %v, and the whole is not, %v", text, part, early, err)
			}
		}
		o := objectOf(text)
		if err != nil || o.raw == nil {
			return
		}
		dec := json.NewDecoder(strings.NewReader(string(text[:n])))
		_, _ = dec.Token()
		for _, m := range o.members {
			key, _ := dec.Token()
			var value json.RawMessage
			if err := dec.Decode(&value); err != nil || key != o.key(m) || string(value) != string(text[m.value:m.end]) {
				t.Fatalf("%q: %q is %q, want %q and %q", text, o.key(m), text[m.value:m.end], key, value)
			}
		}
		if dec.More() {
			t.Fatalf("%q: more than %d members", text, len(o.members))
		}
	})
}
