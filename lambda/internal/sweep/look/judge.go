package look

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/asked"
	"trailkeeper/lambda/internal/baselines"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/trail"
	"trailkeeper/lambda/internal/trail/coverage"
)

// oldest is how long ago the last digest may be: CloudTrail delivers one every hour, also where nothing happens
// (CloudTrail User Guide, "CloudTrail digest file structure").
const oldest = 3 * time.Hour

// look reads one trail and judges it.
func (l *looking) look(ctx context.Context, s *Sight) {
	arn := s.Trail.ARN()
	l.findBaseline(s)
	state, err := l.looker.Trails.Read(ctx, arn)
	switch {
	case errors.Is(err, trail.ErrNotFound):
		if s.Gone, s.Declared = true, s.Baseline; s.Unfounded() && !l.deleted(ctx, s) {
			return
		}
		// One that CloudTrail has confirmed may be of the trail before.
		if s.Claims = l.looker.claims(ctx, s); s.Claims.Deleted() {
			s.Claims = l.looker.unrivalled(ctx, s, nil)
		}
		if !s.Claims.Deleted() {
			deletion := func(r asked.Request) bool { return r.Deleted }
			reasons := []finding.Note{finding.Say(finding.NoteNoSuchTrail, arn)}
			s.find(Finding{Kind: finding.KindMissing, Reasons: reasons, Expired: s.over(deletion)})
		}
		return
	case err != nil:
		l.cannotSee(s.Trail.Region, fmt.Sprintf("trail %s: %s", s.Trail.Name, err.Error()))
		return
	}
	s.State = state
	for _, part := range slices.Sorted(maps.Keys(state.Unseen)) {
		l.cannotSee(s.Trail.Region, state.Unseen[part])
	}
	s.Declared, s.Claims = s.Baseline, l.looker.claims(ctx, s)
	if held := s.Claims.Holds(s.Declared, state); len(held) > 0 {
		s.Claims = l.looker.unrivalled(ctx, s, held)
	}
	s.Baseline = s.Claims.Excuse(s.Baseline, state)
	now := l.looker.Clock.Now()
	s.judgeDelivery(now)
	s.judge()
}

// maxJudging bounds asking the event history about the claims of one trail.
const maxJudging = 5 * time.Second

// claims judges what is noted to be approved of the trail.
func (l *Looker) claims(ctx context.Context, s *Sight) approval.Judged {
	if l.Claims == nil || len(s.Known.Approved) == 0 {
		return approval.Judged{}
	}
	ctx, cancel := context.WithTimeout(ctx, maxJudging)
	defer cancel()
	return l.Claims(ctx, s.Trail, s.Known)
}

// unrivalled are the claims about a trail without those that are waited for while CloudTrail knows that somebody else
// has changed these fields.
func (l *Looker) unrivalled(ctx context.Context, s *Sight, fields []trail.Field) approval.Judged {
	if l.Rival == nil {
		return s.Claims
	}
	ctx, cancel := context.WithTimeout(ctx, maxJudging)
	defer cancel()
	if says, found := l.Rival(ctx, s, fields); found {
		return s.Claims.Without(fields, says)
	}
	return s.Claims
}

// maxUnfounded bounds the trails that nobody has seen of which a sweep asks the event history whether they were
// deleted.
const maxUnfounded = 3

// deleted reports whether the event history shows that somebody has deleted the trail, so that there was one.
func (l *looking) deleted(ctx context.Context, s *Sight) bool {
	l.mu.Lock()
	l.asked++
	asked := l.asked
	l.mu.Unlock()
	if l.looker.Rival == nil || asked > maxUnfounded {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, maxJudging)
	defer cancel()
	_, found := l.looker.Rival(ctx, s, nil)
	return found
}

// findBaseline gives the trail its baseline: the declared one, or else the last that was recorded.
func (l *looking) findBaseline(s *Sight) {
	if b, ok := l.declared[s.Trail.ARN()]; ok {
		s.Baseline, s.Kind, s.CapturedAt = b.Trail, trail.Declared, b.CapturedAt
		return
	}
	if !l.looker.Recorded {
		return
	}
	r, err := baselines.Usable(s.Known)
	if err != nil {
		l.cannotSee(s.Trail.Region, "trail "+s.Trail.Name+": "+err.Error())
	} else if r != nil {
		s.Baseline, s.Kind, s.CapturedAt = r.State, trail.Recorded, r.At
	}
}

// Unfounded reports whether CloudTrail knows no such trail, and nobody but a record has ever said that there is one.
func (s *Sight) Unfounded() bool { return s.Gone && s.Kind != trail.Declared && !s.Known.Shown() }

// find adds a finding about the trail.
func (s *Sight) find(f Finding) {
	f.Trail, f.Region = s.Trail, s.Trail.Region
	s.Findings = append(s.Findings, f)
}

// Found reports whether a kind was found.
func (s *Sight) Found(kinds ...finding.Kind) bool {
	return slices.ContainsFunc(s.Findings, func(f Finding) bool { return slices.Contains(kinds, f.Kind) })
}

// over returns the calls that such a request was made by, and whose approval is over.
func (s *Sight) over(such func(asked.Request) bool) []known.Approved {
	var all []known.Approved
	for _, c := range s.Claims.Over {
		if such(c.Request) {
			all = append(all, c.Note)
		}
	}
	return all
}

