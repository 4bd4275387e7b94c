package claims

import (
	"context"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/state"
)

// keepingFindings is how long it is remembered what was delivered about a subject.
const keepingFindings = 90 * 24 * time.Hour

// Findings are the claims on what is to be delivered about a subject until it is over. A sign stands for what that is.
type Findings struct{ of state.Of[finding] }

type finding struct {
	Sign  string    `json:"sign,omitempty"` // of what was delivered, or is about to be
	State string    `json:"state,omitempty"`
	Until time.Time `json:"until,omitzero"` // of the claim
}

// NewFindings returns the claims that these documents have.
func NewFindings(documents state.Documents, clk clock.Clock) *Findings {
	return &Findings{state.Of[finding]{
		Documents: documents,
		Kind:      "told",
		Clock:     clk,
		New:       true,
	}}
}

// Claim asks whether it is for this run to deliver something about a subject. Another sign than the last is something
// new. After Claimed, Delivered must follow when that has worked. The lease is how long the claim counts before another
// run may take it over: a little longer than this run can last.
func (f *Findings) Claim(ctx context.Context, subject, sign string, lease time.Duration) (got State, err error) {
	now := f.of.Now()
	err = f.of.Change(ctx, "see whether it was delivered", subject, func(e *state.Entry[finding]) bool {
		got = e.Value.claim(sign, now, lease)
		e.Expires = now.Add(keepingFindings)
		return got == Claimed
	})
	return got, err
}

func (f *finding) claim(sign string, now time.Time, lease time.Duration) State {
	if f.Sign != "" && f.Sign == sign && (f.State != claimed || !lapsed(f.Until, now)) {
		return of(f.State)
	}
	*f = finding{Sign: sign, State: claimed, Until: now.Add(lease)}
	return Claimed
}

// Delivered notes that what Claim gave out is delivered, unless something newer is about to be.
func (f *Findings) Delivered(ctx context.Context, subject, sign string) error {
	return f.of.Change(ctx, "note that it was delivered", subject, func(e *state.Entry[finding]) bool {
		if e.Value.Sign != sign {
			return false
		}
		e.Value.State, e.Value.Until = delivered, time.Time{}
		return true
	})
}

// All returns what was last delivered about each subject, or is about to be.
func (f *Findings) All(ctx context.Context) (map[string]string, error) {
	found, err := f.of.All(ctx, "read what was delivered")
	all := make(map[string]string, len(found))
	for subject, noted := range found {
		if noted.Sign != "" {
			all[subject] = noted.Sign
		}
	}
	return all, err
}

// Clear forgets what was delivered about a subject, so that the same is delivered again when it comes back. It reports
// whether this call did so: of two at once, one does.
func (f *Findings) Clear(ctx context.Context, subject, sign string) (ours bool, err error) {
	err = f.of.Change(ctx, "note that it is over", subject, func(e *state.Entry[finding]) bool {
		ours = sign != "" && e.Value.Sign == sign
		*e = state.Entry[finding]{Expires: f.of.Now()}
		return ours
	})
	return ours && err == nil, err
}
