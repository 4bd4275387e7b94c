package guard

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/store"
	"trailkeeper/lambda/internal/sweep/look"
)

type sweeper interface {
	// Look looks at every trail, and for new ones when it is time, or where discover says so.
	Look(ctx context.Context, discover bool) look.Report
}

const (
	// seenAgain is how long the sight of a trail is fresh enough.
	seenAgain = 24 * time.Hour
	// leastPerAct is what a repair must have; without it, it is left for the next sweep.
	leastPerAct = 5 * time.Second
	// forLooking is the part of the time that looking may take, in percent.
	forLooking = 40
	// mostSweeping bounds a sweep where the context has no deadline.
	mostSweeping = 5 * time.Minute
)

// The signs of what was told begin with one of these: what is still wrong, and what was put back.
const (
	signOpen = "open:"
	signDone = "done:"
)

// scheduled sweeps. The schedule of every minute sweeps only while an incident is contested.
func (h *Handler) scheduled(ctx context.Context, ev events.Event) error {
	if ev.DetailType == events.ContestedSweep && (h.sweeper == nil || !h.contested(ctx)) {
		return nil
	}
	return h.sweep(ctx, ev)
}

// contested reports whether somebody undoes again what the guard restores. Without the table that is not known.
func (h *Handler) contested(ctx context.Context) bool {
	for _, u := range h.openIncidents(ctx) {
		if u.Contested() {
			return true
		}
	}
	return false
}

// sweep looks at every trail, puts back what is wrong as far as the mode allows, and tells. The error says what was neither told nor parked.
func (h *Handler) sweep(ctx context.Context, ev events.Event) error {
	if h.sweeper == nil {
		h.log.InfoContext(ctx, "scheduled event ignored", "event_id", ev.ID)
		return nil
	}
	began := h.clock.Now()
	left := h.clock.Left(ctx, forNotifying, mostSweeping)
	looking, cancel := context.WithTimeout(ctx, left*forLooking/100)
	told := h.everTold(looking)
	report := h.sweeper.Look(looking, blindBefore(told)) // what could not be seen may be over
	cancel()
	r := &sweepRun{
		Handler: h, at: began, id: ev.Time, event: ev.Kind == events.KindRecord, report: report, told: told, until: began.Add(left),
		restored: map[string]bool{},
	}
	r.actOnAll(ctx)
	r.nameLater(ctx)
	r.errs = append(r.errs, h.sendSummaries(ctx)) // before the end of what they are about
	r.closeIncidents(ctx)
	r.tellBlind(ctx)
	r.tellUncovered(ctx)
	if report.Discovered && report.MemoryErr == nil {
		h.note(ctx, h.discovered)
	}
	if !r.event && h.clock.Left(ctx, afterRedriving, mostRedriving) > leastForRedriving {
		h.redrive(ctx, mostRedriving, redriver.Run)
	}
	r.heartbeat(ctx)
	return errors.Join(r.errs...)
}

func (h *Handler) discovered(ctx context.Context) error { return h.memory.Discover(ctx) }

// sweepRun is one run of the sweep.
type sweepRun struct {
	*Handler
	at       time.Time
	id       string // the schedule's time, as the event says: the same for two invocations of the same one
	event    bool   // an event has started it, whose record names no trail
	until    time.Time
	report   look.Report
	told     map[string]string // what was told before, by subject
	restored map[string]bool   // trails that were put back, by ARN
	errs     []error
	waiting  int // trails that are yet to be seen to
	found    map[finding.Kind]int
	unseen   int // Regions of which not everything could be seen
}