// Obsolete returns the notes of approved changes that are not there any more: the trail is as its baseline has it in
// their fields, or is there again.
func (s *Sight) Obsolete() []known.Approved {
	if s.State.ARN == "" || len(s.State.Unseen) > 0 {
		return nil
	}
	worse := s.Worse()
	var old []known.Approved
	for _, c := range slices.Concat(s.Claims.Proven, s.Claims.Over) {
		if !slices.ContainsFunc(c.Request.Fields, func(f trail.Field) bool { return slices.Contains(worse, f) }) {
			old = append(old, c.Note)
		}
	}
	return old
}

// Worse are the fields in which the trail, as it was read, is worse than its baseline has it without the approved
// changes: an approval, or one that is waited for, keeps a change from being put back, and puts nothing in order. A
// trail that is declared to be off need not log.
func (s *Sight) Worse() []trail.Field {
	if s.State.ARN == "" {
		return nil
	}
	if s.Declared.ARN == "" {
		if s.State.Logging || s.State.Unseen[trail.PartLogging] != "" {
			return nil
		}
		return []trail.Field{trail.FieldLogging}
	}
	var worse []trail.Field
	for _, c := range trail.Weakened(trail.Diff(s.Declared, s.State)) {
		worse = append(worse, c.Field)
	}
	return worse
}

// judge compares the trail with its baseline. One that does not log is found so without a baseline as well, unless an
// approval covers the stop.
func (s *Sight) judge() {
	toLog := s.Baseline.Logging || s.Baseline.ARN == "" && !s.Claims.Stopped(s.State)
	if s.State.Unseen[trail.PartLogging] == "" && !s.State.Logging && toLog {
		f := Finding{
			Kind:    finding.KindNotLogging,
			Reasons: []finding.Note{finding.Say(finding.NoteNotLogging)},
			Sign:    stamp(s.State.Delivery.Stopped),
		}
		f.Expired = s.expired(trail.FieldLogging)
		s.find(f)
	}
	if s.Baseline.ARN == "" {
		return
	}
	var changes []trail.Change
	weak := false
	for _, c := range trail.Diff(s.Baseline, s.State) {
		if c.Field != trail.FieldLogging {
			changes = append(changes, c)
			weak = weak || c.Effect.Worse()
		}
	}
	if weak {
		f := Finding{Kind: finding.KindWeakened, Changes: changes}
		for _, c := range trail.Weakened(changes) {
			f.Expired = append(f.Expired, s.expired(c.Field)...)
		}
		s.find(f)
	}
}

// expired returns the calls that changed a field under an approval that is over.
func (s *Sight) expired(f trail.Field) []known.Approved {
	return s.over(func(r asked.Request) bool { return slices.Contains(r.Fields, f) })
}

// judgeDelivery looks at what CloudTrail says of its deliveries.
func (s *Sight) judgeDelivery(now time.Time) {
	if s.State.Unseen[trail.PartLogging] != "" {
		return
	}
	d, settings := s.State.Delivery, s.State.Settings
	var reasons []finding.Note
	add := func(code string, id finding.NoteID, values ...any) {
		if code != "" {
			reasons = append(reasons, finding.Say(id, append(values, sanitize.Bound(code, 100))...))
		}
	}
	add(d.LatestError, finding.NoteNoFiles, settings.S3Bucket)
	if settings.LogValidation {
		add(d.LatestDigestError, finding.NoteNoDigests, settings.S3Bucket)
	}
	if settings.LogGroupARN != "" {
		add(d.LatestLogError, finding.NoteNoEvents)
	}
	if len(reasons) > 0 {
		s.find(Finding{Kind: finding.KindDeliveryError, Reasons: reasons})
		return
	}
	disturbed := s.Known.Tampered(now, oldest) // validation may have been off until then
	if s.State.Logging && !disturbed && settings.LogValidation && !d.Started.IsZero() && now.Sub(d.Started) > oldest &&
		now.Sub(d.LatestDigest) > oldest {
		reason := finding.Say(finding.NoteNeverDigest)
		if !d.LatestDigest.IsZero() {
			reason = finding.Say(finding.NoteStaleDigest, d.LatestDigest)
		}
		s.find(Finding{Kind: finding.KindStale, Reasons: []finding.Note{reason}})
	}
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// Covers reports whether a trail in this state records the write management events of a Region.
func Covers(s trail.State, region string) bool {
	_, home, err := s.Home()
	if err != nil || !s.Logging || home != region && !s.Settings.MultiRegion {
		return false
	}
	if s.Unseen[trail.PartLogging] != "" || s.Unseen[trail.PartSelectors] != "" {
		return false
	}
	return coverage.RecordsWrites(s)
}

// Fit says why the trail's state may not become its baseline now, or nothing where it may: it is not seen in full, does
// not meet the floor, is out of its baseline or was so lately, or was tampered with lately.
func (s *Sight) Fit(open bool, now time.Time) []string {
	var why []string
	add := func(bad bool, sentence string) {
		if bad {
			why = append(why, sentence)
		}
	}
	add(s.State.ARN == "" || len(s.State.Unseen) > 0, "It is not seen in full.")
	add(len(s.Findings) > 0, "Something is wrong with it.")
	add(open || s.Known.Pending.EventID != "", "An incident about it is open.")
	for _, p := range baseline.Refused(s.State) {
		add(true, "A baseline cannot hold it: "+p.String()+".") // and the table's would not be read
	}
	add(!s.Known.TamperedAt.IsZero() && now.Sub(s.Known.TamperedAt) < calm, "It was tampered with less than a day ago.")
	if len(why) > 0 {
		return why
	}
	return trail.Floor(s.State)
}

// calm is how long after a call that tampered with a trail its state is not recorded.
const calm = 24 * time.Hour
