package checks

import (
	"context"
	"fmt"
	"strings"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// destinations checks AWS::Events::ApiDestination: that it is there and active, and that it posts where the template says,
// or the secret that the template refers to. Endpoints are credentials: of those that differ only digests are shown.
// Nothing is put back.
type destinations struct{ values *secretValues }

func (c destinations) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	got, err := c.values.ask(ctx, of, "events", "DescribeApiDestination", map[string]any{"Name": of.Name})
	if missing(err) {
		return []check.Difference{compare.Missing("API destination", of.Name)}, nil
	}
	if err != nil {
		return nil, err
	}
	found := compare.Fields(of.Properties, got,
		compare.Field{Name: "ConnectionArn"},
		compare.Field{Name: "HttpMethod"},
		compare.Field{Name: "InvocationRateLimitPerSecond", Default: 300}, // CloudFormation, AWS::Events::ApiDestination
	)
	if state := awsapi.Text(got["ApiDestinationState"]); state != "ACTIVE" {
		found = append(found, check.Difference{
			Field: "ApiDestinationState", Want: "ACTIVE", Got: compare.Show(state), Next: "Look after its connection: it is not authorized.",
		})
	}
	endpoint, err := c.endpoint(ctx, of, got)
	return append(found, endpoint...), err
}

// endpoint compares where the destination posts to with the template, or with the secret as it is now.
func (c destinations) endpoint(ctx context.Context, of deployment.Deployed, got map[string]any) ([]check.Difference, error) {
	want := awsapi.Text(of.Properties["InvocationEndpoint"])
	next, whose := "", ""
	if ref, ok := parseReference(want); ok {
		value, err := c.values.key(ctx, of, ref)
		if spoiled(err) || awscall.Code(err) == "InvalidRequest" { // or marked for deletion
			return nil, nil // which is a difference of the secret's
		}
		if err != nil {
			return nil, err
		}
		want = value.Reveal()
		next, whose = changedSecret+" Where the secret is as it was, the API destination was changed: put its endpoint back.", "the secret's, "
	}
	if strings.Contains(want, "{{resolve:") {
		return nil, fmt.Errorf("the endpoint of %s refers to what is not known here", of.Name)
	}
	if want == got["InvocationEndpoint"] {
		return nil, nil
	}
	return []check.Difference{{
		Field: "InvocationEndpoint", Want: whose + compare.Digest(want), Got: compare.Digest(got["InvocationEndpoint"]), Next: next,
	}}, nil
}
