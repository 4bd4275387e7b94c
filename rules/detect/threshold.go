package detect

import (
	"fmt"
	"time"

	"trailkeeper/events"
	"trailkeeper/rules/count"
	"trailkeeper/rules/expression"
)

// Limit is the threshold as the events of one key are counted.
func (t *Threshold) Limit() count.Limit {
	return count.Limit{
		Count:    t.Count,
		Within:   time.Duration(t.Within) * time.Second,
		Distinct: t.distinct != nil,
	}
}

// Count is a record that the rule matches as its threshold counts it, and the key of what it counts with: empty where
// the threshold has no by. A record without an eventID is told by all that is in it. The error says which part of the
// threshold cannot be found in the record; without a threshold, there is one.
func (r *Rule) Count(record expression.Record) (key string, e count.Event, err error) {
	if r.Threshold == nil {
		return "", e, fmt.Errorf("the rule %s has no threshold", r.ID)
	}
	var known bool
	if e.Time, known = (events.Record{EventTime: record.Text("eventTime")}).Time(); !known {
		return "", e, fmt.Errorf("threshold: the record's eventTime is %q; it must be a time such as "+
			"2027-01-31T12:00:00Z", short(record.Text("eventTime")))
	}
	if key, err = joined(r.Threshold.by, record); err != nil {
		return "", e, fmt.Errorf("threshold: by: %w", err)
	}
	if r.Threshold.distinct != nil {
		if e.Value, err = r.Threshold.distinct.Text(record); err != nil {
			return "", e, fmt.Errorf("threshold: distinct: %w", err)
		}
	}
	if e.ID = record.Text("eventID"); e.ID == "" {
		e.ID = record.String()
	}
	return key, e, nil
}

// DedupeWithin is for how long records with the same Hit.Dedupe are one matter; 0 where the rule has no dedupe.
func (r *Rule) DedupeWithin() time.Duration { return time.Duration(r.dedupeWithin) * time.Second }
