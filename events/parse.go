package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ErrUnknown says that a payload is none of those that Parse accepts. The error around it says what the payload is instead.
var ErrUnknown = errors.New("neither an EventBridge event with a CloudTrail record nor a scheduled event")

// Parse turns a payload into an Event. It accepts
//
//   - an EventBridge event whose detail is a CloudTrail record (any detail-type),
//   - the "Scheduled Event" of an EventBridge rule (source aws.events) or of EventBridge Scheduler (aws.scheduler),
//   - Trailkeeper's own TestAlert and Redrive,
//   - a change of a CloudWatch alarm's state,
//   - a bare CloudTrail record, which is wrapped as EventBridge would: source from eventSource, detail-type from eventType.
//
// Anything else is an error that wraps ErrUnknown or the JSON error and says what the payload is. Parse keeps no reference to payload.
func Parse(payload []byte) (Event, error) {
	payload = bytes.Clone(payload)
	var w wireEvent
	if err := decode(payload, &w); err != nil {
		return Event{}, notJSON(payload, err)
	}
	switch {
	case w.DetailType == "Scheduled Event" && (w.Source == "aws.events" || w.Source == "aws.scheduler"):
		return w.event(KindScheduled, payload), nil
	case w.DetailType == ContestedSweep && w.Source == "aws.scheduler":
		return w.event(KindScheduled, payload), nil
	case w.Source == Source && w.DetailType == TestAlert:
		return w.event(KindTest, payload), nil
	case w.Source == Source && w.DetailType == Redrive:
		return w.event(KindRedrive, payload), nil
	case w.Source == "aws.cloudwatch" && w.DetailType == "CloudWatch Alarm State Change":
		return parseAlarm(&w, payload)
	case w.Detail != nil:
		return parseDetail(&w, payload)
	case w.EventName != "" || len(w.InsightDetails) > 0:
		return wrap(&w, payload)
	}
	return Event{}, fmt.Errorf("%s: %w", w.describe(payload), ErrUnknown)
}

// wireEvent is the envelope, and beside it the keys that tell what a payload without a detail is.
type wireEvent struct {
	ID         string      `json:"id"`
	Source     string      `json:"source"`
	DetailType string      `json:"detail-type"`
	Account    string      `json:"account"`
	Region     string      `json:"region"`
	Time       string      `json:"time"`
	Detail     *wireRecord `json:"detail"`

	EventName      string          `json:"eventName"`
	EventSource    string          `json:"eventSource"`
	EventVersion   string          `json:"eventVersion"`
	InsightDetails json.RawMessage `json:"insightDetails"`
	Records        json.RawMessage `json:"Records"`
	TopicARN       string          `json:"TopicArn"`
	AlarmName      string          `json:"AlarmName"`
}

func (w *wireEvent) event(kind Kind, payload json.RawMessage) Event {
	return Event{
		Kind: kind, ID: w.ID, Source: w.Source, DetailType: w.DetailType, Account: w.Account, Region: w.Region, Time: w.Time,
		payload: payload,
	}
}

func parseAlarm(w *wireEvent, payload []byte) (Event, error) {
	var detail struct {
		Detail struct {
			AlarmName string `json:"alarmName"`
			State     struct {
				Value string `json:"value"`
			} `json:"state"`
			Configuration struct {
				Description string `json:"description"`
			} `json:"configuration"`
		} `json:"detail"`
	}
	if err := decode(payload, &detail); err != nil || detail.Detail.AlarmName == "" {
		return Event{}, fmt.Errorf("%s without an alarm's name: %w", w.describe(payload), ErrUnknown)
	}
	ev := w.event(KindAlarm, payload)
	ev.Alarm = Alarm{Name: detail.Detail.AlarmName, State: detail.Detail.State.Value, Description: detail.Detail.Configuration.Description}
	return ev, nil
}

func parseDetail(w *wireEvent, payload []byte) (Event, error) {
	ev := w.event(KindRecord, payload)
	if ev.Record = w.Detail.record(); ev.Record.EventName == "" || ev.Record.EventSource == "" {
		return Event{}, fmt.Errorf("%s whose detail has no eventName and eventSource: %w", w.describe(payload), ErrUnknown)
	}
	return ev, nil
}

