package cloudtrail

import (
	"cmp"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// record is the CloudTrail record of a call, and the event around it.
type record struct {
	event  kernel.Event
	detail map[string]any
}

// recorder makes the records.
type recorder struct{ kernel *kernel.Kernel }

// of makes the record of a call (CloudTrail User Guide, "CloudTrail record contents"). A call refused with
// AccessDenied has no requestParameters.
func (r recorder) of(cl *kernel.Call, op operation, answer map[string]any, failed *kernel.Error) record {
	now := r.kernel.Now()
	kind := "event"
	if cl.Service != "cloudtrail" {
		kind += " of " + cl.Service
	}
	id := r.kernel.ID(kind)
	detail := map[string]any{
		"eventVersion":       "1.11",
		"userIdentity":       r.identity(cl),
		"eventTime":          recordTime(now),
		"eventSource":        cl.Service + ".amazonaws.com",
		"eventName":          cmp.Or(recordedAs[cl.Op], cl.Op),
		"awsRegion":          cl.Region,
		"sourceIPAddress":    cl.Source,
		"userAgent":          cl.Agent,
		"requestParameters":  bounded("requestParameters", requested(cl)),
		"responseElements":   nil,
		"requestID":          kernel.UUID("request", id),
		"eventID":            id,
		"readOnly":           !op.write,
		"eventType":          "AwsApiCall",
		"managementEvent":    true,
		"recipientAccountId": cl.Who.Account,
		"eventCategory":      "Management",
		"tlsDetails": map[string]any{
			"tlsVersion":               "TLSv1.3",
			"cipherSuite":              "TLS_AES_128_GCM_SHA256",
			"clientProvidedHostHeader": cl.Service + "." + cl.Region + "." + cloudformation.URLSuffix(r.kernel.Partition),
		},
	}
	if failed != nil {
		detail["errorCode"], detail["errorMessage"] = failed.Code, failed.Message
		if failed.Recorded != "" {
			detail["errorCode"], detail["requestParameters"] = failed.Recorded, nil
		}
	} else if op.write && len(answer) > 0 {
		detail["responseElements"] = bounded("responseElements", lowered(answer))
	}
	ev := kernel.Envelope{
		ID:         kernel.UUID("envelope", id),
		Source:     "aws." + cl.Service,
		DetailType: "AWS API Call via CloudTrail",
		Time:       now,
		Detail:     detail,
	}.Event(kernel.Site{Account: cl.Who.Account, Region: cl.Region}, "")
	ev.ID, ev.Name, ev.Recorded, ev.ReadOnly = id, cl.Op, true, !op.write
	return record{ev, detail}
}

// recordedAs are the names that records have for calls of Lambda.
var recordedAs = map[string]string{
	"GetFunction":              "GetFunction20150331v2",
	"GetFunctionConfiguration": "GetFunctionConfiguration20150331v2",
	"ListFunctions":            "ListFunctions20150331",
}

// requested is what a record shows of a request. S3's call a bucket bucketName, and its policy bucketPolicy.
func requested(cl *kernel.Call) any {
	in, _ := lowered(cl.Params).(map[string]any)
	if cl.Service == "s3" {
		for name, recorded := range map[string]string{"bucket": "bucketName", "policy": "bucketPolicy"} {
			if v, ok := in[name]; ok {
				in[recorded] = v
				delete(in, name)
			}
		}
	}
	if len(in) == 0 && cl.Service != "cloudtrail" {
		return nil
	}
	return in
}

// Record implements kernel.Services: it keeps the record of a call of another service, and gives it to EventBridge as
// those of CloudTrail's own.
func (s *Trails) Record(cl *kernel.Call, failed *kernel.Error) {
	if failed != nil && failed.Recorded == "" && failed.Code == "AccessDeniedException" {
		failed.Recorded = "AccessDenied"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	op := operation{write: !wire.Reads(cl.Op)}
	r := recorder{s.kernel}.of(cl, op, nil, failed)
	s.history.Keep(cl, s.kernel.Now(), !op.write, r.detail)
	if s.feeds(cl) {
		s.kernel.Publish(r.event)
	}
}

// mostElement is how much of an element of a record is kept ("Quotas in AWS CloudTrail"), in bytes.
const mostElement = 100 << 10

// bounded leaves out what is too much for a record.
func bounded(name string, element any) any {
	raw, err := json.Marshal(element)
	if err != nil || len(raw) <= mostElement {
		return element
	}
	return map[string]any{"reason": name + " too large", "omitted": true, "originalSize": len(raw)}
}

// identity is the userIdentity element.
func (r recorder) identity(cl *kernel.Call) map[string]any {
	p := cl.Who
	identity := map[string]any{
		"type":        "IAMUser",
		"principalId": p.ID(),
		"arn":         p.ARN(r.kernel.Partition),
		"accountId":   p.Account,
		"accessKeyId": p.AccessKey,
	}
	if p.RoleName == "" && p.Role == nil {
		identity["userName"] = p.UserName
		return identity
	}
	id, _, _ := strings.Cut(p.ID(), ":")
	identity["type"] = "AssumedRole"
	identity["sessionContext"] = map[string]any{
		"sessionIssuer": map[string]any{
			"type":        "Role",
			"principalId": id,
			"arn":         p.IAMARN(r.kernel.Partition),
			"accountId":   p.Account,
			"userName":    cmp.Or(p.RoleName, p.Session()),
		},
		"attributes": map[string]any{"creationDate": recordTime(r.kernel.Began), "mfaAuthenticated": "false"},
	}
	return identity
}

// lowered writes API members as records do: with a small first letter.
func lowered(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if v == nil {
			return nil
		}
		out := make(map[string]any, len(v))
		for name, value := range v {
			r, n := utf8.DecodeRuneInString(name)
			out[string(unicode.ToLower(r))+name[n:]] = lowered(value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = lowered(v[i])
		}
		return out
	default:
		return v
	}
}
