package read

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// TestTooMuchUnread: a file of masses of small bad elements ends with one error and its place, and the next file is read; one
// that has a record for each ten of them is read to its end.
func TestTooMuchUnread(t *testing.T) {
	const many = 1_000_000
	for name, text := range map[string]string{
		"empty objects":  `{"Records":[` + strings.Repeat("{},", many) + callB + "]}",
		"texts":          `{"Records":[` + strings.Repeat(`"{}",`, many) + callB + "]}",
		"escaped keys":   `{"Records":[` + strings.Repeat(`{"\u0061":{"\u0061":0}},`, many) + callB + "]}",
		"beginnings":     strings.Repeat("\n{\"", many) + "\n" + callB,
		"empty lists":    strings.Repeat("[]\n", many) + callB,
		"a record first": `{"Records":[` + callA + "," + strings.Repeat("{},", many) + callB + "]}",
	} {
		var last error
		got := ""
		for r, err := range (Log{Every: true}).All(strings.NewReader(text)) {
			if err != nil {
				last = err
				if r.Where() == "" {
					t.Fatalf("%s: %v without a place", name, err)
				}
			}
			got += string(r.Name())
		}
		if last == nil || !strings.HasPrefix(last.Error(), "10000 elements before it cannot be read") || strings.Contains(got, "B") {
			t.Errorf("%s: %q, %v", name, got, last)
		}
	}
	mixed := `{"Records":[` + strings.Repeat(callA+strings.Repeat(",{}", 10)+",", 2000) + callB + "]}"
	last := ""
	for r, err := range All(strings.NewReader(mixed)) {
		if err != nil {
			continue // it is about the bad ones
		}
		last = string(r.Name())
	}
	if last != "B" {
		t.Errorf("of a file with a record for each ten, the last is %q", last)
	}
	folder := t.TempDir()
	for file, text := range map[string]string{"a.json": strings.Repeat("{}\n", 2*maxUnread), "b.json": callB} {
		if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for r, err := range Files([]string{folder}, nil) {
		if err != nil {
			continue
		}
		last = r.File + string(r.Name())
	}
	if !strings.HasSuffix(last, "b.jsonB") {
		t.Errorf("the file behind it is not read: %q", last)
	}
}

// TestPlaces: of many files at once, no more have large values in memory than there are places; those of small values wait
// for none, and each place is given back.
func TestPlaces(t *testing.T) {
	places := make(Places, 2)
	large := callA + "\n" + strings.Replace(callB, "{", `{"x":"`+strings.Repeat("x", 200<<10)+`",`, 1)
	var now, most, records atomic.Int64
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for r, err := range (Log{Large: places}).All(strings.NewReader(large)) {
				if err != nil {
					t.Error(err)
				}
				if records.Add(1); len(r.JSON()) > 64<<10 {
					most.Store(max(most.Load(), now.Add(1)))
					runtime.Gosched()
					now.Add(-1)
				}
			}
		})
	}
	group.Wait()
	if most.Load() > 2 || records.Load() != 32 || len(places) != 0 {
		t.Errorf("%d at once, %d records, %d places taken", most.Load(), records.Load(), len(places))
	}
	places <- struct{}{}
	places <- struct{}{}
	for r, err := range (Log{Large: places}).All(strings.NewReader(callA + "\n" + callB)) {
		if err != nil || len(r.JSON()) == 0 {
			t.Error(err)
		}
	}
}

// TestStop: what stops a file is asked before each part of it, and the error says where.
func TestStop(t *testing.T) {
	errTime := errors.New("time is over")
	asked := 0
	log := Log{Stop: func() error {
		if asked++; asked > 3 {
			return errTime
		}
		return nil
	}}
	var got error
	for _, err := range log.All(io.MultiReader(strings.NewReader(callA), repeated("", strings.Repeat(" ", 1<<20), "", 100))) {
		if err != nil {
			got = err
		}
	}
	if !errors.Is(got, errTime) || !strings.Contains(got.Error(), "byte ") || asked > 4 {
		t.Errorf("asked %d times, %v", asked, got)
	}
}
