package eventrule

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/policy"
)

// withReads is the state of a rule that also gets the calls that only read: EventBridge passes them to no other
// (EventBridge User Guide, "Read-only management events from AWS services").
const withReads = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"

// watchName is what the names of the watch's rules begin with, behind the stack's. A number follows, in the order of
// the patterns: there are as many as the rules that are on need.
const watchName = "watch-"

// addWatched makes the rules for the records that the watch applies its rules to. One permission is for all of them, so
// that another set of rules changes no more than the patterns.
func (r *Rules) addWatched(scope constructs.Construct) {
	for i, of := range r.props.Patterns {
		name := fmt.Sprintf("%s%d", watchName, i+1)
		at := constructs.NewConstruct(scope, jsii.String(convert.ConstructID(name)))
		made := r.add(at, "Rule", name, "records that the watch applies its rules to", decodePattern(of.Pattern),
			[]target{toWatch(r.props)}, r.props.Settings.OwnBus())
		if of.ReadEvents {
			made.Rule.SetState(jsii.String(withReads))
		}
		r.Watched = append(r.Watched, made)
	}
	if len(r.Watched) > 0 {
		letInvoke(r.props.Watch.Construct, "Permission", r.props.Watch.Function, r.watchedARN(scope))
	}
}

// watchedARN are all of the watch's rules.
func (r *Rules) watchedARN(scope constructs.Construct) string {
	s := r.props.Settings
	arns := policy.RuleARNs(scope, s, physicalName(s, watchName, "")+"*")
	return arns[len(arns)-1]
}

// letInvoke lets EventBridge invoke a function for a rule.
func letInvoke(at constructs.Construct, id string, function awslambda.Function, rule string) {
	awslambda.NewCfnPermission(at, jsii.String(id), &awslambda.CfnPermissionProps{
		Action:       jsii.String("lambda:InvokeFunction"),
		Principal:    jsii.String("events.amazonaws.com"),
		FunctionName: function.FunctionArn(),
		SourceArn:    jsii.String(rule),
	})
}
