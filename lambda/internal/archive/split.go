package archive

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"sync"

	"trailkeeper/lambda/internal/s3read/s3list"
)

// Split is a bucket in parts that can be listed at the same time.
type Split struct {
	Prefixes []string // each is listed by itself; together they have every file that is not in Files
	Files    []File   // that were found on the way, and what could not be listed
	Found    bool     // there is something below the bucket's prefix

	most int // Prefixes, from which on no further folder is opened
}

// The bounds of a Split.
const (
	// maxPrefixes is how many there may be for folders to be opened any further.
	maxPrefixes = 100_000
	// maxDepth is how deep folders that are not in CloudTrail's layout are opened.
	maxDepth = 8
	// monthDepth is how deep those are that are: below AWSLogs and the organization, as far as the folders of months.
	monthDepth = 5
	// maxOnTheWay bounds the pages of a folder that is opened: one with more objects in it is listed by itself.
	maxOnTheWay = 10
	opened      = 16 // folders at the same time
)

// Split finds parts of the bucket: the folders of months where they follow CloudTrail's layout. A filter leaves out
// folders as Files does. The error is that of the first call, where nothing could be listed at all.
func (b *Bucket) Split(ctx context.Context, filter Filter) (Split, error) {
	return b.split(ctx, filter, maxPrefixes)
}

func (b *Bucket) split(ctx context.Context, filter Filter, most int) (s Split, err error) {
	s.most = most
	level := []string{b.Prefix}
	for depth := 0; len(level) > 0; depth++ {
		parts := make([]folder, len(level))
		var group sync.WaitGroup
		next := make(chan int)
		for range min(opened, len(level)) {
			group.Go(func() {
				for i := range next {
					parts[i] = b.open(ctx, filter, level[i])
				}
			})
		}
		for i := range level {
			next <- i
		}
		close(next)
		group.Wait()
		if depth == 0 && parts[0].err != nil {
			return s, parts[0].err
		}
		level = s.take(b, filter, parts, depth)
	}
	return s, ctx.Err() //nolint:wrapcheck // it is the caller's own
}

// take takes over what is in folders, and returns those that are to be opened next.
func (s *Split) take(b *Bucket, filter Filter, parts []folder, depth int) (next []string) {
	for _, part := range parts {
		switch {
		case part.err != nil:
			s.Files = append(s.Files, File{Name: b.name(part.prefix), Err: fmt.Errorf("list it: %w", part.err)})
			continue
		case part.large:
			s.Found = true
			s.Prefixes = append(s.Prefixes, part.prefix)
			continue
		}
		s.Found = s.Found || part.found
		s.Files = append(s.Files, part.files...)
		for _, name := range part.folders {
			below := placeOf(name).parts
			switch {
			case !filter.hasFolder(name):
			case len(below) >= monthDepth, below == nil && depth >= maxDepth, len(s.Prefixes)+len(next) > s.most:
				s.Prefixes = append(s.Prefixes, name)
			default:
				next = append(next, name)
			}
		}
	}
	return next
}

// folder is what is in a folder, without what is in those below it.
type folder struct {
	prefix  string
	folders []string
	files   []File
	found   bool
	large   bool // there is too much in it to be read on the way
	err     error
}

func (b *Bucket) open(ctx context.Context, filter Filter, prefix string) folder {
	f := folder{prefix: prefix}
	place := placeOf(prefix)
	// What S3 does with a folder in which StartAfter is, is not documented: the keys are compared here.
	ask, after, end := s3list.Ask{Prefix: prefix, Delimiter: "/"}, filter.after(place), filter.before(place)
	l := newListing(ctx, b, filter, func(one File) bool { f.files = append(f.files, one); return true })
	for range maxOnTheWay {
		page, err := b.List(ctx, ask)
		if err != nil {
			return folder{prefix: prefix, err: err}
		}
		for _, o := range page.Objects {
			if f.found = true; o.Key > after && (end == "" || o.Key < end) {
				l.object(o)
			}
		}
		for _, name := range page.Folders {
			if f.found = true; len(name) > len(prefix) && strings.HasPrefix(name, prefix) {
				f.folders = append(f.folders, name)
			}
		}
		if page.Next == "" {
			return f
		}
		ask.Token = page.Next
	}
	return folder{prefix: prefix, large: true}
}

// Below yields what Files does for a prefix of a Split, below which there need be no object.
func (b *Bucket) Below(ctx context.Context, prefix string, filter Filter) iter.Seq[File] {
	return func(yield func(File) bool) {
		newListing(ctx, b, filter, yield).below(prefix)
	}
}
