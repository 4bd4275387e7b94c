package checks

import (
	"context"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// connections checks AWS::Events::Connection: that it is there and authorized, as whom it signs in, what it adds to each
// request, which can change what a message says, and whether it goes to a private address instead. What it signs in with
// EventBridge shows to nobody. Nothing is put back: the credential is not known here.
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
	found := compare.Fields(of.Properties, got,
		compare.Field{Name: "AuthorizationType"},
		compare.Field{Name: name},
		compare.Field{Name: "AuthParameters.InvocationHttpParameters", Hidden: true}, // a value may be a secret
		compare.Field{Name: "AuthParameters.ConnectivityParameters", Same: samePrivate},
		compare.Field{Name: "InvocationConnectivityParameters", Same: samePrivate},
		compare.Field{Name: "KmsKeyIdentifier"},
	)
	if state := awsapi.Text(got["ConnectionState"]); state != "AUTHORIZED" {
		found = append(found, check.Difference{Field: "ConnectionState", Want: "AUTHORIZED", Got: compare.Show(state)})
	}
	return found, nil
}

// samePrivate compares private addresses, whose association EventBridge makes and answers besides.
func samePrivate(want, got any) bool {
	const path = "ResourceParameters.ResourceConfigurationArn"
	return compare.Scalar(compare.At(awsapi.Object(want), path), compare.At(awsapi.Object(got), path))
}
