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
	sum := aggregatedOf(f)
	return Record{
		EventID:   firstOf(f.text("eventID"), sum.id),
		EventName: firstOf(f.oneOf("eventName", trailCalls...), insight.text("eventName"), sum.name),
		EventSource: firstOf(f.oneOf("eventSource", trailEventSource),
			insight.text("eventSource")),
		EventType:          f.text("eventType"),
		EventCategory:      f.text("eventCategory"),
		EventTime:          firstOf(f.text("eventTime"), sum.end),
		Region:             f.text("awsRegion"),
		RecipientAccountID: firstOf(f.text("recipientAccountId"), sum.account),
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
		Resources:        resourcesOf(f["resources"]),
		FromConsole:      f.yes("sessionCredentialFromConsole"),
		MFAUsed:          f.object("additionalEventData").text("MFAUsed"),
	}
}

// maxResources bounds the resources of a record that are kept.
const maxResources = 20

// resourcesOf are the ARNs of the objects in a list.
func resourcesOf(list []json.RawMessage) (all []string) {
	for _, one := range elements(list) {
		if arn := fieldsOf(one).text("ARN"); arn != "" && len(all) < maxResources {
			all = append(all, arn)
		}
	}
	return all
}

// Aggregated is the eventType of a record that is no call: it sums up data events of five minutes (CloudTrail User
// Guide, "CloudTrail record contents for aggregated events"). It is what stands for the name of a call there.
const Aggregated = "AwsAggregatedEvent"

// aggregated is what such a record has in other places than a record of a call.
type aggregated struct{ id, account, name, end string }

// aggregatedOf is empty for a record of any other type.
func aggregatedOf(f fields) aggregated {
	if f.text("eventType") != Aggregated {
		return aggregated{}
	}
	return aggregated{
		id:      f.text("eventId"),
		account: f.text("accountId"),
		name:    Aggregated,
		end:     f.object("timeWindow").text("windowEnd"),
	}
}
