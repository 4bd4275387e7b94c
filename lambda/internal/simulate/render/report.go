// Package render shows a result: as text, and as JSON for programs. It knows nothing but the result, escapes whatever
// somebody else wrote, and decides nothing.
package render

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/result"
)

// WriteText writes a scenario for people: its title, the timeline, and which checks passed. Lines have at most 100
// characters.
func WriteText(w io.Writer, r result.Result) error {
	var b strings.Builder
	writeWrapped(&b, "", strings.Fields(r.Name+": "+r.Title))
	if r.NotPlayed != "" {
		fmt.Fprintf(&b, "  not played: %s\n\n", r.NotPlayed)
		_, err := io.WriteString(w, b.String())
		return err
	}
	for _, l := range lines(r) {
		l.write(&b)
	}
	var held []string
	for _, v := range r.Checks {
		if v.Why != "" {
			writeWrapped(&b, "  CHECK FAILED: ", strings.Fields(v.Check+": "+firstLine(v.Why)))
			continue
		}
		if !slices.Contains(held, v.Check) {
			held = append(held, v.Check)
		}
	}
	switch {
	case len(held) > 0:
		writeWrapped(&b, "  checks passed: ", strings.Fields(strings.Join(held, "; ")))
	case len(r.Checks) == 0:
		b.WriteString("  no check applies\n")
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteSummary writes the end of a run: the assumptions, and whether all checks passed. What is the singular of what
// was played.
func WriteSummary(w io.Writer, what string, results []result.Result) error {
	played := 0
	var broken []string
	for _, r := range results {
		if r.NotPlayed == "" {
			played++
		}
		if !r.Held() {
			broken = append(broken, r.Name)
		}
	}
	text := count(played, what)
	if skipped := len(results) - played; skipped > 0 {
		text += fmt.Sprintf(" (%d not played: %s)", skipped, skippedOf(results))
	}
	if len(broken) > 0 {
		text += fmt.Sprintf(": checks failed in %d: %s.", len(broken), strings.Join(broken, ", "))
	} else {
		text += ": all checks passed."
	}
	var b strings.Builder
	if len(results) > 0 && len(results[0].Assumptions) > 0 {
		writeWrapped(&b, "Assumptions: ", strings.Fields(strings.Join(results[0].Assumptions, ". ")+"."))
	}
	writeWrapped(&b, "", strings.Fields(text))
	_, err := io.WriteString(w, b.String())
	return err
}

// skippedOf names what was not played, each reason once behind the names that it holds for.
func skippedOf(results []result.Result) string {
	var reasons []string
	names := map[string][]string{}
	for _, r := range results {
		if r.NotPlayed == "" {
			continue
		}
		if names[r.NotPlayed] == nil {
			reasons = append(reasons, r.NotPlayed)
		}
		names[r.NotPlayed] = append(names[r.NotPlayed], r.Name)
	}
	for i, reason := range reasons {
		reasons[i] = strings.Join(names[reason], ", ") + ": " + reason
	}
	return strings.Join(reasons, "; ")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// jsonResult is the object that --json prints for a scenario.
type jsonResult struct {
	Scenario string      `json:"scenario"`
	Title    string      `json:"title"`
	Held     bool        `json:"held"`
	Skipped  string      `json:"not_played,omitempty"`
	Assumed  []string    `json:"taken_for_granted,omitempty"`
	Checks   []jsonCheck `json:"promises"`
	Timeline []jsonEntry `json:"timeline"`
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
		})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}

// textOf leaves out a queued body, which is no text for people.
func textOf(e localcloud.Entry) string {
	if e.Kind == localcloud.KindParked {
		return ""
	}
	return e.Text
}
