package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
)

// Trail is what the table knows of a trail.
type Trail struct {
	ARN  string
	Seen time.Time // when a sweep last noted that it is there; zero: no sweep has
	// TamperedAt is when a call last tampered with the trail, as an event said.
	TamperedAt time.Time
	// Pending is what was accepted and not confirmed; its zero value: nothing.
	Pending Pending
	// Recorded is the last recorded baseline; nil: none. Broken is the version of one that cannot be read, or is not the trail's.
	Recorded *Recorded
	Broken   int64
	// Held is when a sweep first held a repair back because of an approval; zero: it holds none back.
	Held time.Time
	// Approved are the changes that records claim to be approved, one for each event. Whoever can invoke the function or write to the table can
	// forge a note: it counts only as package approval says.
	Approved []Approved
	Attempts Attempts
}

// Known reports whether the trail was seen, or is waited for; otherwise the table knows only that somebody tampered with it.
func (t Trail) Known() bool {
	return t.Shown() || t.Pending != (Pending{}) || len(t.Approved) > 0
}

// Shown reports whether a sweep has seen the trail. Otherwise records alone have said that there is one.
func (t Trail) Shown() bool {
	return !t.Seen.IsZero() || t.Recorded != nil || t.Broken != 0
}

// Tampered reports whether an event said that a call tampered with the trail within so long before now. A time to come is forged, and says nothing.
func (t Trail) Tampered(now time.Time, within time.Duration) bool {
	age := now.Sub(t.TamperedAt)
	return !t.TamperedAt.IsZero() && age <= within && age > -time.Minute
}

// Pending is an outcome that a sweep settles.
type Pending struct {
	EventID   string
	EventName string
	Since     time.Time
}

// Recorded is a baseline that a sweep recorded.
type Recorded struct {
	Version int64
	At      time.Time
	State   baseline.State
}

// Approved is what a record claims: that its call changed a trail under an approval.
type Approved struct {
	EventID   string         `json:"eventId"`
	EventName string         `json:"eventName"`
	Principal string         `json:"principal"`
	Reason    string         `json:"reason"`
	At        time.Time      `json:"at"`
	Expires   time.Time      `json:"expires"`
	Fields    []string       `json:"fields"` // those that the call asked to set
	State     baseline.State `json:"state"`  // the values that it asked for
	// Told says that its confirmation by the event history was told. Nothing else follows from it.
	Told bool `json:"told,omitempty"`
}

const (
	attrSeen         = "seen"
	attrDisturbed    = "disturbed"
	attrPendingID    = "pendingId"
	attrPendingName  = "pendingName"
	attrPendingSince = "pendingSince"
	attrBaseline     = "baseline"
	attrVersion      = "version"
	attrRecordedAt   = "recordedAt"
	attrApproved     = "approved#" // and the event
	attrHeld         = "held"
)

const (
	// forgetting is how long after its last sight a trail is forgotten.
	forgetting = 90 * 24 * time.Hour
	// keeping is how long an old version of a recorded baseline is kept.
	keeping = 365 * 24 * time.Hour
	// passing is how long an item is kept that knows of nothing but tampering.
	passing = 48 * time.Hour
)

// Trail reads what is known of a trail; of one that is not known, only the ARN.
func (s *Store) Trail(ctx context.Context, arn string) (Trail, error) {
	found, err := s.get(ctx, "read what is known of the trail", pkTrail, arn)
	if err != nil {
		return Trail{ARN: arn}, err
	}
	return trailOf(arn, found), nil
}

// Trails reads what is known of every trail. What has no trail's ARN is left out.
func (s *Store) Trails(ctx context.Context) ([]Trail, error) {
	found, err := s.query(ctx, "read what is known of the trails", pkTrail)
	var all []Trail
	for _, i := range found {
		arn := textOf(i[attrSK])
		if _, bad := events.ParseTrailARN(arn); bad == nil {
			all = append(all, trailOf(arn, i))
		}
	}
	return all, err
}

