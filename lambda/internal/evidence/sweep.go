package evidence

import (
	"context"
	"errors"
	"fmt"
	"time"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/state/claims"
)

// Once keeps what was reported of a subject under a sign, so that it is reported once, until it is over.
type Once interface {
	Claim(ctx context.Context, subject, sign string) claims.State
	Reported(ctx context.Context, subject, sign string)
	Over(ctx context.Context, subject, sign string) bool
}

// Sweeper compares the buckets and keys that baselines describe with what they are. Its fields are set once.
type Sweeper struct {
	Scope     assess.Scope
	Baselines func() ([]baseline.Baseline, error)
	Reader    *Reader
	Enabler   *Enabler // nil: no key is enabled
	Reporter  report.Reporter
	Once      Once
	Clock     clock.Clock
}

const (
	// most bounds the buckets and keys of one sweep, and perSubject the time for each.
	most       = 40
	perSubject = 8 * time.Second
)

// pass is one sweep.
type pass struct {
	*Sweeper

	id       string
	reported map[string]string
	unseen   map[string][]string
	untold   int
	errs     []error
}

// Sweep reads each bucket and key once, and compares it with what every baseline says of it. What could not be read it
// returns by Region, as sentences; it is reported neither as wrong nor as right. Reported is what was reported before, by
// subject. Untold counts the messages that no channel accepted. The error says what was neither accepted nor parked.
func (s *Sweeper) Sweep(ctx context.Context, id string, reported map[string]string) (unseen map[string][]string, untold int, err error) {
	p := &pass{Sweeper: s, id: id, reported: reported, unseen: map[string][]string{}}
	declared, _ := s.Baselines() // that they cannot be read, the sweep says by itself
	for i, of := range subjects(declared, s.Scope) {
		if i == most {
			p.unseen[of.Region] = append(p.unseen[of.Region], fmt.Sprintf("There are more than %d buckets and keys to look at.", most))
			break
		}
		of.read(ctx, p.Reader)
		out := p.enable(ctx, &of)
		p.unseen[of.Region] = append(p.unseen[of.Region], of.unseen...)
		p.settle(ctx, of, out)
	}
	return p.unseen, p.untold, errors.Join(p.errs...)
}

// report reports a finding, and reports whether it was accepted or parked.
func (p *pass) report(ctx context.Context, n finding.Finding) bool {
	sent, err := p.Reporter.Report(ctx, n, nil)
	if !sent.Told() {
		p.untold++
	}
	p.errs = append(p.errs, err)
	return err == nil
}
