package slack

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"trailkeeper/lambda/internal/finding"
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
// at the same moment, or one delivers late what was parked, the older state may stand until the next message.
func (d *delivery) update(ctx context.Context, thread string) {
	if !d.showing(*d.note.Incident) {
		return
	}
	left := d.Clock.Left(ctx, forAnswer, maxUpdate)
	if left <= 0 {
		d.Log.LogAttrs(ctx, slog.LevelWarn, "slack update", d.about(errors.New("there was no time left for it"))...)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	if _, err := d.call(ctx, methodUpdate, parentOf(d.note, thread)); err != nil {
		d.Log.LogAttrs(ctx, slog.LevelWarn, "slack update", d.about(err)...)
	}
}

// showing notes what the incident's first message is about to show, unless it shows what is newer.
func (n *Notifier) showing(i finding.Incident) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.shown[i.ID] > i.Count {
		return false
	}
	if len(n.shown) >= maxShown {
		clear(n.shown)
	}
	n.shown[i.ID] = i.Count
	return true
}
