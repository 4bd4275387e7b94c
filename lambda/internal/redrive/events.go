// Package redrive has the guard take up again what waits in its queues: an event is handled as if it had just arrived,
// and a message is sent with what can be read again now.
//
// It believes nothing that a message says and that can be read again; it refuses to know how an event is answered and
// how a channel is reached.
package redrive

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/redrive/queues"
)

// maxNowhere bounds how many Regions that do not exist are remembered.
const maxNowhere = 100

// Events has events out of the queues handled. It is safe for concurrent use and must not be copied.
type Events struct {
	// Handler handles an event out of a queue.
	Handler func(ctx context.Context, payload []byte) error
	// Regions are those that are known to exist: the function's own, and those that are swept.
	Regions []string

	mu sync.Mutex
	// nowhere are those that CloudTrail was found to have no endpoint in.
	nowhere map[string]bool
}

// Handle handles an event from a queue. What can never be handled is said to be so.
func (e *Events) Handle(ctx context.Context, payload []byte) error {
	ev, parseErr := events.Parse(payload)
	if parseErr == nil {
		if err := e.impossible(ev); err != nil {
			return &queues.FinalError{Err: err}
		}
	}
	err := e.Handler(ctx, payload)
	if e.noSuchRegion(ev, err) {
		return &queues.FinalError{Err: err}
	}
	return err
}

// impossible is why an event can never be handled: its trail is in a Region that cannot be, or was found not to be.
func (e *Events) impossible(ev events.Event) error {
	t, err := ev.Trail()
	if ev.Kind != events.KindRecord || err != nil {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.nowhere[t.Region] || !plausibleRegion(t.Region) {
		return fmt.Errorf("there is no Region %.64q", t.Region)
	}
	return nil
}

// noSuchRegion reports whether handling an event failed because CloudTrail has no endpoint in its trail's Region, and
// remembers the Region.
func (e *Events) noSuchRegion(ev events.Event, err error) bool {
	dns, ok := errors.AsType[*net.DNSError](err)
	t, trailErr := ev.Trail()
	if !ok || !dns.IsNotFound || trailErr != nil || slices.Contains(e.Regions, t.Region) {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.nowhere == nil || len(e.nowhere) >= maxNowhere {
		e.nowhere = map[string]bool{}
	}
	e.nowhere[t.Region] = true
	return true
}

// plausibleRegion reports whether a Region can have such a name: an area, a direction, perhaps with more between, and a
// number (AWS General Reference, "AWS service endpoints": "eu-west-1", "us-gov-east-1", "ap-southeast-5").
func plausibleRegion(s string) bool {
	part := strings.Split(s, "-")
	n := len(part)
	if n < 3 || n > 4 || len(s) > 32 {
		return false
	}
	number := part[n-1]
	direction := slices.Contains([]string{
		"north", "south", "east", "west", "central", "northeast", "northwest", "southeast", "southwest",
	}, part[n-2])
	return direction && len(part[0]) >= 2 && len(number) >= 1 && len(number) <= 2 &&
		strings.Trim(number, "0123456789") == ""
}
