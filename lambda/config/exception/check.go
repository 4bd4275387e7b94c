package exception

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/nearest"
)

// LongestApproval is how far ahead an approval may expire.
const LongestApproval = 30 * 24 * time.Hour

const maxReason = 200

// calls are the ones that are ever put back, and so can be exempted.
var calls = []string{
	"StopLogging",
	"DeleteTrail",
	"UpdateTrail",
	"PutEventSelectors",
	"PutInsightSelectors",
	"PutEventConfiguration",
	"AddTags",
	"RemoveTags",
}

// dangerous are the calls that can blind a trail at once, and so are approved for a named trail only. PutEventSelectors
// is among them, because it can exclude the management events.
var dangerous = []string{"StopLogging", "DeleteTrail", "PutEventSelectors"}

// IsPrincipal reports whether a text is the ARN of an IAM role or user, with its path. A session, an account and what
// is a wildcard in a policy are none.
func IsPrincipal(arn string) bool {
	return (events.FormRole.Matches(arn) || events.FormUser.Matches(arn)) && !strings.ContainsAny(arn, "*?")
}

// Check lists what is wrong: the field, its value, and what is wanted. Mode is the deployment's, which no override may
// exceed.
func (l List) Check(mode config.Mode) []error {
	c := &checker{}
	for i, o := range l.Overrides {
		at := fmt.Sprintf("overrides[%d]", i)
		c.trail(at, o.Trail)
		c.events(at, o.Events)
		known := o.Mode == ModeExclude || slices.Contains(config.Modes(), o.Mode)
		hint := nearest.Mean(string(o.Mode), append([]string{string(ModeExclude)}, config.ModeWords()...))
		c.want(known, at+".mode", string(o.Mode), "exclude, "+config.ModeNames+hint)
		c.want(!known || o.Mode == ModeExclude || mode.AtLeast(o.Mode), at+".mode", string(o.Mode),
			fmt.Sprintf("no more than the deployment's mode %s, whose grants it has", mode))
		c.want(
			o.Mode != config.ModeNotify && o.Mode != ModeExclude || o.Trail != AnyTrail || len(o.Events) > 0,
			at+".trail",
			o.Trail,
			"the ARN of a trail, or some events: for every trail and call set mode",
		)
	}
	for i, a := range l.Approvals {
		at := fmt.Sprintf("approvals[%d]", i)
		c.want(
			IsPrincipal(a.Principal),
			at+".principal",
			a.Principal,
			"the ARN of an IAM role or user, such as arn:aws:iam::111122223333:role/Deploy; a session's name can be chosen by "+
				"anybody who may assume the role",
		)
		c.trail(at, a.Trail)
		c.want(len(a.Events) > 0, at+".events", "", "the calls that are approved")
		c.events(at, a.Events)
		for _, e := range a.Events {
			c.want(
				a.Trail != AnyTrail || !slices.Contains(dangerous, e),
				at+".trail",
				a.Trail,
				"the ARN of one trail: "+e+" can blind a trail at once",
			)
		}
		c.want(
			strings.TrimSpace(a.Reason) != "" && len([]rune(a.Reason)) <= maxReason,
			at+".reason",
			a.Reason,
			"a reason of at most 200 characters",
		)
		c.want(!a.Expires.IsZero(), at+".expires", "", "a time such as 2026-10-01T12:00:00Z")
	}
	return c.found
}

// CheckExpiry lists the approvals that would last longer than LongestApproval from now.
func (l List) CheckExpiry(now time.Time) []error {
	c := &checker{}
	latest := now.Add(LongestApproval)
	for i, a := range l.Approvals {
		c.want(
			!a.Expires.After(latest),
			fmt.Sprintf("approvals[%d].expires", i),
			a.Expires.Format(time.RFC3339),
			"a time at most 30 days ahead, so no later than "+latest.UTC().Format(
				time.RFC3339,
			)+"; a lasting change belongs into the baseline",
		)
	}
	return c.found
}

// Expired returns the approvals that no longer count.
func (l List) Expired(now time.Time) []Approval {
	var old []Approval
	for _, a := range l.Approvals {
		if now.After(a.Expires) {
			old = append(old, a)
		}
	}
	return old
}

type checker struct{ found []error }

// want shows no value that looks like a credential.
func (c *checker) want(ok bool, field, value, want string) {
	if !ok {
		c.found = append(c.found, config.Problem{Variable: field, Value: value, Want: want})
	}
}

func (c *checker) trail(at, arn string) {
	_, err := events.ParseTrailARN(arn)
	c.want(err == nil || arn == AnyTrail, at+".trail", arn, "the ARN of a trail, or *")
}

func (c *checker) events(at string, names []string) {
	for i, name := range names {
		c.want(slices.Contains(calls, name), fmt.Sprintf("%s.events[%d]", at, i), name, "one of "+strings.Join(calls, ", "))
	}
}
