package cloudtrail

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// mostFound is how many events LookupEvents answers at once, and mostAttribute how long a value may be, in which some characters count twice
// (CloudTrail API reference, LookupEvents and LookupAttribute).
const (
	mostFound     = 50
	mostAttribute = 2000
)

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

// history is the event history of every account and Region.
type history []*kept

// keep puts the record of a call into the event history.
func (h *history) keep(cl *kernel.Call, op operation, r record, now time.Time, delay time.Duration) {
	k := &kept{
		account:   cl.Who.Account,
		region:    cl.Region,
		at:        now,
		visible:   now.Add(delay),
		id:        r.event.ID,
		name:      cl.Op,
		source:    principal,
		readOnly:  !op.write,
		user:      cmp.Or(cl.Who.Session(), cl.Who.Name()),
		accessKey: cl.Who.AccessKey,
		detail:    r.detail,
	}
	asked, _ := r.detail["requestParameters"].(map[string]any) // a call refused with AccessDenied has none
	for _, member := range []string{"name", "trailName", "resourceId"} {
		if s, _ := asked[member].(string); s != "" {
			k.resources = append(k.resources, s)
		}
	}
	*h = append(*h, k)
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

// lookup is a request of LookupEvents.
type lookup struct {
	key, value string // one attribute, or none
	from, to   time.Time
	insights   bool
	most       int
	token      string
}

// lookupEvents answers from the event history of the caller's account and Region, the newest first.
func (s *Trails) lookupEvents(cl *kernel.Call, _ *trail) (map[string]any, *kernel.Error) {
	q, failed := lookupOf(cl.Params)
	if failed != nil {
		return nil, failed
	}
	before, failed := q.after(len(s.history))
	if failed != nil {
		return nil, failed
	}
	now, found := s.kernel.Now(), []any{}
	for i := before - 1; i >= 0 && !q.insights; i-- {
		k := s.history[i]
		at := k.at.Truncate(time.Second)
		switch {
		case k.account != cl.Who.Account, k.region != cl.Region, k.visible.After(now), now.Sub(k.at) > inHistory:
			continue
		case !q.from.IsZero() && at.Before(q.from), !q.to.IsZero() && at.After(q.to), q.key != "" && !k.is(q.key, q.value):
			continue
		case len(found) == q.most:
			return map[string]any{"Events": found, "NextToken": q.next(i + 1)}, nil
		}
		found = append(found, k.shown())
	}
	return map[string]any{"Events": found}, nil
}

// lookupOf reads and checks the request as the service does.
func lookupOf(params map[string]any) (lookup, *kernel.Error) {
	q := lookup{most: mostFound}
	var in struct {
		LookupAttributes []struct{ AttributeKey, AttributeValue *string }
		StartTime        *float64
		EndTime          *float64
		EventCategory    *string
		MaxResults       *int
		NextToken        *string
	}
	raw, err := json.Marshal(params)
	if err == nil {
		err = json.Unmarshal(raw, &in)
	}
	switch {
	case err != nil:
		return q, kernel.Refuse("SerializationException", "%s", err)
	case in.EventCategory != nil && *in.EventCategory != "insight":
		return q, kernel.Refuse("InvalidEventCategoryException", "The event category %q is not valid: the only one is insight.", *in.EventCategory)
	case in.MaxResults != nil && (*in.MaxResults < 1 || *in.MaxResults > mostFound):
		return q, kernel.Refuse("InvalidMaxResultsException", "MaxResults is %d; want 1 to %d.", *in.MaxResults, mostFound)
	case len(in.LookupAttributes) > 1:
		return q, kernel.Refuse("InvalidLookupAttributesException", "%d lookup attributes; the list can contain only one item.", len(in.LookupAttributes))
	}
	for _, a := range in.LookupAttributes {
		if failed := q.attribute(a.AttributeKey, a.AttributeValue); failed != nil {
			return q, failed
		}
	}
	q.from, q.to = moment(in.StartTime), moment(in.EndTime)
	if in.StartTime != nil && in.EndTime != nil && q.to.Before(q.from) {
		return q, kernel.Refuse("InvalidTimeRangeException", "The start time is after the end time.")
	}
	q.insights = in.EventCategory != nil
	if in.MaxResults != nil {
		q.most = *in.MaxResults
	}
	if in.NextToken != nil {
		if q.token = *in.NextToken; q.token == "" {
			return q, kernel.Refuse("InvalidNextTokenException", "The token is empty.")
		}
	}
	return q, nil
}

func (q *lookup) attribute(key, value *string) *kernel.Error {
	keys := []string{"EventId", "EventName", "ReadOnly", "Username", "ResourceType", "ResourceName", "EventSource", "AccessKeyId"}
	switch {
	case key == nil || value == nil || *value == "":
		return kernel.Refuse("InvalidLookupAttributesException", "A lookup attribute needs a key and a value.")
	case !slices.Contains(keys, *key):
		return kernel.Refuse("InvalidLookupAttributesException", "The attribute key %q is not valid; want one of %s.", *key, strings.Join(keys, ", "))
	}
	length := 0
	for _, r := range *value {
		if length++; strings.ContainsRune("_ ,\n", r) {
			length++
		}
	}
	if length > mostAttribute {
		return kernel.Refuse("InvalidLookupAttributesException", "The value counts %d characters; want at most %d.", length, mostAttribute)
	}
	q.key, q.value = *key, *value
	return nil
}

func moment(seconds *float64) time.Time {
	if seconds == nil {
		return time.Time{}
	}
	return time.UnixMilli(int64(*seconds * 1000))
}

// next is the token of the page that begins before a place in the history. It is good for the same request alone.
func (q *lookup) next(before int) string { return fmt.Sprintf("%d-%s", before, q.sum()) }

func (q *lookup) sum() string {
	h := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n%s\n%v\n%d", q.key, q.value, q.from, q.to, q.insights, q.most))
	return hex.EncodeToString(h[:8])
}

// after is where the page of the token begins.
func (q *lookup) after(all int) (int, *kernel.Error) {
	if q.token == "" {
		return all, nil
	}
	var before int
	var sum string
	if n, err := fmt.Sscanf(q.token, "%d-%s", &before, &sum); n != 2 || err != nil || sum != q.sum() || before < 0 || before > all {
		return 0, kernel.Refuse("InvalidNextTokenException", "The token is not one of this request.")
	}
	return before, nil
}
