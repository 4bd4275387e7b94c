package history

import (
	"cmp"
	"encoding/json"
	"maps"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// Record makes the record of a call (CloudTrail User Guide, "CloudTrail record contents"), keeps it, and returns the
// event around it. A call refused with AccessDenied has no requestParameters.
func (h *History) Record(
	k *kernel.Kernel, cl *kernel.Call, answer map[string]any, failed *kernel.Error,
) kernel.Event {
	detail := recordOf(k, cl, answer, failed)
	h.keep(cl, k.Now(), detail)
	return eventOf(k, cl, detail)
}

// Data makes the record of a call about data, and returns the event around it. The event history has none.
func (h *History) Data(k *kernel.Kernel, cl *kernel.Call, failed *kernel.Error) kernel.Event {
	detail := recordOf(k, cl, nil, failed)
	detail["managementEvent"], detail["eventCategory"] = false, "Data"
	return eventOf(k, cl, detail)
}

// recordOf is the record of a call.
func recordOf(k *kernel.Kernel, cl *kernel.Call, answer map[string]any, failed *kernel.Error) map[string]any {
	now, reads := k.Now(), wire.Reads(cl.Op)
	kind := "event"
	if cl.Service != "cloudtrail" {
		kind += " of " + cl.Service
	}
	id := k.ID(kind)
	host := cl.Service + "." + cl.Region + "." + cloudformation.URLSuffix(k.Partition)
	if cl.Service == "s3" && cl.Text("Bucket") != "" {
		host = cl.Text("Bucket") + "." + host
	}
	detail := map[string]any{
		"eventVersion":       "1.11",
		"userIdentity":       identity(k, cl.Who),
		"eventTime":          Time(now),
		"eventSource":        cl.Service + ".amazonaws.com",
		"eventName":          recordedName(cl),
		"awsRegion":          cl.Region,
		"sourceIPAddress":    cl.Source,
		"userAgent":          cl.Agent,
		"requestParameters":  bounded("requestParameters", requested(cl, host)),
		"responseElements":   nil,
		"requestID":          kernel.UUID("request", id),
		"eventID":            id,
		"readOnly":           reads,
		"eventType":          "AwsApiCall",
		"managementEvent":    true,
		"recipientAccountId": cl.Who.Account,
		"eventCategory":      "Management",
		"tlsDetails": map[string]any{
			"tlsVersion":               "TLSv1.3",
			"cipherSuite":              "TLS_AES_128_GCM_SHA256",
			"clientProvidedHostHeader": host,
		},
	}
	if failed != nil {
		detail["errorCode"], detail["errorMessage"] = failed.Code, failed.Message
		if failed.Recorded != "" {
			detail["errorCode"], detail["requestParameters"] = failed.Recorded, nil
		}
	} else if !reads && len(answer) > 0 {
		detail["responseElements"] = bounded("responseElements", lowered(answer))
	}
	var resources []any
	for _, arn := range cl.Resources {
		resources = append(resources, map[string]any{"accountId": kernel.ARN(arn).Account, "type": "AWS::KMS::Key", "ARN": arn})
	}
	if len(resources) > 0 {
		detail["resources"] = resources
	}
	return detail
}

// eventOf is the event around a record.
func eventOf(k *kernel.Kernel, cl *kernel.Call, detail map[string]any) kernel.Event {
	id, _ := detail["eventID"].(string)
	ev := kernel.Envelope{
		ID:         kernel.UUID("envelope", id),
		Source:     "aws." + cl.Service,
		DetailType: "AWS API Call via CloudTrail",
		Time:       k.Now(),
		Detail:     detail,
	}.Event(cl.Site(), "")
	ev.ID, ev.Name, ev.Recorded, ev.ReadOnly = id, cl.Op, true, wire.Reads(cl.Op)
	return ev
}

// recordedAs are the names that records have for calls of Lambda (AWS Lambda Developer Guide, "Logging AWS Lambda API calls
// using AWS CloudTrail").
var recordedAs = map[string]string{
	"AddPermission":               "AddPermission20150331v2",
	"DeleteEventSourceMapping":    "DeleteEventSourceMapping20150331",
	"DeleteFunction":              "DeleteFunction20150331",
	"DeleteFunctionConcurrency":   "DeleteFunctionConcurrency20171031",
	"GetEventSourceMapping":       "GetEventSourceMapping20150331",
	"GetFunction":                 "GetFunction20150331v2",
	"GetFunctionConfiguration":    "GetFunctionConfiguration20150331v2",
	"GetPolicy":                   "GetPolicy20150331v2",
	"ListEventSourceMappings":     "ListEventSourceMappings20150331",
	"ListFunctions":               "ListFunctions20150331",
	"PutFunctionConcurrency":      "PutFunctionConcurrency20171031",
	"RemovePermission":            "RemovePermission20150331v2",
	"UpdateEventSourceMapping":    "UpdateEventSourceMapping20150331",
	"UpdateFunctionCode":          "UpdateFunctionCode20150331v2",
	"UpdateFunctionConfiguration": "UpdateFunctionConfiguration20150331v2",
}

// recordedName is the eventName of a call.
func recordedName(cl *kernel.Call) string {
	switch cl.Service {
	case "lambda":
		return cmp.Or(recordedAs[cl.Op], cl.Op)
	case "s3":
		return cmp.Or(s3Names[cl.Op], cl.Op)
	}
	return cl.Op
}

// hidden are members of requests that no record has ("Log entries for Secrets Manager operations").
var hidden = map[string][]string{"secretsmanager": {"SecretString", "SecretBinary", "RotationToken"}}

// requested is what a record shows of a request.
func requested(cl *kernel.Call, host string) any {
	shown := maps.Clone(cl.Params)
	for _, name := range hidden[cl.Service] {
		delete(shown, name)
	}
	in, _ := lowered(shown).(map[string]any)
	if cl.Service == "s3" {
		return s3Requested(cl, host)
	}
	if cl.Service == "lambda" { // neither code nor the values of variables are recorded
		delete(in, "zipFile")
		if _, ok := in["environment"]; ok {
			in["environment"] = map[string]any{}
		}
	}
	mask(in, masked[cl.Op])
	if len(in) == 0 && cl.Service != "cloudtrail" {
		return nil
	}
	return in
}

// masked are the parameters of which records show that there was a value, by the calls that have them.
var masked = map[string][]string{
	"PutParameter":     {"value"},
	"UpdateConnection": {"authParameters", "apiKeyAuthParameters", "apiKeyValue"},
}

// mask replaces the value at a path.
func mask(in map[string]any, path []string) {
	for i, name := range path {
		if _, has := in[name]; has && i == len(path)-1 {
			in[name] = "HIDDEN_DUE_TO_SECURITY_REASONS"
			return
		}
		in, _ = in[name].(map[string]any)
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
func identity(k *kernel.Kernel, p kernel.Principal) map[string]any {
	identity := map[string]any{
		"type":        "IAMUser",
		"principalId": p.ID(),
		"arn":         p.ARN(k.Partition),
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
			"arn":         p.IAMARN(k.Partition),
			"accountId":   p.Account,
			"userName":    cmp.Or(p.RoleName, p.Session()),
		},
		"attributes": map[string]any{"creationDate": Time(k.Began), "mfaAuthenticated": "false"},
	}
	return identity
}

// Time is a time as records have it; none is empty.
func Time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
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
