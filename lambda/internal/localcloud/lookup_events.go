package localcloud

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// mostFound is how many events LookupEvents answers at once, and mostAttribute how long a value may be, in which some characters count twice
// (CloudTrail API reference, LookupEvents and LookupAttribute).
const (
	mostFound     = 50
	mostAttribute = 2000
)

// lookup is a request of LookupEvents.
type lookup struct {
	key, value string // one attribute, or none
	from, to   time.Time
	insights   bool
	most       int
	token      string
}

// lookupEvents answers from the event history of the caller's account and Region, the newest first.
func (c *Cloud) lookupEvents(cl *call, _ *trail) (map[string]any, *awsError) {
	q, failed := lookupOf(cl.params)
	if failed != nil {
		return nil, failed
	}
	before, failed := q.after(len(c.history))
	if failed != nil {
		return nil, failed
	}
	now, found := c.time.Now(), []any{}
	for i := before - 1; i >= 0 && !q.insights; i-- {
		k := c.history[i]
		at := k.at.Truncate(time.Second)
		switch {
		case k.account != cl.who.Account, k.region != cl.region, k.visible.After(now), now.Sub(k.at) > inHistory:
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
func lookupOf(params map[string]any) (lookup, *awsError) {
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
		return q, refuse("SerializationException", "%s", err)
	case in.EventCategory != nil && *in.EventCategory != "insight":
		return q, refuse("InvalidEventCategoryException", "The event category %q is not valid: the only one is insight.", *in.EventCategory)
	case in.MaxResults != nil && (*in.MaxResults < 1 || *in.MaxResults > mostFound):
		return q, refuse("InvalidMaxResultsException", "MaxResults is %d; want 1 to %d.", *in.MaxResults, mostFound)
	case len(in.LookupAttributes) > 1:
		return q, refuse("InvalidLookupAttributesException", "%d lookup attributes; the list can contain only one item.", len(in.LookupAttributes))
	}
	for _, a := range in.LookupAttributes {
		if failed := q.attribute(a.AttributeKey, a.AttributeValue); failed != nil {
			return q, failed
		}
	}
	q.from, q.to = moment(in.StartTime), moment(in.EndTime)
	if in.StartTime != nil && in.EndTime != nil && q.to.Before(q.from) {
		return q, refuse("InvalidTimeRangeException", "The start time is after the end time.")
	}
	q.insights = in.EventCategory != nil
	if in.MaxResults != nil {
		q.most = *in.MaxResults
	}
	if in.NextToken != nil {
		if q.token = *in.NextToken; q.token == "" {
			return q, refuse("InvalidNextTokenException", "The token is empty.")
		}
	}
	return q, nil
}

func (q *lookup) attribute(key, value *string) *awsError {
	keys := []string{"EventId", "EventName", "ReadOnly", "Username", "ResourceType", "ResourceName", "EventSource", "AccessKeyId"}
	switch {
	case key == nil || value == nil || *value == "":
		return refuse("InvalidLookupAttributesException", "A lookup attribute needs a key and a value.")
	case !slices.Contains(keys, *key):
		return refuse("InvalidLookupAttributesException", "The attribute key %q is not valid; want one of %s.", *key, strings.Join(keys, ", "))
	}
	length := 0
	for _, r := range *value {
		if length++; strings.ContainsRune("_ ,\n", r) {
			length++
		}
	}
	if length > mostAttribute {
		return refuse("InvalidLookupAttributesException", "The value counts %d characters; want at most %d.", length, mostAttribute)
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
func (q *lookup) after(all int) (int, *awsError) {
	if q.token == "" {
		return all, nil
	}
	var before int
	var sum string
	if n, err := fmt.Sscanf(q.token, "%d-%s", &before, &sum); n != 2 || err != nil || sum != q.sum() || before < 0 || before > all {
		return 0, refuse("InvalidNextTokenException", "The token is not one of this request.")
	}
	return before, nil
}
