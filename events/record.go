package events

import (
	"encoding/json"
)

// Parameters are a record's requestParameters: usually an object, but null on a call refused with AccessDenied, a text
// in some records, and a marker instead of the values when they were too large.
type Parameters struct{ raw json.RawMessage }

// JSON returns the parameters as recorded, or nil where there are none. The caller must not change it.
func (p Parameters) JSON() json.RawMessage { return p.raw }

// Text returns the first of the named top-level parameters that is a text and not empty, and "" where none is. Names
// are compared exactly.
func (p Parameters) Text(names ...string) string {
	f := fieldsOf(p.raw)
	for _, name := range names {
		if s := f.text(name); s != "" {
			return s
		}
	}
	return ""
}

// Omitted reports whether CloudTrail left the values out because they were larger than 100 KB
// ({"reason":"requestParameters too large","omitted":true,…}).
func (p Parameters) Omitted() bool { return fieldsOf(p.raw).yes("omitted") }

// trailEventSource and trailCalls are what a pattern of package rules may ask for; a test there compares them. Where a
// field has several values, the gravest that a pattern takes is the one that counts.
const trailEventSource = "cloudtrail.amazonaws.com"

var trailCalls = []string{
	"StopLogging",
	"DeleteTrail",
	"UpdateTrail",
	"PutEventSelectors",
	"PutInsightSelectors",
	"StartLogging",
	"CreateTrail",
	"AddTags",
	"RemoveTags",
}

// recordOf reads a record. A field of another type stays empty and hides nothing.
func recordOf(f fields) Record {
	// An Insights event has no call of its own; it names the call whose rate was unusual.
	insight, answer := f.object("insightDetails"), f.object("responseElements")
	return Record{
		EventID:   f.text("eventID"),
		EventName: firstOf(f.oneOf("eventName", trailCalls...), insight.text("eventName")),
		EventSource: firstOf(f.oneOf("eventSource", trailEventSource),
			insight.text("eventSource")),
		EventType:          f.text("eventType"),
		EventCategory:      f.text("eventCategory"),
		EventTime:          f.text("eventTime"),
		Region:             f.text("awsRegion"),
		RecipientAccountID: f.text("recipientAccountId"),
		SourceIPAddress:    f.text("sourceIPAddress"),
		UserAgent:          f.text("userAgent"),
		ErrorCode:          f.text("errorCode"),
		ErrorMessage:       f.text("errorMessage"),
		Failed:             f.exists("errorCode"),
		Identity:           identityOf(f.object("userIdentity")),
		RequestParameters:  Parameters{f.raw("requestParameters")},
		// The answer is not kept, but for the ARNs of the trail and its key.
		ResponseTrailARN: answer.text("trailARN"),
		ResponseKMSKeyID: answer.text("kmsKeyId"),
		FromConsole:      f.yes("sessionCredentialFromConsole"),
		MFAUsed:          f.object("additionalEventData").text("MFAUsed"),
	}
}
