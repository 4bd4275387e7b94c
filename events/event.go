// Package events turns the bytes a function receives into typed values: an EventBridge event, the CloudTrail record
// inside it, who made the call, and which trail it was about.
//
// It knows no AWS client, reads no clock, network or environment, and decides nothing: whether a call matters is the
// business of package rules, and what to do about it of the functions under lambda.
//
// Every text in a Record was written by whoever made the call. Nothing here escapes or shortens it; the renderers do.
package events

import (
	"encoding/json"
	"time"
)

// Kind says which of the payloads that Parse accepts an Event is.
type Kind int

// The payloads that Parse accepts.
const (
	KindRecord    Kind = iota + 1 // an EventBridge event with a CloudTrail record in its detail
	KindScheduled                 // an EventBridge schedule's "Scheduled Event"
	KindTest                      // a test alert: source Source, detail-type TestAlert
	KindAlarm                     // a "CloudWatch Alarm State Change" that EventBridge could not post to Slack
	KindRedrive                   // the operator asks to send again what is parked: source Source, detail-type Redrive
)

// The events that are Trailkeeper's own, sent with PutEvents or straight to the function.
const (
	Source    = "trailkeeper"
	TestAlert = "Trailkeeper Test Alert"
	// ContestedSweep is the detail type of the schedule that sweeps every minute while an incident is contested. It is a
	// scheduled event.
	ContestedSweep = "Trailkeeper Contested Sweep"
	// WardenRun is the detail type of the schedule that runs the warden. It is a scheduled event.
	WardenRun = "Trailkeeper Warden Run"
	Redrive   = "Trailkeeper Redrive"
)

// Event is one EventBridge event.
//
// The envelope fields are those of "Events in Amazon EventBridge" (EventBridge User Guide, eb-events-structure). Time
// stays text: one odd timestamp must not make an event unreadable.
type Event struct {
	Kind       Kind
	ID         string
	Source     string // "aws.cloudtrail" for CloudTrail's own API
	DetailType string
	Account    string
	Region     string
	Time       string
	Record     Record // only where Kind is KindRecord
	Alarm      Alarm  // only where Kind is KindAlarm
	Wrapped    bool   // a bare record came in, and the envelope was made by Parse
	Logged     bool   // it stood in a log file, whose name says Account and Region

	payload json.RawMessage
}

// JSON returns the whole event as EventBridge would deliver it; for a bare record that is the envelope made around it.
// The caller must not change it.
func (e Event) JSON() json.RawMessage { return e.payload }

// Alarm is a change of a CloudWatch alarm's state (CloudWatch User Guide, "Alarm events and EventBridge").
type Alarm struct {
	Name        string
	State       string // "ALARM", "OK", "INSUFFICIENT_DATA"
	Description string
}

// Record is one CloudTrail record: the documented fields that Trailkeeper uses (CloudTrail User Guide, "CloudTrail
// record contents"). A field that is missing, null or of another type is empty. ResponseElements are not kept, but for
// the ARNs of the trail and its key: they can hold credentials.
type Record struct {
	EventID            string
	EventName          string // never empty in a Record that Parse returned
	EventSource        string // never empty in a Record that Parse returned
	EventType          string // "AwsApiCall", "AwsServiceEvent", "AwsVpceEvent", …
	EventCategory      string // "Management", "Data", "Insight", "NetworkActivity"; empty in old records
	EventTime          string
	Region             string // awsRegion
	RecipientAccountID string
	SourceIPAddress    string
	UserAgent          string
	ErrorCode          string
	ErrorMessage       string
	Failed             bool // the record has an errorCode, be it null or empty
	Identity           Identity
	RequestParameters  Parameters
	ResponseTrailARN   string // responseElements.trailARN, the name AWS itself gives
	ResponseKMSKeyID   string // responseElements.kmsKeyId: the ARN of the key that an alias in the request stands for
	// Resources are the ARNs in resources, which AWS itself gives: of a call to AWS KMS the key's, by whatever name the
	// caller called it. At most 20.
	Resources   []string
	FromConsole bool   // sessionCredentialFromConsole
	MFAUsed     string // additionalEventData.MFAUsed of a sign-in: "Yes", "No" or empty
}

// Refused reports whether the call failed: CloudTrail sets errorCode on a call that changed nothing, and only
// errorMessage on a failed console sign-in. The EventBridge patterns go by errorCode as well, and for them one that is
// null or empty is there.
func (r Record) Refused() bool {
	return r.Failed || r.ErrorCode != "" || (r.ErrorMessage != "" && r.EventType == "AwsConsoleSignIn")
}

// IsCall reports whether the record describes an API call that AWS carried out or refused. The copy that a VPC endpoint
// writes (AwsVpceEvent, NetworkActivity) only proves that a request crossed the endpoint, and a service event is
// nobody's call.
func (r Record) IsCall() bool {
	return (r.EventType == "" || r.EventType == "AwsApiCall") && r.EventCategory != "NetworkActivity"
}

// Time parses EventTime. It reports false for a missing or odd timestamp.
func (r Record) Time() (time.Time, bool) {
	for _, layout := range []string{
		time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05",
		"2006-01-02T15:04:05Z0700",
	} {
		if t, err := time.Parse(layout, r.EventTime); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
