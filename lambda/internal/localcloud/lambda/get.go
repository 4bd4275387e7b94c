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
	if n := f.spec.ReservedConcurrentExecutions; n != nil {
		out["Concurrency"] = map[string]any{"ReservedConcurrentExecutions": *n}
	}
	return out, nil
}

// configuration is the function as Lambda shows it.
func (s *Functions) configuration(f *function) map[string]any {
	logging := f.spec.LoggingConfig
	out := map[string]any{
		"FunctionName":     f.name,
		"FunctionArn":      f.arn,
		"Runtime":          f.spec.Runtime,
		"Role":             f.spec.Role,
		"Handler":          f.spec.Handler,
		"Description":      f.spec.Description,
		"Timeout":          int(f.timeout().Seconds()),
		"MemorySize":       f.memory(),
		"Architectures":    f.spec.Architectures,
		"LastModified":     s.kernel.Began.UTC().Format("2006-01-02T15:04:05.000-0700"),
		"Version":          "$LATEST",
		"State":            "Active",
		"LastUpdateStatus": "Successful",
		"PackageType":      "Zip",
		"LoggingConfig": map[string]any{
			"LogFormat": cmp.Or(logging.LogFormat, "Text"),
			"LogGroup":  "/aws/lambda/" + f.name,
		},
	}
	if len(f.spec.Environment.Variables) > 0 {
		out["Environment"] = map[string]any{"Variables": f.spec.Environment.Variables}
	}
	if arn := f.spec.DeadLetterConfig.TargetArn; arn != "" {
		out["DeadLetterConfig"] = map[string]any{"TargetArn": arn}
	}
	return out
}
