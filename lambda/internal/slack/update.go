package slack

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/slack/render"
)

const (
	// maxUpdate bounds bringing the first message up to date: by then the delivery is accepted, and must not run out of
	// its time.
	maxUpdate = 3 * time.Second
	// maxShown is how many incidents are remembered, to update no message with what is older than what it shows.
	maxShown = 256
)

// update makes the thread's first message show the incident as it stands now. It is tried once, and a failure is only
// logged: the next message of the incident updates it again.
//
// What is older than this process has shown is left out. Two processes know nothing of each other: where they deliver
// at the same moment, or one delivers late what was undelivered, the older state may stand until the next message.
func (t thread) update(ctx context.Context, ts string) {
	if !t.on.by.shown.advance(*t.on.note.Incident) {
		return
	}
	left := t.clock.Left(ctx, forAnswer, maxUpdate)
	if left <= 0 {
		t.on.by.Log.LogAttrs(ctx, slog.LevelWarn, "slack update", t.on.attrs(errors.New("there was no time left for it"))...)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	if _, err := t.on.call(ctx, methodUpdate, render.Incident(t.on.note, ts)); err != nil {
		t.on.by.Log.LogAttrs(ctx, slog.LevelWarn, "slack update", t.on.attrs(err)...)
	}
}

// counts are those that the incidents' first messages show, by the incident's ID. They are safe for concurrent use.
type counts struct {
	mu sync.Mutex
	of map[string]int
}

// advance notes what the incident's first message is about to show, unless it shows what is newer.
func (c *counts) advance(i finding.Incident) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of[i.ID] > i.Count {
		return false
	}
	if len(c.of) >= maxShown {
		clear(c.of)
	}
	c.of[i.ID] = i.Count
	return true
}
