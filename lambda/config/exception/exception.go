// Package exception says what an operator has exempted from being put back: the mode of single trails and calls, and
// changes that are approved for a time. The list is reviewed in git and shipped inside the function's asset, out of an
// attacker's reach.
//
// It knows no AWS client, file or clock, and does not judge whether an exemption is wise; it only refuses what could
// not be meant.
package exception

import (
	"fmt"
	"slices"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/file"
)

// FileName is the list's file in the function's asset, below LAMBDA_TASK_ROOT.
const FileName = "exceptions.json"

// AnyTrail as a Trail stands for every trail.
const AnyTrail = "*"

// ModeExclude as an override's mode leaves the trail alone: no call is made for it, and the guard does not report it.
// Path 1 still does.
const ModeExclude config.Mode = "exclude"

// List is everything that is exempted.
type List struct {
	Overrides []Override `json:"overrides,omitempty"`
	Approvals []Approval `json:"approvals,omitempty"`
}

// Override is another mode for one trail, or for some calls. It may only lower the deployment's mode. The first that
// fits counts.
type Override struct {
	Trail  string      `json:"trail"`            // ARN, or AnyTrail
	Events []string    `json:"events,omitempty"` // calls such as "UpdateTrail"; empty: every call
	Mode   config.Mode `json:"mode"`             // a mode, or ModeExclude
}

// Approval is a change that is announced in advance: it is reported and not undone, until it expires.
type Approval struct {
	// Principal is the ARN of the IAM role or user that will make the call: of a role itself (sessionIssuer.arn), never of
	// one of its sessions.
	Principal string    `json:"principal"`
	Events    []string  `json:"events"` // the calls
	Trail     string    `json:"trail"`  // ARN, or AnyTrail
	Reason    string    `json:"reason"` // for the message, at most 200 characters
	Expires   time.Time `json:"expires"`
}

// Empty reports whether nothing is exempted.
func (l List) Empty() bool { return len(l.Overrides) == 0 && len(l.Approvals) == 0 }

// Mode returns the mode that counts for a call on a trail: that of the first override that fits, or the deployment's.
func (l List) Mode(trailARN, eventName string, deployed config.Mode) config.Mode {
	for _, o := range l.Overrides {
		if fits(o.Trail, trailARN) && (len(o.Events) == 0 || slices.Contains(o.Events, eventName)) {
			return o.Mode
		}
	}
	return deployed
}

// Approved returns the approval of a call at the time that its record gives. Principal is the ARN of the role or user,
// as the record's identity has it. An approval that lasts longer than LongestApproval after the call does not count:
// the deployment would have refused it.
func (l List) Approved(trailARN, eventName, principal string, at time.Time) (Approval, bool) {
	for _, a := range l.Approvals {
		if principal != "" && a.Principal == principal && fits(a.Trail, trailARN) && slices.Contains(a.Events, eventName) &&
			!at.IsZero() && !at.After(a.Expires) && !a.Expires.After(at.Add(LongestApproval)) {
			return a, true
		}
	}
	return Approval{}, false
}

func fits(pattern, trailARN string) bool {
	return pattern == AnyTrail || pattern == trailARN && trailARN != ""
}

// Format writes the list as the file, for review.
func Format(l List) ([]byte, error) {
	content, err := file.Format(l)
	if err != nil {
		return nil, fmt.Errorf("write the exceptions: %w", err)
	}
	return content, nil
}

// Parse reads the file. It refuses what it does not know; Check says what cannot be meant.
func Parse(content []byte) (List, error) {
	l, err := file.Parse[List](content)
	if err != nil {
		return List{}, fmt.Errorf("%s: no list of exceptions: %w", FileName, err)
	}
	return l, nil
}
