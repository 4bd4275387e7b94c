// Package asked reads what a call asked to have of a trail: the values of its request, field by field, in the form in
// which reading the trail shows them. An approval covers these and nothing else, and a call is judged by them.
//
// It makes no call and believes nothing: a request is worth as much as the record that it is read from.
package asked

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/trail"
)

// Request is what a call asked for.
type Request struct {
	EventName string
	// State holds the values. Of AddTags its Tags are those that were set, of RemoveTags those whose keys were removed.
	State trail.State
	// Fields are those that the call set. A field whose value the record does not show in full is not among them.
	Fields []trail.Field
	// Deleted says that the call deleted the trail.
	Deleted bool
}

// errOmitted says that CloudTrail left the request out of the record, because it was too large.
var errOmitted = errors.New("the record does not show the request: it was too large to be recorded")

// Of reads the request of a call about a trail. The error says that the record does not show it.
func Of(rec events.Record, t events.Trail) (Request, error) {
	r := Request{EventName: rec.EventName, State: trail.State{ARN: t.ARN()}}
	switch rec.EventName {
	case "StopLogging", "StartLogging":
		r.State.Logging, r.Fields = rec.EventName == "StartLogging", []trail.Field{trail.FieldLogging}
		return r, nil
	case "DeleteTrail":
		r.Deleted = true
		return r, nil
	}
	if rec.RequestParameters.Omitted() {
		return r, errOmitted
	}
	raw := rec.RequestParameters.JSON()
	if len(raw) == 0 {
		return r, errors.New("the record shows no request")
	}
	var err error
	switch rec.EventName {
	case "UpdateTrail":
		err = r.settings(raw, rec, t)
	case "PutEventSelectors":
		err = r.selectors(raw)
	case "PutInsightSelectors":
		err = r.insights(raw)
	case "PutEventConfiguration":
		err = r.events(raw)
	case "AddTags", "RemoveTags":
		err = r.tags(raw)
	}
	if err != nil {
		return Request{}, fmt.Errorf("the request of the record cannot be read: %w", err)
	}
	return r, nil
}

// On returns a trail of this state with the values that the call asked for in it, as far as they are among the fields.
// The state is not changed.
func (r Request) On(s trail.State, fields ...trail.Field) trail.State {
	for _, f := range r.Fields {
		if !slices.Contains(fields, f) {
			continue
		}
		if f == trail.FieldTags {
			s.Tags = r.onTags(s.Tags)
			continue
		}
		s = trail.Adopt(s, r.State, f)
	}
	return s
}

func (r Request) onTags(tags map[string]string) map[string]string {
	tags = maps.Clone(tags)
	if tags == nil {
		tags = map[string]string{}
	}
	for key, value := range r.State.Tags {
		if r.EventName == "RemoveTags" {
			delete(tags, key)
		} else {
			tags[key] = value
		}
	}
	return tags
}

// Excuse returns the baseline with the values in it that the call asked for, where a trail in this state has them: what
// then differs is not of this call. Each field counts for itself, and each tag. The baseline is not changed.
func (r Request) Excuse(baseline, now trail.State) trail.State {
	exact := r.only(now)
	for _, c := range trail.Weakened(trail.Diff(baseline, now)) {
		if excused := exact.On(baseline, c.Field); !weak(excused, now, c.Field) || c.Field == trail.FieldTags {
			baseline = excused
		}
	}
	return baseline
}

// weak reports whether a field is weaker than in the baseline.
func weak(baseline, now trail.State, f trail.Field) bool {
	return len(trail.Weakened(trail.Diff(baseline, now, f))) > 0
}

// only leaves out the tags that are not as the call asked for on a trail of this state.
func (r Request) only(now trail.State) Request {
	r.State.Tags = maps.Clone(r.State.Tags)
	maps.DeleteFunc(r.State.Tags, func(key, value string) bool {
		has, ok := now.Tags[key]
		return r.EventName == "RemoveTags" && ok || r.EventName != "RemoveTags" && (!ok || has != value)
	})
	return r
}

// Weakens lists what a trail with this baseline would lose by the call alone, in order. A part that the baseline does
// not show is not compared.
func (r Request) Weakens(baseline trail.State) []trail.Change {
	if len(r.Fields) == 0 {
		return nil
	}
	return trail.Weakened(trail.Diff(baseline, r.On(baseline, r.Fields...), r.Fields...))
}

func read[T any](raw json.RawMessage) (T, error) {
	var in T
	err := json.Unmarshal(raw, &in)
	return in, err
}

func sorted(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

// flag is a boolean, which some records write as a text.
type flag bool

// UnmarshalJSON takes true, false and the texts for them.
func (f *flag) UnmarshalJSON(b []byte) error {
	switch strings.ToLower(strings.Trim(string(b), `"`)) {
	case "true":
		*f = true
	case "false":
		*f = false
	default:
		return fmt.Errorf("%.20q is no boolean", b)
	}
	return nil
}
