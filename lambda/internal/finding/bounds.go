package finding

import (
	"slices"

	"trailkeeper/lambda/internal/sanitize"
)

// The longest fields of what is written to the queue and read out of it, in runes, and its longest lists.
const (
	MaxName    = 128     // longer than any ID of AWS's or ours
	MaxText    = 2 << 10 // of every other text
	maxEntries = 100
	maxRequest = 256 << 10 // bytes
	// maxReferences is how many references a rule may have.
	maxReferences = 10
)

// MaxReason bounds what another service said, in runes.
const MaxReason = 300

// Bounded is a copy in which every text has at most limit runes, a name at most MaxName, and every list a bounded
// number of entries.
func (n Finding) Bounded(limit int) Finding {
	cut := func(limit int, texts ...*string) {
		for _, s := range texts {
			*s = sanitize.Truncate(*s, limit)
		}
	}
	cut(
		MaxName,
		&n.EventID,
		&n.EventName,
		&n.EventSource,
		(*string)(&n.Kind),
		&n.Source,
		&n.Type,
		&n.Account,
		&n.AccountName,
		&n.Region,
		&n.Partition,
		&n.Occasion,
		&n.Text,
		(*string)(&n.Ended),
		&n.Recipient,
		&n.Channel,
		&n.Stack,
		&n.Cause,
		(*string)(&n.Outcome),
		(*string)(&n.Severity),
	)
	cut(
		limit,
		&n.Actor,
		&n.ActorARN,
		&n.Principal,
		&n.Subject.ARN,
		&n.Subject.Name,
		&n.SourceIP,
		&n.UserAgent,
		&n.ErrorCode,
		&n.ErrorMessage,
		&n.Reason,
		&n.Runbook,
		&n.Title,
	)
	if len(n.Request) > maxRequest {
		n.Request = nil
	}
	n.Notes, n.Next = bounded(n.Notes, limit), bounded(n.Next, limit)
	n.Changes = slices.Clone(n.Changes[:min(len(n.Changes), maxEntries)])
	for i := range n.Changes {
		c := &n.Changes[i]
		cut(limit, &c.Field, &c.Before, &c.After, (*string)(&c.Effect), &c.Sentence, &c.Reason, (*string)(&c.Done))
		c.Why = bounded(c.Why, limit)
	}
	if n.Rule != nil {
		r := Rule{
			Runbook: sanitize.Truncate(n.Rule.Runbook, limit),
			Route:   sanitize.Truncate(n.Rule.Route, MaxName),
		}
		for _, to := range n.Rule.References[:min(len(n.Rule.References), maxReferences)] {
			r.References = append(r.References, sanitize.Truncate(to, limit))
		}
		n.Rule = &r
	}
	if n.Baseline != nil {
		n.Baseline = new(*n.Baseline)
		cut(MaxName, &n.Baseline.Kind)
	}
	if n.Late != nil {
		n.Late = new(*n.Late)
		cut(MaxName, (*string)(&n.Late.Now))
	}
	if n.Incident != nil {
		n.Incident = new(n.Incident.bounded())
	}
	return n
}

func (i Incident) bounded() Incident {
	i.ID, i.State = sanitize.Truncate(i.ID, MaxName), IncidentState(sanitize.Truncate(string(i.State), MaxName))
	i.First, i.Last = i.First.Bounded(), i.Last.Bounded()
	i.RouteKeys = slices.Clone(i.RouteKeys[:min(len(i.RouteKeys), maxEntries)])
	for k, h := range i.RouteKeys {
		i.RouteKeys[k] = RouteKey{
			Severity: Severity(sanitize.Truncate(string(h.Severity), MaxName)),
			Event:    sanitize.Truncate(h.Event, MaxName),
		}
	}
	return i
}

// maxValues is how many values a note may have; a note of the catalogue has far fewer.
const maxValues = 16

func bounded(notes []Note, limit int) []Note {
	var all []Note
	for _, n := range notes[:min(len(notes), maxEntries)] {
		kept := Note{ID: NoteID(sanitize.Truncate(string(n.ID), MaxName))}
		for _, v := range n.Values[:min(len(n.Values), maxValues)] {
			kept.Values = append(kept.Values, sanitize.Truncate(v, limit))
		}
		all = append(all, kept)
	}
	return all
}
