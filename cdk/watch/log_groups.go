package watch

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config"
)

// Subscribe has CloudWatch Logs invoke the function with what CloudTrail writes into the log groups of the settings,
// and with that of no other.
func (w *Watch) Subscribe(s settings.Settings) []awslogs.CfnSubscriptionFilter {
	stack := awscdk.Stack_Of(w.Construct)
	place := config.Place{Partition: *stack.Partition(), Region: *stack.Region(), Account: *stack.Account()}
	var all []awslogs.CfnSubscriptionFilter
	for i, name := range s.Archive.LogGroupNames() {
		may := awslambda.NewCfnPermission(w.Construct, jsii.String(policy.Numbered("LogGroupMayInvoke", i)),
			&awslambda.CfnPermissionProps{
				Action:        jsii.String("lambda:InvokeFunction"),
				FunctionName:  w.Function.FunctionName(),
				Principal:     jsii.String("logs.amazonaws.com"),
				SourceAccount: stack.Account(),
				SourceArn:     jsii.String(place.ARN("logs", "log-group:"+name+":*")),
			})
		filter := awslogs.NewCfnSubscriptionFilter(w.Construct, jsii.String(policy.Numbered("LogGroup", i)),
			&awslogs.CfnSubscriptionFilterProps{
				FilterName:     jsii.String(s.StackName),
				FilterPattern:  jsii.String(""),
				LogGroupName:   jsii.String(name),
				DestinationArn: w.Function.FunctionArn(),
			})
		filter.AddDependency(may) // CloudWatch Logs asks the function when the filter is made
		all = append(all, filter)
	}
	return all
}

// logGroups are the log groups as the function reads them.
func (w *Watch) logGroups(s settings.Settings) []string {
	own := *awscdk.Stack_Of(w.Construct).Account()
	var all []string
	for _, name := range s.Archive.LogGroupNames() {
		all = append(all, config.LogGroup{Owner: own, Name: name}.String())
	}
	return all
}
