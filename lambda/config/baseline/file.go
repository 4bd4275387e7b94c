package baseline

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/file"
)

// Version is that of the files' form.
const Version = 1

// Baseline is one file: a trail as it should be, declared by the people who reviewed the file.
type Baseline struct {
	Version    int       `json:"version"`
	CapturedAt time.Time `json:"capturedAt"`
	Trail      State     `json:"trail"`
	// Bucket and Key are what the file may say of the trail's bucket and key; nil: nothing, and nothing of them is compared.
	Bucket *Bucket `json:"bucket,omitempty"`
	Key    *Key    `json:"key,omitempty"`
}

// File is a baseline with the text that it was read from.
type File struct {
	Name     string
	Content  []byte
	Baseline Baseline
}

// FileName is the name of a trail's file: "eu-west-1.111122223333.management-events.json". An ARN that names no trail
// has none.
func FileName(arn string) string {
	t, err := events.ParseTrailARN(arn)
	if err != nil {
		return ""
	}
	return t.Region + "." + t.Account + "." + t.Name + ".json"
}

// Format writes a baseline as a file for review: indented, in a fixed order, with a line feed at the end. Parse reads
// it back.
func Format(b Baseline) ([]byte, error) {
	content, err := file.Format(b)
	if err != nil {
		return nil, fmt.Errorf("write the baseline of %s: %w", b.Trail.ARN, err)
	}
	return content, nil
}

// Parse reads a baseline, with the values of its lists in order. It refuses what it does not know, what is left out,
// and what CloudTrail would refuse: the error names the file and, on a line each, every field that is wrong, its value
// and what is wanted.
func Parse(name string, content []byte) (Baseline, error) {
	b, unread := file.Read[Baseline](content)
	var errs []error
	for _, p := range unread {
		errs = append(errs, fmt.Errorf("%s: no baseline: %s", name, p.Sentence))
	}
	for _, p := range b.problems() {
		if !slices.ContainsFunc(unread, func(u file.Problem) bool { return u.Holds(p.Path) }) { // it is named above
			errs = append(errs, fmt.Errorf("%s: %s", name, p))
		}
	}
	if want := FileName(b.Trail.ARN); want != "" && name != want {
		errs = append(errs, fmt.Errorf("%s: trail.arn is %s, whose file is named %s", name, b.Trail.ARN, want))
	}
	if len(errs) > 0 {
		return Baseline{}, errors.Join(errs...)
	}
	b.Trail.ordered()
	return b, nil
}

// maxSize bounds a file: the fullest trail has 500 values of 2,048 characters.
const maxSize = 2 << 20

// Read reads the baseline of a trail from a folder. The error is fs.ErrNotExist where there is none.
func Read(folder fs.FS, arn string) (Baseline, error) {
	name := FileName(arn)
	if name == "" {
		return Baseline{}, fs.ErrNotExist
	}
	f, err := read(folder, name)
	return f.Baseline, err
}

func read(folder fs.FS, name string) (File, error) {
	info, err := fs.Stat(folder, name)
	if err != nil {
		return File{}, fmt.Errorf("read %s: %w", name, err)
	}
	if info.Size() > maxSize {
		return File{}, fmt.Errorf("%s: the file has %d bytes; want at most %d", name, info.Size(), maxSize)
	}
	content, err := fs.ReadFile(folder, name)
	if err != nil {
		return File{}, fmt.Errorf("read %s: %w", name, err)
	}
	b, err := Parse(name, content)
	return File{Name: name, Content: content, Baseline: b}, err
}

// ReadAll reads every file of the folder whose name ends in .json, in the order of their names; a folder that does not
// exist holds none. The error names all that is wrong in all files. One that ends in .JSON is read too, and refused for
// its name: left out, its trail would have no baseline.
func ReadAll(folder fs.FS) ([]File, error) {
	entries, err := fs.ReadDir(folder, ".")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the folder of the baselines: %w", err)
	}
	var files []File
	var errs []error
	for _, e := range entries {
		if e.IsDir() || !strings.EqualFold(path.Ext(e.Name()), ".json") {
			continue
		}
		f, err := read(folder, e.Name())
		if err != nil {
			errs = append(errs, err)
			continue
		}
		files = append(files, f)
	}
	return files, errors.Join(errs...)
}
