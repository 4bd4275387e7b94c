package sns

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/exact"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// filterPolicy says which messages a subscription gets, by their attributes: one of the values of every name must fit
// (SNS Developer Guide, "Subscription filter policies"). Of the operators it knows exact texts, exists, prefix and
// anything-but.
type filterPolicy map[string][]filterValue

// filterValue is one wanted value.
type filterValue struct {
	exact     *string
	exists    *bool
	prefix    *string
	otherThan []string
}

// UnmarshalJSON reads a text, or an object with one operator.
func (v *filterValue) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		v.exact = &text
		return nil
	}
	var op struct {
		Exists   *bool         `json:"exists"`
		Prefix   *string       `json:"prefix"`
		OtherRaw *policy.Texts `json:"anything-but"`
	}
	if err := exact.Decode(b, &op); err != nil {
		return fmt.Errorf("the filter %s is not modelled", b)
	}
	v.exists, v.prefix = op.Exists, op.Prefix
	if op.OtherRaw != nil {
		v.otherThan = *op.OtherRaw
	}
	if v.exists == nil && v.prefix == nil && len(v.otherThan) == 0 {
		return fmt.Errorf("the filter %s is not modelled", b)
	}
	return nil
}

func (v filterValue) fits(values []string, given bool) bool {
	switch {
	case v.exists != nil:
		return *v.exists == given
	case v.exact != nil:
		return slices.Contains(values, *v.exact)
	case v.prefix != nil:
		return slices.ContainsFunc(values, func(s string) bool { return strings.HasPrefix(s, *v.prefix) })
	default:
		return slices.ContainsFunc(values, func(s string) bool { return !slices.Contains(v.otherThan, s) })
	}
}

// fits reports whether a message with these attributes passes. An attribute that is a list of texts fits with one of
// them.
func (p filterPolicy) fits(attributes map[string]string) bool {
	for name, wanted := range p {
		text, given := attributes[name]
		values := []string{text}
		if !given {
			values = nil
		}
		var list []string
		if json.Unmarshal([]byte(text), &list) == nil {
			values = list
		}
		if !slices.ContainsFunc(wanted, func(v filterValue) bool { return v.fits(values, given) }) {
			return false
		}
	}
	return true
}

// mostFiltered is how many attribute names a filter policy takes (SNS Developer Guide, "Filter policy constraints").
const mostFiltered = 5

func (s subscriptionSpec) Check() error {
	var errs []error
	if s.RedrivePolicy != nil && !events.IsARN(s.RedrivePolicy.DeadLetterTargetArn) {
		errs = append(errs,
			fmt.Errorf("RedrivePolicy: deadLetterTargetArn is %q; want the ARN of a queue", s.RedrivePolicy.DeadLetterTargetArn))
	}
	if s.FilterPolicyScope != "" {
		errs = append(errs, cloudformation.OneOf("FilterPolicyScope", s.FilterPolicyScope, "MessageAttributes"))
	}
	if n := len(s.FilterPolicy); n > mostFiltered {
		errs = append(errs, fmt.Errorf("FilterPolicy has %d attribute names; want at most %d", n, mostFiltered))
	}
	for _, name := range slices.Sorted(maps.Keys(s.FilterPolicy)) {
		if len(s.FilterPolicy[name]) == 0 {
			errs = append(errs, fmt.Errorf("FilterPolicy: %s has no value", name))
		}
	}
	return errors.Join(errs...)
}

// MarshalJSON writes the value as it was read.
func (v filterValue) MarshalJSON() ([]byte, error) {
	switch {
	case v.exact != nil:
		return json.Marshal(*v.exact)
	case v.exists != nil:
		return json.Marshal(map[string]bool{"exists": *v.exists})
	case v.prefix != nil:
		return json.Marshal(map[string]string{"prefix": *v.prefix})
	default:
		return json.Marshal(map[string][]string{"anything-but": v.otherThan})
	}
}

// receivers are the subscriptions of a topic that a message gets to.
func (t *topic) receivers(m message) []*subscription {
	return slices.DeleteFunc(t.confirmed(), func(s *subscription) bool { return !s.FilterPolicy.fits(m.attributes) })
}

// confirmed are the subscriptions of a topic that get messages at all.
func (t *topic) confirmed() []*subscription {
	return slices.DeleteFunc(slices.Clone(t.subscriptions), func(s *subscription) bool { return s.pending })
}
