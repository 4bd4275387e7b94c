package checks

import (
	"context"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// invokeConfigs checks AWS::Lambda::EventInvokeConfig: retries, the age of events, and where they go that fail. Nothing
// is put back.
type invokeConfigs struct{ Tools }

func (i invokeConfigs) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	function := awsapi.Text(of.Properties["FunctionName"])
	input := map[string]any{"FunctionName": function}
	if qualifier := awsapi.Text(of.Properties["Qualifier"]); qualifier != "" {
		input["Qualifier"] = qualifier
	}
	got, err := i.ask(ctx, of, "lambda", "GET /2019-09-25/functions/{FunctionName}/event-invoke-config", input)
	if err != nil && !missing(err) {
		return nil, err
	}
	// Without a configuration the defaults are in force (AWS Lambda Developer Guide, "Configuring error handling settings
	// for asynchronous invocations").
	differences := compare.Fields(of.Properties, got,
		compare.Field{Name: "MaximumRetryAttempts", Default: 2},
		compare.Field{Name: "MaximumEventAgeInSeconds", Default: 21600},
		compare.Field{Name: "DestinationConfig.OnFailure.Destination"},
		compare.Field{Name: "DestinationConfig.OnSuccess.Destination"},
	)
	return compare.With(differences, nil, i.command(of, function)), nil
}

func (invokeConfigs) command(of deployment.Deployed, function string) string {
	out := "aws lambda put-function-event-invoke-config --function-name " + compare.Word(function)
	for _, option := range [][2]string{
		{"MaximumRetryAttempts", "--maximum-retry-attempts"},
		{"MaximumEventAgeInSeconds", "--maximum-event-age-in-seconds"},
	} {
		if value := of.Properties[option[0]]; value != nil {
			out += " " + option[1] + " " + compare.Word(compare.Show(value))
		}
	}
	if arn := awsapi.Text(compare.At(of.Properties, "DestinationConfig.OnFailure.Destination")); arn != "" {
		out += " --destination-config OnFailure={Destination=" + compare.Word(arn) + "}"
	}
	return out
}
