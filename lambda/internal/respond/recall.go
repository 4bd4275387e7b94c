package respond

import (
	"context"
	"slices"
	"sync"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/outcome"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/trail"
)

// attemptCap is how often a trail is put back within an hour after events, but for what blinds it, which is
// put back every time. The sweep goes on at its own pace, so that whoever uses the cap up gains the time to the next
// sweep at most.
const attemptCap = 10

// recollection looks up what is remembered of a trail, for one restore.
type recollection struct {
	claims   *Claims
	clock    clock.Clock
	baseline trail.State
	claim    claim // of the event itself, where it counts
	event    string
	asked    []trail.Field // by the call of the event

	mu       sync.Mutex
	known    known.Trail
	err      error
	excused  []trail.Change // what is worse than in the baseline and stands under an approval
	excusing approval.Judged
}

// recall looks up the approved changes and the attempts. The event history is asked about the changes once the trail
// was read: only then something may have to be excused, and what is asked side by side with the reads waits for them.
func (r *recollection) recall(ctx context.Context) remediate.Recalled {
	seen, err := r.claims.of(ctx, r.baseline.ARN, r.claim)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known, r.err = seen, err
	return remediate.Recalled{
		Approve: func(baseline, now trail.State) trail.State {
			if t, err := events.ParseTrailARN(baseline.ARN); err == nil {
				r.excusing = r.claims.judged(ctx, t, seen).Disputed(r.event, r.asked)
			}
			return r.excuse(baseline, now)
		},
		Capped: seen.Attempts.Within(r.clock.Now()).Count >= attemptCap,
	}
}

// excuse returns the baseline with what is approved in it, and keeps what that excuses.
func (r *recollection) excuse(baseline, now trail.State) trail.State {
	r.mu.Lock()
	defer r.mu.Unlock()
	excused := r.excusing.Excuse(baseline, now)
	left := trail.Diff(excused, now)
	for _, c := range trail.Weakened(trail.Diff(baseline, now)) {
		still := func(l trail.Change) bool { return l.Field == c.Field && l.After == c.After && l.Effect.Worse() }
		if !slices.ContainsFunc(left, still) && !slices.Contains(r.excused, c) {
			r.excused = append(r.excused, c)
		}
	}
	return excused
}

// noteSilence adds to a finding what the table could not tell.
func (r *recollection) noteSilence(n *finding.Finding) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		n.Note(finding.NoteText, sanitize.Sentence(r.err))
		n.Note(finding.NoteNotRecalled)
	}
}

// window is since when the attempts are counted, which stands for one time that the cap is reached.
func (r *recollection) window() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known.Attempts.Since.Format(time.RFC3339)
}

// standing are the changes that stand under an approval.
func (r *recollection) standing() []finding.Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []finding.Change
	for _, c := range r.excused {
		all = append(all, outcome.Change(c, finding.DoneNothing, finding.Say(finding.NoteStands)))
	}
	return all
}
