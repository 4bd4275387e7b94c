package remediate

import (
	"errors"
	"strings"

	"github.com/aws/smithy-go"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/trail"
)

// explainCall explains an error of one of the calls that put a trail back. Explain speaks of restarting; here the next
// step is another.
func explainCall(call string, err error, t events.Trail) Problem {
	p := Explain(err, t)
	if call == trail.CallStartLogging || p.Retryable {
		return p
	}
	if passing, ok := explainOwn(call, err); ok {
		return passing
	}
	if next := nextStep(awscall.Code(err)); next != "" {
		p.NextStep = next
	}
	p.NextStep = strings.ReplaceAll(p.NextStep, "restart logging by hand", "restore the trail by hand")
	if strings.HasSuffix(p.Sentence, " can restart it.") {
		p.Sentence = strings.TrimSuffix(p.Sentence, "restart it.") + "change it."
	}
	return p
}

// explainOwn covers what an error says of these calls and of no other.
func explainOwn(call string, err error) (Problem, bool) {
	switch code := awscall.Code(err); {
	case deniedFor(err, trail.PassRole):
		api, _ := errors.AsType[smithy.APIError](err)
		if policy := blocking(api.ErrorMessage()); policy != "" {
			return Problem{
				"Passing the role for CloudWatch Logs to CloudTrail was blocked by policy: " + policy + ".",
				"Let the function's role through in that policy, or set the log group by hand with update-trail.", false,
			}, true
		}
		return Problem{
			"The function's role may not pass the role for CloudWatch Logs to CloudTrail (iam:PassRole).",
			"Deploy Trailkeeper again with this baseline, which grants it, or set the log group by hand with update-trail.",
			false,
		}, true
	case code == "CloudTrailInvalidClientTokenId" && (call == trail.CallUpdateTrail || call == callCreateTrail):
		return Problem{
			"The topic is in an account that AWS has suspended, or AWS did not accept the function's credentials.",
			"Look at the topic's account, and set another topic in the baseline.", false,
		}, true
	case code == "ChannelARNInvalid", code == "ChannelNotFound":
		return Problem{
			"CloudTrail does not know the trail that is to be restored.",
			"Look for it with describe-trails.",
			false,
		}, true
	}
	return Problem{}, false
}

// explainConversion is what a refusal of IsOrganizationTrail says. A delegated administrator may create, change and
// start the organization's trails, and only the management account may make a trail one of them, or one of a single
// account again (UpdateTrail, IsOrganizationTrail).
var explainConversion = Problem{
	"Only the organization's management account can make a trail the organization's, or take that back; a delegated " +
		"administrator cannot.",
	"Set it there with update-trail, or run Trailkeeper in that account.",
	false,
}

func notManagement(err error) bool {
	code := awscall.Code(err)
	return code == "NotOrganizationMasterAccount" || code == "NotOrganizationManagementAccount"
}

// nextStep is what to do after a refusal, where Explain's step is to restart logging.
func nextStep(code string) string {
	switch code {
	case "AccessDenied", "UnauthorizedOperation", "NotAuthorized":
		return "Look at the policies of the function's role: deploy Trailkeeper again to bring its own back, or restore " +
			"the trail with a principal that is let through."
	case "OperationNotPermitted", "UnsupportedOperation":
		return "Look at the trail in the console: a trail that a service manages is changed by that service."
	case "InvalidTrailName", "CloudTrailARNInvalid":
		return "Correct trail.arn in the baseline, and deploy."
	case "InvalidHomeRegion":
		return "Capture the trail's baseline in its home Region, which describe-trails shows as HomeRegion, and deploy."
	case "NotOrganizationMasterAccount", "NotOrganizationManagementAccount":
		return "Restore it there, or run Trailkeeper in that account."
	case "NoManagementAccountSLRExists":
		return "Create the role AWSServiceRoleForCloudTrail in the management account, then restore the trail."
	case "OrganizationsNotInUse", "OrganizationNotInAllFeaturesMode", "CloudTrailAccessNotEnabled":
		return "Enable all features of the organization and trusted access for CloudTrail, then restore the trail."
	case "TrailNotFound":
		return "If it was deleted, create it again with the settings of its baseline, then run start-logging."
	case "TrailNotProvided", "InvalidParameter", "InvalidParameterCombination":
		return "Correct the baseline, and deploy."
	}
	return ""
}
