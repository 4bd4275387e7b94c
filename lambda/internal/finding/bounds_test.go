package finding_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"trailkeeper/lambda/internal/finding"
)

// fill gives every text of a value n characters, and every list some entries.
func fill(v reflect.Value, n, entries int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.Repeat("x", n))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n, entries)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && v.Type() != reflect.TypeFor[time.Time]() {
				fill(v.Field(i), n, entries)
			}
		}
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), entries, entries))
		for i := range entries {
			fill(v.Index(i), n, 2)
		}
	}
}

// long lists the texts and lists of a value that are longer than they may be, by their paths.
func long(v reflect.Value, path string, texts, entries int) (found []string) {
	switch v.Kind() {
	case reflect.String:
		if n := utf8.RuneCountInString(v.String()); n > texts {
			found = append(found, fmt.Sprintf("%s has %d characters", path, n))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			return long(v.Elem(), path, texts, entries)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Tag.Get("json") != "-" { // what a queue can hold
				found = append(found, long(v.Field(i), path+"."+f.Name, texts, entries)...)
			}
		}
	case reflect.Slice:
		if v.Type() != reflect.TypeFor[json.RawMessage]() && v.Len() > entries {
			found = append(found, fmt.Sprintf("%s has %d entries", path, v.Len()))
		}
		if v.Len() > 0 {
			return append(found, long(v.Index(0), path, texts, entries)...)
		}
	}
	return found
}

// TestBoundedLeavesNothingLong: whatever a finding out of a queue holds, each text and list of it has a bound, and the
// finding that was given stays as it is.
func TestBoundedLeavesNothingLong(t *testing.T) {
	const limit = 400
	var n finding.Finding
	fill(reflect.ValueOf(&n).Elem(), 1000, 150)
	n.Subject.Type = "t"
	got := n.Bounded(limit)
	if found := long(reflect.ValueOf(got), "Finding", limit, 100); len(found) > 0 {
		t.Errorf("after Bounded: %s", strings.Join(found, "; "))
	}
	for name, s := range map[string]string{
		"EventID":       got.EventID,
		"Late.Now":      string(got.Late.Now),
		"Baseline.Kind": got.Baseline.Kind,
		"Incident.ID":   got.Incident.ID,
		"RouteKey":      got.Incident.RouteKeys[0].Event,
		"Note.ID":       string(got.Notes[0].ID),
	} {
		if len([]rune(s)) != finding.MaxName {
			t.Errorf("%s has %d characters, want %d", name, len([]rune(s)), finding.MaxName)
		}
	}
	if found := long(reflect.ValueOf(n), "", 999, 149); len(found) < 40 {
		t.Errorf("the finding that was given was changed: only %d texts and lists are long", len(found))
	}
	if whole := finding.MaxName; whole != 128 || finding.MaxReason != 300 {
		t.Errorf("bounds %d, %d: parked messages of earlier versions have them", whole, finding.MaxReason)
	}
}

// TestBoundedRequest: a request that is too large is left out whole, because half of it would be no JSON.
func TestBoundedRequest(t *testing.T) {
	for size, kept := range map[int]bool{256 << 10: true, 256<<10 + 1: false} {
		n := finding.Finding{Request: make(json.RawMessage, size)}
		if got := n.Bounded(10).Request; (got != nil) != kept {
			t.Errorf("%d bytes: kept %t, want %t", size, got != nil, kept)
		}
	}
	var none finding.Finding
	if got := none.Bounded(10); got.Late != nil || got.Baseline != nil || got.Incident != nil {
		t.Errorf("of nothing: %+v", got)
	}
}

// TestEmptyTextSaysNothing: a note of a text of earlier versions that is empty is none; every other is one.
func TestEmptyTextSaysNothing(t *testing.T) {
	for _, test := range []struct {
		id     finding.NoteID
		values []any
		want   int
	}{
		{finding.NoteText, []any{""}, 0},
		{finding.NoteText, []any{"x"}, 1},
		{finding.NoteText, nil, 1},
		{finding.NoteText, []any{"", "x"}, 1},
		{"other", []any{""}, 1},
	} {
		var n finding.Finding
		n.Note(test.id, test.values...)
		n.Advise(test.id, test.values...)
		if len(n.Notes) != test.want || len(n.Next) != test.want {
			t.Errorf("%s %v: %d and %d, want %d", test.id, test.values, len(n.Notes), len(n.Next), test.want)
		}
	}
}

// TestDuration: each form begins where rounding would write the next one.
func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Millisecond - 1:                     "under 1 ms",
		time.Millisecond:                         "1 ms",
		time.Second - time.Millisecond/2 - 1:     "999 ms",
		time.Second - time.Millisecond/2:         "1.0 s",
		10*time.Second - 50*time.Millisecond - 1: "9.9 s",
		10*time.Second - 50*time.Millisecond:     "10 s",
		time.Minute - time.Second/2 - 1:          "59 s",
		time.Minute - time.Second/2:              "1 min",
		3*time.Minute + 5*time.Second:            "3 min 5 s",
		time.Hour - time.Second/2:                "1 h",
		2*time.Hour + 3*time.Minute:              "2 h 3 min",
	} {
		if got := finding.Duration(d); got != want {
			t.Errorf("%d: %q, want %q", d, got, want)
		}
	}
}
