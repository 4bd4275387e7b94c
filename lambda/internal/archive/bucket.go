package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/internal/archive/layout"
	"trailkeeper/lambda/internal/s3read/s3list"
)

// Bucket is a part of an S3 bucket.
type Bucket struct {
	Name, Prefix string

	// List gives one page of a listing, and Get an object as it is stored. Their errors say in a sentence what S3 refused.
	List func(context.Context, s3list.Ask) (s3list.Page, error)
	Get  func(ctx context.Context, key string) (io.ReadCloser, error)
}

const scheme = "s3://"

// IsBucket reports whether a name is that of a bucket and not of a file.
func IsBucket(name string) bool { return strings.HasPrefix(name, scheme) }

// ParseBucket reads s3://BUCKET/PREFIX.
func ParseBucket(name string) (bucket, prefix string, err error) {
	bucket, prefix, _ = strings.Cut(strings.TrimPrefix(name, scheme), "/")
	if !IsBucket(name) || bucket == "" {
		return "", "", fmt.Errorf("%.200q names no bucket; want s3://BUCKET/PREFIX", name)
	}
	return bucket, prefix, nil
}

// Files lists the objects. A filter leaves out folders of the layout that have nothing of what it asks for: they are
// not listed. The listing ends with a File that has the error, where there is one.
func (b *Bucket) Files(ctx context.Context, filter Filter) iter.Seq[File] {
	return func(yield func(File) bool) {
		l := newListing(ctx, b, filter, yield)
		if l.below(b.Prefix); l.found == 0 && !l.stopped && b.empty(ctx, filter) {
			yield(b.Nothing())
		}
	}
}

// empty looks whether there is no object either that a filter has left out of the listing.
func (b *Bucket) empty(ctx context.Context, filter Filter) bool {
	if filter.after(placeOf(b.Prefix)) == "" {
		return true
	}
	page, err := b.List(ctx, s3list.Ask{Prefix: b.Prefix})
	return err == nil && len(page.Objects) == 0
}

// Nothing stands for the objects of a bucket that has none.
func (b *Bucket) Nothing() File {
	return File{Name: b.name(b.Prefix), Err: errors.New("there is no object below it")}
}

func (b *Bucket) name(key string) string { return scheme + b.Name + "/" + key }

// listing is the way through a bucket.
type listing struct {
	*Bucket
	ctx     context.Context //nolint:containedctx // of one call
	filter  Filter
	yield   func(File) bool
	found   int
	stopped bool
}

func newListing(ctx context.Context, b *Bucket, filter Filter, yield func(File) bool) *listing {
	return &listing{
		Bucket: b,
		ctx:    ctx,
		filter: filter,
		yield:  yield,
	}
}

// below lists what begins with a prefix. With a filter, it goes folder by folder as far as the layout says whose they
// are, and then from the first day to the last.
func (l *listing) below(prefix string) {
	place := placeOf(prefix)
	ask := s3list.Ask{Prefix: prefix, After: l.filter.after(place)}
	if !l.filter.All() && !place.deep {
		ask.Delimiter = "/"
	}
	for _, folder := range l.pages(ask, l.filter.before(place)) {
		if !l.stopped && len(folder) > len(prefix) {
			l.found++
			if l.filter.hasFolder(folder) {
				l.below(folder)
			}
		}
	}
}

// pages gives the objects of a listing whose keys sort before the end, and returns the folders.
func (l *listing) pages(ask s3list.Ask, end string) (folders []string) {
	for !l.stopped {
		page, err := l.List(l.ctx, ask)
		if err != nil {
			l.give(File{Name: l.name(ask.Prefix), Err: fmt.Errorf("list it: %w", err)})
			return nil
		}
		for _, o := range page.Objects {
			if l.found++; end != "" && o.Key >= end {
				return nil
			}
			if l.object(o); l.stopped {
				return nil
			}
		}
		folders = append(folders, page.Folders...)
		if page.Next == "" {
			break
		}
		ask.Token = page.Next
	}
	return folders
}

// frozen are the storage classes whose objects must be restored before they can be read (Amazon S3 User Guide, "Using
// Amazon S3 storage classes").
var frozen = []string{"GLACIER", "DEEP_ARCHIVE"}

func (l *listing) object(o s3list.Object) {
	if strings.HasSuffix(o.Key, "/") && o.Size == 0 {
		return // a folder that the console made
	}
	f := l.File(o.Key, o.Size)
	f.ETag = o.ETag
	if slices.Contains(frozen, o.Class) {
		f.Err = fmt.Errorf("in the storage class %s; restore it first", o.Class)
	}
	l.give(f)
}

const day = 24 * time.Hour

func (l *listing) give(f File) {
	l.found++
	l.stopped = !l.yield(f)
}

// File is an object of the bucket that was listed before.
func (b *Bucket) File(key string, size int64) File {
	k := layout.Of(key)
	return File{
		Name: b.name(key),
		Size: size,
		Key:  k,
		Err:  refused(k),
		id:   b.Name + "/" + key,
		open: func(ctx context.Context) (io.ReadCloser, error) { return b.Get(ctx, key) },
	}
}
