package sns

import (
	"bytes"
	"encoding/json"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/message/request"
	"trailkeeper/lambda/internal/sanitize"
)

// schema names the JSON document for programs. Within a version fields are only added.
const (
	schema  = "trailkeeper.notification/1"
	version = 1
)

// Document is what programs get: subscribers by http, https, sqs, lambda and email-json. Every field is always there; a
// text that is not known is "", a time that is not known "", a duration that does not apply null. Texts are cleaned and
// bounded, and no more to be trusted for that.
type Document struct {
	Schema  string `json:"schema"`
	Version int    `json:"version"`

	// The next three are for pagers, which take texts of the top level only. They come first, so that the first match of
	// "state":"… in the text is this one: inside a JSON text every quotation mark is escaped.
	State       string `json:"state"`        // open, restored, needs_human, contested; "none" where there is no incident
	IncidentKey string `json:"incident_key"` // the same in every message of an incident; without one, that of the event
	Description string `json:"description"`  // the headline

	EventID  string `json:"event_id"`
	Event    string `json:"event_name"`
	From     string `json:"event_source"` // the service that was called; "" where that is CloudTrail
	Time     string `json:"event_time"`   // RFC 3339, UTC; of a finding, the time of the sweep
	Finding  string `json:"finding"`      // what a sweep found; "" where an event arrived
	Severity string `json:"severity"`     // low, medium, high, critical
	Outcome  string `json:"outcome"`      // the values of finding.Outcome
	Rule     string `json:"rule"`         // the ID of the rule that found it; "" where none did
	// Verifying says of "approved" that the record claims it, and that CloudTrail's event history has not confirmed it
	// yet.
	Verifying bool `json:"verifying"`

	Headline string `json:"headline"`
	Detail   string `json:"detail"`
	NextStep string `json:"next_step"`

	RestoredAfterMS *int64 `json:"restored_after_ms"` // from our first call to the confirmation
	SinceEventMS    *int64 `json:"since_event_ms"`    // from the event to the confirmation

	Actor        string          `json:"actor"`
	ActorARN     string          `json:"actor_arn"`
	TrailARN     string          `json:"trail_arn"`
	TrailName    string          `json:"trail_name"`
	Account      string          `json:"account"`
	AccountName  string          `json:"account_name"` // of the setting accountNames
	Region       string          `json:"region"`
	SourceIP     string          `json:"source_ip"`
	UserAgent    string          `json:"user_agent"`
	ErrorCode    string          `json:"error_code"`
	ErrorMessage string          `json:"error_message"`
	Request      json.RawMessage `json:"request"`  // as recorded, secrets masked; null if there is none
	Baseline     *Baseline       `json:"baseline"` // null where the trail was not compared with one
	Incident     *Incident       `json:"incident"` // null where there is none
	Changes      []Change        `json:"changes"`  // how the trail differed from it, weakening changes first
	Channel      string          `json:"channel"`  // of a delivery that failed
	Reason       string          `json:"reason"`
	Late         *Late           `json:"late"` // null but for what comes out of the failure queue
	Links        Links           `json:"links"`
	Stack        string          `json:"stack"`
}

// maxName is longer than any ID of AWS's or ours, in runes.
const maxName = 128

// Incident is how the incident of the trail stands after this message.
type Incident struct {
	ID      string `json:"id"`
	State   string `json:"state"`
	Opened  string `json:"opened"` // RFC 3339, UTC
	Closed  string `json:"closed"` // of the verified restore; ""
	Count   int    `json:"count"`  // the events and findings so far
	FirstID string `json:"first_event_id"`
	DarkMS  *int64 `json:"dark_ms"` // how long the trail recorded less than its baseline so far
}

func incidentOf(n finding.Finding, text func(string) string) *Incident {
	if n.Incident == nil {
		return nil
	}
	i := *n.Incident
	return &Incident{
		ID:      text(i.ID),
		State:   text(string(i.State)),
		Opened:  timeOf(i.Opened),
		Closed:  timeOf(i.Closed),
		Count:   i.Count,
		FirstID: text(i.First.EventID),
		DarkMS:  millis(i.Dark),
	}
}

// Late says that a message comes late, and how its trail stood when it was sent. What is history is not so any more, or
// not known to be: it closes nothing.
type Late struct {
	Parked  string `json:"parked"` // RFC 3339, UTC
	Now     string `json:"now"`    // "logging", "not logging", "deleted", …; "" where it is about no trail
	History bool   `json:"history"`
}

func lateOf(n finding.Finding, text func(string) string) *Late {
	if n.Late == nil {
		return nil
	}
	return &Late{Parked: timeOf(n.Late.Parked), Now: text(string(n.Late.Now)), History: n.Late.History}
}

// keyOf is what a pager opens and closes an alert by. Nothing says when what a rule detected is over.
func keyOf(n finding.Finding) (state, key string) {
	switch {
	case n.Incident == nil:
		return "none", n.EventID
	case n.Incident.State == finding.IncidentDetected:
		return "none", n.Incident.ID
	}
	return string(n.Incident.State), n.Incident.ID
}

// ruleOf is the rule that found something, or could not be applied.
func ruleOf(n finding.Finding) string {
	if n.Rule == nil {
		return ""
	}
	return n.Source
}

func timeOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// Baseline says which baseline the trail was compared with.
type Baseline struct {
	Kind       string `json:"kind"`        // declared or recorded
	CapturedAt string `json:"captured_at"` // RFC 3339, UTC
}

