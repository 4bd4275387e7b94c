package distributed

import (
	"context"
	"strings"

	"trailkeeper/lambda/internal/archive"
	"trailkeeper/lambda/internal/backtest"
)

// file is a file of a shard.
type file struct {
	Key  string `json:"k"`
	Size int64  `json:"s"`
}

// packer makes shards of the files of a list.
type packer struct {
	*step
	ctx    context.Context //nolint:containedctx // of one call
	list   string
	files  []file
	weight int64
	done   int // shards
	err    error
}

func (p *packer) add(f archive.File) {
	weight := f.Size + p.Sizes.Each
	if len(p.files) > 0 && p.weight+weight > p.Sizes.Shard {
		p.write()
	}
	p.files = append(p.files, file{strings.TrimPrefix(f.Name, "s3://"+p.bucket.Name+"/"), f.Size})
	p.weight += weight
}

// write writes a shard.
func (p *packer) write() {
	p.done++
	if p.err == nil {
		p.err = write(p.ctx, p.Results, p.shard(p.done), p.files...)
	}
	p.files, p.weight = nil, 0
}

func (p *packer) shard(n int) string { return p.key(shards, p.list+"-"+number(n)) }

// finish writes the last shard. Those that an earlier try has made beyond it are emptied.
func (p *packer) finish() error {
	if len(p.files) > 0 || p.list == planned && p.done == 0 {
		p.write()
	}
	if p.err != nil {
		return p.err
	}
	before, err := p.Results.List(p.ctx, p.folder(shards)+p.list+"-")
	if err != nil {
		return err
	}
	for _, key := range before {
		if key > p.shard(p.done) {
			if err := write[file](p.ctx, p.Results, key); err != nil {
				return err
			}
		}
	}
	return nil
}

// read reads a shard of the archive.
func (s *step) read(ctx context.Context) (any, error) {
	id, err := s.idIn(shards, s.Item)
	if err != nil {
		return nil, err
	}
	files, err := read[file](ctx, s.Results, s.Item)
	if err != nil {
		return nil, err
	}
	r, err := s.run(ctx, backtest.Options{Files: func(yield func(archive.File) bool) {
		for _, f := range files {
			if !yield(s.bucket.File(f.Key, f.Size)) {
				return
			}
		}
	}})
	if err != nil {
		return nil, err
	}
	return none{}, write(ctx, s.Results, s.reportOf(shards, id), r)
}
