package lambda

import (
	"cmp"
	"maps"
	"slices"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// mostListed is how many functions Lambda lists at once (ListFunctions).
const mostListed = 50

// listFunctions lists those of the call's account and Region.
func (s *Functions) listFunctions(cl *kernel.Call) (any, *kernel.Error) {
	if failed := s.allow(cl, policy.Access{Action: "lambda:ListFunctions", Resource: "*"}); failed != nil {
		return nil, failed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []any
	for _, arn := range slices.Sorted(maps.Keys(s.functions)) {
		if kernel.SiteOf(arn) == cl.Site() {
			all = append(all, s.configuration(s.functions[arn]))
		}
	}
	return wire.List(cl, "Functions", all, "NextMarker", wire.Paging{
		Limit:   "MaxItems",
		Token:   "Marker",
		Most:    mostListed,
		Invalid: "InvalidParameterValueException",
	})
}

// getFunction answers GetFunction and GetFunctionConfiguration.
func (s *Functions) getFunction(cl *kernel.Call, f *function) (any, *kernel.Error) {
	if cl.Op == "GetFunctionConfiguration" {
		return s.configuration(f), nil
	}
	out := map[string]any{"Configuration": s.configuration(f), "Code": map[string]any{"RepositoryType": "S3"}}
	if n := f.now().spec.ReservedConcurrentExecutions; n != nil {
		out["Concurrency"] = map[string]any{"ReservedConcurrentExecutions": *n}
	}
	return out, nil
}

// configuration is the function as Lambda shows it.
func (*Functions) configuration(f *function) map[string]any {
	is := f.now()
	logging := is.spec.LoggingConfig
	out := map[string]any{
		"FunctionName":     f.name,
		"FunctionArn":      f.arn,
		"Runtime":          is.spec.Runtime,
		"Role":             is.spec.Role,
		"Handler":          is.spec.Handler,
		"Description":      is.spec.Description,
		"Timeout":          int(is.timeout().Seconds()),
		"MemorySize":       is.memory(),
		"CodeSha256":       is.code.sha256,
		"CodeSize":         len(is.code.sha256),
		"RevisionId":       kernel.UUID("revision", f.arn, is.changed.String()),
		"Architectures":    is.spec.Architectures,
		"LastModified":     is.changed.UTC().Format("2006-01-02T15:04:05.000-0700"),
		"Version":          "$LATEST",
		"State":            "Active",
		"LastUpdateStatus": "Successful",
		"PackageType":      "Zip",
		"LoggingConfig": map[string]any{
			"LogFormat": cmp.Or(logging.LogFormat, "Text"),
			"LogGroup":  f.logGroup(),
		},
	}
	if level := logging.ApplicationLogLevel; level != "" {
		out["LoggingConfig"].(map[string]any)["ApplicationLogLevel"] = level
	}
	if is.spec.KmsKeyArn != "" {
		out["KMSKeyArn"] = is.spec.KmsKeyArn
	}
	if len(is.vpc.subnets) > 0 {
		out["VpcConfig"] = map[string]any{"SubnetIds": is.vpc.subnets, "SecurityGroupIds": is.vpc.groups}
	}
	layers := []any{}
	for _, arn := range is.layers {
		layers = append(layers, map[string]any{"Arn": arn})
	}
	if len(layers) > 0 {
		out["Layers"] = layers
	}
	if len(is.spec.Environment.Variables) > 0 {
		out["Environment"] = map[string]any{"Variables": is.spec.Environment.Variables}
	}
	if arn := is.spec.DeadLetterConfig.TargetArn; arn != "" {
		out["DeadLetterConfig"] = map[string]any{"TargetArn": arn}
	}
	return out
}
