package known

import (
	"context"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/state"
)

// Discovery is when the sweep last looked for trails that it does not know.
type Discovery struct{ of state.Of[discovery] }

type discovery struct {
	At time.Time `json:"at"`
}

const discoveryID = "discovery"

// NewDiscovery returns the document of the discovery.
func NewDiscovery(documents state.Documents, clk clock.Clock) *Discovery {
	return &Discovery{state.Of[discovery]{Documents: documents, Kind: "sweep", Clock: clk}}
}

// Discovered returns when they were last looked for.
func (d *Discovery) Discovered(ctx context.Context) (time.Time, error) {
	found, err := d.of.Get(ctx, "read when trails were last looked for", discoveryID)
	return found.At, err
}

// Discover notes that they were looked for now.
func (d *Discovery) Discover(ctx context.Context) error {
	now := d.of.Clock.Now().UTC().Truncate(time.Second)
	return d.of.Change(ctx, "note that trails were looked for", discoveryID, func(e *state.Entry[discovery]) bool {
		e.Value.At = now
		return true
	})
}
