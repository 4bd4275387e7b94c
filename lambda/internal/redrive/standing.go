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

// How a trail stands, in the words of a late message.
const (
	standingWell    = "logging"
	standingOff     = "not logging"
	standingGone    = "deleted"
	standingWeak    = "weaker than its baseline"
	standingUnknown = "not known"
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
func (s *Standing) of(ctx context.Context, n finding.Finding) string {
	t, err := events.ParseTrailARN(n.Subject.ARN)
	if err != nil || t.Partition != s.Scope.Partition || !slices.Contains(s.Scope.Accounts, t.Account) ||
		!plausibleRegion(t.Region) {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, maxStanding)
	defer cancel()
	switch logging, err := s.Logging(ctx, t); {
	case awscall.Code(err) == "TrailNotFound":
		return standingGone
	case err != nil:
		return standingUnknown
	case !logging:
		return standingOff
	}
	if !aboutSettings(n) {
		return standingWell
	}
	b, err := s.Baselines.Of(ctx, t)
	if err != nil {
		return standingWell // there is nothing to compare it with
	}
	switch now, err := s.Reader.Read(ctx, t.ARN()); {
	case err != nil || len(now.Unseen) > 0:
		return standingUnknown
	case len(trail.Weakened(trail.Diff(b.State, now))) > 0:
		return standingWeak
	}
	return standingWell
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
	return n.Late.Now == standingWell || n.Absent && n.Late.Now == standingGone
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
		return now != standingWell
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
func contradictsBad(n finding.Finding, now string) bool {
	switch cmp.Or(n.Kind, finding.Kind(n.EventName)) {
	case finding.KindRecovered, finding.KindConfirmed, finding.KindRecorded:
		return !asItShould(n)
	case finding.KindNoTrail:
		return now == standingWell
	case finding.KindDeliveryError, finding.KindStale:
		return now == standingGone || now == standingOff
	case finding.KindMissing, "DeleteTrail":
		return now != standingGone && now != standingUnknown
	case "StartLogging":
		return now != standingWell
	case finding.KindNotLogging, finding.KindWeakened, "StopLogging":
		return now == standingWell || now == standingGone
	}
	return now == standingGone
}
