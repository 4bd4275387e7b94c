package report

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// Patience bounds each question to the state table that a message waits for. Without an answer the message is sent: told twice is better than not
// told, and told at once is better than told well.
const Patience = 300 * time.Millisecond

// errSilent is what becomes of a question after one that went unanswered.
var errSilent = errors.New("the state table did not answer the question before")

type silenceKey struct{}

// WithPatience returns a context for one notification, in which nothing more is asked after a question that went unanswered; ctx itself where it is
// one.
func WithPatience(ctx context.Context) context.Context {
	if ctx.Value(silenceKey{}) != nil {
		return ctx
	}
	return context.WithValue(ctx, silenceKey{}, new(atomic.Bool))
}

// Ask asks a question within Patience.
func Ask(ctx context.Context, question func(context.Context) error) error {
	silent, ok := ctx.Value(silenceKey{}).(*atomic.Bool)
	if ok && silent.Load() {
		return errSilent
	}
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	err := question(ctx)
	if ok && errors.Is(err, context.DeadlineExceeded) {
		silent.Store(true)
	}
	return err
}
