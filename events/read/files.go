package read

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
)

// Stdin is the name that stands for standard input.
const Stdin = "-"

// Files yields every record in the files, as All does, one file after the other. A directory stands for the files in
// it and in those below, by name, but for hidden ones.
func Files(names []string, stdin io.Reader) iter.Seq2[Record, error] {
	return Log{}.Files(names, stdin)
}

// Files is Files of the names, each read as the log is.
func (l Log) Files(names []string, stdin io.Reader) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for _, name := range names {
			if name == Stdin {
				l.Name = name
				if !l.read(stdin, yield) {
					return
				}
			} else if !l.below(name, yield) {
				return
			}
		}
	}
}

// below reads a file, or those in a directory.
func (l Log) below(root string, yield func(Record, error) bool) bool {
	if info, err := os.Stat(root); err == nil && info.IsDir() {
		root = filepath.Clean(root) + string(filepath.Separator) // so that a link to a directory is followed
	}
	files := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			files++
			return refuseFile(name, err, yield)
		case name != root && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() || name != root && d.Type()&^fs.ModeSymlink != 0:
			return nil
		}
		files++
		return l.file(name, yield)
	})
	if err == nil && files == 0 {
		err = refuseFile(filepath.Clean(root), errors.New("there is no file in it"), yield)
	}
	return err == nil
}

func (l Log) file(name string, yield func(Record, error) bool) error {
	file, err := os.Open(name)
	if err != nil {
		return refuseFile(name, err, yield)
	}
	defer func() { _ = file.Close() }()
	l.Name = name
	if !l.read(file, yield) {
		return errStop
	}
	return nil
}

// refuseFile takes the file's name out of an error: the place has it.
func refuseFile(name string, err error, yield func(Record, error) bool) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = fmt.Errorf("open: %w", pe.Err)
	}
	if !yield(Record{Place: Place{File: name}}, err) {
		return errStop
	}
	return nil
}
