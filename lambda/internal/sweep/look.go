package sweep

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

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
		if approved, ok := l.deletionApproved(s); !ok {
			s.find(Finding{Kind: Missing, Reasons: []string{"CloudTrail knows no trail " + arn + "."}, Expired: approved})
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
	s.judgeDelivery(l.Clock.Now())
	s.Baseline = Approved(s.Baseline, s.Known, l.Clock.Now())
	s.judge(l.Clock.Now())
}

// findBaseline gives the trail its baseline: the declared one, or else the last that was recorded.
func (l *looking) findBaseline(s *Sight) {
	if b, ok := l.declared[s.Trail.ARN()]; ok {
		s.Baseline, s.Kind, s.CapturedAt = b.Trail, trail.Declared, b.CapturedAt
	} else if r := s.Known.Recorded; r != nil && l.Recorded {
		s.Baseline, s.Kind, s.CapturedAt = r.State, trail.Recorded, r.At
	}
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

// Approved returns the baseline with the changes in it that were made under approvals which still count.
func Approved(b trail.State, known store.Trail, now time.Time) trail.State {
	if b.ARN == "" {
		return b
	}
	for _, a := range known.Approved {
		if !now.After(a.Expires) {
			b = trail.Adopt(b, a.State, fields(a)...)
		}
	}
	return b
}

func fields(a store.Approved) []trail.Field {
	var all []trail.Field
	for _, f := range a.Fields {
		if slices.Contains(trail.Fields(), trail.Field(f)) {
			all = append(all, trail.Field(f))
		}
	}
	return all
}

// deletionApproved reports whether the trail was deleted under an approval that still counts, or which such approvals have expired.
func (l *looking) deletionApproved(s *Sight) (expired []store.Approved, ok bool) {
	for _, a := range s.Known.Approved {
		switch {
		case a.EventName != "DeleteTrail":
		case !l.Clock.Now().After(a.Expires):
			return nil, true
		default:
			expired = append(expired, a)
		}
	}
	return expired, false
}

// judge compares the trail with its baseline. One that does not log is found so without a baseline as well.
func (s *Sight) judge(now time.Time) {
	if s.State.Unseen[trail.PartLogging] == "" && !s.State.Logging && (s.Baseline.ARN == "" || s.Baseline.Logging) {
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
			weak = weak || c.Effect == trail.Weakens
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
	if s.State.Logging && settings.LogValidation && !d.Started.IsZero() && now.Sub(d.Started) > oldest && now.Sub(d.LatestDigest) > oldest {
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
