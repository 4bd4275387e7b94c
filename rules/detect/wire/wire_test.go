package wire_test

import (
	"errors"
	"reflect"
	"testing"

	"trailkeeper/rules/detect/wire"
)

type document struct {
	Name   string
	Count  int
	On     bool
	Values []string
	Inner  []document
	Maybe  *document
}

func (d *document) visit(f *wire.Form) {
	f.Text(&d.Name)
	f.Number(&d.Count)
	f.Flag(&d.On)
	f.Texts(&d.Values)
	wire.List(f, &d.Inner, func(one *document) { one.visit(f) })
	wire.Maybe(f, &d.Maybe, func(one *document) { one.visit(f) })
}

func sample() document {
	return document{
		Name:   "a\x00é",
		Count:  1<<62 + 5,
		On:     true,
		Values: []string{"", "x"},
		Inner:  []document{{Name: "b"}, {Count: 300}},
		Maybe:  &document{On: true},
	}
}

func written(t testing.TB, d document) []byte {
	t.Helper()
	text, err := wire.Write(d.visit)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestRoundTrip(t *testing.T) {
	for _, want := range []document{{}, sample()} {
		got := document{Name: "old", Values: []string{"old"}}
		if err := wire.Read(written(t, want), got.visit); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}
}

// TestDamaged: bytes that are too few or too many are an error, wherever they end.
func TestDamaged(t *testing.T) {
	text := written(t, sample())
	for n := range text {
		var d document
		if err := wire.Read(text[:n], d.visit); err == nil {
			t.Errorf("%d of %d bytes are read", n, len(text))
		}
	}
	var d document
	if err := wire.Read(append(text, 0), d.visit); err == nil || err.Error() != "1 bytes follow the last value" {
		t.Errorf("a byte too many: %v", err)
	}
}

func TestFail(t *testing.T) {
	first := errors.New("first")
	n := -1
	for name, visit := range map[string]func(*wire.Form){
		"first":                     func(f *wire.Form) { f.Fail(first); f.Fail(errors.New("second")); f.Number(&n) },
		"the number -1 is negative": func(f *wire.Form) { f.Number(&n) },
	} {
		if _, err := wire.Write(visit); err == nil || err.Error() != name {
			t.Errorf("%v, want %s", err, name)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(written(f, sample()))
	f.Fuzz(func(t *testing.T, text []byte) {
		var d, again document
		if wire.Read(text, d.visit) != nil {
			return
		}
		if err := wire.Read(written(t, d), again.visit); err != nil || !reflect.DeepEqual(d, again) {
			t.Errorf("%+v becomes %+v, %v", d, again, err)
		}
	})
}