// actOnAll acts on every trail, each with its share of the time, those that do not log first.
func (r *sweepRun) actOnAll(ctx context.Context) {
	r.found = map[finding.Kind]int{}
	order := make([]*look.Sight, 0, len(r.report.Sights))
	for i := range r.report.Sights {
		order = append(order, &r.report.Sights[i])
	}
	if n := len(order); n > 0 { // the order changes from sweep to sweep, so that no trail is always the last
		first := int(r.at.Unix()/60) % n
		order = append(order[first:], order[:first]...)
	}
	slices.SortStableFunc(order, func(a, b *look.Sight) int { return urgency(a) - urgency(b) })
	for _, s := range order {
		if len(s.Findings) > 0 {
			r.waiting++
		}
	}
	for _, s := range order {
		if len(s.Findings) > 0 {
			r.waiting--
			r.actInTime(ctx, s, r.waiting+1)
		}
		r.settleClaims(ctx, s)
		r.settle(ctx, s)
		r.remember(ctx, s)
	}
}

// actInTime acts with a share of the time, or leaves it to the next sweep.
func (r *sweepRun) actInTime(ctx context.Context, s *look.Sight, troubled int) {
	left := r.until.Sub(r.clock.Now())
	if left < leastPerAct {
		r.log.WarnContext(ctx, "no time left in this sweep", "trail", s.Trail.ARN())
		return
	}
	r.act(ctx, s, r.clock.Now().Add(max(leastPerAct, left/time.Duration(troubled))))
}

func urgency(s *look.Sight) int {
	switch {
	case s.Found(finding.KindNotLogging):
		return 0
	case s.Found(finding.KindMissing, finding.KindWeakened):
		return 1
	}
	return 2
}

// tell tells of a finding, unless it was told before and nothing has changed since.
func (r *sweepRun) tell(ctx context.Context, f look.Finding, n finding.Finding) {
	r.tellOf(ctx, nil, f, n)
}

// tellOf is tell of a trail, whose message says who is behind it.
func (r *sweepRun) tellOf(ctx context.Context, s *look.Sight, f look.Finding, n finding.Finding) {
	r.found[f.Kind]++
	sign := signOpen + f.Signed(string(n.Outcome))
	if n.Outcome == finding.OutcomeRestored || n.Outcome == finding.OutcomePartlyRestored {
		// A repair is told every time that it was made, but for two runs of one schedule at once; the schedule's time is the invoker's to choose.
		repair := f.Signed(string(n.Outcome), r.id, r.at.UTC().Truncate(time.Minute).Format(time.RFC3339))
		sign, n.EventID = signDone+repair, "sweep-"+repair
	}
	turn := r.turn(ctx, f.Subject(), sign)
	r.log.InfoContext(ctx, "found", "kind", string(f.Kind), "trail", f.Trail.ARN(), "region", f.Region, "outcome", string(n.Outcome),
		"finding_id", n.EventID, "news", turn == store.TurnOurs)
	if turn != store.TurnOurs {
		r.measure(ctx, report.Figures(n, false)...) // what fails again is told once, and counts each time
		return
	}
	if s != nil {
		r.name(ctx, s, f, &n)
	}
	if _, err := r.reporter.Report(ctx, n, nil); err != nil {
		r.errs = append(r.errs, err)
		return
	}
	r.toldAll(ctx, f.Subject(), sign)
}

// finding starts a notification about a finding.
func (r *sweepRun) finding(f look.Finding) finding.Finding {
	n := finding.Finding{
		EventID: "sweep-" + f.Signed(r.id), Kind: f.Kind, EventTime: r.at.UTC(), Severity: finding.SeverityHigh, Outcome: finding.OutcomeNotified,
		Detail: strings.Join(f.Reasons, " "),
		Subject: finding.Subject{
			ARN:       f.Trail.ARN(),
			Name:      f.Trail.Name,
			Account:   f.Trail.Account,
			Region:    f.Region,
			Partition: r.cfg.Partition,
		},
		Stack: r.cfg.Stack,
	}
	if n.Account == "" && len(r.cfg.Accounts) > 0 {
		n.Account = r.cfg.Accounts[0]
	}
	return n
}

// sentence makes one of an error.
func sentence(err error) string {
	s := strings.ReplaceAll(strings.TrimSuffix(err.Error(), "."), "\n", "; ") + "."
	return strings.ToUpper(s[:1]) + s[1:]
}
