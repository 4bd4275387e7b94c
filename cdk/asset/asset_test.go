package asset

import (
	"archive/zip"
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// checkout writes a tiny module to a folder of its own.
func checkout(t *testing.T, main string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"go.mod": "module example\n\ngo 1.26\n", "guard/main.go": main} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// program shows in its binary what could differ from one checkout to the next: paths, tags and the architecture.
const program = `package main

import "runtime"

func main() {
	_, file, _, _ := runtime.Caller(0)
	println(file, runtime.GOARCH)
}
`

// TestBuildIsReproducible builds the same program from two folders, in two environments that try to change it.
func TestBuildIsReproducible(t *testing.T) {
	first, err := Build(context.Background(), checkout(t, program), "./guard", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"GOOS":         "windows",
		"GOARCH":       "386",
		"CGO_ENABLED":  "1",
		"GOFLAGS":      "-ldflags=-w -tags=other",
		"GOWORK":       "/nowhere/go.work",
		"GOEXPERIMENT": "none",
		"GOARM64":      "v9.0",
		"GO111MODULE":  "auto",
	} {
		t.Setenv(name, value)
	}
	second, err := Build(context.Background(), checkout(t, program), "./guard", nil)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Errorf("two checkouts give different bytes: %d and %d", len(first), len(second))
	}
	r, err := zip.NewReader(bytes.NewReader(first), int64(len(first)))
	if err != nil || len(r.File) != 1 || r.File[0].Name != bootstrap || r.File[0].Mode() != 0o755 ||
		!r.File[0].Modified.Equal(epoch) {
		t.Fatalf("zip holds %+v, %v; want one executable %s of 1980", r.File, err, bootstrap)
	}
	entry, err := r.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	header := make([]byte, 20)
	if _, err := entry.Read(header); err != nil {
		t.Fatal(err)
	}
	const aarch64 = 0xb7 // e_machine of ELF
	if string(header[:4]) != "\x7fELF" || header[18] != aarch64 {
		t.Errorf("bootstrap starts with % x; want an ELF program for arm64", header)
	}
}

// TestBuildSaysWhatIsWrong: the toolchain's own words reach the operator.
func TestBuildSaysWhatIsWrong(t *testing.T) {
	for pkg, want := range map[string]string{"./guard": "undefined: nothing", "./absent": "absent"} {
		_, err := Build(context.Background(), checkout(t, "package main\n\nfunc main() { nothing() }\n"), pkg, nil)
		if err == nil || !strings.Contains(err.Error(), want) ||
			!strings.HasPrefix(err.Error(), "build "+pkg+": go build: ") {
			t.Errorf("error is %v; want it to name %s and say %q", err, pkg, want)
		}
	}
}

func TestZipIsSorted(t *testing.T) {
	content, err := pack(map[string][]byte{"z": nil, bootstrap: []byte("x"), "baselines/a.json": []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range r.File {
		names = append(names, f.Name+" "+f.Mode().String())
	}
	if want := []string{
		"baselines/a.json -rw-r--r--",
		"bootstrap -rwxr-xr-x",
		"z -rw-r--r--",
	}; !slices.Equal(
		names,
		want,
	) {
		t.Errorf("zip holds %q; want %q", names, want)
	}
}

func TestWrite(t *testing.T) {
	path, hash, err := Write(filepath.Join(t.TempDir(), "build"), "guard", []byte("content"))
	if err != nil || filepath.Base(path) != "guard.zip" ||
		hash != "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73" {
		t.Errorf("Write = %s, %s, %v", path, hash, err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "content" {
		t.Errorf("the file holds %q, %v", got, err)
	}
}
