package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/internal/archive/layout"
)

func TestFilter(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC)
	key := layout.Key{
		Kind:    layout.Logs,
		Account: "111122223333",
		Region:  "eu-west-1",
		From:    at,
		To:      at.Add(time.Minute),
	}
	for _, tt := range []struct {
		name      string
		filter    Filter
		file, rec bool
	}{
		{"all", Filter{}, true, true},
		{"since long before", Filter{Since: at.Add(-48 * time.Hour)}, true, true},
		{"since that very time", Filter{Since: at}, true, true},
		{"since a second later", Filter{Since: at.Add(time.Second)}, true, false},
		{"since a day later", Filter{Since: at.Add(24 * time.Hour)}, false, false},
		{"until that very time", Filter{Until: at}, true, true},
		{"until a second before", Filter{Until: at.Add(-time.Second)}, true, false},
		{"until a day before: it may come late", Filter{Until: at.Add(-23 * time.Hour)}, true, false},
		{"until two days before", Filter{Until: at.Add(-48 * time.Hour)}, false, false},
		{"the account", Filter{Accounts: []string{"444455556666", "111122223333"}}, true, true},
		{"another account", Filter{Accounts: []string{"444455556666"}}, false, false},
		{"the Region", Filter{Regions: []string{"eu-west-1"}}, true, true},
		{"another Region", Filter{Regions: []string{"eu-west-2"}}, false, false},
	} {
		if got := tt.filter.Has(key); got != tt.file {
			t.Errorf("%s: the file %v, want %v", tt.name, got, tt.file)
		}
		if got := tt.filter.HasRecord(at, "111122223333", "eu-west-1", layout.Key{}); got != tt.rec {
			t.Errorf("%s: the record %v, want %v", tt.name, got, tt.rec)
		}
		if got := tt.filter.HasRecord(at, "", "", key); got != tt.rec {
			t.Errorf("%s: a record that says nothing in that file: %v, want %v", tt.name, got, tt.rec)
		}
		if !tt.filter.Has(layout.Key{}) {
			t.Errorf("%s: a file that says nothing is left out", tt.name)
		}
	}
	if (Filter{Since: at}).HasRecord(time.Time{}, "", "", key) || (Filter{Until: at}).HasRecord(time.Time{}, "", "", key) {
		t.Error("a record without a time is in a time")
	}
}

func TestShards(t *testing.T) {
	for _, of := range []int{1, 2, 7} {
		for i := range 500 {
			f, in := File{id: fmt.Sprint("file ", i)}, 0
			for part := 1; part <= of; part++ {
				if (Shard{part, of}).has(f) {
					in++
				}
			}
			if in != 1 {
				t.Fatalf("a file is in %d of %d parts", in, of)
			}
		}
	}
	for text, want := range map[string]Shard{
		"":              {},
		"1/1":           {1, 1},
		"3/4":           {3, 4},
		"100000/100000": {100000, 100000},
	} {
		if got, err := ParseShard(text); got != want || err != nil || got.String() != text {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, bad := range []string{
		"0/4", "5/4", "1", "1/", "/4", "a/b", "1/4/2", "-1/4", "1/100001", "1/99999999999999999999",
	} {
		if _, err := ParseShard(bad); err == nil || !strings.Contains(err.Error(), "want I/N with I from 1 to N") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// names of files, with the reason of those that are not opened.
func namesOf(t *testing.T, root string) []string {
	t.Helper()
	var all []string
	for f := range Local(root, nil) {
		name := strings.TrimPrefix(f.Name, root)
		if f.Err != nil {
			name += ": " + f.Err.Error()
		}
		all = append(all, name)
	}
	return all
}

func TestLocal(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		file := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	write("b/2.json", "2")
	write("a/1.json", "1")
	write("c.json", "3")
	write(".hidden/x.json", "x")
	write(".x.json", "x")
	write("111122223333_CloudTrail-Digest_eu-west-1_t_us-east-1_20260302T091500Z.json.gz", "x")
	for _, link := range [][2]string{{".", "a/loop"}, {"b", "d"}, {"nowhere", "e"}, {"c.json", "f.json"}} {
		if err := os.Symlink(filepath.Join(root, link[0]), filepath.Join(root, link[1])); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"/111122223333_CloudTrail-Digest_eu-west-1_t_us-east-1_20260302T091500Z.json.gz: digest",
		"/a/1.json", "/b/2.json", "/c.json", "/e: open: no such file or directory", "/f.json",
	}
	if got := namesOf(t, root); !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	if got := namesOf(t, filepath.Join(root, "none")); !slices.Equal(got, []string{": open: no such file or directory"}) {
		t.Errorf("a file that is not there: %q", got)
	}
	if got := namesOf(t, t.TempDir()); !slices.Equal(got, []string{": there is no file in it"}) {
		t.Errorf("an empty folder: %q", got)
	}
	for f := range Local(Stdin, strings.NewReader("in")) {
		in, err := f.Open(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if text, _ := io.ReadAll(in); string(text) != "in" {
			t.Errorf("standard input is %q", text)
		}
	}
}

// TestLocalIDs: the same archive at another place has the same parts.
func TestLocalIDs(t *testing.T) {
	ids := func() (all []string) {
		root := t.TempDir()
		if err := errors.Join(os.Mkdir(filepath.Join(root, "a"), 0o755),
			os.WriteFile(filepath.Join(root, "a", "1.json"), nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		for f := range Local(root, nil) {
			all = append(all, f.id)
		}
		return all
	}
	if a, b := ids(), ids(); !slices.Equal(a, b) || len(a) != 1 || a[0] == "" {
		t.Errorf("%q and %q", a, b)
	}
}
