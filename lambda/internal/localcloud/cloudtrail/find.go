package cloudtrail

import (
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// tagged are the resources that a call needs a permission for: those whose tags are listed, or the one.
func tagged(cl *kernel.Call, resource string) []string {
	list, _ := cl.Params["ResourceIdList"].([]any)
	var all []string
	for _, v := range list {
		if arn, ok := v.(string); ok {
			all = append(all, arn)
		}
	}
	if len(all) == 0 {
		return []string{resource}
	}
	return all
}

// named resolves the name or ARN that the call gives.
func (s *Trails) named(cl *kernel.Call, op operation) (events.Trail, *kernel.Error) {
	member := op.member
	if cl.Op == "CreateTrail" {
		member = "Name"
	}
	if member == "" {
		return events.Trail{}, nil
	}
	given := cl.Text(member)
	if events.IsARN(given) && cl.Op != "CreateTrail" {
		id, err := events.ParseTrailARN(given)
		if err != nil || id.Partition != s.kernel.Partition {
			return events.Trail{}, kernel.Refuse("CloudTrailARNInvalidException", "Trail ARN %s is not valid.", given)
		}
		return id, nil
	}
	if !baseline.ValidName(given) {
		return events.Trail{}, kernel.Refuse("InvalidTrailNameException",
			"Trail name %s is not valid: it must have 3 to 128 letters, digits, periods, underscores or dashes.", given)
	}
	if member == "ResourceId" {
		return events.Trail{}, kernel.Refuse("CloudTrailARNInvalidException", "Resource %s is not an ARN.", given)
	}
	return events.Trail{
		Partition: s.kernel.Partition,
		Region:    cl.Region,
		Account:   cl.Who.Account,
		Name:      given,
	}, nil
}

// find returns the trail that a call may act on.
func (s *Trails) find(cl *kernel.Call, op operation, id events.Trail) (*trail, *kernel.Error) {
	t, state := s.known(id.ARN())
	shadow := false
	if t == nil && !events.IsARN(cl.Text(op.member)) {
		t, state = s.shadowed(cl, id.Name)
		shadow = t != nil
	}
	known := t != nil && mayKnow(cl.Who.Account, t, state)
	tags := op.member == "ResourceId" // the errors of AddTags and RemoveTags are others
	switch {
	case tags && (!known || t.Region != cl.Region):
		return nil, kernel.Refuse("ResourceNotFoundException", "Unknown resource: %s", id.ARN())
	case !known || shadow && !op.write:
		return nil, kernel.Refuse("TrailNotFoundException", "Unknown trail: %s for the user: %s", id.ARN(), cl.Who.Account)
	case !op.write:
		return t, nil
	}
	return t, s.mayChange(cl, t, state.on("IsOrganizationTrail") && !tags && cl.Op != "PutInsightSelectors")
}

// mayChange refuses a change of a trail by others than its owner, elsewhere than at home, and too soon after another
// one. Organization is a change that needs the permissions for organization trails.
func (s *Trails) mayChange(cl *kernel.Call, t *trail, organization bool) *kernel.Error {
	switch {
	case t.Account != cl.Who.Account && !s.administers(cl.Who.Account):
		return kernel.Refuse("NotOrganizationMasterAccountException", "Cannot %s trail, not master trail.", verb(cl.Op))
	case t.Region != cl.Region:
		return kernel.Refuse("InvalidHomeRegionException", "Trail %s must be changed in its home region: %s.",
			t.ARN(), t.Region)
	case s.kernel.Now().Before(t.busy):
		return kernel.Refuse("ConflictException", "Trail %s is being changed. Wait a few minutes and try again.", t.ARN())
	case organization && !s.mayManageOrganizationTrails(cl.Who):
		return kernel.Refuse("InsufficientDependencyServiceAccessPermissionException",
			"The caller lacks the permissions of AWS Organizations and IAM that organization trails need.")
	}
	return nil
}

// mayManageOrganizationTrails asks for the permissions that CloudTrail needs of whoever changes an organization trail
// ("Prepare for creating a trail for your organization").
func (s *Trails) mayManageOrganizationTrails(who kernel.Principal) bool {
	serviceRole := events.Place{Partition: s.kernel.Partition, Account: who.Account}.ARN("iam",
		"role/aws-service-role/cloudtrail.amazonaws.com/AWSServiceRoleForCloudTrail")
	for _, a := range []policy.Access{
		{Action: "organizations:DescribeOrganization", Resource: "*"},
		{Action: "organizations:ListAWSServiceAccessForOrganization", Resource: "*"},
		{Action: "iam:GetRole", Resource: serviceRole},
	} {
		if _, ok := s.kernel.Authorize(who, a, nil); !ok {
			return false
		}
	}
	return true
}

func (s *Trails) known(arn string) (*trail, trailState) {
	t, ok := s.trails[arn]
	if !ok || t.state().Deleted {
		return nil, trailState{}
	}
	return t, t.state()
}

// shadowed finds the multi-Region trail that is a shadow trail in the call's Region.
func (s *Trails) shadowed(cl *kernel.Call, name string) (*trail, trailState) {
	for _, t := range s.trails {
		if state := t.state(); t.Name == name && t.Account == cl.Who.Account && !state.Deleted &&
			state.on("IsMultiRegionTrail") {
			return t, state
		}
	}
	return nil, trailState{}
}

// mayKnow: an account knows its own trails and the organization's.
func mayKnow(account string, t *trail, state trailState) bool {
	return t.Account == account || state.on("IsOrganizationTrail")
}

func (s *Trails) administers(account string) bool {
	return account == s.options.ManagementAccount || slices.Contains(s.options.DelegatedAdministrators, account)
}

func verb(op string) string {
	for _, v := range []string{"Start", "Stop", "Delete", "Update"} {
		if strings.HasPrefix(op, v) {
			return strings.ToLower(v)
		}
	}
	return "update"
}
