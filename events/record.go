package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// Parameters are a record's requestParameters: usually an object, but null on a call refused with AccessDenied, a text in some
// records, and a marker instead of the values when they were too large.
type Parameters struct{ raw json.RawMessage }

// JSON returns the parameters as recorded, or nil where there are none. The caller must not change it.
func (p Parameters) JSON() json.RawMessage { return p.raw }

// Text returns the first of the named top-level parameters that is a text and not empty, and "" where none is. Names are compared
// exactly.
func (p Parameters) Text(names ...string) string {
	fields := p.fields()
	for _, name := range names {
		var s string
		if json.Unmarshal(fields[name], &s) == nil && s != "" {
			return s
		}
	}
	return ""
}

// Omitted reports whether CloudTrail left the values out because they were larger than 100 KB
// ({"reason":"requestParameters too large","omitted":true,…}).
func (p Parameters) Omitted() bool {
	var f flag
	return f.UnmarshalJSON(p.fields()["omitted"]) == nil && bool(f)
}

func (p Parameters) fields() map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(p.raw, &fields) // what is no object has no fields
	return fields
}

// wireRecord is the record as it is written. It is read with decode: a field of another type stays empty and hides nothing.
type wireRecord struct {
	EventID            string          `json:"eventID"`
	EventName          string          `json:"eventName"`
	EventSource        string          `json:"eventSource"`
	EventType          string          `json:"eventType"`
	EventCategory      string          `json:"eventCategory"`
	EventTime          string          `json:"eventTime"`
	AWSRegion          string          `json:"awsRegion"`
	RecipientAccountID string          `json:"recipientAccountId"`
	SourceIPAddress    string          `json:"sourceIPAddress"`
	UserAgent          string          `json:"userAgent"`
	ErrorCode          string          `json:"errorCode"`
	ErrorMessage       string          `json:"errorMessage"`
	UserIdentity       wireIdentity    `json:"userIdentity"`
	RequestParameters  json.RawMessage `json:"requestParameters"`
	// ResponseElements is not kept, but for the ARNs of the trail and its key.
	ResponseElements struct {
		TrailARN string `json:"trailARN"`
		KMSKeyID string `json:"kmsKeyId"`
	} `json:"responseElements"`
	SessionFromConsole flag `json:"sessionCredentialFromConsole"`
	// An Insights event has no call of its own; it names the call whose rate was unusual.
	InsightDetails struct {
		EventName   string `json:"eventName"`
		EventSource string `json:"eventSource"`
	} `json:"insightDetails"`
	AdditionalEventData struct {
		MFAUsed string `json:"MFAUsed"`
	} `json:"additionalEventData"`
}

func (w *wireRecord) record() Record {
	r := Record{
		EventID:   w.EventID,
		EventName: firstOf(w.EventName, w.InsightDetails.EventName), EventSource: firstOf(w.EventSource, w.InsightDetails.EventSource),
		EventType: w.EventType, EventCategory: w.EventCategory, EventTime: w.EventTime, Region: w.AWSRegion,
		RecipientAccountID: w.RecipientAccountID, SourceIPAddress: w.SourceIPAddress, UserAgent: w.UserAgent,
		ErrorCode: w.ErrorCode, ErrorMessage: w.ErrorMessage, Identity: w.UserIdentity.identity(),
		ResponseTrailARN: w.ResponseElements.TrailARN, ResponseKMSKeyID: w.ResponseElements.KMSKeyID,
		FromConsole: bool(w.SessionFromConsole), MFAUsed: w.AdditionalEventData.MFAUsed,
	}
	if !bytes.Equal(w.RequestParameters, []byte("null")) {
		r.RequestParameters = Parameters{w.RequestParameters}
	}
	return r
}

// flag is a boolean that real records also write as the text "true".
type flag bool

// UnmarshalJSON accepts any JSON value; what is neither true nor "true" is false.
func (f *flag) UnmarshalJSON(b []byte) error {
	*f = flag(strings.EqualFold(strings.Trim(string(b), `"`), "true"))
	return nil
}

// decode reads JSON into v and leaves out what is of another type than v's field: encoding/json reads on after such a value, and
// names it only in the end.
func decode(b []byte, v any) error {
	err := json.Unmarshal(b, v)
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return nil
	}
	return err
}
