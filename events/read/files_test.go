package read

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFiles: files, a directory and a link to it, standard input; by name, and without what is hidden.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"logs/2/b.json":    callB,
		"logs/1/a.json":    callA,
		"logs/.hidden":     "x",
		"logs/.git/c.json": callA,
		"d.json":           callA,
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("logs", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o700); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, name := range []string{"logs", "link", "empty", "d.json", "none.json"} {
		names = append(names, filepath.Join(dir, name))
	}
	want := []string{
		"logs/1/a.json line 1: A", "logs/2/b.json line 1: B", "link/1/a.json line 1: A",
		"link/2/b.json line 1: B",
		"empty : there is no file in it", "d.json line 1: A", "none.json : open: no such file or directory",
		"- line 1: A",
	}
	var got []string
	for r, err := range Files(append(names, Stdin), strings.NewReader(callA)) {
		what := string(r.Name())
		if err != nil {
			what = err.Error()
		}
		got = append(got, strings.TrimPrefix(r.File, dir+"/")+" "+r.Where()+": "+what)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for enough := range want {
		n := 0
		for _, err := range Files(append(names, Stdin), strings.NewReader(callA)) {
			_ = err
			if n++; n > enough {
				break
			}
		}
		if n != enough+1 {
			t.Errorf("%d, want %d", n, enough+1)
		}
	}
}
