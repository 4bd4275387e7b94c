package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"trailkeeper/lambda/internal/archive/layout"
)

// Stdin is the name that stands for standard input.
const Stdin = "-"

// Local yields a file, or those in a folder and in those below it, by name. Hidden ones are left out. A link to a
// folder is followed, and each folder is read once, however many links lead to it.
func Local(name string, stdin io.Reader) iter.Seq[File] {
	return func(yield func(File) bool) {
		if name == Stdin {
			yield(File{Name: name, id: name, open: func(context.Context) (io.ReadCloser, error) {
				return io.NopCloser(stdin), nil
			}})
			return
		}
		info, err := os.Stat(name)
		if err == nil && info.IsDir() {
			w := walk{yield: yield, seen: map[string]bool{}}
			if w.folder(name, ""); w.files == 0 && !w.stopped {
				yield(File{Name: name, Err: errors.New("there is no file in it")})
			}
			return
		}
		yield(localFile(name, filepath.Base(name), info, err))
	}
}

// walk is the way through a folder.
type walk struct {
	yield   func(File) bool
	seen    map[string]bool // folders, behind all links
	files   int
	stopped bool
}

func (w *walk) folder(name, below string) {
	real, err := filepath.EvalSymlinks(name)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	if w.seen[real] {
		return
	}
	w.seen[real] = true
	var entries []os.DirEntry
	if err == nil {
		entries, err = os.ReadDir(name) // by name; with an error, what could be read
	}
	for _, e := range entries {
		if w.stopped {
			return
		}
		if !strings.HasPrefix(e.Name(), ".") {
			w.entry(filepath.Join(name, e.Name()), below+"/"+e.Name(), e)
		}
	}
	if err != nil && !w.stopped {
		w.give(File{Name: name, Err: withoutName(err)})
	}
}

func (w *walk) entry(name, below string, e os.DirEntry) {
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		w.folder(name, below)
	case err == nil && !info.Mode().IsRegular():
		w.give(File{Name: name, id: below, Err: fmt.Errorf("not a regular file (%s)", e.Type())})
	default:
		w.give(localFile(name, below, info, err))
	}
}

func (w *walk) give(f File) {
	w.files++
	w.stopped = !w.yield(f)
}

func localFile(name, below string, info fs.FileInfo, err error) File {
	f := File{
		Name: name,
		Key:  layout.Of(filepath.ToSlash(name)),
		id:   below,
		Err:  withoutName(err),
		open: func(context.Context) (io.ReadCloser, error) {
			file, err := os.Open(name)
			if err != nil {
				return nil, withoutName(err)
			}
			return file, nil
		},
	}
	if err == nil {
		f.Size, f.Err = info.Size(), refused(f.Key)
	}
	return f
}

// withoutName takes the file's name out of an error: it stands beside it.
func withoutName(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("open: %w", pe.Err)
	}
	return err
}
