package distributed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path"
	"strings"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/archive"
	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/s3read"
	"trailkeeper/lambda/internal/s3read/s3list"
	"trailkeeper/lambda/internal/s3write"
)

// calls are those of S3, each made again where it may succeed a moment later.
type calls struct {
	client *s3read.Client
	clock  clock.Clock
}

func (c *calls) archive(in config.LogBucket, prefix string) *archive.Bucket {
	return &archive.Bucket{
		Name:   in.Name,
		Prefix: prefix,
		List: func(ctx context.Context, ask s3list.Ask) (s3list.Page, error) {
			page, err := c.list(ctx, in, ask)
			if err != nil {
				return s3list.Page{}, inWords(err, archive.ListObjects)
			}
			return page, nil
		},
		Get: func(ctx context.Context, key string) (io.ReadCloser, error) {
			body, err := c.get(ctx, s3read.Object{Bucket: in.Name, Key: key, Owner: in.Owner})
			if err != nil {
				return nil, inWords(err, archive.GetObject)
			}
			return body, nil
		},
	}
}

func (c *calls) get(ctx context.Context, o s3read.Object) (*s3read.Body, error) {
	return again(ctx, c.clock, func() (*s3read.Body, error) { return c.client.Open(ctx, o) })
}

func (c *calls) list(ctx context.Context, in config.LogBucket, ask s3list.Ask) (s3list.Page, error) {
	return again(ctx, c.clock, func() (s3list.Page, error) { return c.client.List(ctx, in.Name, in.Owner, ask) })
}

func (c *calls) results(in config.LogBucket) Results {
	object := func(key string) s3read.Object {
		return s3read.Object{Bucket: in.Name, Key: key, Owner: in.Owner}
	}
	return Results{
		Name: in.Name,
		Get:  func(ctx context.Context, key string) (io.ReadCloser, error) { return c.get(ctx, object(key)) },
		Put: func(ctx context.Context, key string, content []byte) error {
			_, err := again(ctx, c.clock, func() (none, error) {
				return none{}, s3write.Put(ctx, c.client, object(key), content)
			})
			return err
		},
		List: func(ctx context.Context, prefix string) (keys []string, err error) {
			for ask := (s3list.Ask{Prefix: prefix}); ; {
				page, err := c.list(ctx, in, ask)
				if err != nil {
					return nil, fmt.Errorf("list s3://%s/%s: %w", in.Name, path.Clean(prefix), err)
				}
				for _, o := range page.Objects {
					keys = append(keys, o.Key)
				}
				if ask.Token = page.Next; ask.Token == "" {
					return keys, nil
				}
			}
		},
	}
}

// inWords is what whoever runs a backtest on a machine of their own reads of the same refusal.
func inWords(err error, call archive.Call) error {
	refused, ok := errors.AsType[*s3read.Error](err)
	if !ok {
		return err
	}
	return cmp.Or(call.Refused(strings.TrimSuffix(refused.Code, "Exception"), refused.Status, refused.Message), err)
}

const (
	tries     = 9
	firstWait = 200 * time.Millisecond
	maxWait   = 10 * time.Second
)

// again makes a call up to nine times, with waits of 16 to 33 seconds in all: S3 answers SlowDown until it has divided a prefix
// that many read at once (Amazon S3 User Guide, "Best practices design patterns: optimizing Amazon S3 performance"). The
// waits are of random length, so that not all come back together.
func again[T any](ctx context.Context, clk clock.Clock, call func() (T, error)) (T, error) {
	wait := firstWait
	for try := 1; ; try++ {
		out, err := call()
		if err == nil || try == tries || ctx.Err() != nil || !passing(err) {
			return out, err
		}
		if clk.Sleep(ctx, wait/2+rand.N(wait/2)) != nil {
			return out, err
		}
		wait = min(2*wait, maxWait)
	}
}

// passing reports whether the same call may succeed a moment later.
func passing(err error) bool {
	if refused, ok := errors.AsType[*s3read.Error](err); ok {
		return refused.Status >= http.StatusInternalServerError || refused.Status == http.StatusTooManyRequests ||
			refused.Code == "RequestTimeout" || strings.HasSuffix(refused.Code, "ThrottlingException")
	}
	return !errors.Is(err, awsenv.ErrNoCredentials)
}
