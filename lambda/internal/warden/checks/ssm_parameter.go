package checks

import (
	"context"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// parameters checks AWS::SSM::Parameter: its type and its value. Nothing is put back: the record of the deployment is
// written by CloudFormation alone, which knows the names.
type parameters struct{ Tools }

func (p parameters) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	out, err := p.ask(ctx, of, "ssm", "GetParameter", map[string]any{"Name": of.Name})
	if missing(err) {
		return []check.Difference{compare.Missing("parameter", of.Name)}, nil
	}
	if err != nil {
		return nil, err
	}
	return compare.Fields(of.Properties, awsapi.Object(out["Parameter"]),
		compare.Field{Name: "Type"},
		compare.Field{Name: "DataType", Default: "text"},
		compare.Field{Name: "Value", Same: sameOrBoth, Hidden: true},
	), nil
}

// sameOrBoth compares values; one that the description leaves out is not compared.
func sameOrBoth(want, got any) bool { return want == nil || compare.Scalar(want, got) }
