package guard

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/store"
	"trailkeeper/lambda/internal/trail"
)

const (
	// attemptCap is how often a trail is put back within store.AttemptWindow after events, but for what blinds it, which is put back every time. The
	// sweep goes on at its own pace, so that whoever uses the cap up gains the time to the next sweep at most.
	attemptCap = 10
	// mostRecalling bounds the look-up, which runs beside the reads of the trail.
	mostRecalling = time.Second
	// noting bounds what is noted after a message is out.
	noting = 3 * time.Second
)

// recollection looks up what is remembered of a trail, for one restore.
type recollection struct {
	*Handler
	baseline trail.State
	claim    claim // of the event itself, where it counts
	event    string
	asked    []trail.Field // by the call of the event

	mu       sync.Mutex
	known    store.Trail
	err      error
	excused  []trail.Change // what is worse than in the baseline and stands under an approval
	excusing approval.Judged
}

// remembered looks up what the table knows of a trail. A claim that counts is among what is noted, whatever the table says.
func (h *Handler) remembered(ctx context.Context, arn string, with claim) (seen store.Trail, err error) {
	if h.memory != nil {
		ctx, cancel := context.WithTimeout(ctx, mostRecalling)
		defer cancel()
		seen, err = h.memory.Trail(ctx, arn)
	}
	is := func(a store.Approved) bool { return a.EventID == with.note.EventID }
	if with.counts && !slices.ContainsFunc(seen.Approved, is) {
		seen.Approved = append(slices.Clone(seen.Approved), with.note)
	}
	return seen, err
}

// judged judges what is noted to be approved of a trail, within a bounded time.
func (h *Handler) judged(ctx context.Context, t events.Trail, known store.Trail) approval.Judged {
	ctx, cancel := context.WithTimeout(ctx, mostWeighing)
	defer cancel()
	return h.claims(ctx, t, known)
}

// recall looks up the approved changes and the attempts. The event history is asked about the changes once the trail was read: only then something may
// have to be excused, and what is asked side by side with the reads waits for them.
func (r *recollection) recall(ctx context.Context) remediate.Recalled {
	seen, err := r.remembered(ctx, r.baseline.ARN, r.claim)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known, r.err = seen, err
	return remediate.Recalled{
		Approve: func(baseline, now trail.State) trail.State {
			if t, err := events.ParseTrailARN(baseline.ARN); err == nil {
				r.excusing = r.judged(ctx, t, seen).Disputed(r.event, r.asked)
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
		if !slices.ContainsFunc(left, func(l trail.Change) bool { return l.Field == c.Field && l.After == c.After && l.Effect.Worse() }) && !slices.Contains(r.excused, c) {
			r.excused = append(r.excused, c)
		}
	}
	return excused
}

// word adds to a message what the table could not tell, and says once for a window that the attempt cap is reached: then it returns the sign under
// which that is told.
func (r *recollection) word(ctx context.Context, n *finding.Finding, res remediate.RestoreResult) (escalated string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		n.Detail += " " + sentence(r.err) + " So approved changes and the attempt cap could not be looked up."
	}
	if !res.Capped {
		return ""
	}
	n.Severity = finding.SeverityHigh
	sign := r.known.Attempts.Since.Format(time.RFC3339)
	if t, err := events.ParseTrailARN(r.baseline.ARN); err == nil && r.turn(ctx, capSubject(t), sign) != store.TurnTold {
		escalated, n.Severity = sign, finding.SeverityCritical
		n.NextStep = fmt.Sprintf("Act now: find out who changes the trail and take their access away. Trailkeeper put it back %d times within an hour "+
			"and after each event now puts back only what blinds it;%s", attemptCap, r.sweepGoesOn())
	}
	return escalated
}

func capSubject(t events.Trail) string { return "cap " + t.ARN() }

func (r *recollection) sweepGoesOn() string {
	if r.cfg.SweepMinutes > 0 {
		return fmt.Sprintf(" the sweep goes on every %d min.", r.cfg.SweepMinutes)
	}
	return " it goes on in an hour."
}

// afterRestore notes what a restore did, when the messages are out.
func (h *Handler) afterRestore(ctx context.Context, ev events.Event, a assess.Assessment, res remediate.RestoreResult) {
	if h.memory == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, noting)
	defer cancel()
	arn := a.Trail.ARN()
	if len(res.Before) > 0 || res.Created || res.Missing {
		h.note(ctx, func(ctx context.Context) error { return h.memory.RecordTampering(ctx, arn) })
	}
	if res.Unconfirmed || res.Retryable {
		h.await(ctx, ev, a)
	}
}

// countAttempt counts a restore that the cap is about, beside what else is to do. The channel is closed when it is counted.
func (h *Handler) countAttempt(ctx context.Context, a assess.Assessment, res remediate.RestoreResult) <-chan struct{} {
	done := make(chan struct{})
	if h.memory == nil || !res.Counts {
		close(done)
		return done
	}
	go func() {
		defer close(done)
		h.note(ctx, func(ctx context.Context) error { return h.memory.Attempt(ctx, a.Trail.ARN()) })
	}()
	return done
}

// await notes an outcome that a sweep settles.
func (h *Handler) await(ctx context.Context, ev events.Event, a assess.Assessment) {
	p := store.Pending{EventID: first(ev.Record.EventID, ev.ID), EventName: ev.Record.EventName, Since: h.clock.Now()}
	h.note(ctx, func(ctx context.Context) error { return h.memory.AddPending(ctx, a.Trail.ARN(), p) })
}

// disturbed notes that a call tampered with the trail, when the messages are out.
func (h *Handler) disturbed(ctx context.Context, t events.Trail) {
	if t == (events.Trail{}) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, noting)
	defer cancel()
	h.note(ctx, func(ctx context.Context) error { return h.memory.RecordTampering(ctx, t.ARN()) })
}