// trailOf reads an item. What cannot be read counts as absent.
func trailOf(arn string, i item) Trail {
	t := Trail{
		ARN: arn, Seen: momentOf(i[attrSeen]), TamperedAt: momentOf(i[attrDisturbed]), Attempts: attemptsOf(i), Held: momentOf(i[attrHeld]),
		Pending: Pending{EventID: textOf(i[attrPendingID]), EventName: textOf(i[attrPendingName]), Since: momentOf(i[attrPendingSince])},
	}
	if state, ok := stateOf(arn, textOf(i[attrBaseline])); ok {
		t.Recorded = &Recorded{Version: numberOf(i[attrVersion]), At: momentOf(i[attrRecordedAt]), State: state}
	} else if i[attrBaseline] != nil || i[attrVersion] != nil {
		t.Broken = max(1, numberOf(i[attrVersion]))
	}
	for _, name := range slices.Sorted(maps.Keys(i)) {
		var a Approved
		if strings.HasPrefix(name, attrApproved) && json.Unmarshal([]byte(textOf(i[name])), &a) == nil && a.State.ARN == arn && a.attribute() == name {
			t.Approved = append(t.Approved, a)
		}
	}
	return t
}

// stateOf reads a recorded baseline, which must be the trail's own and one that CloudTrail would take.
func stateOf(arn, content string) (baseline.State, bool) {
	if content == "" {
		return baseline.State{}, false
	}
	b, err := baseline.Parse(baseline.FileName(arn), []byte(content))
	return b.Trail, err == nil && b.Trail.ARN == arn
}

// MarkHealthy notes that the trail is there, and logs.
func (s *Store) MarkHealthy(ctx context.Context, arn string) error {
	now := s.Clock.Now()
	err := s.update(ctx, change{
		what: "note that the trail was seen", pk: pkTrail, sk: arn, set: "#seen = :now, #expires = :expires",
		names:  map[string]string{"#seen": attrSeen, "#expires": attrExpires},
		values: item{":now": moment(now), ":expires": moment(now.Add(forgetting))},
	})
	return err
}

// Forget notes that a trail is no longer there: what is known of it is dropped before long.
func (s *Store) Forget(ctx context.Context, arn string) error {
	return s.update(ctx, change{
		what: "note that the trail is gone", pk: pkTrail, sk: arn, set: "#expires = :soon", remove: "#seen",
		names: map[string]string{"#expires": attrExpires, "#seen": attrSeen}, values: item{":soon": moment(s.Clock.Now().Add(passing))},
	})
}

// HoldAgain is how long after a repair was held back for nothing another may be.
const HoldAgain = 24 * time.Hour

// Hold notes that a repair of the trail is held back, and returns since when it is. What nothing has confirmed is held back once in HoldAgain.
func (s *Store) Hold(ctx context.Context, known Trail) (time.Time, error) {
	now := s.Clock.Now()
	if age := now.Sub(known.Held); !known.Held.IsZero() && age < HoldAgain && age > -time.Hour {
		return known.Held, nil
	}
	return now, s.update(ctx, change{
		what: "note that a repair is held back", pk: pkTrail, sk: known.ARN, set: "#held = :now",
		names: map[string]string{"#held": attrHeld}, values: item{":now": moment(now)},
	})
}

// Release ends what Hold noted.
func (s *Store) Release(ctx context.Context, arn string) error {
	return s.update(ctx, change{
		what: "note that nothing is held back", pk: pkTrail, sk: arn, remove: "#held", names: map[string]string{"#held": attrHeld},
	})
}

// RecordTampering notes that a call tampered with the trail.
func (s *Store) RecordTampering(ctx context.Context, arn string) error {
	now := s.Clock.Now()
	err := s.update(ctx, change{
		what: "note that the trail was tampered with", pk: pkTrail, sk: arn, set: "#disturbed = :now, #expires = if_not_exists(#expires, :soon)",
		names:  map[string]string{"#disturbed": attrDisturbed, "#expires": attrExpires},
		values: item{":now": moment(now), ":soon": moment(now.Add(passing))},
	})
	return err
}

// AddPending notes an outcome that was accepted and not confirmed, for a sweep to settle.
func (s *Store) AddPending(ctx context.Context, arn string, p Pending) error {
	err := s.update(ctx, change{
		what: "note the outcome that is not confirmed", pk: pkTrail, sk: arn,
		set:    "#id = :id, #name = :name, #since = :since, #expires = :expires",
		names:  map[string]string{"#id": attrPendingID, "#name": attrPendingName, "#since": attrPendingSince, "#expires": attrExpires},
		values: item{":id": text(p.EventID), ":name": text(p.EventName), ":since": moment(p.Since), ":expires": moment(s.Clock.Now().Add(forgetting))},
	})
	return err
}

