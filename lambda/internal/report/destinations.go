package report

import (
	"cmp"
	"context"
	"slices"

	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
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
	// Thread returns what Opened noted. Where nothing was: ours is true for exactly one caller, which sends the first
	// message and calls Opened or Failed next; for the others it is false, and id is empty until then.
	Thread(ctx context.Context, incident, channel string) (id string, ours bool, err error)
	Opened(ctx context.Context, incident, channel, id string) error
	Failed(ctx context.Context, incident, channel string) error
}

// Destinations are those of the settings, and those that only routes name.
type Destinations struct {
	Defaults []Notifier
	Further  []Notifier // those that only routes name
	// Route gives the destinations of a finding; nil, and where it gives none: Defaults.
	Route func(finding.Finding) []Notifier
}

// of returns where a finding goes: where it says itself, or else where its route leads.
func (d Destinations) of(n finding.Finding) []Notifier {
	if n.Destination != "" {
		if found := d.find(n, n.Destination); found != nil {
			return []Notifier{found}
		}
	}
	return d.route(n)
}

// route returns where the routes lead. A test goes everywhere.
func (d Destinations) route(n finding.Finding) []Notifier {
	if n.Outcome == finding.OutcomeTest {
		return slices.Concat(d.Defaults, d.Further)
	}
	if d.Route != nil {
		if to := d.Route(n); len(to) > 0 {
			return to
		}
	}
	return d.Defaults
}

// find returns a destination by its name, or nil.
func (d Destinations) find(n finding.Finding, name string) Notifier {
	for _, to := range slices.Concat(d.route(n), d.Defaults, d.Further) {
		if to.Name() == name {
			return to
		}
	}
	return nil
}

// instead returns where a message goes whose destination is gone: to one of the same channel, or else to any. Nil:
// there is none.
func (d Destinations) instead(n finding.Finding, name string) Notifier {
	to := slices.Concat(d.route(n), d.Defaults)
	for _, one := range to {
		if message.ChannelKind(one.Name()) == message.ChannelKind(name) {
			return one
		}
	}
	if len(to) == 0 {
		return nil
	}
	return to[0]
}

// Router returns where a finding goes: to the destinations of the first route that fits, made by name, and otherwise to
// the default ones. What closes an incident goes to all that have heard of it.
func Router(list route.List, made map[string]Notifier, defaults []Notifier) func(finding.Finding) []Notifier {
	return func(n finding.Finding) []Notifier {
		var to []Notifier
		for _, heard := range n.RouteKeys() {
			some := defaults
			if r, ok := routeOf(list, n, heard); ok {
				some = nil
				for _, name := range slices.Concat(r.Slack, r.Topics) {
					if made[name] != nil {
						some = append(some, made[name])
					}
				}
			}
			for _, one := range some {
				if !slices.ContainsFunc(to, func(other Notifier) bool { return other.Name() == one.Name() }) {
					to = append(to, one)
				}
			}
		}
		return to
	}
}

// routeOf is the route that a rule names, if there is one of that name, and otherwise the first that fits.
func routeOf(list route.List, n finding.Finding, heard finding.RouteKey) (route.Route, bool) {
	if n.Rule != nil {
		if r, ok := list.Named(n.Rule.Route); ok {
			return r, true
		}
	}
	return list.Match(factsOf(n, heard))
}

// factsOf are what a route chooses by: where it happened, never who did it.
func factsOf(n finding.Finding, h finding.RouteKey) route.Facts {
	f := route.Facts{
		Recipient: cmp.Or(n.Recipient, n.Account),
		Severity:  string(h.Severity),
		Event:     h.Event,
		Trail:     n.Subject.ARN,
	}
	if s, ok := finding.SubjectOf(n.Subject.ARN); ok {
		f.Owner = s.Account
	}
	return f
}
