package guard

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/notify"
	"trailkeeper/lambda/internal/store"
	"trailkeeper/lambda/internal/sweep"
	"trailkeeper/lambda/internal/trail"
)

type sweeper interface {
	Look(ctx context.Context) sweep.Report
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

// sweep looks at every trail, puts back what is wrong as far as the mode allows, and tells. The error says what was neither told nor parked.
func (h *Handler) sweep(ctx context.Context, ev events.Event) error {
	if h.sweeper == nil {
		h.log.InfoContext(ctx, "scheduled event ignored", "event_id", ev.ID)
		return nil
	}
	began := h.clock.Now()
	left := h.clock.Left(ctx, forNotifying, mostSweeping)
	looking, cancel := context.WithTimeout(ctx, left*forLooking/100)
	report := h.sweeper.Look(looking)
	cancel()
	r := &sweepRun{
		Handler: h, at: began, id: ev.Time, event: ev.Kind == events.KindRecord, report: report, told: h.everTold(ctx), until: began.Add(left),
		restored: map[string]bool{},
	}
	r.actOnAll(ctx)
	r.closeIncidents(ctx)
	r.tellBlind(ctx)
	r.tellUncovered(ctx)
	if report.Discovered && report.MemoryErr == nil {
		h.note(ctx, h.discovered)
	}
	r.errs = append(r.errs, h.summaries(ctx))
	if !r.event && h.clock.Left(ctx, afterRedriving, mostRedriving) > leastForRedriving {
		h.redrive(ctx, mostRedriving)
	}
	r.heartbeat(ctx)
	return errors.Join(r.errs...)
}

func (h *Handler) discovered(ctx context.Context) error { return h.memory.Discover(ctx) }

// sweepRun is one run of the sweep.
type sweepRun struct {
	*Handler
	at       time.Time
	id       string // the schedule's time: the same for two invocations of the same one
	event    bool   // an event has started it, whose record names no trail
	until    time.Time
	report   sweep.Report
	told     map[string]string // what was told before, by subject
	restored map[string]bool   // trails that were put back, by ARN
	errs     []error
	found    map[sweep.Kind]int
}

// actOnAll acts on every trail, each with its share of the time, those that do not log first.
func (r *sweepRun) actOnAll(ctx context.Context) {
	r.found = map[sweep.Kind]int{}
	order := make([]*sweep.Sight, 0, len(r.report.Sights))
	for i := range r.report.Sights {
		order = append(order, &r.report.Sights[i])
	}
	if n := len(order); n > 0 { // the order changes from sweep to sweep, so that no trail is always the last
		first := int(r.at.Unix()/60) % n
		order = append(order[first:], order[:first]...)
	}
	slices.SortStableFunc(order, func(a, b *sweep.Sight) int { return urgency(a) - urgency(b) })
	troubled := 0
	for _, s := range order {
		if len(s.Findings) > 0 {
			troubled++
		}
	}
	for _, s := range order {
		if len(s.Findings) > 0 {
			r.actInTime(ctx, s, troubled)
			troubled--
		}
		r.settle(ctx, s)
		r.remember(ctx, s)
	}
}

// actInTime acts with a share of the time, or leaves it to the next sweep.
func (r *sweepRun) actInTime(ctx context.Context, s *sweep.Sight, troubled int) {
	left := r.until.Sub(r.clock.Now())
	if left < leastPerAct {
		r.log.WarnContext(ctx, "no time left in this sweep", "trail", s.Trail.ARN())
		return
	}
	r.act(ctx, s, r.clock.Now().Add(max(leastPerAct, left/time.Duration(troubled))))
}

func urgency(s *sweep.Sight) int {
	switch {
	case s.Found(sweep.NotLogging):
		return 0
	case s.Found(sweep.Missing, sweep.Weakened):
		return 1
	}
	return 2
}

// tell tells of a finding, unless it was told before and nothing has changed since.
func (r *sweepRun) tell(ctx context.Context, f sweep.Finding, n notify.Notification) {
	r.found[f.Kind]++
	sign := signOpen + f.Signed(string(n.Outcome))
	if n.Outcome == notify.OutcomeRestored || n.Outcome == notify.OutcomePartlyRestored {
		sign = signDone + f.Signed(string(n.Outcome), r.id) // a repair is told every time that it was made
	}
	turn := r.turn(ctx, f.Subject(), sign)
	r.log.InfoContext(ctx, "found", "kind", string(f.Kind), "trail", f.Trail.ARN(), "region", f.Region, "outcome", string(n.Outcome),
		"finding_id", n.EventID, "news", turn == store.TurnOurs)
	if turn != store.TurnOurs {
		metrics.Write(ctx, r.log, r.cfg.Stack, r.clock.Now(), figures(n, false)...) // what fails again is told once, and counts each time
		return
	}
	if err := r.notices.Tell(ctx, n, nil); err != nil {
		r.errs = append(r.errs, err)
		return
	}
	r.toldAll(ctx, f.Subject(), sign)
}

// finding starts a notification about a finding.
func (r *sweepRun) finding(f sweep.Finding) notify.Notification {
	n := notify.Notification{
		EventID: "sweep-" + f.Signed(r.id), Finding: string(f.Kind), EventTime: r.at.UTC(), Severity: notify.SeverityHigh, Outcome: notify.OutcomeNotified,
		Detail:   strings.Join(f.Reasons, " "),
		TrailARN: f.Trail.ARN(), TrailName: f.Trail.Name, Account: f.Trail.Account, Region: f.Region, Partition: r.cfg.Partition, Stack: r.cfg.Stack,
	}
	if n.Account == "" && len(r.cfg.Accounts) > 0 {
		n.Account = r.cfg.Accounts[0]
	}
	return n
}

// settle ends what is over: what was told of the trail, and what was accepted and not confirmed.
func (r *sweepRun) settle(ctx context.Context, s *sweep.Sight) {
	if s.State.ARN == "" {
		return // not seen
	}
	seen := func(p trail.Part) bool { return s.State.Unseen[p] == "" }
	over := map[sweep.Kind]bool{
		sweep.Missing: true, sweep.NotLogging: seen(trail.PartLogging), sweep.Undelivered: seen(trail.PartLogging), sweep.Stale: seen(trail.PartLogging),
		sweep.Weakened: len(s.State.Unseen) == 0,
	}
	for kind, visible := range over {
		subject := sweep.Finding{Kind: kind, Trail: s.Trail}.Subject()
		sign, was := r.told[subject]
		if !was || !visible || s.Found(kind) {
			continue
		}
		if r.forget(ctx, subject, sign) && strings.HasPrefix(sign, signOpen) {
			r.tellRecovered(ctx, s, kind)
		}
	}
	if sign, was := r.told[leftSubject(s.Trail)]; was && len(s.State.Unseen) == 0 && !s.Found(sweep.Weakened) {
		r.forget(ctx, leftSubject(s.Trail), sign)
	}
	r.settleNotes(ctx, s)
	p := s.Known.Pending
	if p.EventID == "" || r.memory == nil || !sees(s, p.EventName) || s.Found(sweep.NotLogging, sweep.Weakened, sweep.Missing) && !r.restored[s.Trail.ARN()] {
		return
	}
	if ours, err := r.memory.Settle(ctx, s.Trail.ARN(), p); err != nil || !ours || s.Found(sweep.NotLogging, sweep.Weakened) {
		return // a repair of this run has been told
	}
	f := sweep.Finding{Kind: sweep.Confirmed, Trail: s.Trail, Region: s.Trail.Region, Sign: p.EventID}
	n := r.finding(f)
	n.Severity, n.Ended = notify.SeverityMedium, string(sweep.NotLogging)
	switch p.EventName {
	case "StopLogging":
	case "DeleteTrail":
		n.Ended = string(sweep.Missing)
	default:
		n.Ended = string(sweep.Weakened)
	}
	n.Detail = "What was done after " + p.EventName + " (event " + p.EventID + ", " + notify.Time(p.Since) + ") was not confirmed then. " +
		"The sweep finds the trail as it should be."
	r.tell(ctx, f, n)
}

// settleNotes drops the notes of approved changes that are not there any more, and ends the holding back of a repair.
func (r *sweepRun) settleNotes(ctx context.Context, s *sweep.Sight) {
	for _, a := range s.Obsolete() {
		r.note(ctx, func(ctx context.Context) error { return r.memory.Unapprove(ctx, a) })
	}
	if !s.Known.Held.IsZero() && len(s.State.Unseen) == 0 && !s.Found(sweep.Weakened, sweep.NotLogging) {
		r.note(ctx, func(ctx context.Context) error { return r.memory.Release(ctx, s.Trail.ARN()) })
	}
}

// sees reports whether the parts of the trail were seen that a call can change.
func sees(s *sweep.Sight, call string) bool {
	fields := trail.FieldsOf(call)
	if len(fields) == 0 {
		return len(s.State.Unseen) == 0
	}
	return !slices.ContainsFunc(fields, func(f trail.Field) bool { return s.State.Unseen[f.Part()] != "" })
}

// tellRecovered tells that something is over which the guard has not put right.
func (r *sweepRun) tellRecovered(ctx context.Context, s *sweep.Sight, was sweep.Kind) {
	f := sweep.Finding{Kind: sweep.Recovered, Trail: s.Trail, Region: s.Trail.Region, Sign: string(was) + r.id}
	n := r.finding(f)
	n.Severity, n.Ended = notify.SeverityLow, string(was)
	n.Detail = map[sweep.Kind]string{
		sweep.Missing:     "The trail is there again.",
		sweep.NotLogging:  "The trail logs again.",
		sweep.Weakened:    "The trail is no longer weaker than its baseline.",
		sweep.Undelivered: "CloudTrail delivers the trail's files again.",
		sweep.Stale:       "CloudTrail delivers digests again.",
	}[was] + " Somebody else has put it right, or it has passed."
	r.tell(ctx, f, n)
}

// closeIncidents ends the incidents of trails that this sweep finds in order: somebody has put them right, and no finding of a sweep was left to end.
func (r *sweepRun) closeIncidents(ctx context.Context) {
	open := r.notices.Open(ctx)
	for i := range r.report.Sights {
		s := &r.report.Sights[i]
		u, ok := open[s.Trail.ARN()]
		if !ok || s.State.ARN == "" || len(s.State.Unseen) > 0 || len(s.Findings) > 0 {
			continue
		}
		if u.Noted.After(r.at) {
			continue // it was found wrong after this sweep began to look
		}
		if s.Baseline.ARN == "" && slices.Contains(u.Findings, string(sweep.Weakened)) {
			continue // there is nothing to compare it with
		}
		f := sweep.Finding{Kind: sweep.Recovered, Trail: s.Trail, Region: s.Trail.Region, Sign: u.ID + r.id}
		n := r.finding(f)
		n.Severity = notify.SeverityLow
		n.Detail = "The sweep finds the trail in order: nothing of it is weaker than it should be. " + whoEnded(u)
		r.tell(ctx, f, n)
	}
}

// whoEnded says how an incident came to its end that a sweep finds.
func whoEnded(u incident.Unsettled) string {
	if u.Closed.IsZero() {
		return "Somebody else has put it right, or it has passed."
	}
	return "It was put right at " + notify.Time(u.Closed) + ", but the message about that is not known to have reached anybody."
}

// remember notes that a healthy trail was seen, and records its state where that may become its baseline.
func (r *sweepRun) remember(ctx context.Context, s *sweep.Sight) {
	if r.memory == nil || r.report.MemoryErr != nil {
		return
	}
	if s.Gone && s.Kind != trail.Declared {
		r.note(ctx, func(ctx context.Context) error { return r.memory.Forget(ctx, s.Trail.ARN()) }) // it was told
	}
	if s.State.ARN == "" {
		return
	}
	if s.State.Logging && s.State.Unseen[trail.PartLogging] == "" && r.at.Sub(s.Known.Seen) >= seenAgain {
		r.note(ctx, func(ctx context.Context) error { return r.memory.Seen(ctx, s.Trail.ARN()) })
	}
	if !r.recorded || s.Kind == trail.Declared {
		return
	}
	if why := s.Fit(r.open(s), r.at); len(why) > 0 {
		r.log.DebugContext(ctx, "baseline not recorded", "trail", s.Trail.ARN(), "why", strings.Join(why, " "))
		return
	}
	known := s.Known.Recorded
	usable, unusable := sweep.Usable(s.Known)
	if usable != nil && !strengthened(usable.State, s.State) {
		return
	}
	if s.Known.Broken != 0 {
		known = &store.Recorded{Version: s.Known.Broken}
	}
	recorded, ours, err := r.memory.Record(ctx, s.State, known)
	if err != nil {
		r.log.WarnContext(ctx, "state table", "error", err.Error())
	}
	if ours {
		r.log.InfoContext(ctx, "baseline recorded", "trail", s.Trail.ARN(), "version", recorded.Version)
	}
	if ours && (known == nil || unusable != nil) {
		r.tellRecorded(ctx, s)
	}
}

// strengthened reports whether a trail has changed since its baseline was recorded, and nothing of it weakens.
func strengthened(recorded, now trail.State) bool {
	changes := trail.Diff(recorded, now)
	return len(changes) > 0 && len(trail.Weakened(changes)) == 0
}

// open reports whether something that was told of the trail is not over.
func (r *sweepRun) open(s *sweep.Sight) bool {
	for subject, sign := range r.told {
		if strings.HasSuffix(subject, " "+s.Trail.ARN()) && strings.HasPrefix(sign, signOpen) && !strings.HasPrefix(subject, string(sweep.Recovered)) &&
			!strings.HasPrefix(subject, string(sweep.Confirmed)) && !strings.HasPrefix(subject, string(sweep.Recorded)) {
			return true
		}
	}
	return false
}

// tellRecorded announces the first baseline of a trail, so that people can object to it.
func (r *sweepRun) tellRecorded(ctx context.Context, s *sweep.Sight) {
	f := sweep.Finding{Kind: sweep.Recorded, Trail: s.Trail, Region: s.Trail.Region, Sign: r.id}
	n := r.finding(f)
	n.Severity = notify.SeverityLow
	n.Detail = "The sweep has recorded the trail's present state as its baseline, from which it only strengthens the trail: it records " +
		trail.Records(s.State) + ", into bucket " + s.State.Settings.S3Bucket + "."
	n.NextStep = "Check that this is how the trail should be, and declare it: trailkeeper baseline capture --region " + s.Trail.Region + " --trail " +
		s.Trail.ARN() + ", then deploy."
	r.tell(ctx, f, n)
}

// tellBlind tells what could not be seen, once for each Region and reason.
func (r *sweepRun) tellBlind(ctx context.Context) {
	blind := map[string]bool{}
	for _, f := range r.blind() {
		blind[f.Subject()] = true
		n := r.finding(f)
		n.NextStep = "Find out what keeps the guard from it. Where it is the guard's role, deploy again. What cannot be seen is not taken for healthy."
		r.tell(ctx, f, n)
	}
	for _, subject := range slices.Sorted(maps.Keys(r.told)) {
		if strings.HasPrefix(subject, string(sweep.CannotSee)+" ") && !blind[subject] && r.report.Discovered {
			r.forget(ctx, subject, r.told[subject])
		}
	}
}

// blind adds to what the sweep could not see what it could not read to begin with.
func (r *sweepRun) blind() []sweep.Finding {
	all := slices.Clone(r.report.Blind)
	own := func(reason string) {
		for i := range all {
			if all[i].Region == r.region {
				all[i].Reasons = append(slices.Clone(all[i].Reasons), reason)
				return
			}
		}
		all = append(all, sweep.Finding{Kind: sweep.CannotSee, Region: r.region, Reasons: []string{reason}})
	}
	if err := r.report.MemoryErr; err != nil {
		own(sentence(err) + " Without it the sweep looks for trails every time, knows no recorded baseline and no approved change, and may tell things again.")
	}
	if err := r.report.BaselineErr; err != nil {
		own(sentence(err))
	}
	return all
}

// tellUncovered tells when no trail records the write management events of the guard's Region: then no event of a call arrives either.
func (r *sweepRun) tellUncovered(ctx context.Context) {
	f := sweep.Finding{Kind: sweep.Uncovered, Region: r.region}
	if !r.report.Discovered || r.report.Excluded || len(r.report.Blind) > 0 {
		return // what is not looked at may record them
	}
	for i := range r.report.Sights {
		s := &r.report.Sights[i]
		if sweep.Covers(s.State, r.region) || r.restored[s.Trail.ARN()] && sweep.Covers(s.Baseline, r.region) {
			if sign, was := r.told[f.Subject()]; was {
				r.forget(ctx, f.Subject(), sign)
			}
			return
		}
	}
	n := r.finding(f)
	n.Severity = notify.SeverityCritical
	n.Detail = "No trail that logs records write management events here, so EventBridge gets no events of API calls either: until that changes, only " +
		"the sweep sees anything."
	n.NextStep = "Start or repair a trail that records them, or create one; the setting firstTrail.enabled makes one."
	if len(r.report.Foreign) > 0 {
		n.Severity = notify.SeverityMedium
		n.Detail = "No trail of this account that logs records write management events here. The organization trail " + r.report.Foreign[0] +
			" is shown, and whether it logs cannot be seen from here."
		n.NextStep = "Look at that trail in its account, or run Trailkeeper there."
	}
	r.tell(ctx, f, n)
}

// heartbeat says that the sweep ran, and what it saw.
func (r *sweepRun) heartbeat(ctx context.Context) {
	found := 0
	for _, n := range r.found {
		found += n
	}
	healthy, weakened, stopped := r.health()
	now := r.clock.Now()
	metrics.Write(ctx, r.log, r.cfg.Stack, now,
		metrics.Metric{Name: metric.Heartbeat, Unit: "Count", Value: 1},
		metrics.Metric{Name: metric.SweepDuration, Unit: "Milliseconds", Value: now.Sub(r.at).Milliseconds()},
		metrics.Metric{Name: metric.TrailsHealthy, Unit: "Count", Value: healthy},
		metrics.Metric{Name: metric.TrailsWeakened, Unit: "Count", Value: weakened},
		metrics.Metric{Name: metric.TrailsStopped, Unit: "Count", Value: stopped},
		metrics.Metric{Name: metric.Findings, Unit: "Count", Value: int64(found)})
}

// health counts the trails as this sweep leaves them. One that could not be seen counts nowhere.
func (r *sweepRun) health() (healthy, weakened, stopped int64) {
	for i := range r.report.Sights {
		s := &r.report.Sights[i]
		off := s.Found(sweep.NotLogging, sweep.Missing)
		switch {
		case s.State.ARN == "" && !s.Gone:
		case !off && s.Found(sweep.Undelivered, sweep.Stale):
			weakened++
		case len(s.Findings) == 0 || r.restored[s.Trail.ARN()]:
			healthy++
		case off:
			stopped++
		default:
			weakened++
		}
	}
	return healthy, weakened, stopped
}

// sentence makes one of an error.
func sentence(err error) string {
	s := strings.ReplaceAll(strings.TrimSuffix(err.Error(), "."), "\n", "; ") + "."
	return strings.ToUpper(s[:1]) + s[1:]
}
