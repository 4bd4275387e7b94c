package render

import (
	"cmp"
	"encoding/json"
	"io"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/trail"
)

// jsonResult is the object that --json prints for a scenario.
type jsonResult struct {
	Scenario string      `json:"scenario"`
	Title    string      `json:"title"`
	Held     bool        `json:"held"`
	Skipped  string      `json:"not_played,omitempty"`
	Assumed  []string    `json:"taken_for_granted,omitempty"`
	Checks   []jsonCheck `json:"promises"`
	Timeline []jsonEntry `json:"timeline"`
	Group    string      `json:"group,omitempty"`
	EndMS    int64       `json:"end_ms,omitempty"`
	Trail    *jsonTrail  `json:"trail,omitempty"`
}

type jsonCheck struct {
	Check string `json:"promise"`
	Held  bool   `json:"held"`
	Why   string `json:"why,omitempty"`
}

type jsonEntry struct {
	AtMS     int64  `json:"at_ms"`
	Kind     string `json:"kind"`
	Who      string `json:"who,omitempty"`
	Op       string `json:"op,omitempty"`
	Subject  string `json:"subject,omitempty"`
	Via      string `json:"via,omitempty"`
	Text     string `json:"text,omitempty"`
	EventID  string `json:"event_id,omitempty"`
	Error    string `json:"error,omitempty"`
	Function bool   `json:"function,omitempty"`
	// Of a message in Slack: what it follows, that the channel shows it as well, and that it changes what was posted
	// before.
	Thread    string `json:"thread,omitempty"`
	Broadcast bool   `json:"broadcast,omitempty"`
	Update    bool   `json:"update,omitempty"`
	// The whole message: Slack's payload, or what SNS got for each protocol, e-mail among them.
	Message json.RawMessage `json:"message,omitempty"`
}

// jsonTrail is what became of the trail.
type jsonTrail struct {
	ARN    string      `json:"arn"`
	DarkMS int64       `json:"dark_ms"`
	Ends   string      `json:"ends"`
	Phases []jsonPhase `json:"phases"`
}

type jsonPhase struct {
	FromMS  int64          `json:"from_ms"`
	ToMS    int64          `json:"to_ms"`
	State   string         `json:"state"`
	Changes []trail.Change `json:"changes,omitempty"`
}

// WriteJSON writes a scenario as one JSON object on one line.
func WriteJSON(w io.Writer, r result.Result) error {
	out := jsonResult{
		Scenario: r.Name,
		Title:    r.Title,
		Held:     r.Held(),
		Skipped:  r.NotPlayed,
		Assumed:  r.Assumptions,
		Checks:   []jsonCheck{},
		Timeline: []jsonEntry{},
		Group:    r.Group,
	}
	if r.NotPlayed == "" {
		out.EndMS = r.End.Sub(r.Start).Milliseconds()
		out.Trail = trailOf(r)
	}
	for _, v := range r.Checks {
		out.Checks = append(out.Checks, jsonCheck{v.Check, v.Why == "", v.Why})
	}
	for _, e := range r.Timeline {
		out.Timeline = append(out.Timeline, jsonEntry{
			AtMS:      e.At.Sub(r.Start).Milliseconds(),
			Kind:      string(e.Kind),
			Who:       e.Who,
			Op:        e.Op,
			Subject:   e.Subject,
			Via:       e.Via,
			Text:      firstLine(textOf(e)),
			EventID:   e.EventID,
			Error:     e.Err,
			Function:  e.Function,
			Thread:    e.Thread,
			Broadcast: e.Broadcast,
			Update:    e.Update,
			Message:   messageOf(e),
		})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}

// trailOf is what became of the trail; nil: there is none.
func trailOf(r result.Result) *jsonTrail {
	if r.Trail.ARN == "" {
		return nil
	}
	t := &jsonTrail{
		ARN:    r.Trail.ARN,
		DarkMS: r.Trail.Dark().Milliseconds(),
		Ends:   string(r.Trail.Ends()),
		Phases: []jsonPhase{},
	}
	for _, p := range r.Trail.Phases {
		from, to := p.From.Sub(r.Start).Milliseconds(), p.To.Sub(r.Start).Milliseconds()
		t.Phases = append(t.Phases, jsonPhase{from, to, string(p.State), p.Changes})
	}
	return t
}

// messageOf is the whole message of an entry: the JSON that was sent, or its text.
func messageOf(e localcloud.Entry) json.RawMessage {
	if e.Kind != localcloud.KindSlack && e.Kind != localcloud.KindSNS {
		return nil
	}
	if json.Valid([]byte(e.Raw)) {
		return json.RawMessage(e.Raw)
	}
	text, err := json.Marshal(cmp.Or(e.Raw, e.Text))
	if err != nil {
		return nil // texts always encode
	}
	return text
}

// textOf leaves out a queued body, which is no text for people.
func textOf(e localcloud.Entry) string {
	if e.Kind == localcloud.KindParked {
		return ""
	}
	return e.Text
}
