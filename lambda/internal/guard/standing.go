package guard

import (
	"context"
	"slices"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/awscall"
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

// mostStanding bounds the reads of a trail for a late message.
const mostStanding = 4 * time.Second

type trailReader interface {
	Read(ctx context.Context, arn string) (trail.State, error)
}

// standing reads how the trail of a notification stands now; empty where it is about none of this deployment's.
func (h *Handler) standing(ctx context.Context, n finding.Finding) string {
	t, err := events.ParseTrailARN(n.Subject.ARN)
	if err != nil || t.Partition != h.cfg.Partition || !slices.Contains(h.cfg.Accounts, t.Account) || !plausibleRegion(t.Region) {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, mostStanding)
	defer cancel()
	switch logging, err := h.restarts.Logging(ctx, t); {
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
	b, err := h.baselineOf(ctx, t)
	if err != nil {
		return standingWell // there is nothing to compare it with
	}
	switch now, err := h.reads.Read(ctx, t.ARN()); {
	case err != nil || len(now.Unseen) > 0:
		return standingUnknown
	case len(trail.Weakened(trail.Diff(b.state, now))) > 0:
		return standingWeak
	}
	return standingWell
}

// aboutSettings reports whether a notification is about what a baseline compares.
func aboutSettings(n finding.Finding) bool {
	switch first(string(n.Kind), n.EventName) {
	case "weakened", "recovered", "confirmed", "UpdateTrail", "PutEventSelectors", "PutInsightSelectors", "PutEventConfiguration", "AddTags", "RemoveTags":
		return true
	}
	return false
}

// asItShould reports whether the trail stands as it should, or, of one that never was, is not there.
func asItShould(n finding.Finding) bool {
	return n.Late.Now == standingWell || n.Absent && n.Late.Now == standingGone
}

// contradicts reports whether the trail is not any more as a notification says that it is. Good news must be seen to be so; bad news only not seen to
// be over.
func contradicts(n finding.Finding) bool {
	now := n.Late.Now
	if now == "" {
		return false
	}
	switch n.Outcome {
	case finding.OutcomeRestored, finding.OutcomeAlreadyLogging, finding.OutcomeNoDrift, finding.OutcomeAccepted:
		return now != standingWell
	case finding.OutcomeAttempt, finding.OutcomeApproved, finding.OutcomeTest, finding.OutcomeNotOurs, finding.OutcomeRepeated, finding.OutcomeUnreadable:
		return false
	}
	switch n.Kind {
	case finding.KindRecovered, finding.KindConfirmed, finding.KindRecorded:
		return !asItShould(n)
	case finding.KindDeliveryError, finding.KindStale:
		return now == standingGone || now == standingOff
	}
	switch first(string(n.Kind), n.EventName) {
	case "missing", "DeleteTrail":
		return now != standingGone && now != standingUnknown
	case "StartLogging":
		return now != standingWell
	case "not_logging", "weakened", "StopLogging":
		return now == standingWell || now == standingGone
	}
	return now == standingGone
}
