package sweep

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/store"
	"trailkeeper/lambda/internal/trail"
)

// oldest is how long ago the last digest may be: CloudTrail delivers one every hour, also where nothing happens (CloudTrail User Guide,
// "CloudTrail digest file structure").
const oldest = 3 * time.Hour

// look reads one trail and judges it.
func (l *looking) look(ctx context.Context, s *Sight) {
	arn := s.Trail.ARN()
	l.findBaseline(s)
	state, err := l.Trails.Read(ctx, arn)
	switch {
	case errors.Is(err, trail.ErrNotFound):
		s.Gone = true
		if expired, ok := l.deletionApproved(s); !ok {
			s.find(Finding{Kind: Missing, Reasons: []string{"CloudTrail knows no trail " + arn + "."}, Expired: expired})
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
	now := l.Clock.Now()
	s.judgeDelivery(now)
	s.Declared = s.Baseline
	inForce := InForce(s.Known.Approved, l.Approvals, now)
	s.Baseline = Approved(s.Baseline, state, inForce)
	s.judge(now, inForce)
}

// findBaseline gives the trail its baseline: the declared one, or else the last that was recorded.
func (l *looking) findBaseline(s *Sight) {
	if b, ok := l.declared[s.Trail.ARN()]; ok {
		s.Baseline, s.Kind, s.CapturedAt = b.Trail, trail.Declared, b.CapturedAt
		return
	}
	if !l.Recorded {
		return
	}
	r, err := Usable(s.Known)
	if err != nil {
		l.cannotSee(s.Trail.Region, "trail "+s.Trail.Name+": "+err.Error())
	} else if r != nil {
		s.Baseline, s.Kind, s.CapturedAt = r.State, trail.Recorded, r.At
	}
}

// Usable returns the recorded baseline of a trail, nil where there is none. The error says that there is one that nothing recorded: it cannot be
// read, or does not meet the floor.
func Usable(known store.Trail) (*store.Recorded, error) {
	switch {
	case known.Broken != 0:
		return nil, errors.New("its recorded baseline cannot be read; somebody may have changed it in the state table")
	case known.Recorded == nil:
		return nil, nil
	}
	if below := trail.Floor(known.Recorded.State); len(below) > 0 {
		return nil, fmt.Errorf("its recorded baseline is none that the sweep would record; somebody may have changed it in the state table (%s)",
			strings.ToLower(strings.TrimSuffix(strings.Join(below, " "), ".")))
	}
	return known.Recorded, nil
}

// find adds a finding about the trail.
func (s *Sight) find(f Finding) {
	f.Trail, f.Region = s.Trail, s.Trail.Region
	s.Findings = append(s.Findings, f)
}

// Found reports whether a kind was found.
func (s *Sight) Found(kinds ...Kind) bool {
	return slices.ContainsFunc(s.Findings, func(f Finding) bool { return slices.Contains(kinds, f.Kind) })
}

// InForce returns the notes of changes whose approval is still among those that are deployed, and has not expired. A note alone counts for
// nothing: whoever can write to the table can forge one.
func InForce(notes []store.Approved, approvals []exception.Approval, now time.Time) []store.Approved {
	var valid []store.Approved
	for _, note := range notes {
		a, ok := exception.List{Approvals: approvals}.Approved(note.State.ARN, note.EventName, note.Principal, now)
		if ok {
			note.Reason, note.Expires = a.Reason, a.Expires
			valid = append(valid, note)
		}
	}
	return valid
}

// Approved returns the baseline with the changes in it that are noted as approved, of a trail in this state. A note only keeps a change from being
// found: where the trail is in any other way than the baseline and the note have it, the baseline's value counts.
func Approved(b, now trail.State, notes []store.Approved) trail.State {
	if b.ARN == "" {
		return b
	}
	for _, a := range notes {
		for _, f := range fields(a) {
			adopted := trail.Adopt(b, a.State, f)
			if !weak(adopted, now, f) {
				b = adopted
			}
		}
	}
	return b
}

// weak reports whether a field is weaker than in the baseline.
func weak(b, now trail.State, f trail.Field) bool {
	return slices.ContainsFunc(trail.Diff(b, now, f), func(c trail.Change) bool { return c.Effect.Worse() })
}

// fields are those that a note is about, as far as its call can change them.
func fields(a store.Approved) []trail.Field {
	return slices.DeleteFunc(trail.FieldsOf(a.EventName), func(f trail.Field) bool { return !slices.Contains(a.Fields, string(f)) })
}

// deletionApproved reports whether the trail was deleted under an approval that still counts, or which such approvals have expired.
func (l *looking) deletionApproved(s *Sight) (expired []store.Approved, ok bool) {
	deletion := func(a store.Approved) bool { return a.EventName == "DeleteTrail" }
	if slices.ContainsFunc(InForce(s.Known.Approved, l.Approvals, l.Clock.Now()), deletion) {
		return nil, true
	}
	for _, a := range s.Known.Approved {
		if deletion(a) && l.Clock.Now().After(a.Expires) {
			expired = append(expired, a)
		}
	}
	return expired, false
}

// Obsolete returns the notes of changes that are not there any more: the trail is as its baseline has it in their fields, or is there again.
func (s *Sight) Obsolete() []store.Approved {
	if s.State.ARN == "" || len(s.State.Unseen) > 0 {
		return nil
	}
	var old []store.Approved
	for _, a := range s.Known.Approved {
		still := slices.ContainsFunc(fields(a), func(f trail.Field) bool { return weak(s.Declared, s.State, f) })
		if s.Declared.ARN == "" {
			still = isStop(a) && !s.State.Logging
		}
		if !still {
			old = append(old, a)
		}
	}
	return old
}

// judge compares the trail with its baseline. One that does not log is found so without a baseline as well, unless an approval covers the stop.
func (s *Sight) judge(now time.Time, inForce []store.Approved) {
	toLog := s.Baseline.Logging || s.Baseline.ARN == "" && !slices.ContainsFunc(inForce, isStop)
	if s.State.Unseen[trail.PartLogging] == "" && !s.State.Logging && toLog {
		f := Finding{Kind: NotLogging, Reasons: []string{"GetTrailStatus says that the trail is not logging."}, Sign: stamp(s.State.Delivery.Stopped)}
		f.Expired = s.expired(now, trail.FieldLogging)
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
		f := Finding{Kind: Weakened, Changes: changes}
		for _, c := range trail.Weakened(changes) {
			f.Expired = append(f.Expired, s.expired(now, c.Field)...)
		}
		s.find(f)
	}
}

func isStop(a store.Approved) bool { return a.EventName == "StopLogging" }

// expired returns the approvals that are over and under which a field was changed.
func (s *Sight) expired(now time.Time, f trail.Field) []store.Approved {
	var all []store.Approved
	for _, a := range s.Known.Approved {
		if now.After(a.Expires) && slices.Contains(fields(a), f) {
			all = append(all, a)
		}
	}
	return all
}

// judgeDelivery looks at what CloudTrail says of its deliveries.
func (s *Sight) judgeDelivery(now time.Time) {
	if s.State.Unseen[trail.PartLogging] != "" {
		return
	}
	d, settings := s.State.Delivery, s.State.Settings
	var reasons []string
	add := func(code, what string) {
		if code != "" {
			reasons = append(reasons, fmt.Sprintf("CloudTrail cannot deliver %s: %.100s.", what, code))
		}
	}
	add(d.LatestError, "log files to bucket "+settings.S3Bucket)
	if settings.LogValidation {
		add(d.LatestDigestError, "digests to bucket "+settings.S3Bucket)
	}
	if settings.LogGroupARN != "" {
		add(d.LatestLogError, "events to CloudWatch Logs")
	}
	if len(reasons) > 0 {
		s.find(Finding{Kind: Undelivered, Reasons: reasons})
		return
	}
	disturbed := now.Sub(s.Known.Disturbed) <= oldest // validation may have been off until then
	if s.State.Logging && !disturbed && settings.LogValidation && !d.Started.IsZero() && now.Sub(d.Started) > oldest && now.Sub(d.LatestDigest) > oldest {
		since := "none so far"
		if !d.LatestDigest.IsZero() {
			since = "the last at " + stamp(d.LatestDigest)
		}
		s.find(Finding{Kind: Stale, Reasons: []string{"The trail logs, and CloudTrail delivers a digest every hour; " + since + "."}})
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
	return trail.RecordsWrites(s)
}

// Fit says why the trail's state may not become its baseline now, or nothing where it may: it is not seen in full, does not meet the floor, is
// out of its baseline or was so lately, or was tampered with lately.
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
	add(!s.Known.Disturbed.IsZero() && now.Sub(s.Known.Disturbed) < calm, "It was tampered with less than a day ago.")
	if len(why) > 0 {
		return why
	}
	return trail.Floor(s.State)
}

// calm is how long after a call that tampered with a trail its state is not recorded.
const calm = 24 * time.Hour
