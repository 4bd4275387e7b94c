// Package crosscheck says what the guard and the warden may read, and restore, of each other's resources: by names, and
// not by references, because each is to have rights on the other, which would be a cycle, and because the warden can be
// in another Region.
//
// It makes no resource. What is checked, and what is restored, is the business of the functions.
package crosscheck

import (
	"github.com/aws/constructs-go/constructs/v10"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/rules/guardrail"
)

// Name is that of the warden's function, schedule and queue, and of its stack, log group and table where it is in
// another Region.
func Name(s settings.Settings) string { return deployment.WardenStack(s.StackName) }

// RoleName is that of the warden's role. It has the Region of the stack, because IAM has none and another stack of the
// same name may be in another, and that of a warden elsewhere, so that one can be made before the other is gone.
func RoleName(home constructs.Construct, s settings.Settings) string {
	return Name(s) + "-" + regions(home, s)
}

func regions(home constructs.Construct, s settings.Settings) string {
	region := convert.PlaceOf(home).Region
	if s.WardenElsewhere() {
		region += "-" + s.Warden.Region
	}
	return region
}

// ScheduleRoleName is that of the role with which EventBridge Scheduler runs the warden.
func ScheduleRoleName(home constructs.Construct, s settings.Settings) string {
	return Name(s) + "-runs-" + regions(home, s)
}

// RoleARN is that of the warden's role.
func RoleARN(home constructs.Construct, s settings.Settings) string {
	return roleARN(home, RoleName(home, s))
}

func roleARN(home constructs.Construct, name string) string {
	return convert.PlaceOf(home).Global().ARN("iam", "role/"+guardrail.OwnPath+"/"+name)
}

// placeOfWarden is where the warden is.
func placeOfWarden(home constructs.Construct, s settings.Settings) config.Place {
	place := convert.PlaceOf(home)
	if s.WardenElsewhere() {
		place.Region = s.Warden.Region
	}
	return place
}
