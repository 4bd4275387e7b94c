package cli_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"trailkeeper/lambda/trailkeeper/cli"
)

// What cannot be written is refused before the work and after it, in one sentence, and leaves nothing behind.
func TestWriteFileRefuses(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	for name, make := range map[string]func(string) error{
		"folder.html":   func(f string) error { return os.MkdirAll(filepath.Join(f, "in the way"), 0o755) },
		"file":          func(f string) error { return os.WriteFile(f, nil, 0o600) },
		"circle.html":   func(f string) error { return os.Symlink("circle.html", f) },
		"toFolder.html": func(f string) error { return os.Symlink("folder.html", f) },
		"stdout.html": func(f string) error {
			out, err := os.Create(f)
			old := os.Stdout
			os.Stdout = out
			t.Cleanup(func() { os.Stdout = old; out.Close() })
			return err
		},
	} {
		if err := make(in(name)); err != nil {
			t.Fatal(err)
		}
	}
	before, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		in("folder.html"):   "it is a folder",
		in("toFolder.html"): "it is a folder",
		in("file/x.html"):   "not a directory",
		in("file/a/x.html"): "not a directory",
		in("circle.html"):   "too many levels of symbolic links",
		in("stdout.html"):   "it is where the standard output goes",
	} {
		want = "write " + file + ": " + want + "; name another file"
		if err := cli.CheckFile(file); err == nil || err.Error() != want {
			t.Errorf("CheckFile: %v, want %s", err, want)
		}
		if err := cli.WriteFile(file, []byte("{}")); err == nil || err.Error() != want {
			t.Errorf("WriteFile: %v, want %s", err, want)
		}
	}
	if after, err := os.ReadDir(dir); err != nil || len(after) != len(before) {
		t.Errorf("left behind: %v, %v", after, err)
	}
}

// A link stays one, whether it leads to a file or to nothing yet; what is there keeps its permissions.
func TestWriteFileFollowsLinks(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "old.html")
	if err := os.WriteFile(old, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	for link, tt := range map[string]struct {
		to   string
		perm os.FileMode
	}{
		"a.html": {"old.html", 0o600},
		"b.html": {"new/page.html", 0o644},
		"c.html": {filepath.Join(dir, "d.html"), 0o644},
	} {
		file := filepath.Join(dir, link)
		if err := os.Symlink(tt.to, file); err != nil {
			t.Fatal(err)
		}
		if err := cli.CheckFile(file); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(filepath.Join(dir, "new")); link == "b.html" && err == nil {
			t.Error("CheckFile made a folder")
		}
		if err := cli.WriteFile(file, []byte("after")); err != nil {
			t.Error(err)
		}
		if to, err := os.Readlink(file); err != nil || to != tt.to {
			t.Errorf("%s is no link any more: %q, %v", link, to, err)
		}
		content, err := os.ReadFile(file)
		if info, _ := os.Stat(file); err != nil || string(content) != "after" || info.Mode().Perm() != tt.perm {
			t.Errorf("%s leads to %q, %v, %v", link, content, info, err)
		}
	}
}

// A pipe is written to and stays one.
func TestWriteFileToPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := os.OpenFile(pipe, os.O_RDWR, 0) // both ends, so that nobody waits
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := cli.CheckFile(pipe); err != nil {
		t.Error(err)
	}
	if err := cli.WriteFile(pipe, []byte("page")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(pipe)
	if err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Fatalf("the pipe is %v, %v", info, err)
	}
	got := make([]byte, 4)
	if _, err := io.ReadFull(in, got); err != nil || string(got) != "page" {
		t.Errorf("through the pipe came %q, %v", got, err)
	}
}

// A folder that nobody may write to is named. Root may write everywhere but where the kernel alone writes.
func TestWriteFileNowhere(t *testing.T) {
	file := "/proc/trailkeeper/page.html"
	if _, err := os.Stat("/proc/self"); err != nil {
		t.Skip("there is no /proc")
	}
	err := cli.CheckFile(file)
	if err == nil || !strings.HasPrefix(err.Error(), "write "+file+": the folder /proc: ") ||
		strings.Contains(err.Error(), ".trailkeeper-") {
		t.Error(err)
	}
}
