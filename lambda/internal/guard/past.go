package guard

import (
	"context"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/history"
)

// searcher searches CloudTrail's event history.
type searcher interface {
	Search(ctx context.Context, q history.Query, take func(events.Event) bool) (taken bool, err error)
}
