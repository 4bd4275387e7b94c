package remediate

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/smithy-go"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/trail"
)

// problem is what an error of the CloudTrail API means.
type problem struct {
	says      finding.Note // what is wrong
	next      finding.Note // what a human must do; zero: nothing
	retryable bool         // the same call may succeed later
}

// steps are the next step, where there is one.
func (p problem) steps() []finding.Note {
	if p.next.ID == "" {
		return nil
	}
	return []finding.Note{p.next}
}

// why is the problem as the reason for what is left.
func (p problem) why() []finding.Note { return append([]finding.Note{p.says}, p.steps()...) }

func passing(says finding.NoteID, values ...any) problem {
	return problem{says: finding.Say(says, values...), retryable: true}
}

func final(next, says finding.NoteID, values ...any) problem {
	return problem{says: finding.Say(says, values...), next: finding.Say(next)}
}

// explain says what an error of a call of the CloudTrail API means; for StartLogging the trail is to log, and for every
// other call it is to be as its baseline has it. Sources: the error lists of StartLogging, GetTrailStatus, UpdateTrail,
// CreateTrail, PutEventSelectors, PutInsightSelectors and AddTags in the CloudTrail API reference, and "Common Errors".
func explain(call string, err error, t events.Trail) problem {
	api, answered := errors.AsType[smithy.APIError](err)
	status := awscall.Status(err)
	switch {
	case answered:
		return explainAnswer(call, api, status, t)
	case status >= 400 && status < 500 && status != 429:
		return final(finding.NextCheckEndpoint, finding.NoteNoAnswer)
	case errors.Is(err, awsenv.ErrNoCredentials):
		return final(finding.NextCheckRole, finding.NoteNoCredentials)
	case errors.Is(err, context.DeadlineExceeded):
		return passing(finding.NoteNotInTime)
	}
	p := final(finding.NextCheckNetwork, finding.NoteUnreachable)
	p.retryable = true
	return p
}

// explainAnswer says what an answer of CloudTrail means.
func explainAnswer(call string, err smithy.APIError, status int, t events.Trail) problem {
	code := strings.TrimSuffix(err.ErrorCode(), "Exception")
	meaning, known := meaningOf(code)
	switch {
	case awscall.Denied(err):
		return explainDenied(err)
	case awscall.Throttled(err):
		return passing(finding.NoteThrottled)
	case code == "CloudTrailInvalidClientTokenId" && (call == trail.CallUpdateTrail || call == callCreateTrail):
		return final(finding.NextTopicAccount, finding.NoteSuspended)
	case known:
		return meaning.of(call, t)
	case status >= 500 || status == 429:
		return passing(finding.NoteFailedWith, err.ErrorCode())
	}
	return final(finding.NextLookUpError, finding.NoteRefusedWith, err.ErrorCode()+" "+err.ErrorMessage())
}

// explainDenied tells a policy that forbids the call from a permission that is missing, for the call or for the role
// that is passed with it.
func explainDenied(err smithy.APIError) problem {
	policy, passing := blocking(err.ErrorMessage()), deniedFor(err, trail.PassRole)
	blocked := policy != ""
	switch {
	case passing && blocked:
		return final(finding.NextAllowPassRole, finding.NotePassRoleBlocked, policy)
	case passing:
		return final(finding.NextPassRole, finding.NotePassRole)
	case blocked:
		return final(finding.NextAllow, finding.NoteBlocked, policy)
	}
	return final(finding.NextRolePolicy, finding.NoteNotAllowed)
}

// deniedFor reports whether AWS's message names an action as the one that is not allowed.
func deniedFor(err error, action string) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && strings.Contains(api.ErrorMessage(), "perform: "+action)
}

// blocking names the policy that stands in the way, from AWS's own wording ("with an explicit deny in a service control
// policy", "because no permissions boundary allows the … action"), and "" where it is only that the role's own policy
// grants nothing.
func blocking(message string) string {
	for _, kind := range []string{
		"a service control policy", "a resource control policy", "a permissions boundary", "a session policy",
		"a VPC endpoint policy", "a resource-based policy", "an identity-based policy",
	} {
		_, noun, _ := strings.Cut(kind, " ")
		switch {
		case strings.Contains(message, "explicit deny in a "+noun), strings.Contains(message, "explicit deny in an "+noun):
			return "an explicit deny in " + kind
		case strings.Contains(message, "no "+noun+" allows") && noun != "identity-based policy":
			return "no " + noun + " allows it"
		}
	}
	if strings.Contains(message, "explicit deny") {
		return "an explicit deny"
	}
	return ""
}

// answered reports whether CloudTrail itself refused the call; without an answer the call may have been carried out.
func answered(err error) bool { return awscall.Code(err) != "" && awscall.Status(err) < 500 }
