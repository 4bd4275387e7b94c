package lambda

import (
	"cmp"
	"maps"
	"slices"

	"trailkeeper/lambda/internal/localcloud/cloudformation"
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
			shown := s.configuration(s.functions[arn])
			s.decrypt(cl, s.functions[arn], shown)
			all = append(all, shown)
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
	configuration := s.configuration(f)
	s.decrypt(cl, f, configuration)
	if cl.Op == "GetFunctionConfiguration" {
		return configuration, nil
	}
	out := map[string]any{"Configuration": configuration, "Code": map[string]any{"RepositoryType": "S3"}}
	if n := f.now().spec.ReservedConcurrentExecutions; n != nil {
		out["Concurrency"] = map[string]any{"ReservedConcurrentExecutions": *n}
	}
	return out, nil
}

// decrypt adds the variables to what is shown of a function, where the caller may use the key that they are encrypted by
// (AWS Lambda Developer Guide, "Securing Lambda environment variables").
func (s *Functions) decrypt(cl *kernel.Call, f *function, shown map[string]any) {
	is := f.now()
	if len(is.spec.Environment.Variables) == 0 {
		return
	}
	if is.spec.KmsKeyArn != "" {
		_, failed := s.kernel.UseKey(kernel.KeyUse{
			Key: is.spec.KmsKeyArn, Site: kernel.SiteOf(f.arn), Who: &cl.Who, Actions: []string{"kms:Decrypt"}, Assumed: true,
			Context: map[string]string{
				"kms:ViaService": "lambda." + kernel.ARN(f.arn).Region + "." + cloudformation.URLSuffix(s.kernel.Partition),
			},
		})
		if failed != nil {
			shown["Environment"] = map[string]any{"Error": map[string]any{
				"ErrorCode": "AccessDeniedException",
				"Message":   "Lambda was unable to decrypt your environment variables because the KMS access was denied.",
			}}
			return
		}
	}
	shown["Environment"] = map[string]any{"Variables": is.spec.Environment.Variables}
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
	if arn := is.spec.DeadLetterConfig.TargetArn; arn != "" {
		out["DeadLetterConfig"] = map[string]any{"TargetArn": arn}
	}
	return out
}
