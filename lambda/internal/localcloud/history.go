package localcloud

import (
	"cmp"
	"encoding/json"
	"strconv"
	"time"
)

// DefaultHistoryDelay is how long after a call its record shows in the event history. AWS promises no time: it names about five minutes for the
// delivery of events ("How CloudTrail works").
const DefaultHistoryDelay = 5 * time.Minute

// inHistory is how long the event history keeps a record ("Working with CloudTrail Event history").
const inHistory = 90 * 24 * time.Hour

// kept is a record in the event history of the account and Region that the call was made in, whether a trail logs or not. What somebody hands to
// the bus or to a function is in none.
type kept struct {
	account, region string
	at, visible     time.Time
	id, name        string
	source          string
	readOnly        bool
	user, accessKey string
	resources       []string // the trail, as the request names it
	detail          map[string]any
}

// keep puts the record of a call into the event history.
func (c *Cloud) keep(cl *call, op operation, ev busEvent) {
	now := c.time.Now()
	k := &kept{
		account: cl.who.Account, region: cl.region, at: now, visible: now.Add(c.opts.HistoryDelay), id: ev.id, name: cl.op,
		source: "cloudtrail.amazonaws.com", readOnly: !op.write, user: cl.who.name(), accessKey: cl.who.AccessKey, detail: ev.detail,
	}
	if s := cl.session(); s != "" {
		k.user = s
	}
	asked, _ := ev.detail["requestParameters"].(map[string]any) // a call refused with AccessDenied has none
	for _, member := range []string{"name", "trailName", "resourceId"} {
		if s, _ := asked[member].(string); s != "" {
			k.resources = append(k.resources, s)
		}
	}
	c.history = append(c.history, k)
}

// DelayHistory sets how long after a call its record shows in the event history, from now on.
func (c *Cloud) DelayHistory(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.opts.HistoryDelay = d
}

// is compares an attribute, exactly (LookupAttribute).
func (k *kept) is(key, value string) bool {
	switch key {
	case "EventId":
		return k.id == value
	case "EventName":
		return k.name == value
	case "EventSource":
		return k.source == value
	case "ReadOnly":
		return strconv.FormatBool(k.readOnly) == value
	case "Username":
		return k.user == value
	case "AccessKeyId":
		return k.accessKey == value
	case "ResourceType":
		return len(k.resources) > 0 && value == trailType
	}
	for _, name := range k.resources {
		if name == value {
			return true
		}
	}
	return false
}

const trailType = "AWS::CloudTrail::Trail"

// shown is the record as LookupEvents answers it (Event).
func (k *kept) shown() map[string]any {
	raw, err := json.Marshal(k.detail)
	if err != nil {
		raw = nil // a record that was delivered always encodes
	}
	resources := []any{}
	for _, name := range k.resources {
		resources = append(resources, map[string]any{"ResourceType": trailType, "ResourceName": name})
	}
	return map[string]any{
		"EventId": k.id, "EventName": k.name, "EventSource": k.source, "EventTime": statusTime(k.at.Truncate(time.Second)),
		"ReadOnly": strconv.FormatBool(k.readOnly), "Username": cmp.Or(k.user, "unknown"), "AccessKeyId": k.accessKey, "Resources": resources,
		"CloudTrailEvent": string(raw),
	}
}
