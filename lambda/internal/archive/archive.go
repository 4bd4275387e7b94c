// Package archive finds CloudTrail's log files in folders and in buckets, and leaves out those whose names say that
// they have nothing of what is asked for.
//
// It reads no log file, and knows no rule and no client of AWS: whoever reads a file gets what is stored. What cannot be
// opened is a File all the same, with an error, so that nothing is left out in silence.
package archive

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"trailkeeper/lambda/internal/archive/layout"
)

// File is one file of an archive.
type File struct {
	Name string     // as it was given, or found: a path, or s3://BUCKET/KEY. Not escaped
	Size int64      // in bytes, as it is stored; 0 where that is not known
	Key  layout.Key // what the name says
	ETag string     // S3's for what is in it; empty for a file that is in no bucket
	Err  error      // why it is not opened, if so

	id   string // its name below what was given: the same wherever the archive is
	open func(context.Context) (io.ReadCloser, error)
}

// Open opens the file as it is stored. The caller closes it.
func (f File) Open(ctx context.Context) (io.ReadCloser, error) {
	if f.Err != nil {
		return nil, f.Err
	}
	return f.open(ctx)
}

// ErrDigest is why a digest file is not opened. It is no fault: a digest holds no record.
var ErrDigest = errors.New("digest")

// refused is why the name alone says that a file is not opened, or nil.
func refused(k layout.Key) error {
	switch {
	case k.Kind == layout.Digests:
		return ErrDigest
	case k.Kind != "" && k.Kind != layout.Logs && k.Kind != layout.Insights:
		return fmt.Errorf("a file of %.40q, not of CloudTrail", k.Kind)
	}
	return nil
}

// Selected are the files that a filter and a shard ask for.
func Selected(files iter.Seq[File], filter Filter, shard Shard) iter.Seq[File] {
	return func(yield func(File) bool) {
		for f := range files {
			if filter.Has(f.Key) && shard.has(f) && !yield(f) {
				return
			}
		}
	}
}

// Shard is one of several parts of an archive: each file is in exactly one of them, wherever the archive is. The zero
// value has every file.
type Shard struct{ Part, Of int } // Part counts from 1

const maxShards = 100_000

// ParseShard reads "2/5"; an empty text is the whole archive.
func ParseShard(text string) (Shard, error) {
	if text == "" {
		return Shard{}, nil
	}
	part, of, _ := strings.Cut(text, "/")
	var s Shard
	var wrong, wrongOf error
	s.Part, wrong = strconv.Atoi(part)
	s.Of, wrongOf = strconv.Atoi(of)
	if wrong != nil || wrongOf != nil || s.Part < 1 || s.Part > s.Of || s.Of > maxShards {
		return Shard{}, fmt.Errorf("%.40q is no part; want I/N with I from 1 to N, such as 1/4", text)
	}
	return s, nil
}

func (s Shard) String() string {
	if s.Of == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Part, s.Of)
}

func (s Shard) has(f File) bool {
	if s.Of <= 1 {
		return true
	}
	sum := sha256.Sum256([]byte(f.id))
	return binary.BigEndian.Uint64(sum[:])%uint64(s.Of) == uint64(s.Part-1)
}
