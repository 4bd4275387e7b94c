package history

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// mostFound is how many events LookupEvents answers at once, and mostAttribute how long a value may be, in which some
// characters count twice (CloudTrail API reference, LookupEvents and LookupAttribute).
const (
	mostFound     = 50
	mostAttribute = 2000
)

// lookup is a request of LookupEvents.
type lookup struct {
	key, value string // one attribute, or none
	from, to   time.Time
	insights   bool
	limit      int
	token      string
}

// Lookup answers LookupEvents from the history of the caller's account and Region, the newest first.
func (h *History) Lookup(cl *kernel.Call, now time.Time) (map[string]any, *kernel.Error) {
	q, failed := lookupOf(cl.Params)
	if failed != nil {
		return nil, failed
	}
	before, failed := q.after(len(h.events))
	if failed != nil {
		return nil, failed
	}
	found := []any{}
	for i := before - 1; i >= 0 && !q.insights; i-- {
		e := h.events[i]
		if e.site != cl.Site() || e.visible.After(now) ||
			now.Sub(e.at) > kept90Days ||
			!q.wants(e) {
			continue
		}
		if len(found) == q.limit {
			return map[string]any{"Events": found, "NextToken": q.next(i + 1)}, nil
		}
		found = append(found, e.shown())
	}
	return map[string]any{"Events": found}, nil
}

func (q *lookup) wants(e event) bool {
	at := e.at.Truncate(time.Second)
	return (q.from.IsZero() || !at.Before(q.from)) && (q.to.IsZero() || !at.After(q.to)) &&
		(q.key == "" || slices.Contains(e.attributes[q.key], q.value))
}

// request is LookupEvents as it is asked.
type request struct {
	LookupAttributes []struct{ AttributeKey, AttributeValue *string }
	StartTime        time.Time
	EndTime          time.Time
	EventCategory    *string
	MaxResults       *int
	NextToken        *string
}

// lookupOf reads and checks the request as the service does.
func lookupOf(params map[string]any) (lookup, *kernel.Error) {
	var in request
	raw, err := json.Marshal(params)
	if err == nil {
		err = json.Unmarshal(raw, &in)
	}
	if err != nil {
		return lookup{}, kernel.Refuse("SerializationException", "%s", err)
	}
	if failed := in.check(); failed != nil {
		return lookup{}, failed
	}
	q := lookup{
		limit:    mostFound,
		from:     in.StartTime,
		to:       in.EndTime,
		insights: in.EventCategory != nil,
	}
	for _, a := range in.LookupAttributes {
		if failed := q.attribute(a.AttributeKey, a.AttributeValue); failed != nil {
			return q, failed
		}
	}
	if !q.from.IsZero() && !q.to.IsZero() && q.to.Before(q.from) {
		return q, kernel.Refuse("InvalidTimeRangeException", "The start time is after the end time.")
	}
	if in.MaxResults != nil {
		q.limit = *in.MaxResults
	}
	if in.NextToken != nil {
		if q.token = *in.NextToken; q.token == "" {
			return q, kernel.Refuse("InvalidNextTokenException", "The token is empty.")
		}
	}
	return q, nil
}

func (in request) check() *kernel.Error {
	switch {
	case in.EventCategory != nil && *in.EventCategory != "insight":
		return kernel.Refuse("InvalidEventCategoryException", "The event category %q is not valid: the only one is insight.",
			*in.EventCategory)
	case in.MaxResults != nil && (*in.MaxResults < 1 || *in.MaxResults > mostFound):
		return kernel.Refuse("InvalidMaxResultsException", "MaxResults is %d; want 1 to %d.", *in.MaxResults, mostFound)
	case len(in.LookupAttributes) > 1:
		return kernel.Refuse("InvalidLookupAttributesException", "%d lookup attributes; the list can contain only one item.",
			len(in.LookupAttributes))
	}
	return nil
}

func (q *lookup) attribute(key, value *string) *kernel.Error {
	keys := []string{
		"EventId",
		"EventName",
		"ReadOnly",
		"Username",
		"ResourceType",
		"ResourceName",
		"EventSource",
		"AccessKeyId",
	}
	switch {
	case key == nil || value == nil || *value == "":
		return kernel.Refuse("InvalidLookupAttributesException", "A lookup attribute needs a key and a value.")
	case !slices.Contains(keys, *key):
		return kernel.Refuse("InvalidLookupAttributesException", "The attribute key %q is not valid; want one of %s.", *key,
			strings.Join(keys, ", "))
	}
	length := 0
	for _, r := range *value {
		if length++; strings.ContainsRune("_ ,\n", r) {
			length++
		}
	}
	if length > mostAttribute {
		return kernel.Refuse("InvalidLookupAttributesException", "The value counts %d characters; want at most %d.", length,
			mostAttribute)
	}
	q.key, q.value = *key, *value
	return nil
}

// next is the token of the page that begins before a place in the history. It is good for the same request alone.
func (q *lookup) next(before int) string { return fmt.Sprintf("%d-%s", before, q.sum()) }

func (q *lookup) sum() string {
	h := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n%s\n%v\n%d", q.key, q.value, q.from, q.to, q.insights, q.limit))
	return hex.EncodeToString(h[:8])
}

// after is where the page of the token begins.
func (q *lookup) after(all int) (int, *kernel.Error) {
	if q.token == "" {
		return all, nil
	}
	var before int
	var sum string
	if n, err := fmt.Sscanf(q.token, "%d-%s", &before, &sum); n != 2 || err != nil || sum != q.sum() || before < 0 ||
		before > all {
		return 0, kernel.Refuse("InvalidNextTokenException", "The token is not one of this request.")
	}
	return before, nil
}