// Change is one field that is not as the baseline has it.
type Change struct {
	Field    string `json:"field"`
	Before   string `json:"before"`
	After    string `json:"after"`
	Effect   string `json:"effect"` // weakens, new_dependency, neutral, strengthens
	Sentence string `json:"sentence"`
	Done     string `json:"done"`   // restored, not_restored, accepted, or "" where nothing was to be done
	Reason   string `json:"reason"` // why it is not restored
}

// maxChanges bounds the changes of a document.
const maxChanges = 50

func changesOf(n finding.Finding, text func(string) string) []Change {
	all := []Change{}
	for _, c := range n.Changes[:min(len(n.Changes), maxChanges)] {
		all = append(all, Change{
			Field:    text(c.Field),
			Before:   text(c.Before),
			After:    text(c.After),
			Effect:   text(string(c.Effect)),
			Sentence: text(c.Sentence),
			Done:     text(string(c.Done)),
			Reason:   text(message.Why(c)),
		})
	}
	return all
}

// Links are addresses in the AWS console; "" where there is none.
type Links struct {
	Trail   string `json:"trail"`
	Event   string `json:"event"`
	Runbook string `json:"runbook"` // of this kind of message
}

func document(n finding.Finding, l lengths) Document {
	text := func(s string) string { return sanitize.Bound(s, l.value) }
	name := func(s string) string { return sanitize.Bound(s, maxName) } // what programs go by is never cut short
	d := Document{
		Schema:          schema,
		Version:         version,
		EventID:         name(n.EventID),
		Event:           text(n.EventName),
		From:            text(n.EventSource),
		Finding:         name(string(n.Kind)),
		Severity:        name(string(n.Severity)),
		Outcome:         name(string(n.Outcome)),
		Rule:            name(ruleOf(n)),
		Verifying:       n.Verifying,
		Headline:        message.Headline(n),
		Detail:          sanitize.Bound(message.Detail(n), l.prose),
		NextStep:        sanitize.Bound(message.NextStep(n), l.prose),
		RestoredAfterMS: millis(n.AfterCall),
		SinceEventMS:    millis(n.SinceEvent),
		Actor:           text(n.Actor),
		ActorARN:        text(n.ActorARN),
		TrailARN:        text(n.Subject.ARN),
		TrailName:       text(n.Subject.Name),
		Account:         name(n.Account),
		AccountName:     text(n.AccountName),
		Region:          name(n.Region),
		SourceIP:        text(n.SourceIP),
		UserAgent:       text(n.UserAgent),
		ErrorCode:       text(n.ErrorCode),
		ErrorMessage:    text(n.ErrorMessage),
		Request:         request.JSON(n.Request, l.request),
		Changes:         changesOf(n, text),
		Channel:         text(n.Channel),
		Reason:          text(n.Reason),
		Stack:           text(n.Stack),
		Links:           Links{Trail: message.TrailLink(n), Event: message.EventLink(n), Runbook: message.RunbookLink(n)},
	}
	d.Late = lateOf(n, name)
	if n.Baseline != nil {
		d.Baseline = &Baseline{Kind: text(n.Baseline.Kind), CapturedAt: n.Baseline.CapturedAt.UTC().Format(time.RFC3339)}
	}
	state, key := keyOf(n)
	d.Description = d.Headline
	d.State = name(state)
	d.IncidentKey = name(key)
	d.Incident = incidentOf(n, name)
	d.Time = timeOf(n.EventTime)
	return d
}

func millis(d time.Duration) *int64 {
	if d <= 0 {
		return nil
	}
	ms := d.Milliseconds()
	return &ms
}

// maxMessage bounds the publication, in bytes. SNS takes 262,144 with the attributes (SNS API reference, Publish,
// Message); what is below 64 KiB is billed as one request.
const maxMessage = 60 << 10

// publication is the text of one with MessageStructure json: an object with a text for each protocol.
func publication(n finding.Finding) (string, error) {
	for l := (lengths{value: 500, prose: 1200, request: 4 << 10}); ; l = l.smaller() {
		message, err := structure(n, l)
		if err != nil || len(message) <= maxMessage || l.value == 0 {
			return message, err
		}
	}
}

// smaller leaves what we say in full until little else is left.
func (l lengths) smaller() lengths {
	if l.value < 100 {
		l.prose /= 2
	}
	return lengths{value: l.value / 2, prose: l.prose, request: l.request / 4}
}

// protocols are the texts by protocol. SNS ignores what is no text, and needs default.
type protocols struct {
	Default   string `json:"default"`
	Email     string `json:"email"`
	SMS       string `json:"sms"`
	HTTP      string `json:"http"`
	HTTPS     string `json:"https"`
	SQS       string `json:"sqs"`
	Lambda    string `json:"lambda"`
	EmailJSON string `json:"email-json"`
}

func structure(n finding.Finding, l lengths) (string, error) {
	b, err := encode(document(n, l))
	if err != nil {
		return "", err
	}
	doc := string(b)
	b, err = encode(protocols{
		Default:   message.Headline(n),
		Email:     email(n, l),
		SMS:       sms(n),
		HTTP:      doc,
		HTTPS:     doc,
		SQS:       doc,
		Lambda:    doc,
		EmailJSON: doc,
	})
	return string(b), err
}

// encode writes JSON with < > & as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
