// Package circuit bounds the questions to the state table that a message waits for: each by itself, and all of them
// after one that went unanswered.
//
// It knows no table and no question. What becomes of a message without an answer is for whoever asks to say.
package circuit

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"trailkeeper/lambda/internal/clock"
)

const (
	// timeout bounds each question. Without an answer the message is sent: a duplicate is better than silence, and at once
	// is better than complete.
	timeout = 300 * time.Millisecond
	// silence is how long after a question that went unanswered nothing more is asked: what one message has yet to ask, it
	// does without.
	silence = time.Second
	// insisting is how long a question is asked again and again, and the pauses are in between.
	insisting            = 3 * time.Second
	firstPause, maxPause = 20 * time.Millisecond, 400 * time.Millisecond
)

// errOpen is what becomes of a question soon after one that went unanswered.
var errOpen = errors.New("the state table did not answer the question before")

// Breaker is what all that ask the table share. Nil bounds each question, and remembers none. It is safe for concurrent
// use.
type Breaker struct {
	Clock clock.Clock

	mu     sync.Mutex
	silent time.Time // when a question last went unanswered
}

// Ask asks a question within its time, or none while the circuit is open. A refusal is an answer.
func (b *Breaker) Ask(ctx context.Context, question func(context.Context) error) error {
	if b.open() {
		return errOpen
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err := question(ctx)
	if b != nil && errors.Is(err, context.DeadlineExceeded) {
		b.mu.Lock()
		b.silent = b.Clock.Now()
		b.mu.Unlock()
	}
	return err
}

// Insist asks as Ask does, and again while the answer is that error, which says that another run was first: for up to
// three seconds, and for no more than ctx has but one. Nil asks once.
func (b *Breaker) Insist(ctx context.Context, contended error, question func(context.Context) error) error {
	err := b.Ask(ctx, question)
	if b == nil || !errors.Is(err, contended) {
		return err
	}
	room := b.Clock.Left(ctx, time.Second, insisting)
	until := b.Clock.Now().Add(room)
	for pause := firstPause; errors.Is(err, contended); pause = min(2*pause, maxPause) {
		if room -= pause; room < 0 || b.Clock.Now().Add(pause).After(until) ||
			b.Clock.Sleep(ctx, pause/2+rand.N(pause/2)) != nil { //nolint:gosec // no secret
			return err
		}
		err = b.Ask(ctx, question)
	}
	return err
}

// open reports whether a question went unanswered just now. A time to come, as after the clock was set back, opens
// nothing.
func (b *Breaker) open() bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	age := b.Clock.Now().Sub(b.silent)
	return age >= 0 && age < silence
}
