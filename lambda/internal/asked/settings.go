package asked

import (
	"encoding/json"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/trail"
)

// settings reads the request of UpdateTrail; what is not there was not given, and an empty text removes (CloudTrail API
// reference, UpdateTrail).
func (r *Request) settings(raw json.RawMessage, rec events.Record, t events.Trail) error {
	given, err := read[map[string]json.RawMessage](raw)
	if err != nil {
		return err
	}
	shows := func(member string) (json.RawMessage, bool) {
		value, ok := given[lowerFirst(member)]
		return value, ok && string(value) != "null"
	}
	for _, m := range trail.Members(&r.State.Settings) {
		value, ok := shows(m.Name)
		if !ok && m.Field == trail.FieldGlobalEvents {
			value, ok = shows("IsMultiRegionTrail") // CloudTrail switches the events of global services with multi-Region
		}
		if !ok {
			continue
		}
		if m.Flag != nil {
			*m.Flag, err = readFlag(value)
		} else {
			ok, err = readText(m, value, rec, t)
		}
		if err != nil {
			return err
		}
		if ok {
			r.Fields = append(r.Fields, m.Field)
		}
	}
	return nil
}

func readFlag(raw json.RawMessage) (bool, error) {
	on, err := read[flag](raw)
	return bool(on), err
}

func readText(m trail.Member, raw json.RawMessage, rec events.Record, t events.Trail) (known bool, err error) {
	text, err := read[string](raw)
	if err != nil {
		return false, err
	}
	shown, known := trail.Asked{Given: text, Answered: rec.ResponseKMSKeyID, Trail: t}.Shown(m.Field)
	if known {
		*m.Text = shown
	}
	return known, nil
}

// lowerFirst is the name of a member of the API as records write it.
func lowerFirst(s string) string { return string(s[0]|0x20) + s[1:] }
