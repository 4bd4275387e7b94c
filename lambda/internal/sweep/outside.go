package sweep

import (
	"context"
	"errors"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/heartbeat"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/sweep/look"
)

// pingOutside pings after a scheduled sweep that did all that it is for. What it found does not count, as long as
// somebody was told: silence means that the sweep did not run, could not see, had no time or could tell nobody.
func (r *run) pingOutside(ctx context.Context) {
	f := look.Finding{Kind: finding.KindHeartbeat, Region: r.sweeper.Reports.Region}
	if r.event {
		return
	}
	if r.sweeper.Outside == nil {
		r.forget(ctx, f)
		return
	}
	beat := heartbeat.Beat{Outside: r.sweeper.Outside, Log: r.sweeper.Log, Measure: r.sweeper.Reports.Measure}
	taken, wrong := beat.Send(ctx, r.incomplete())
	if taken {
		r.forget(ctx, f)
	}
	if wrong == nil {
		return
	}
	f.Reasons = []finding.Note{finding.Say(finding.NoteText, sanitize.Sentence(wrong)), finding.Say(finding.NoteNoHeartbeat)}
	n := r.finding(f)
	n.Advise(finding.NextHeartbeat)
	r.report(ctx, f, n)
}

// incomplete says what the sweep did not do of what it is for; empty: it did everything.
func (r *run) incomplete() string {
	switch {
	case errors.Join(r.errs...) != nil:
		return "a message was neither accepted nor kept"
	case r.blind > 0:
		return "not everything could be seen"
	case r.left > 0:
		return "no time was left for a trail"
	case r.unchecked != "":
		return r.unchecked
	case r.untold > 0:
		return "no channel accepted a message"
	}
	return ""
}

// forget lets a finding be reported again, which is over.
func (r *run) forget(ctx context.Context, f look.Finding) {
	if sign, was := r.reported[f.Subject()]; was {
		r.clear(ctx, f.Subject(), sign)
	}
}
