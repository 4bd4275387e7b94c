package replay

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"

	"trailkeeper/lambda/internal/replay"
	"trailkeeper/lambda/trailkeeper/cli"
)

// jsonRecord is what --json prints for one record. The names and the values of decision are part of the command's
// contract.
type jsonRecord struct {
	EventID     string   `json:"event_id"`
	EventName   string   `json:"event_name"`
	EventSource string   `json:"event_source"`
	Trail       string   `json:"trail"`
	Pattern     string   `json:"pattern"`
	Severity    string   `json:"severity"`
	Decision    string   `json:"decision"`
	Rules       []string `json:"rules"`
	IgnoredBy   string   `json:"ignored_by"`
	Errors      []string `json:"errors,omitempty"`     // of rules
	SlackText   string   `json:"slack_text,omitempty"` // with --message
	File        string   `json:"file,omitempty"`       // these three where it is unreadable or skipped
	Position    string   `json:"position,omitempty"`
	Error       string   `json:"error,omitempty"`
}

type jsonPrinter struct {
	out     *bufio.Writer
	message bool
}

func (p *jsonPrinter) result(r replay.Result) error {
	rec := r.Event.Record
	j := jsonRecord{
		EventID:     cmp.Or(rec.EventID, r.Event.ID),
		EventName:   rec.EventName,
		EventSource: rec.EventSource,
		Trail:       r.Trail.ARN(),
		Pattern:     r.Pattern,
		Severity:    string(r.Severity),
		Decision:    string(r.Decision),
		Rules:       make([]string, 0, len(r.Rules)),
		IgnoredBy:   r.IgnoredBy,
		Errors:      r.RuleErrors,
	}
	for _, m := range r.Rules {
		j.Rules = append(j.Rules, m.Rule)
	}
	if r.Err != nil {
		j.File, j.Position, j.Error = fileName(r.Place.File), r.Place.Where(), r.Reason()
	}
	if p.message {
		text, err := r.SlackText()
		if err != nil {
			text = err.Error()
		}
		j.SlackText = text
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(j); err != nil {
		return fmt.Errorf("encode the record %.100q: %w", j.EventID, err)
	}
	return cli.WriteEscaped(p.out, b.String())
}

func (p *jsonPrinter) end(*replay.Summary) error { return nil }
