package remediate

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/smithy-go"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/awsenv"
)

// Problem is an error of the CloudTrail API in words.
type Problem struct {
	Sentence  string // what is wrong, ending in a full stop
	NextStep  string // what a human must do
	Retryable bool   // the same call may succeed later
}

// Explain turns an error of the CloudTrail API into one plain sentence and the next step. Sources: the error lists of
// StartLogging, GetTrailStatus, UpdateTrail, CreateTrail, PutEventSelectors, PutInsightSelectors and AddTags in the
// CloudTrail API reference, and "Common Errors".
func Explain(err error, trail events.Trail) Problem {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		if p, ok := explainCode(api.ErrorCode(), api.ErrorMessage(), trail); ok {
			return p
		}
		if status := awscall.Status(err); status >= 500 || status == 429 {
			return Problem{"CloudTrail failed with " + api.ErrorCode() + ".", "", true}
		}
		return Problem{
			"CloudTrail refused the call with " + bounded(api.ErrorCode()+" "+api.ErrorMessage()) + ".",
			"Look the error up in the CloudTrail API reference and restart logging by hand.", false,
		}
	}
	if status := awscall.Status(err); status >= 400 && status < 500 && status != 429 {
		return Problem{
			"The CloudTrail endpoint answered what is no CloudTrail answer.",
			"Check the function's endpoint settings.",
			false,
		}
	}
	if errors.Is(err, awsenv.ErrNoCredentials) {
		return Problem{
			"The function has no credentials to sign the call with.",
			"Check that the function's role still exists, and deploy Trailkeeper again.",
			false,
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return Problem{"CloudTrail did not answer in time.", "", true}
	}
	return Problem{
		"CloudTrail could not be reached.",
		"If this lasts, check the function's network and endpoint settings.",
		true,
	}
}

func explainCode(code, message string, trail events.Trail) (Problem, bool) {
	switch strings.TrimSuffix(code, "Exception") {
	case "Throttling", "Throttled", "RequestLimitExceeded", "TooManyRequests", "RequestThrottled", "SlowDown":
		return Problem{
			"CloudTrail throttled the call: it takes one such call a second for an account and Region.",
			"",
			true,
		}, true
	case "Conflict":
		return Problem{"CloudTrail is still busy with another change to the trail.", "", true}, true
	case "RequestTimeout":
		return Problem{"CloudTrail gave up waiting for the call.", "", true}, true
	case "ExpiredToken", "RequestExpired":
		return Problem{"The function's credentials had expired.", "", true}, true
	case "TrailNotFound":
		return Problem{
			"No such trail: " + trail.ARN() + ".",
			"If it was deleted, create it again with the settings it had and run start-logging.", false,
		}, true
	case "InvalidTrailName", "CloudTrailARNInvalid":
		return Problem{
			"CloudTrail does not take " + trail.ARN() + " as a trail.",
			"Restart logging by hand on the trail that was meant.",
			false,
		}, true
	case "InvalidHomeRegion":
		return Problem{
			"The trail's home Region is not " + trail.Region + ".",
			"Run start-logging in the trail's home Region; describe-trails shows it as HomeRegion.", false,
		}, true
	}
	if p, ok := explainOrganization(code, trail); ok {
		return p, true
	}
	if p, ok := explainSettings(code); ok {
		return p, true
	}
	return explainDenied(code, message)
}

// explainOrganization covers what is special to organization trails.
func explainOrganization(code string, trail events.Trail) (Problem, bool) {
	switch strings.TrimSuffix(code, "Exception") {
	case "NotOrganizationMasterAccount", "NotOrganizationManagementAccount":
		return Problem{
			"Organization trail of account " + trail.Account + ": only the management account or a delegated administrator " +
				"can restart it.",
			"Restart it there, or run Trailkeeper in that account.",
			false,
		}, true
	case "InsufficientDependencyServiceAccessPermission":
		return Problem{
			"An organization trail needs more permissions than the function has: organizations:DescribeOrganization, " +
				"organizations:ListAWSServiceAccessForOrganization and iam:GetRole on the CloudTrail service-linked role.",
			"Set organizationTrail in the settings and deploy again. Where it is set, do it by hand, with a role that may " +
				"administer the organization.",
			false,
		}, true
	case "NoManagementAccountSLRExists":
		return Problem{
			"The management account has no service-linked role for CloudTrail.",
			"Create the role AWSServiceRoleForCloudTrail in the management account, then run start-logging.", false,
		}, true
	case "OrganizationsNotInUse", "OrganizationNotInAllFeaturesMode", "CloudTrailAccessNotEnabled":
		return Problem{
			"The organization does not let CloudTrail work for it.",
			"Enable all features of the organization and trusted access for CloudTrail, then run start-logging.", false,
		}, true
	}
	return Problem{}, false
}

// explainDenied tells a policy that forbids the call from a permission that is missing.
func explainDenied(code, message string) (Problem, bool) {
	switch strings.TrimSuffix(code, "Exception") {
	case "AccessDenied", "UnauthorizedOperation", "NotAuthorized":
		if policy := blocking(message); policy != "" {
			return Problem{
				"The call was blocked by policy: " + policy + ".",
				"Let the function's role through in that policy, or restart logging with a principal that it lets through.", false,
			}, true
		}
		return Problem{
			"The function's role is not allowed to make the call.",
			"Deploy Trailkeeper again to bring its role's policy back, and find out who changed it.", false,
		}, true
	case "OperationNotPermitted", "UnsupportedOperation":
		return Problem{
			"CloudTrail does not permit this operation on the trail.",
			"Look at the trail in the console: a trail that a service manages is restarted by that service.", false,
		}, true
	case "InvalidClientTokenId",
		"UnrecognizedClient",
		"SignatureDoesNotMatch",
		"CloudTrailInvalidClientTokenId",
		"MissingAuthenticationToken",
		"IncompleteSignature":
		return Problem{
			"AWS did not accept the function's credentials.",
			"Check that the function's role still exists, and deploy Trailkeeper again.", false,
		}, true
	}
	return Problem{}, false
}

// blocking names the policy that stands in the way, from AWS's own wording ("with an explicit deny in a service control
// policy", "because no permissions boundary allows the … action"), and "" where it is only that the role's own policy
// grants nothing.
func blocking(message string) string {
	for _, kind := range []string{
		"service control policy", "resource control policy", "permissions boundary", "session policy", "VPC endpoint policy",
		"resource-based policy", "identity-based policy",
	} {
		switch {
		case strings.Contains(message, "explicit deny in a "+kind), strings.Contains(message, "explicit deny in an "+kind):
			return "an explicit deny in " + article(kind) + kind
		case strings.Contains(message, "no "+kind+" allows") && kind != "identity-based policy":
			return "no " + kind + " allows it"
		}
	}
	if strings.Contains(message, "explicit deny") {
		return "an explicit deny"
	}
	return ""
}

func article(noun string) string {
	if noun[0] == 'i' {
		return "an "
	}
	return "a "
}

// answered reports whether CloudTrail itself refused the call; without an answer the call may have been carried out.
func answered(err error) bool { return awscall.Code(err) != "" && awscall.Status(err) < 500 }

// bounded keeps a text of the API short and on one line.
func bounded(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 300 {
		return string(r[:300]) + "…"
	}
	return s
}
