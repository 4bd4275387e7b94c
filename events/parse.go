package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"trailkeeper/events/plain"
)

// ErrUnknown says that a payload is none of those that Parse accepts. The error around it says what the payload is
// instead.
var ErrUnknown = errors.New("neither an EventBridge event with a CloudTrail record nor a scheduled event")

// errTooMany is about a payload that would take much more memory than its length says.
var errTooMany = fmt.Errorf("a payload of more than %d values: %w", plain.MaxValues, ErrUnknown)

// Parse turns a payload into an Event. It accepts
//
//   - an EventBridge event whose detail is a CloudTrail record (any detail-type),
//   - the "Scheduled Event" of an EventBridge rule (source aws.events) or of EventBridge Scheduler (aws.scheduler),
//   - Trailkeeper's own TestAlert and Redrive,
//   - a change of a CloudWatch alarm's state,
//   - a bare CloudTrail record, which is wrapped as EventBridge would: source from eventSource, detail-type from
//     eventType.
//
// Anything else is an error that wraps ErrUnknown or the JSON error and says what the payload is. Parse keeps no
// reference to payload.
func Parse(payload []byte) (Event, error) {
	if plain.HasTooMany(payload) {
		return Event{}, errTooMany
	}
	payload = bytes.Clone(payload)
	var whole json.RawMessage
	if err := json.Unmarshal(payload, &whole); err != nil {
		return Event{}, notJSON(payload, err)
	}
	f := fields{}
	if whole = bytes.TrimSpace(whole); whole[0] == '{' {
		f.read(whole)
	}
	ev := Event{
		ID:         f.text("id"),
		Source:     f.oneOf("source", "aws.cloudtrail"),
		DetailType: f.text("detail-type"),
		Account:    f.text("account"),
		Region:     f.text("region"),
		Time:       f.text("time"),
		payload:    payload,
	}
	switch ev.Kind = kinds[[2]string{ev.Source, ev.DetailType}]; {
	case ev.Kind == KindAlarm:
		return parseAlarm(ev, f)
	case ev.Kind != 0:
		return ev, nil
	case f.raw("detail") != nil:
		return parseDetail(ev, f)
	case f.text("eventName") != "" || len(f["insightDetails"]) > 0 || f.text("eventType") == Aggregated:
		r := recordOf(f)
		return wrap(f, r, r.log(), payload)
	}
	return Event{}, fmt.Errorf("%s: %w", describe(f, payload), ErrUnknown)
}

// Log is what the name of a log file says of the records in it (CloudTrail User Guide, "Finding your CloudTrail log
// files"). The records need not agree. The zero value is a log that says nothing, such as a log group: each record's
// account and Region are then what it says of itself.
type Log struct{ Account, Region string }

// ParseLogged turns a bare record that stood in a log file into an Event of that file's account and Region. Anything
// else is an error, as Parse's are: an envelope is nothing that CloudTrail writes into a log file.
func ParseLogged(record []byte, log Log) (Event, error) {
	if plain.HasTooMany(record) {
		return Event{}, errTooMany
	}
	record = bytes.Clone(record)
	f := fields{}
	if err := json.Unmarshal(record, &json.RawMessage{}); err != nil {
		return Event{}, notJSON(record, err)
	}
	if whole := bytes.TrimSpace(record); whole[0] == '{' {
		f.read(whole)
	}
	if len(f["detail"]) > 0 {
		return Event{}, fmt.Errorf("an event in its envelope, which no log file has: %w", ErrUnknown)
	}
	r := recordOf(f)
	if log == (Log{}) {
		log = r.log()
	}
	ev, err := wrap(f, r, log, record)
	ev.Logged = err == nil
	return ev, err
}

// log is what a bare record says of itself.
func (r Record) log() Log { return Log{firstOf(r.RecipientAccountID, r.Identity.AccountID), r.Region} }

// kinds are the events that their source and detail-type alone tell.
var kinds = map[[2]string]Kind{
	{"aws.events", "Scheduled Event"}:                   KindScheduled,
	{"aws.scheduler", "Scheduled Event"}:                KindScheduled,
	{"aws.scheduler", ContestedSweep}:                   KindScheduled,
	{"aws.scheduler", WardenRun}:                        KindScheduled,
	{Source, TestAlert}:                                 KindTest,
	{Source, Redrive}:                                   KindRedrive,
	{"aws.cloudwatch", "CloudWatch Alarm State Change"}: KindAlarm,
}

