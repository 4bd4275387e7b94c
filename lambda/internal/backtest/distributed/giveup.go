package distributed

import (
	"cmp"
	"context"
	"errors"

	"trailkeeper/lambda/internal/archive"
	"trailkeeper/lambda/internal/backtest"
	"trailkeeper/lambda/internal/functionerror"
	"trailkeeper/lambda/internal/sanitize"
)

// maxReason bounds why a list or a shard was given up.
const maxReason = 200

// giveUp reports a list or a shard as not read, with the reason that Step Functions gave.
func (s *step) giveUp(ctx context.Context) (any, error) {
	folder := map[string]string{"list": lists, "read": shards}[s.Step]
	id, err := s.idIn(folder, s.Item)
	if err != nil {
		return nil, err
	}
	return none{}, s.abandon(ctx, folder, id, s.reason())
}

// reason is the error's name and what it says. Of a Lambda function that failed, it is the function's own message.
func (s *step) reason() string {
	cause := cmp.Or(functionerror.Message([]byte(s.Failed.Cause)), s.Failed.Cause)
	if cause == "" {
		return sanitize.Bound(s.Failed.Error, maxReason)
	}
	return sanitize.Bound(s.Failed.Error+": "+cause, maxReason)
}

// abandon writes the report of a list or a shard of which nothing was read.
func (s *step) abandon(ctx context.Context, folder, id, reason string) error {
	var names []string
	why := errors.New("not read, because the shard " + id + " failed: " + reason)
	if folder == lists {
		prefixes, err := read[string](ctx, s.Results, s.key(lists, id))
		if err != nil {
			return err
		}
		for _, prefix := range prefixes {
			names = append(names, "s3://"+s.bucket.Name+"/"+prefix)
		}
		why = errors.New("not listed to the end, because the list " + id + " failed: " + reason)
	} else {
		files, err := read[file](ctx, s.Results, s.key(shards, id))
		if err != nil {
			return err
		}
		for _, f := range files {
			names = append(names, s.bucket.File(f.Key, f.Size).Name)
		}
	}
	r, err := s.run(ctx, backtest.Options{Files: func(yield func(archive.File) bool) {
		for _, name := range names {
			if !yield(archive.File{Name: name, Err: why}) {
				return
			}
		}
	}})
	if err != nil {
		return err
	}
	return write(ctx, s.Results, s.reportOf(folder, id), r)
}
