package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// place is where the content of a file goes.
type place struct {
	path   string // behind all links
	stream bool   // a device or a pipe, which is written to as it is
	perm   fs.FileMode
}

// WriteFile puts a file in its place as a whole or not at all, and makes its folder. A link is followed, and a device
// or a pipe is written to.
func WriteFile(file string, content []byte) error {
	p, err := placeOf(file)
	if err == nil {
		err = p.write(content)
	}
	return unwritten(file, err)
}

// CheckFile says before the work whether WriteFile could write a file then. It leaves nothing behind.
func CheckFile(file string) error {
	p, err := placeOf(file)
	if err == nil && !p.stream {
		err = p.check()
	}
	return unwritten(file, err)
}

// unwritten is the sentence for a file that cannot be written, without the names that a system call knew it by.
func unwritten(file string, err error) error {
	if err == nil {
		return nil
	}
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		err = link.Err
	}
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	}
	return fmt.Errorf("write %s: %w; name another file", file, err)
}

// placeOf finds where a file's content goes, and refuses what no content can go to.
func placeOf(file string) (place, error) {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		path, err := target(file)
		return place{path: path, perm: 0o644}, err
	case err != nil:
		return place{}, err
	case info.IsDir():
		return place{}, errors.New("it is a folder")
	case info.Mode()&fs.ModeSocket != 0:
		return place{}, errors.New("it is a socket")
	case !info.Mode().IsRegular():
		return place{path: file, stream: true}, nil
	}
	if stdout, err := os.Stdout.Stat(); err == nil && os.SameFile(info, stdout) {
		return place{}, errors.New("it is where the standard output goes")
	}
	path, err := filepath.EvalSymlinks(file)
	return place{path: path, perm: info.Mode().Perm()}, err
}

// maxLinks is how many links are followed, as Linux does.
const maxLinks = 40

// target is what a link leads to that leads to nothing yet; a file that is no link is its own.
func target(file string) (string, error) {
	for range maxLinks {
		next, err := os.Readlink(file)
		if err != nil {
			return file, nil //nolint:nilerr // it is no link
		}
		if !filepath.IsAbs(next) {
			next = filepath.Join(filepath.Dir(file), next)
		}
		file = next
	}
	return "", errors.New("it is a link that leads to itself")
}

// check tries the folder, or that in which it would be made.
func (p place) check() error {
	dir := filepath.Dir(p.path)
	for {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	temp, err := os.CreateTemp(dir, ".trailkeeper-*")
	if err != nil {
		return inFolder(dir, err)
	}
	return errors.Join(temp.Close(), os.Remove(temp.Name()))
}

// inFolder is what is wrong with a folder.
func inFolder(dir string, err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	}
	return fmt.Errorf("the folder %s: %w", dir, err)
}

func (p place) write(content []byte) (err error) {
	if p.stream {
		out, err := os.OpenFile(p.path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = out.Write(content)
		return errors.Join(err, out.Close())
	}
	dir := filepath.Dir(p.path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return inFolder(dir, err)
	}
	temp, err := os.CreateTemp(dir, "."+filepath.Base(p.path)+".*")
	if err != nil {
		return inFolder(dir, err)
	}
	_, err = temp.Write(content)
	if err = errors.Join(err, temp.Chmod(p.perm), temp.Sync(), temp.Close()); err == nil {
		err = os.Rename(temp.Name(), p.path)
	}
	if err != nil {
		_ = os.Remove(temp.Name()) // the first error says why
	}
	return err
}