func parseAlarm(ev Event, f fields) (Event, error) {
	detail := f.object("detail")
	ev.Alarm = Alarm{
		Name:        detail.text("alarmName"),
		State:       detail.object("state").text("value"),
		Description: detail.object("configuration").text("description"),
	}
	if ev.Alarm.Name == "" {
		return Event{}, fmt.Errorf("%s without an alarm's name: %w", describe(f, ev.payload), ErrUnknown)
	}
	return ev, nil
}

// parseDetail reads the record in the detail, which EventBridge delivers as an object only.
func parseDetail(ev Event, f fields) (Event, error) {
	ev.Kind, ev.Record = KindRecord, recordOf(detailOf(f))
	if ev.Record.EventName == "" || ev.Record.EventSource == "" {
		return Event{}, fmt.Errorf(
			"%s whose detail has no eventName and eventSource: %w",
			describe(f, ev.payload),
			ErrUnknown,
		)
	}
	return ev, nil
}

func detailOf(f fields) fields {
	detail := fields{}
	for _, v := range f["detail"] {
		if v[0] == '{' {
			detail.read(v)
		}
	}
	return detail
}

// wrap puts the envelope around a bare record.
func wrap(f fields, r Record, of Log, payload []byte) (Event, error) {
	if r.EventName == "" || r.EventSource == "" {
		return Event{}, fmt.Errorf("%s: %w", describe(f, payload), ErrUnknown)
	}
	ev := Event{
		Kind:       KindRecord,
		Record:     r,
		Wrapped:    true,
		ID:         r.EventID,
		Source:     sourceOf(r),
		DetailType: detailTypeOf(r),
		Account:    of.Account,
		Region:     of.Region,
		Time:       r.EventTime,
	}
	var err error
	ev.payload, err = json.Marshal(map[string]any{
		"version":     "0",
		"id":          ev.ID,
		"source":      ev.Source,
		"detail-type": ev.DetailType,
		"account":     ev.Account,
		"region":      ev.Region,
		"time":        ev.Time,
		"resources":   []string{},
		"detail":      json.RawMessage(payload),
	})
	if err != nil {
		return Event{}, fmt.Errorf("wrap the record: %w", err)
	}
	return ev, nil
}

// sourceOf gives the envelope's source: "cloudtrail.amazonaws.com" is sent as "aws.cloudtrail", and Insights are
// CloudTrail's own.
func sourceOf(r Record) string {
	if r.EventType == insightType {
		return "aws.cloudtrail"
	}
	name, _, _ := strings.Cut(r.EventSource, ".")
	return "aws." + name
}

const insightType = "AwsCloudTrailInsight"

// detailTypeOf gives the envelope's detail-type (EventBridge User Guide, "AWS service events delivered via AWS
// CloudTrail").
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
func describe(f fields, payload []byte) string {
	detailType, source := f.text("detail-type"), f.text("source")
	records := elements(f["Records"])
	switch {
	case detailType != "" || source != "":
		return fmt.Sprintf("an EventBridge event %.100q from %.100q", detailType, source)
	case len(records) > 0:
		return describeBatch(records)
	case len(f["Records"]) > 0:
		return "a batch without records"
	case f.text("TopicArn") != "":
		return "an SNS message"
	case f.text("AlarmName") != "":
		return "a CloudWatch alarm's message"
	case f.text("eventName") != "" || f.text("eventSource") != "" || f.text("eventVersion") != "" ||
		len(f["insightDetails"]) > 0:
		return "part of a CloudTrail record: it has not both eventName and eventSource"
	case bytes.HasPrefix(bytes.TrimSpace(payload), []byte("{")):
		return "a JSON object with none of an event's keys"
	default:
		return "no JSON object"
	}
}

// describeBatch tells the batches that Lambda functions receive from a CloudTrail log file. SNS writes EventSource.
func describeBatch(records []json.RawMessage) string {
	first := fieldsOf(records[0])
	source := firstOf(first.text("eventSource"), first.text("EventSource"))
	switch {
	case strings.HasPrefix(source, "aws:"):
		return fmt.Sprintf("a batch of %d %.20q records", len(records), source)
	case first.text("eventName") != "" && source != "":
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
