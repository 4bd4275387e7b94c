package main

import (
	"flag"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "rewrite testdata/kinds.txt")

// TestKinds: every kind of change is offered where it may be, and nowhere else.
func TestKinds(t *testing.T) {
	c, err := load(".", "./testdata/kinds")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, m := range c.all {
		if _, ok := c.compiles(m); ok {
			got.WriteString(strings.TrimPrefix(line(m, c.pkg.Dir), "/") + "\n")
		}
	}
	const golden = "testdata/kinds.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("the changes differ from %s (-update):\n%s", golden, got.String())
	}
	for _, kind := range []string{negated, half, always, never, swapped, dropped, errorDropped, bound, zeroed, shortened} {
		if !strings.Contains(got.String(), ": "+kind+": ") {
			t.Errorf("no change of kind %q", kind)
		}
	}
}

// TestMutate: what the tests check is noticed, what they do not check survives, and an endless loop is noticed.
func TestMutate(t *testing.T) {
	tests := []struct {
		pkg, further, want string
	}{
		{"tiny", "", `tiny: 10 of 10 changes noticed: 100.0 % (1 by timeout; 10 changes offered, seed 0)
`},
		{"lax", "", `lax: 0 of 4 changes noticed: 0.0 % (0 by timeout; 4 changes offered, seed 0)
testdata/lax/lax.go:6: condition false: a == "" -> false
testdata/lax/lax.go:6: condition negated: a == "" -> a != ""
testdata/lax/lax.go:6: condition true: a == "" -> true
testdata/lax/lax.go:9: arguments swapped: a, b -> b, a
`},
		{"lax", "lax/user", `lax: 4 of 4 changes noticed: 100.0 % (0 by timeout; 4 changes offered, seed 0)
`},
	}
	for _, test := range tests {
		o := options{
			dir:      ".",
			pkg:      "./testdata/" + test.pkg,
			parallel: 2,
			progress: io.Discard,
		}
		if test.further != "" {
			o.tests = []string{"./testdata/" + test.further}
		}
		r, err := mutate(o)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimPrefix(r.String(), "trailkeeper/.ci/mutate/testdata/"); got != test.want {
			t.Errorf("%s %s: got:\n%swant:\n%s", test.pkg, test.further, got, test.want)
		}
	}
}

// TestRefused: what cannot be measured is an error, not a good figure.
func TestRefused(t *testing.T) {
	tests := []struct{ pkg, want string }{
		{"./testdata/untested", "has no tests"},
		{"./testdata/failing", "fail without a change"},
		{"./testdata/none", "go list"},
		{"./testdata/lax/...", "names 2 packages"},
	}
	for _, test := range tests {
		_, err := mutate(options{
			dir:      ".",
			pkg:      test.pkg,
			max:      1,
			progress: io.Discard,
		})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.pkg, err, test.want)
		}
	}
}

// TestSample: a seed chooses the same changes every time, and another seed others.
func TestSample(t *testing.T) {
	c, err := load(".", "./testdata/kinds")
	if err != nil {
		t.Fatal(err)
	}
	sample := func(seed uint64) []string {
		var lines []string
		for _, m := range c.choose(10, seed) {
			lines = append(lines, line(m, c.pkg.Dir))
		}
		return lines
	}
	first := sample(1)
	if len(first) != 10 || !slices.Equal(first, sample(1)) {
		t.Errorf("seed 1 chose %q, then %q", first, sample(1))
	}
	if slices.Equal(first, sample(2)) {
		t.Errorf("seeds 1 and 2 both chose %q", first)
	}
}

// TestLine: a line says as much as fits into 120 columns.
func TestLine(t *testing.T) {
	long := strings.Repeat("é", 200)
	tests := []struct{ before, after, wantEnd string }{
		{"a ==\n\tb", "a != b", "a == b -> a != b"},
		{"f(x)", "", "f(x) -> (nothing)"},
		{long, "nil", "é… -> nil"},
		{"nil", long, "é…"},
		{long, long, "é…"},
	}
	for _, test := range tests {
		got := line(mutant{
			file:   "/root/x.go",
			line:   7,
			kind:   dropped,
			before: test.before,
			after:  test.after,
		}, "/root")
		n := utf8.RuneCountInString(got)
		if !strings.HasPrefix(got, "x.go:7: statement dropped: ") || !strings.HasSuffix(got, test.wantEnd) || n > maxColumns {
			t.Errorf("%d columns: %s, want it to end with %q", n, got, test.wantEnd)
		}
		if (len(test.before) > maxColumns || len(test.after) > maxColumns) && n < maxColumns-1 {
			t.Errorf("%d columns of %d: %s", n, maxColumns, got)
		}
	}
}
