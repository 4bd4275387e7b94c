package distributed

import (
	"context"
	"fmt"

	"trailkeeper/lambda/internal/archive"
	"trailkeeper/lambda/internal/backtest"
)

// Places are where the state machine finds the work of a run: prefixes in the bucket of results.
type Places struct {
	Lists  string `json:"lists"`
	Shards string `json:"shards"`
	Groups string `json:"groups"`
}

// plan divides the archive into lists. There is always one, and a shard, since AWS does not document what a map over no
// object does.
func (s *step) plan(ctx context.Context) (any, error) {
	parts, err := s.bucket.Split(ctx, s.filter)
	if err != nil {
		return nil, &RequestError{fmt.Errorf("list s3://%s/%.200s: %w", s.bucket.Name, s.bucket.Prefix, err)}
	}
	if !parts.Found {
		parts.Files = append(parts.Files, s.bucket.Nothing())
	}
	n := max(1, min(len(parts.Prefixes), s.Sizes.Lists))
	all := make([][]string, n)
	for i, prefix := range parts.Prefixes { // in turn: the months of one account go to different lists
		all[i%n] = append(all[i%n], prefix)
	}
	for i, prefixes := range all {
		if err := write(ctx, s.Results, s.key(lists, number(i+1)), prefixes...); err != nil {
			return nil, err
		}
	}
	err = s.divide(ctx, planned, func(yield func(archive.File) bool) {
		for _, f := range parts.Files {
			if !yield(f) {
				return
			}
		}
	})
	return Places{s.folder(lists), s.folder(shards), s.folder(groups)}, err
}

// planned is the ID of the list of what plan itself has found.
const planned = "00000"

func number(n int) string { return fmt.Sprintf("%05d", n) }

// list lists the prefixes of a list.
func (s *step) list(ctx context.Context) (any, error) {
	id, err := s.idIn(lists, s.Item)
	if err != nil {
		return nil, err
	}
	prefixes, err := read[string](ctx, s.Results, s.Item)
	if err != nil {
		return nil, err
	}
	return none{}, s.divide(ctx, id, func(yield func(archive.File) bool) {
		for _, prefix := range prefixes {
			for f := range s.bucket.Below(ctx, prefix, s.filter) {
				if !yield(f) {
					return
				}
			}
		}
	})
}

// none is the answer of a step of which nothing is wanted.
type none struct{}

// divide makes shards of files, and a report of those that are not opened.
func (s *step) divide(ctx context.Context, id string, files func(func(archive.File) bool)) error {
	p := &packer{step: s, ctx: ctx, list: id}
	r, err := s.run(ctx, backtest.Options{Files: func(yield func(archive.File) bool) {
		for f := range archive.Selected(files, s.filter, archive.Shard{}) {
			if f.Err == nil {
				p.add(f)
			} else if !yield(f) {
				return
			}
			if p.err != nil {
				return
			}
		}
	}})
	if err != nil {
		return err // p may still be at work
	}
	if err := p.finish(); err != nil {
		return err
	}
	return write(ctx, s.Results, s.reportOf(lists, id), r)
}
