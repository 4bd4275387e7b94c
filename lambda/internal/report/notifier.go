package report

import (
	"context"

	"trailkeeper/lambda/internal/finding"
)

// Notifier delivers notifications to one channel. Implementations are safe for concurrent use.
//
// It has two methods, against the rule of one: who delivers and how it is called in logs, in the queue and in the other
// channels' messages must not come apart.
type Notifier interface {
	// Name is the channel's constant name, or that of one of its further destinations.
	Name() string
	// Notify returns nil once the far end has accepted the message, and otherwise one plain sentence that holds no secret
	// and says what to do. It retries what a moment may cure, and returns when ctx ends.
	Notify(ctx context.Context, n finding.Finding) error
}

// Threads remembers which message opened an incident on a channel, so that the later ones can follow it.
type Threads interface {
	// Thread returns what Opened was told. Where nothing was: ours is true for exactly one caller, which sends the first
	// message and calls Opened or Failed next; for the others it is false, and id is empty until then.
	Thread(ctx context.Context, incident, channel string) (id string, ours bool, err error)
	Opened(ctx context.Context, incident, channel, id string) error
	Failed(ctx context.Context, incident, channel string) error
}
