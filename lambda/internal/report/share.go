package report

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"
)

// The time for notifying is shared: a channel that hangs leaves enough to park its message, a queue that hangs enough
// to notify the other channels, and what is left at the end is for the log and for returning. Together they are the 20
// s that a run keeps for notifying; where there is less, each has less in proportion.
const (
	forDelivering = 12 * time.Second
	forParking    = 4 * time.Second
	forNotices    = 2500 * time.Millisecond
	forReturning  = 1500 * time.Millisecond
	// forWords is how long what has run out of its time has to say so.
	forWords = 100 * time.Millisecond
)

// share is how much of the time that ctx has is for what takes mine where there is enough, before what takes after.
func (f *Fanout) share(ctx context.Context, mine, after time.Duration) time.Duration {
	left := f.Clock.Left(ctx, forReturning, mine+after)
	return time.Duration(left.Seconds() / (mine + after).Seconds() * float64(mine))
}

// within runs do, which is called what in an error, with a context that ends after share. It returns when that time is
// over, even if do does not.
func within(ctx context.Context, share time.Duration, what string, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, share)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- guarded(ctx, what, do) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	grace := time.NewTimer(forWords)
	defer grace.Stop()
	select {
	case err := <-done:
		return err
	case <-grace.C:
		return errors.New("no answer in the time that there was")
	}
}

// guarded turns a panic into an error. It says no more than the type of a value that was thrown, which may hold a
// secret.
func guarded(ctx context.Context, what string, do func(context.Context) error) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case runtime.Error:
			err = fmt.Errorf("%s crashed: %w", what, v)
		default:
			err = fmt.Errorf("%s crashed with a %T", what, v)
		}
	}()
	return do(ctx)
}
