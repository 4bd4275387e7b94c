package events

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Parameters are a record's requestParameters: usually an object, but null on a call refused with AccessDenied, a text in some
// records, and a marker instead of the values when they were too large.
type Parameters struct {
	raw    json.RawMessage
	fields map[string]json.RawMessage
}

// JSON returns the parameters as recorded, or nil where there are none.
func (p Parameters) JSON() json.RawMessage { return p.raw }

// Text returns the named top-level parameter if it is a text, and "" otherwise. Names are compared exactly.
func (p Parameters) Text(name string) string {
	var s text
	if raw, ok := p.fields[name]; ok && len(raw) > 0 && raw[0] == '"' {
		_ = s.UnmarshalJSON(raw)
	}
	return string(s)
}

// Omitted reports whether CloudTrail left the values out because they were larger than 100 KB
// ({"reason":"requestParameters too large","omitted":true,…}).
func (p Parameters) Omitted() bool {
	var f flag
	if raw, ok := p.fields["omitted"]; ok {
		_ = f.UnmarshalJSON(raw)
	}
	return bool(f)
}

// UnmarshalJSON accepts any JSON value.
func (p *Parameters) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	if len(b) == 0 || bytes.Equal(b, []byte("null")) {
		*p = Parameters{}
		return nil
	}
	p.raw = bytes.Clone(b)
	p.fields = nil
	if b[0] == '{' {
		return json.Unmarshal(p.raw, &p.fields)
	}
	return nil
}

// wireRecord is the record as it is written. Every field takes whatever JSON is there, because one odd value must not hide a call.
type wireRecord struct {
	EventID            text        `json:"eventID"`
	EventName          text        `json:"eventName"`
	EventSource        text        `json:"eventSource"`
	EventType          text        `json:"eventType"`
	EventCategory      text        `json:"eventCategory"`
	EventTime          text        `json:"eventTime"`
	AWSRegion          text        `json:"awsRegion"`
	RecipientAccountID text        `json:"recipientAccountId"`
	SourceIPAddress    text        `json:"sourceIPAddress"`
	UserAgent          text        `json:"userAgent"`
	ErrorCode          text        `json:"errorCode"`
	ErrorMessage       text        `json:"errorMessage"`
	UserIdentity       Identity    `json:"userIdentity"`
	RequestParameters  Parameters  `json:"requestParameters"`
	ResponseElements   trailAnswer `json:"responseElements"`
	SessionFromConsole flag        `json:"sessionCredentialFromConsole"`
	// An Insights event has no call of its own; it names the call whose rate was unusual.
	InsightDetails lenient[struct {
		EventName   text `json:"eventName"`
		EventSource text `json:"eventSource"`
	}] `json:"insightDetails"`
	AdditionalEventData signIn `json:"additionalEventData"`
}

func (w *wireRecord) record() Record {
	insight := w.InsightDetails.V
	return Record{
		EventID:   string(w.EventID),
		EventName: firstOf(string(w.EventName), string(insight.EventName)), EventSource: firstOf(string(w.EventSource), string(insight.EventSource)),
		EventType: string(w.EventType), EventCategory: string(w.EventCategory), EventTime: string(w.EventTime),
		Region: string(w.AWSRegion), RecipientAccountID: string(w.RecipientAccountID),
		SourceIPAddress: string(w.SourceIPAddress), UserAgent: string(w.UserAgent),
		ErrorCode: string(w.ErrorCode), ErrorMessage: string(w.ErrorMessage),
		Identity: w.UserIdentity, RequestParameters: w.RequestParameters,
		ResponseTrailARN: string(w.ResponseElements.TrailARN),
		FromConsole:      bool(w.SessionFromConsole), MFAUsed: string(w.AdditionalEventData.MFAUsed),
	}
}

// trailAnswer is the one part of responseElements that is kept.
type trailAnswer struct {
	TrailARN text `json:"trailARN"`
}

// UnmarshalJSON ignores an answer that is no object.
func (a *trailAnswer) UnmarshalJSON(b []byte) error {
	type plain trailAnswer
	return objectOnly(b, (*plain)(a))
}

// signIn is the one part of additionalEventData that is kept.
type signIn struct {
	MFAUsed text `json:"MFAUsed"`
}

// UnmarshalJSON ignores data that is no object.
func (s *signIn) UnmarshalJSON(b []byte) error {
	type plain signIn
	return objectOnly(b, (*plain)(s))
}

// text is a JSON string, or the literal of a number or boolean; null, objects and arrays are empty.
type text string

// UnmarshalJSON accepts any JSON value.
func (t *text) UnmarshalJSON(b []byte) error {
	*t = ""
	if len(b) == 0 {
		return nil
	}
	switch b[0] {
	case '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*t = text(s)
	case '{', '[', 'n':
	default:
		*t = text(b)
	}
	return nil
}

// flag is a boolean that real records also write as the text "true".
type flag bool

// UnmarshalJSON accepts any JSON value; what is neither true nor "true" is false.
func (f *flag) UnmarshalJSON(b []byte) error {
	*f = flag(strings.EqualFold(strings.Trim(string(b), `"`), "true"))
	return nil
}

// objectOnly decodes b into v if b is an object and leaves v alone otherwise.
func objectOnly(b []byte, v any) error {
	if b = bytes.TrimSpace(b); len(b) == 0 || b[0] != '{' {
		return nil
	}
	return json.Unmarshal(b, v)
}
