package checks

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// functions checks AWS::Lambda::Function: its package, configuration, concurrency, and statements of its policy that no
// AWS::Lambda::Permission of the deployment has. The concurrency is put back; all else a person must look at, since
// whoever changed it may run code in the function's name.
type functions struct {
	Tools

	policies *functionPolicies
}

// The calls' paths are those of the Lambda API reference.
const (
	functionPath    = "/2015-03-31/functions/{FunctionName}"
	concurrencyPath = "/functions/{FunctionName}/concurrency"
)

func (f functions) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	named := map[string]any{"FunctionName": of.Name}
	got, err := f.ask(ctx, of, "lambda", "GET "+functionPath+"/configuration", named)
	if missing(err) {
		return []check.Difference{compare.Missing("function", of.Name)}, nil
	}
	if err != nil {
		return nil, err
	}
	concurrency, errConcurrency := f.concurrency(ctx, of)
	code, errCode := f.code(of, got)
	environment, errEnvironment := environmentOf(of, got)
	foreign, errForeign := f.foreign(ctx, of)
	all := slices.Concat(concurrency, code, f.configuration(of, got), environment, foreign)
	return all, errors.Join(errConcurrency, errCode, errEnvironment, errForeign)
}

// concurrency compares the reserved concurrent executions; with 0, the function never runs.
func (f functions) concurrency(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	named := map[string]any{"FunctionName": of.Name}
	got, err := f.ask(ctx, of, "lambda", "GET /2019-09-30"+concurrencyPath, named)
	if err != nil {
		return nil, err
	}
	const field = "ReservedConcurrentExecutions"
	differences := compare.Fields(of.Properties, got, compare.Field{Name: field})
	want := of.Properties[field]
	next := "aws lambda delete-function-concurrency --function-name " + compare.Word(of.Name)
	if want != nil {
		next = "aws lambda put-function-concurrency --function-name " + compare.Word(of.Name) +
			" --reserved-concurrent-executions " + compare.Word(compare.Show(want))
	}
	return compare.ByName(compare.With(differences, func(ctx context.Context) error {
		operation, input := "DELETE /2017-10-31"+concurrencyPath, map[string]any{"FunctionName": of.Name}
		if want != nil {
			operation, input[field] = "PUT /2017-10-31"+concurrencyPath, want
		}
		_, err := f.ask(ctx, of, "lambda", operation, input)
		return err
	}, next)), nil
}

// code compares the digest of the package, which is that of no template.
func (functions) code(of deployment.Deployed, got map[string]any) ([]check.Difference, error) {
	if of.CodeSHA256 == "" {
		return nil, fmt.Errorf("the record of the deployment has no digest of the package of %s", compare.Show(of.Name))
	}
	want := map[string]any{"CodeSha256": of.CodeSHA256}
	return compare.Fields(want, got, compare.Field{Name: "CodeSha256"}), nil
}

// configuration compares the settings; the defaults are those of CreateFunction in the Lambda API reference.
func (functions) configuration(of deployment.Deployed, got map[string]any) []check.Difference {
	out := compare.Fields(of.Properties, got,
		compare.Field{Name: "Role"},
		compare.Field{Name: "Handler"},
		compare.Field{Name: "Runtime"},
		compare.Field{Name: "PackageType", Default: "Zip"},
		compare.Field{Name: "Architectures", Default: []any{"x86_64"}, Same: compare.Set},
		compare.Field{Name: "Timeout", Default: 3},
		compare.Field{Name: "MemorySize", Default: 128},
		compare.Field{Name: "EphemeralStorage.Size", Default: 512},
		compare.Field{Name: "Layers", Same: sameLayers},
		compare.Field{Name: "ImageConfig", Got: "ImageConfigResponse"},
		compare.Field{Name: "FileSystemConfigs"},
		compare.Field{Name: "VpcConfig.SubnetIds", Same: compare.Set},
		compare.Field{Name: "VpcConfig.SecurityGroupIds", Same: compare.Set},
		compare.Field{Name: "DeadLetterConfig.TargetArn"},
		compare.Field{Name: "KmsKeyArn", Got: "KMSKeyArn"},
		compare.Field{Name: "LoggingConfig.LogGroup", Default: "/aws/lambda/" + of.Name},
		compare.Field{Name: "LoggingConfig.LogFormat", Default: "Text"},
		compare.Field{Name: "LoggingConfig.ApplicationLogLevel", Default: levelOf(of)},
		compare.Field{Name: "LoggingConfig.SystemLogLevel", Default: levelOf(of)},
	)
	ready := []string{"Active", "Inactive", "Pending", ""} // Lambda makes an idle function active when it is invoked
	if state := awsapi.Text(got["State"]); !slices.Contains(ready, state) {
		reason := compare.Show(state) + ": " + compare.Show(got["StateReason"])
		out = append(out, check.Difference{Field: "State", Want: "Active", Got: reason})
	}
	return out
}

// levelOf is the default of both log levels, which functions have that log JSON (LoggingConfig).
func levelOf(of deployment.Deployed) any {
	if compare.At(of.Properties, "LoggingConfig.LogFormat") == "JSON" {
		return "INFO"
	}
	return nil
}

// sameLayers compares the ARNs in a template with the objects that the API answers, in their order: the later layer's
// files win.
func sameLayers(want, got any) bool {
	var arns []any
	for _, layer := range awsapi.List(got) {
		if object, ok := layer.(map[string]any); ok {
			layer = object["Arn"]
		}
		arns = append(arns, layer)
	}
	return compare.Scalar(want, arns)
}
