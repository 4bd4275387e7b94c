package store

import (
	"context"
	"errors"
	"time"
)

// Kept is a text that is kept under a name, with its version; version 0 is none.
type Kept struct {
	Text    string
	Version int64
}

const (
	attrText = "text"
	// keepingIncidents is how long an incident is remembered after it was last touched.
	keepingIncidents = 90 * 24 * time.Hour
)

// Incident returns what Keep kept of a trail's last incident.
func (s *Store) Incident(ctx context.Context, trail string) (Kept, error) {
	found, err := s.get(ctx, "read the trail's incident", pkIncident, trail)
	return Kept{Text: textOf(found[attrText]), Version: max(0, numberOf(found[attrVersion]))}, err
}

// Incidents returns what is kept of every trail's last incident, by the trail's ARN.
func (s *Store) Incidents(ctx context.Context) (map[string]Kept, error) {
	found, err := s.query(ctx, "read the incidents", pkIncident)
	all := make(map[string]Kept, len(found))
	for _, i := range found {
		all[textOf(i[attrSK])] = Kept{Text: textOf(i[attrText]), Version: max(0, numberOf(i[attrVersion]))}
	}
	return all, err
}

// KeepIncident replaces what was read with this version. It reports false where another run was first: then nothing is written.
func (s *Store) KeepIncident(ctx context.Context, trail string, read int64, content string) (bool, error) {
	err := s.update(ctx, change{
		what: "note the trail's incident", pk: pkIncident, sk: trail, set: "#text = :text, #version = :next, #expires = :expires",
		condition: "#version = :read OR (attribute_not_exists(#version) AND :read = :none)",
		names:     map[string]string{"#text": attrText, "#version": attrVersion, "#expires": attrExpires},
		values: item{
			":text": text(content), ":read": number(read), ":next": number(read + 1), ":none": number(0),
			":expires": moment(s.Clock.Now().Add(keepingIncidents)),
		},
	})
	if errors.Is(err, errCondition) {
		return false, nil
	}
	return err == nil, err
}

const attrMessage = "message" // the far end's ID of the message that opened the thread

// posting is how long the first message of a thread may take.
const posting = 30 * time.Second

// Thread implements report.Threads.
func (s *Store) Thread(ctx context.Context, incident, channel string) (id string, ours bool, err error) {
	sk, now := incident+" "+channel, s.Clock.Now()
	err = s.update(ctx, change{
		what: "see which message opened the thread", pk: pkThread, sk: sk, set: "#until = :until, #expires = :expires",
		condition: "attribute_not_exists(#message) AND (attribute_not_exists(#until) OR #until < :now OR #until > :longest)",
		names:     map[string]string{"#message": attrMessage, "#until": attrUntil, "#expires": attrExpires},
		values: item{
			":until": moment(now.Add(posting)), ":now": moment(now), ":longest": moment(now.Add(longestLease)),
			":expires": moment(now.Add(keepingIncidents)),
		},
	})
	if !errors.Is(err, errCondition) {
		return "", err == nil, err
	}
	found, err := s.get(ctx, "see which message opened the thread", pkThread, sk)
	return textOf(found[attrMessage]), false, err
}

// Opened implements report.Threads.
func (s *Store) Opened(ctx context.Context, incident, channel, id string) error {
	return s.update(ctx, change{
		what: "note which message opened the thread", pk: pkThread, sk: incident + " " + channel, set: "#message = :id, #expires = :expires",
		names:  map[string]string{"#message": attrMessage, "#expires": attrExpires},
		values: item{":id": text(id), ":expires": moment(s.Clock.Now().Add(keepingIncidents))},
	})
}

// Failed implements report.Threads.
func (s *Store) Failed(ctx context.Context, incident, channel string) error {
	return s.update(ctx, change{
		what: "note that no message opened the thread", pk: pkThread, sk: incident + " " + channel, remove: "#until",
		names: map[string]string{"#until": attrUntil},
	})
}
