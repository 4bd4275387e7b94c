package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"trailkeeper/lambda/config"
)

// placeOf is where the stack is, whose parts CloudFormation may fill in. An ARN is written out by it where that of the
// resource would make a cycle.
func placeOf(scope constructs.Construct) config.Place {
	stack := awscdk.Stack_Of(scope)
	return config.Place{
		Partition: *stack.Partition(),
		Region:    *stack.Region(),
		Account:   *stack.Account(),
	}
}
