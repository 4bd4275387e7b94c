package checks

import (
	"context"
	"fmt"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// mappings checks AWS::Lambda::EventSourceMapping, which the function and the source find: only CloudFormation knows its
// ID. Nothing is put back.
type mappings struct{ Tools }

// maxMappingPages bounds the pages of mappings that are read, of 100 each.
const maxMappingPages = 10

func (m mappings) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	source, function := of.Properties["EventSourceArn"], of.Properties["FunctionName"]
	got, err := m.find(ctx, of)
	if err != nil {
		return nil, err
	}
	if got == nil {
		name := compare.Show(source) + " of " + compare.Show(function)
		return []check.Difference{compare.Missing("event source mapping", name)}, nil
	}
	enabled := of.Properties["Enabled"] == nil || compare.Scalar(of.Properties["Enabled"], true)
	id := compare.Word(awsapi.Text(got["UUID"]))
	next := "aws lambda update-event-source-mapping --uuid " + id
	var out []check.Difference
	if state := awsapi.Text(got["State"]); enabled != runs(state) {
		want, option := "Enabled", " --enabled"
		if !enabled {
			want, option = "Disabled", " --no-enabled"
		}
		out = append(out, check.Difference{Field: "State", Want: want, Got: compare.Show(state), Next: next + option})
	}
	// The defaults are those for a queue (CreateEventSourceMapping).
	return append(out, compare.Fields(of.Properties, got,
		compare.Field{Name: "BatchSize", Default: 10},
		compare.Field{Name: "MaximumBatchingWindowInSeconds", Default: 0},
		compare.Field{Name: "FunctionResponseTypes", Same: compare.Set},
		compare.Field{Name: "ScalingConfig.MaximumConcurrency"},
		compare.Field{Name: "FilterCriteria.Filters"},
		compare.Field{Name: "DestinationConfig.OnFailure.Destination"},
		compare.Field{Name: "KmsKeyArn", Got: "KMSKeyArn"},
	)...), nil
}

// runs reports whether a mapping in a state takes messages, or is about to.
func runs(state string) bool {
	return state == "Enabled" || state == "Enabling" || state == "Creating" || state == "Updating"
}

// find is the mapping of the function and its source; nil: there is none.
func (m mappings) find(ctx context.Context, of deployment.Deployed) (map[string]any, error) {
	input := map[string]any{
		"EventSourceArn": of.Properties["EventSourceArn"], "FunctionName": of.Properties["FunctionName"],
	}
	for range maxMappingPages {
		out, err := m.ask(ctx, of, "lambda", "GET /2015-03-31/event-source-mappings", input)
		if missing(err) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, mapping := range awsapi.List(out["EventSourceMappings"]) {
			if got := awsapi.Object(mapping); awsapi.Text(got["State"]) != "Deleting" {
				return got, nil
			}
		}
		if input["Marker"] = out["NextMarker"]; awsapi.Text(out["NextMarker"]) == "" {
			return nil, nil
		}
	}
	return nil, fmt.Errorf("the function %s has more than %d pages of event source mappings",
		compare.Show(of.Properties["FunctionName"]), maxMappingPages)
}
