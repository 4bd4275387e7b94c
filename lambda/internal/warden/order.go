package warden

import (
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/config/deployment"
)

// urgent are the types without which the deployment is silent, in the order in which they are checked. Every other type
// comes after them.
var urgent = []string{
	typeStack,
	"AWS::Lambda::Function",
	"AWS::Lambda::Permission",
	"AWS::Events::Rule",
	"AWS::Scheduler::Schedule",
	"AWS::SNS::Topic",
	"AWS::SNS::Subscription",
	"AWS::SNS::TopicPolicy",
	typeSecret,
	"AWS::Events::Connection",
	"AWS::Events::ApiDestination",
	"AWS::KMS::Key",
	"AWS::IAM::Role",
	"AWS::IAM::Policy",
	"AWS::IAM::ManagedPolicy",
	typeParameter,
}

// silences reports whether the deployment may be silent without a resource of the type.
func silences(kind string) bool { return slices.Contains(urgent, kind) }

func rank(kind string) int {
	if i := slices.Index(urgent, kind); i >= 0 {
		return i
	}
	return len(urgent)
}

// inOrder are the resources, the most urgent first. Within a type the first is another one each minute, so that where
// the time is too short, none is always left out.
func inOrder(resources []deployment.Deployed, at time.Time) []deployment.Deployed {
	all := slices.Clone(resources)
	if n := len(all); n > 0 {
		first := int(at.Unix()/60) % n
		all = append(all[first:], all[:first]...)
	}
	slices.SortStableFunc(all, func(a, b deployment.Deployed) int {
		if by := rank(a.Type) - rank(b.Type); by != 0 {
			return by
		}
		if rank(a.Type) == len(urgent) {
			return strings.Compare(a.Type, b.Type)
		}
		return 0
	})
	return all
}