// wrap puts the envelope around a bare record.
func wrap(w *wireEvent, payload []byte) (Event, error) {
	var rec wireRecord
	if err := decode(payload, &rec); err != nil {
		return Event{}, notJSON(payload, err)
	}
	r := rec.record()
	if r.EventName == "" || r.EventSource == "" {
		return Event{}, fmt.Errorf("%s: %w", w.describe(payload), ErrUnknown)
	}
	ev := Event{
		Kind: KindRecord, Record: r, Wrapped: true, ID: r.EventID, Source: sourceOf(r), DetailType: detailTypeOf(r),
		Account: firstOf(r.RecipientAccountID, r.Identity.AccountID), Region: r.Region, Time: r.EventTime,
	}
	var err error
	ev.payload, err = json.Marshal(map[string]any{
		"version": "0", "id": ev.ID, "source": ev.Source, "detail-type": ev.DetailType, "account": ev.Account,
		"region": ev.Region, "time": ev.Time, "resources": []string{}, "detail": json.RawMessage(payload),
	})
	if err != nil {
		return Event{}, fmt.Errorf("wrap the record: %w", err)
	}
	return ev, nil
}

// sourceOf gives the envelope's source: "cloudtrail.amazonaws.com" is sent as "aws.cloudtrail", and Insights are CloudTrail's own.
func sourceOf(r Record) string {
	if r.EventType == insightType {
		return "aws.cloudtrail"
	}
	name, _, _ := strings.Cut(r.EventSource, ".")
	return "aws." + name
}

const insightType = "AwsCloudTrailInsight"

// detailTypeOf gives the envelope's detail-type (EventBridge User Guide, "AWS service events delivered via AWS CloudTrail").
func detailTypeOf(r Record) string {
	switch {
	case r.EventType == "AwsServiceEvent":
		return "AWS Service Event via CloudTrail"
	case r.EventType == "AwsConsoleSignIn":
		return "AWS Console Sign In via CloudTrail"
	case r.EventType == "AwsConsoleAction":
		return "AWS Console Action via CloudTrail"
	case r.EventType == insightType:
		return "AWS Insight via CloudTrail"
	case r.EventType == "AwsVpceEvent" || r.EventCategory == "NetworkActivity":
		return "AWS Network Activity Event via CloudTrail"
	default:
		return "AWS API Call via CloudTrail"
	}
}

// describe names a payload that is JSON but not for us.
func (w *wireEvent) describe(payload []byte) string {
	var records []json.RawMessage
	_ = json.Unmarshal(w.Records, &records)
	switch {
	case w.DetailType != "" || w.Source != "":
		return fmt.Sprintf("an EventBridge event %.100q from %.100q", w.DetailType, w.Source)
	case len(records) > 0:
		return describeBatch(records)
	case len(w.Records) > 0:
		return "a batch without records"
	case w.TopicARN != "":
		return "an SNS message"
	case w.AlarmName != "":
		return "a CloudWatch alarm's message"
	case w.EventName != "" || w.EventSource != "" || w.EventVersion != "" || len(w.InsightDetails) > 0:
		return "part of a CloudTrail record: it has not both eventName and eventSource"
	case bytes.HasPrefix(bytes.TrimSpace(payload), []byte("{")):
		return "a JSON object with none of an event's keys"
	default:
		return "no JSON object"
	}
}

// describeBatch tells the batches that Lambda functions receive from a CloudTrail log file.
func describeBatch(records []json.RawMessage) string {
	var first struct {
		EventSource string `json:"eventSource"` // "EventSource" in SNS's records; encoding/json takes either
		EventName   string `json:"eventName"`
	}
	_ = decode(records[0], &first) // what cannot be read is of an unknown kind
	source := first.EventSource
	switch {
	case strings.HasPrefix(source, "aws:"):
		return fmt.Sprintf("a batch of %d %.20q records", len(records), source)
	case first.EventName != "" && source != "":
		return fmt.Sprintf("a CloudTrail log file of %d records; give them one by one", len(records))
	default:
		return fmt.Sprintf("a batch of %d records of an unknown kind", len(records))
	}
}

// notJSON says where and how a payload fails to be JSON.
func notJSON(payload []byte, err error) error {
	if len(bytes.TrimSpace(payload)) == 0 {
		return fmt.Errorf("an empty payload: %w", ErrUnknown)
	}
	if se, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("no JSON at byte %d of %d: %w", se.Offset, len(payload), err)
	}
	return fmt.Errorf("no JSON: %w", err)
}
