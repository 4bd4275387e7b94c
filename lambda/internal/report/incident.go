package report

import (
	"context"
)

// Threads remembers which message opened an incident on a channel, so that the later ones can follow it.
type Threads interface {
	// Thread returns what Opened was told. Where nothing was: ours is true for exactly one caller, which sends the first message and calls Opened
	// or Failed next; for the others it is false, and id is empty until then.
	Thread(ctx context.Context, incident, channel string) (id string, ours bool, err error)
	Opened(ctx context.Context, incident, channel, id string) error
	Failed(ctx context.Context, incident, channel string) error
}
