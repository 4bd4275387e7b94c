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

// shortest is the number of days after which a lifecycle deletes something that begins with the prefix: a current version
// or an older one, whatever else its rule asks for. Deletes is false where nothing does. What is deleted on a date is
// deleted at once.
func shortest(rules []rule, prefix string) (days int, deletes bool) {
	for _, r := range rules {
		if n, ok := r.deletes(prefix); ok && (!deletes || n < days) {
			days, deletes = n, true
		}
	}
	return days, deletes
}

func (r rule) deletes(prefix string) (days int, ok bool) {
	own := r.Prefix + r.Filter.Prefix + r.Filter.And.Prefix
	if r.Status != "Enabled" || !strings.HasPrefix(own, prefix) && !strings.HasPrefix(prefix, own) {
		return 0, false
	}
	for _, n := range []*float64{r.Expiration.Days, r.NoncurrentVersionExpiration.NoncurrentDays} {
		if n != nil && *n >= 0 && *n < 1e6 && (!ok || int(*n) < days) {
			days, ok = int(*n), true
		}
	}
	if r.Expiration.Date != "" {
		return 0, true
	}
	return days, ok
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
