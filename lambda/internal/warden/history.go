package warden

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"trailkeeper/events"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/history"
)

const (
	// maxSearching bounds the search for one call, and lookingBack how far it goes back.
	maxSearching = 4 * time.Second
	lookingBack  = 6 * time.Hour
)

// Searcher searches CloudTrail's event history.
type Searcher interface {
	Search(ctx context.Context, q history.Query, take func(events.Event) bool) (taken bool, err error)
}

// History finds in the event history who changed a resource. It implements Actors.
type History struct {
	Search Searcher
	// Own reports whether the function's own role made a call.
	Own   func(events.Event) bool
	Clock clock.Clock
}

// MadeBy returns the newest call of the last hours that the history has for the resource, that went well, changes
// something and is not the function's own. That it made the difference is likely, and not proven.
func (h *History) MadeBy(ctx context.Context, of deployment.Deployed, at time.Time) (ev events.Event, found bool) {
	ctx, cancel := context.WithTimeout(ctx, maxSearching)
	defer cancel()
	for _, resource := range []string{of.Name, of.ARN} {
		if resource == "" {
			continue
		}
		q := history.Query{
			Region: of.Region, Key: types.LookupAttributeKeyResourceName, Value: resource, From: at.Add(-lookingBack), To: h.Clock.Now(),
		}
		if taken, err := h.Search.Search(ctx, q, func(e events.Event) bool {
			ok := e.Record.IsCall() && !e.Record.Refused() && !reads(e.Record.EventName) && !h.Own(e)
			if ok {
				ev = e
			}
			return ok
		}); taken && err == nil {
			return ev, true
		}
	}
	return events.Event{}, false
}

// reads reports whether a call changes nothing, by its name.
func reads(call string) bool {
	for _, verb := range []string{"Get", "List", "Describe", "Lookup", "Head"} {
		if strings.HasPrefix(call, verb) {
			return true
		}
	}
	return false
}