// ResolvePending ends what AddPending noted, and reports whether this call did so: of two at once, one does.
func (s *Store) ResolvePending(ctx context.Context, arn string, p Pending) (bool, error) {
	err := s.update(ctx, change{
		what: "note that the outcome is settled", pk: pkTrail, sk: arn, remove: "#id, #name, #since", condition: "#id = :id",
		names:  map[string]string{"#id": attrPendingID, "#name": attrPendingName, "#since": attrPendingSince},
		values: item{":id": text(p.EventID)},
	})
	if errors.Is(err, errCondition) {
		return false, nil
	}
	return err == nil, err
}

// Record keeps a state as the trail's baseline, as the version after the one that is known, and keeps the old versions. It reports whether
// this call did so: of two at once, one does.
func (s *Store) Record(ctx context.Context, state baseline.State, known *Recorded) (Recorded, bool, error) {
	now := s.Clock.Now().UTC().Truncate(time.Second)
	next := Recorded{Version: 1, At: now, State: state}
	c := change{
		what: "record the trail's baseline", pk: pkTrail, sk: state.ARN,
		set:       "#baseline = :baseline, #version = :version, #at = :at, #expires = :expires",
		condition: "attribute_not_exists(#version)",
		names:     map[string]string{"#baseline": attrBaseline, "#version": attrVersion, "#at": attrRecordedAt, "#expires": attrExpires},
		values:    item{":at": moment(now), ":expires": moment(now.Add(forgetting))},
	}
	if known != nil {
		next.Version = known.Version + 1
		c.condition, c.values[":old"] = "#version = :old", number(known.Version)
	}
	content, err := baseline.Format(baseline.Baseline{Version: baseline.Version, CapturedAt: now, Trail: state})
	if err != nil {
		return Recorded{}, false, err
	}
	c.values[":baseline"], c.values[":version"] = text(string(content)), number(next.Version)
	if err := s.update(ctx, c); errors.Is(err, errCondition) {
		return Recorded{}, false, nil
	} else if err != nil {
		return Recorded{}, false, err
	}
	return next, true, s.keep(ctx, next, string(content))
}

// keep puts a version beside the others.
func (s *Store) keep(ctx context.Context, r Recorded, content string) error {
	kept := key(pkBaseline+r.State.ARN, fmt.Sprintf("v%08d", r.Version))
	kept[attrBaseline], kept[attrRecordedAt], kept[attrExpires] = text(content), moment(r.At), moment(r.At.Add(keeping))
	err := s.call(ctx, "keep the version of the trail's baseline", func(ctx context.Context) error {
		_, err := s.API.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: aws.String(s.Table), Item: kept, ConditionExpression: aws.String("attribute_not_exists(pk)"),
		})
		return err
	})
	if errors.Is(err, errCondition) {
		return nil // it is kept
	}
	return err
}

// attribute names the note of an event, so that no other takes its place.
func (a Approved) attribute() string {
	h := sha256.Sum256([]byte(a.EventID))
	return attrApproved + hex.EncodeToString(h[:8])
}

// Approve notes what a record claims to be approved, in place of an earlier note of the same event.
func (s *Store) Approve(ctx context.Context, a Approved) error {
	content, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("note the approved change: %w", err)
	}
	return s.update(ctx, change{
		what: "note the approved change", pk: pkTrail, sk: a.State.ARN, set: "#approved = :approved, #expires = :expires",
		names:  map[string]string{"#approved": a.attribute(), "#expires": attrExpires},
		values: item{":approved": text(string(content)), ":expires": moment(s.Clock.Now().Add(forgetting))},
	})
}

// Unapprove drops a note, where it is still this one.
func (s *Store) Unapprove(ctx context.Context, a Approved) error {
	content, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("drop the note of the approved change: %w", err)
	}
	err = s.update(ctx, change{
		what: "drop the note of the approved change", pk: pkTrail, sk: a.State.ARN, remove: "#approved", condition: "#approved = :approved",
		names: map[string]string{"#approved": a.attribute()}, values: item{":approved": text(string(content))},
	})
	if errors.Is(err, errCondition) {
		return nil // there is a newer one
	}
	return err
}
