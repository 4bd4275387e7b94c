package redrive

import (
	"cmp"
	"context"
	"slices"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/baselines"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/trail"
)

// maxStanding bounds the reads of a trail for a late message.
const maxStanding = 4 * time.Second

// Reader reads a trail as it stands.
type Reader interface {
	Read(ctx context.Context, arn string) (trail.State, error)
}

// Standing reads how a trail stands.
type Standing struct {
	Scope assess.Scope
	// Logging reads whether a trail logs.
	Logging   func(ctx context.Context, t events.Trail) (bool, error)
	Reader    Reader
	Baselines *baselines.Source
}

// of reads how the trail of a finding stands now; empty where it is about none of this deployment's.
func (s *Standing) of(ctx context.Context, n finding.Finding) finding.Standing {
	t, err := events.ParseTrailARN(n.Subject.ARN)
	if err != nil || t.Partition != s.Scope.Partition || !slices.Contains(s.Scope.Accounts, t.Account) ||
		!plausibleRegion(t.Region) {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, maxStanding)
	defer cancel()
	switch logging, err := s.Logging(ctx, t); {
	case awscall.Code(err) == "TrailNotFound":
		return finding.StandingDeleted
	case err != nil:
		return finding.StandingUnknown
	case !logging:
		return finding.StandingOff
	}
	if !aboutSettings(n) {
		return finding.StandingLogging
	}
	b, err := s.Baselines.Of(ctx, t)
	if err != nil {
		return finding.StandingLogging // there is nothing to compare it with
	}
	switch now, err := s.Reader.Read(ctx, t.ARN()); {
	case err != nil || len(now.Unseen) > 0:
		return finding.StandingUnknown
	case len(trail.Weakened(trail.Diff(b.State, now))) > 0:
		return finding.StandingWeakened
	}
	return finding.StandingLogging
}

// aboutSettings reports whether a finding is about what a baseline compares.
func aboutSettings(n finding.Finding) bool {
	return slices.Contains([]string{
		"weakened",
		"recovered",
		"confirmed",
		"UpdateTrail",
		"PutEventSelectors",
		"PutInsightSelectors",
		"PutEventConfiguration",
		"AddTags",
		"RemoveTags",
	}, cmp.Or(string(n.Kind), n.EventName))
}

// asItShould reports whether the trail stands as it should, or, of one that never was, is not there.
func asItShould(n finding.Finding) bool {
	return n.Late.Now == finding.StandingLogging || n.Absent && n.Late.Now == finding.StandingDeleted
}

// contradicts reports whether the trail is not any more as a finding says that it is. Good news must be seen to be so;
// bad news only not seen to be over.
func contradicts(n finding.Finding) bool {
	now := n.Late.Now
	if now == "" {
		return false
	}
	switch n.Outcome {
	case finding.OutcomeRestored, finding.OutcomeAlreadyLogging, finding.OutcomeNoDrift, finding.OutcomeAccepted:
		return now != finding.StandingLogging
	case finding.OutcomeAttempt,
		finding.OutcomeApproved,
		finding.OutcomeTest,
		finding.OutcomeNotOurs,
		finding.OutcomeRepeated,
		finding.OutcomeUnreadable:
		return false
	}
	return contradictsBad(n, now)
}

// contradictsBad is contradicts for what was found or called.
func contradictsBad(n finding.Finding, now finding.Standing) bool {
	switch cmp.Or(n.Kind, finding.Kind(n.EventName)) {
	case finding.KindRecovered, finding.KindConfirmed, finding.KindRecorded:
		return !asItShould(n)
	case finding.KindNoTrail:
		return now == finding.StandingLogging
	case finding.KindDeliveryError, finding.KindStale:
		return now == finding.StandingDeleted || now == finding.StandingOff
	case finding.KindMissing, "DeleteTrail":
		return now != finding.StandingDeleted && now != finding.StandingUnknown
	case "StartLogging":
		return now != finding.StandingLogging
	case finding.KindNotLogging, finding.KindWeakened, "StopLogging":
		return now == finding.StandingLogging || now == finding.StandingDeleted
	}
	return now == finding.StandingDeleted
}
