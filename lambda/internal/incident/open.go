package incident

import (
	"context"
	"maps"
	"slices"
	"time"

	"trailkeeper/lambda/internal/finding"
)

// Open returns the incidents that are not closed, and those whose end nobody was notified of in time, by the subject's
// ARN. Where the table does not answer, there are none.
func (b *Book) Open(ctx context.Context) map[string]Unsettled {
	open, err := b.Unsettled(ctx)
	if err != nil {
		b.Log.WarnContext(ctx, "incidents", "error", err.Error())
	}
	return open
}

// Unsettled is Open for who wants to know why something is missing. With an error it returns what could be read.
func (b *Book) Unsettled(ctx context.Context) (map[string]Unsettled, error) {
	all, err := b.of().All(ctx, "read the incidents")
	now := b.Clock.Now()
	open := map[string]Unsettled{}
	for arn, found := range all {
		e := found.read()
		if e == nil {
			continue
		}
		undelivered := e.Undelivered && e.Closing && now.Sub(e.Touched) >= forDelivery
		if !e.Closed.IsZero() && !undelivered {
			continue
		}
		u := Unsettled{ID: e.ID, Closed: e.Closed, Incident: e.Incident}
		u.Incident.Flags = finding.Flags{}
		if e.Fought {
			u.Quiet = e.quietFrom(now)
		}
		for _, a := range slices.Sorted(maps.Keys(e.Wrong)) {
			u.Aspects = append(u.Aspects, a)
			if at := e.Wrong[a].at(now); at.After(u.Noted) {
				u.Noted = at
			}
		}
		open[arn] = u
	}
	return open, err
}

// Unsettled is an incident that is not closed, or whose end nobody was notified of.
type Unsettled struct {
	ID      string
	Aspects []finding.Aspect // what is not known to be over
	Noted   time.Time        // when something was last found wrong
	Closed  time.Time        // of the verified restore that nobody was notified of; zero: it is not closed
	// Quiet is when a contested one may end; zero: it is not contested. Incident is how it stands.
	Quiet    time.Time
	Incident finding.Incident
}

// Contested reports whether it is fought over.
func (u Unsettled) Contested() bool { return !u.Quiet.IsZero() }
