package report

import (
	"context"

	"trailkeeper/lambda/internal/finding"
)

// Notifier delivers notifications to one channel. Implementations are safe for concurrent use.
//
// It has two methods, against the rule of one: who delivers and how it is called in logs, in the queue and in the other channels'
// messages must not come apart.
type Notifier interface {
	// Name is the channel's constant name, or that of one of its further destinations.
	Name() string
	// Notify returns nil once the far end has accepted the message, and otherwise one plain sentence that holds no secret and says what
	// to do. It retries what a moment may cure, and returns when ctx ends.
	Notify(ctx context.Context, n finding.Finding) error
}
