package evidence

import (
	"encoding/json"
	"strings"
)

// rule is one of a bucket's lifecycle, as S3's XML has it.
type rule struct {
	Status, Prefix string
	Expiration     struct {
		Days *float64
		Date string
	}
	NoncurrentVersionExpiration struct{ NoncurrentDays *float64 }
	Filter                      filter
}

// filter is that of a rule; And has the prefix where there are several conditions.
type filter struct {
	Prefix string
	And    struct{ Prefix string }
}

// UnmarshalJSON reads a filter as a record has it: an empty one is a text.
func (f *filter) UnmarshalJSON(text []byte) error {
	type plain filter
	if len(text) > 0 && text[0] != '{' {
		return nil
	}
	return json.Unmarshal(text, (*plain)(f))
}

// days is a number of days after which something is deleted; not set: never.
type days struct {
	n   int
	set bool
}

// atOnce is what a rule comes to that deletes on a date: its numbers of days are 1 at the least (Amazon S3 API reference,
// LifecycleExpiration).
var atOnce = days{0, true}

// daysOf are those of a rule; what is none is never.
func daysOf(n *float64) days {
	if n == nil || *n < 0 || *n >= 1e6 {
		return days{}
	}
	return days{int(*n), true}
}

// sooner reports whether it is before another one.
func (d days) sooner(than days) bool { return d.set && (!than.set || d.n < than.n) }

// expiry is when a lifecycle deletes what begins with a prefix: a current version, counted from when it was written, and
// one that is current no more, counted from when it ceased to be (Amazon S3 API reference, LifecycleRule). Whatever else
// a rule asks for does not count.
type expiry struct{ current, noncurrent days }

// soonest is that of the rules for something that begins with the prefix. What is deleted on a date is deleted at once.
func soonest(rules []rule, prefix string) (out expiry) {
	for _, r := range rules {
		own := r.Prefix + r.Filter.Prefix + r.Filter.And.Prefix
		if r.Status != "Enabled" || !strings.HasPrefix(own, prefix) && !strings.HasPrefix(prefix, own) {
			continue
		}
		current := daysOf(r.Expiration.Days)
		if r.Expiration.Date != "" {
			current = atOnce
		}
		if current.sooner(out.current) {
			out.current = current
		}
		if n := daysOf(r.NoncurrentVersionExpiration.NoncurrentDays); n.sooner(out.noncurrent) {
			out.noncurrent = n
		}
	}
	return out
}

// rulesOf are the rules in the request of a PutBucketLifecycle, in which one is an object and several are a list; false:
// it does not show them.
func rulesOf(request []byte) ([]rule, bool) {
	var l struct {
		LifecycleConfiguration struct{ Rule json.RawMessage }
	}
	if json.Unmarshal(request, &l) != nil || len(l.LifecycleConfiguration.Rule) == 0 {
		return nil, false
	}
	var rules []rule
	if json.Unmarshal(l.LifecycleConfiguration.Rule, &rules) == nil {
		return rules, true
	}
	var one rule
	if json.Unmarshal(l.LifecycleConfiguration.Rule, &one) != nil {
		return nil, false
	}
	return []rule{one}, true
}
