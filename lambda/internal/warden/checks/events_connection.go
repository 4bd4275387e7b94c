package checks

import (
	"context"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// connections checks AWS::Events::Connection: that it is there and authorized, and as whom it signs in. What it signs in
// with EventBridge shows to nobody. Nothing is put back: the credential is not known here.
type connections struct{ Tools }

func (c connections) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	got, err := c.ask(ctx, of, "events", "DescribeConnection", map[string]any{"Name": of.Name})
	if missing(err) {
		return []check.Difference{compare.Missing("connection", of.Name)}, nil
	}
	if err != nil {
		return nil, err
	}
	const name = "AuthParameters.ApiKeyAuthParameters.ApiKeyName"
	found := compare.Fields(of.Properties, got, compare.Field{Name: "AuthorizationType"}, compare.Field{Name: name})
	if state := awsapi.Text(got["ConnectionState"]); state != "AUTHORIZED" {
		found = append(found, check.Difference{Field: "ConnectionState", Want: "AUTHORIZED", Got: compare.Show(state)})
	}
	return found, nil
}
