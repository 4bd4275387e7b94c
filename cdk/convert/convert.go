// Package convert turns values of Go into what CDK takes: pointers, tokens of where the stack is, and enumerations.
//
// It makes no resource and knows no setting.
package convert

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/lambda/config"
)

// PlaceOf is where the stack is, whose parts CloudFormation may fill in. An ARN is written out by it where that of the
// resource would make a cycle.
func PlaceOf(scope constructs.Construct) config.Place {
	stack := awscdk.Stack_Of(scope)
	return config.Place{
		Partition: *stack.Partition(),
		Region:    *stack.Region(),
		Account:   *stack.Account(),
	}
}

// TextMap is a map as jsii takes it; nil for an empty one.
func TextMap(m map[string]string) *map[string]*string {
	if len(m) == 0 {
		return nil
	}
	out := make(map[string]*string, len(m))
	for k, v := range m {
		out[k] = jsii.String(v)
	}
	return &out
}

// Optional is nil for an empty text, so that CloudFormation decides.
func Optional(s string) *string {
	if s == "" {
		return nil
	}
	return jsii.String(s)
}

// ConstructID makes OddActor of odd-actor.
func ConstructID(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "-") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// Retention is a number of days that CloudWatch Logs takes; the settings admit no other.
func Retention(days int) awslogs.RetentionDays {
	names := map[int]awslogs.RetentionDays{
		1:    awslogs.RetentionDays_ONE_DAY,
		3:    awslogs.RetentionDays_THREE_DAYS,
		5:    awslogs.RetentionDays_FIVE_DAYS,
		7:    awslogs.RetentionDays_ONE_WEEK,
		14:   awslogs.RetentionDays_TWO_WEEKS,
		30:   awslogs.RetentionDays_ONE_MONTH,
		60:   awslogs.RetentionDays_TWO_MONTHS,
		90:   awslogs.RetentionDays_THREE_MONTHS,
		120:  awslogs.RetentionDays_FOUR_MONTHS,
		150:  awslogs.RetentionDays_FIVE_MONTHS,
		180:  awslogs.RetentionDays_SIX_MONTHS,
		365:  awslogs.RetentionDays_ONE_YEAR,
		400:  awslogs.RetentionDays_THIRTEEN_MONTHS,
		545:  awslogs.RetentionDays_EIGHTEEN_MONTHS,
		731:  awslogs.RetentionDays_TWO_YEARS,
		1096: awslogs.RetentionDays_THREE_YEARS,
		1827: awslogs.RetentionDays_FIVE_YEARS,
		2192: awslogs.RetentionDays_SIX_YEARS,
		2557: awslogs.RetentionDays_SEVEN_YEARS,
		2922: awslogs.RetentionDays_EIGHT_YEARS,
		3288: awslogs.RetentionDays_NINE_YEARS,
		3653: awslogs.RetentionDays_TEN_YEARS,
	}
	return names[days]
}
