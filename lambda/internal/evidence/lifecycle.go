package evidence

import (
	"encoding/json"
	"strings"
)

// lifecycle is that of a bucket as a record of PutBucketLifecycle has it: in the form of S3's XML, in which one rule is an
// object and several are a list.
type lifecycle struct {
	LifecycleConfiguration struct{ Rule json.RawMessage }
}

type lifecycleRule struct {
	Status, Prefix string
	Expiration     struct {
		Days *float64
		Date string
	}
	NoncurrentVersionExpiration struct{ NoncurrentDays *float64 }
	Filter                      json.RawMessage // "" where it is empty
}

// filter is that of a rule; And has the prefix where there are several conditions.
type filter struct {
	Prefix string
	And    struct{ Prefix string }
}

// shortest is the number of days after which the lifecycle of a request deletes something that begins with the prefix:
// a current version or an older one. Deletes is false where nothing does, and read is false where the request does not
// show a lifecycle. What is deleted on a date is deleted at once.
func shortest(request []byte, prefix string) (days int, deletes, read bool) {
	var l lifecycle
	if json.Unmarshal(request, &l) != nil || len(l.LifecycleConfiguration.Rule) == 0 {
		return 0, false, false
	}
	var rules []lifecycleRule
	if json.Unmarshal(l.LifecycleConfiguration.Rule, &rules) != nil {
		var one lifecycleRule
		if json.Unmarshal(l.LifecycleConfiguration.Rule, &one) != nil {
			return 0, false, false
		}
		rules = []lifecycleRule{one}
	}
	for _, r := range rules {
		n, ok := r.deletes(prefix)
		if ok && (!deletes || n < days) {
			days, deletes = n, true
		}
	}
	return days, deletes, true
}

func (r lifecycleRule) deletes(prefix string) (days int, ok bool) {
	var f filter
	_ = json.Unmarshal(r.Filter, &f) // an empty one is a text
	own := r.Prefix + f.Prefix + f.And.Prefix
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
