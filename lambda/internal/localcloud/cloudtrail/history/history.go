// Package history is CloudTrail's event history: the records of the calls of each account and Region, whether a trail
// logs or not, and LookupEvents. It knows no trail. What somebody hands to a bus or to a function is in no history.
package history

import (
	"cmp"
	"encoding/json"
	"strconv"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// kept90Days is how long the event history keeps a record ("Working with CloudTrail Event history").
const kept90Days = 90 * 24 * time.Hour

// resources are the members of requests that name a resource, with its type.
var resources = map[string]map[string]string{
	"cloudtrail": {
		"name":       "AWS::CloudTrail::Trail",
		"trailName":  "AWS::CloudTrail::Trail",
		"resourceId": "AWS::CloudTrail::Trail",
	},
	"events": {"name": "AWS::Events::Rule", "rule": "AWS::Events::Rule"},
	"kms":    {"keyId": "AWS::KMS::Key"},
	"lambda": {"functionName": "AWS::Lambda::Function"},
	"s3":     {"bucketName": "AWS::S3::Bucket"},
	"sns":    {"topicArn": "AWS::SNS::Topic"},
}

// History is the event history of every account and Region. Whoever has it locks it.
type History struct {
	// Delay is how long after a call its record shows.
	Delay time.Duration

	events []event
}

type event struct {
	site        kernel.Site
	at, visible time.Time
	// attributes are the values by which the event is found (LookupAttribute); those of its resource are as the
	// request names it.
	attributes map[string][]string
	detail     map[string]any
}

// keep puts the record of a call into the history.
func (h *History) keep(cl *kernel.Call, now time.Time, detail map[string]any) {
	id, _ := detail["eventID"].(string)
	source, _ := detail["eventSource"].(string)
	name, _ := detail["eventName"].(string)
	readOnly, _ := detail["readOnly"].(bool)
	attributes := map[string][]string{
		"EventId":     {id},
		"EventName":   {name},
		"EventSource": {source},
		"ReadOnly":    {strconv.FormatBool(readOnly)},
		"Username":    {cmp.Or(cl.Who.Session(), cl.Who.Name(), "unknown")},
		"AccessKeyId": {cl.Who.AccessKey},
	}
	asked, _ := detail["requestParameters"].(map[string]any) // a call refused with AccessDenied has none
	for member, kind := range resources[cl.Service] {
		if name, _ := asked[member].(string); name != "" {
			attributes["ResourceName"] = append(attributes["ResourceName"], name)
			attributes["ResourceType"] = []string{kind}
		}
	}
	h.events = append(h.events,
		event{cl.Site(), now, now.Add(h.Delay), attributes, detail})
}

// shown is the event as LookupEvents answers it (Event).
func (e event) shown() map[string]any {
	raw, err := json.Marshal(e.detail)
	if err != nil {
		raw = nil // a record that was delivered always encodes
	}
	named := []any{}
	for _, name := range e.attributes["ResourceName"] {
		named = append(named, map[string]any{"ResourceType": e.attributes["ResourceType"][0], "ResourceName": name})
	}
	out := map[string]any{"EventTime": e.at.Truncate(time.Second), "Resources": named, "CloudTrailEvent": string(raw)}
	for _, name := range []string{"EventId", "EventName", "EventSource", "ReadOnly", "Username", "AccessKeyId"} {
		out[name] = e.attributes[name][0]
	}
	return out
}
