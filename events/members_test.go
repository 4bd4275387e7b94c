package events

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// member is a key with its value, without the spaces in it that mean nothing.
type member struct{ Key, Value string }

func compact(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return "no JSON: " + string(raw)
	}
	return b.String()
}

// decoded reads an object or an array as encoding/json does, token by token.
func decoded(text []byte) []member {
	dec := json.NewDecoder(bytes.NewReader(text))
	start, _ := dec.Token()
	var all []member
	for dec.More() {
		var one member
		if start == json.Delim('{') {
			key, _ := dec.Token()
			one.Key, _ = key.(string)
		}
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			return all
		}
		one.Value = compact(value)
		all = append(all, one)
	}
	return all
}

// FuzzMembers: of valid JSON, the members are those that encoding/json finds; of anything else, they end.
func FuzzMembers(f *testing.F) {
	for _, s := range []string{
		`{}`, `[]`, ` { "a" : 1 , "a" : [ 1 , { "b" : "}" } ] , "\u0041" : "\"," , "é" : null } `, `[[],[[]],{"a":{}},` +
			`"]",-1.5e3,true]`,
		`{"a":"\\"}`, `{"":{"":""}}`, `[1 ,2`, `{"a"`, `{"a":`, `{"a" "b"}`, `["\`, `}`, `[}`, "{\"\xff\":\"\xff\"}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		text = bytes.TrimSpace(text)
		var got []member
		for key, value := range members(text) {
			got = append(got, member{key, compact(value)})
		}
		if !json.Valid(text) || text[0] != '{' && text[0] != '[' {
			return
		}
		if diff := cmp.Diff(decoded(text), got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", text, diff)
		}
	})
}

// BenchmarkParse measures Parse against encoding/json's own reading of the same event into a map.
func BenchmarkParse(b *testing.B) {
	payload, err := fixtures.ReadFile("testdata/stop-logging.json")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("event", func(b *testing.B) {
		for b.Loop() {
			if _, err := Parse(payload); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("map", func(b *testing.B) {
		for b.Loop() {
			var v map[string]any
			if err := json.Unmarshal(payload, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
}
