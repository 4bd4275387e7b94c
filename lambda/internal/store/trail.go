package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	// Disturbed is when a call last tampered with the trail, as an event said.
	Disturbed time.Time
	// Pending is what was accepted and not confirmed; its zero value: nothing.
	Pending Pending
	// Recorded is the last recorded baseline; nil: none.
	Recorded *Recorded
	// Approved are the changes that were made under an approval, the oldest first.
	Approved []Approved
	Attempts Attempts
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

// Approved is what a change under an approval made of a trail.
type Approved struct {
	EventName string         `json:"eventName"`
	Principal string         `json:"principal"`
	Reason    string         `json:"reason"`
	At        time.Time      `json:"at"`
	Expires   time.Time      `json:"expires"`
	Fields    []string       `json:"fields"` // the fields that were not as in the baseline
	State     baseline.State `json:"state"`
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
	attrApproved     = "approved"
)

const (
	// forgetting is how long after its last sight a trail is forgotten.
	forgetting = 90 * 24 * time.Hour
	// keeping is how long an old version of a recorded baseline is kept.
	keeping = 365 * 24 * time.Hour
	// mostApproved bounds the changes under approvals that are kept for one trail.
	mostApproved = 10
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
		ARN: arn, Seen: momentOf(i[attrSeen]), Disturbed: momentOf(i[attrDisturbed]), Attempts: attemptsOf(i),
		Pending: Pending{EventID: textOf(i[attrPendingID]), EventName: textOf(i[attrPendingName]), Since: momentOf(i[attrPendingSince])},
	}
	if state, ok := stateOf(arn, textOf(i[attrBaseline])); ok {
		t.Recorded = &Recorded{Version: numberOf(i[attrVersion]), At: momentOf(i[attrRecordedAt]), State: state}
	}
	var approved []Approved
	if json.Unmarshal([]byte(textOf(i[attrApproved])), &approved) == nil {
		for _, a := range approved {
			if a.State.ARN == arn {
				t.Approved = append(t.Approved, a)
			}
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

// Seen notes that the trail is there.
func (s *Store) Seen(ctx context.Context, arn string) error {
	now := s.Clock.Now()
	err := s.update(ctx, change{
		what: "note that the trail was seen", pk: pkTrail, sk: arn, update: "SET #seen = :now, #expires = :expires",
		names:  map[string]string{"#seen": attrSeen, "#expires": attrExpires},
		values: item{":now": moment(now), ":expires": moment(now.Add(forgetting))},
	})
	return err
}

// Disturb notes that a call tampered with the trail.
func (s *Store) Disturb(ctx context.Context, arn string) error {
	now := s.Clock.Now()
	err := s.update(ctx, change{
		what: "note that the trail was tampered with", pk: pkTrail, sk: arn, update: "SET #disturbed = :now, #expires = :expires",
		names:  map[string]string{"#disturbed": attrDisturbed, "#expires": attrExpires},
		values: item{":now": moment(now), ":expires": moment(now.Add(forgetting))},
	})
	return err
}

// Await notes an outcome that was accepted and not confirmed, for a sweep to settle.
func (s *Store) Await(ctx context.Context, arn string, p Pending) error {
	err := s.update(ctx, change{
		what: "note the outcome that is not confirmed", pk: pkTrail, sk: arn,
		update: "SET #id = :id, #name = :name, #since = :since, #expires = :expires",
		names:  map[string]string{"#id": attrPendingID, "#name": attrPendingName, "#since": attrPendingSince, "#expires": attrExpires},
		values: item{":id": text(p.EventID), ":name": text(p.EventName), ":since": moment(p.Since), ":expires": moment(s.Clock.Now().Add(forgetting))},
	})
	return err
}

// Settle ends what Await noted, and reports whether this call did so: of two at once, one does.
func (s *Store) Settle(ctx context.Context, arn string, p Pending) (bool, error) {
	err := s.update(ctx, change{
		what: "note that the outcome is settled", pk: pkTrail, sk: arn, update: "REMOVE #id, #name, #since", condition: "#id = :id",
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
		update:    "SET #baseline = :baseline, #version = :version, #at = :at, #expires = :expires",
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

// Approve notes what a change under an approval made of a trail, beside what is known of it; what has expired is dropped.
func (s *Store) Approve(ctx context.Context, known Trail, a Approved) error {
	now := s.Clock.Now()
	var all []Approved
	for _, old := range append(known.Approved, a) {
		if now.Before(old.Expires.Add(forgetting)) {
			all = append(all, old)
		}
	}
	all = all[max(0, len(all)-mostApproved):]
	content, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("note the approved change: %w", err)
	}
	err = s.update(ctx, change{
		what: "note the approved change", pk: pkTrail, sk: known.ARN, update: "SET #approved = :approved, #expires = :expires",
		names:  map[string]string{"#approved": attrApproved, "#expires": attrExpires},
		values: item{":approved": text(string(content)), ":expires": moment(now.Add(forgetting))},
	})
	return err
}
