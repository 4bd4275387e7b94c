package lambda

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
)

// Types are the resource types of the service.
func Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{
		"AWS::Lambda::Function": {
			Name: "FunctionName",
			Attributes: func(p cloudformation.Place, _, name string) map[string]string {
				return map[string]string{"Ref": name, "Arn": p.ARN("lambda", "function:"+name)}
			},
		},
		"AWS::Lambda::Permission":        {Attributes: cloudformation.RefToName},
		"AWS::Lambda::EventInvokeConfig": {Attributes: cloudformation.RefToName},
		"AWS::Lambda::EventSourceMapping": {
			Attributes: func(_ cloudformation.Place, id, _ string) map[string]string {
				return map[string]string{"Ref": kernel.UUID("mapping", id), "Id": kernel.UUID("mapping", id)}
			},
		},
	}
}

type functionSpec struct {
	FunctionName, Description, Handler, Runtime, Role                     string
	Timeout, MemorySize                                                   *int
	Architectures                                                         []string
	ReservedConcurrentExecutions                                          *int
	Environment                                                           struct{ Variables map[string]string }
	DeadLetterConfig                                                      struct{ TargetArn string }
	LoggingConfig                                                         loggingSpec
	Code                                                                  struct{ S3Bucket, S3Key string }
	KmsKeyArn                                                             string
	TracingConfig, Tags                                                   cloudformation.Unused
	EphemeralStorage, RuntimeManagementConfig, RecursiveLoop, PackageType cloudformation.Unused
}

// Check refuses values that the service would refuse.
func (s functionSpec) Check() error {
	errs := []error{
		cloudformation.OneOf("Runtime", s.Runtime, "provided.al2023", "provided.al2"),
		cloudformation.OneOf("Handler", s.Handler, "bootstrap"),
		s.architecture(),
		cloudformation.Within("MemorySize", s.MemorySize, 128, 10240),
		cloudformation.Within("Timeout", s.Timeout, 1, 900),
	}
	if level := s.LoggingConfig.ApplicationLogLevel; level != "" {
		errs = append(errs, cloudformation.OneOf("ApplicationLogLevel", level, logLevels...),
			cloudformation.OneOf("LogFormat", s.LoggingConfig.LogFormat, "JSON"))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Environment.Variables)) {
		if slices.Contains(reservedVariables, name) {
			errs = append(errs, fmt.Errorf("the environment sets %s, which Lambda reserves", name))
		}
	}
	return errors.Join(errs...)
}

// architecture wants the one that the code is built for; Lambda takes x86_64 where none is given.
func (s functionSpec) architecture() error {
	switch {
	case slices.Equal(s.Architectures, []string{"arm64"}):
		return nil
	case len(s.Architectures) == 0, slices.Equal(s.Architectures, []string{"x86_64"}):
		return errors.New(
			"the architecture is x86_64, but the function's asset is built for arm64; want Architectures [arm64]",
		)
	default:
		return fmt.Errorf("property Architectures is %q; want [arm64]", s.Architectures)
	}
}

// reservedVariables cannot be set (Lambda Developer Guide, "Defined runtime environment variables": reserved).
var reservedVariables = []string{
	"_HANDLER",
	"_X_AMZN_TRACE_ID",
	"AWS_DEFAULT_REGION",
	"AWS_REGION",
	"AWS_EXECUTION_ENV",
	"AWS_LAMBDA_FUNCTION_NAME",
	"AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
	"AWS_LAMBDA_FUNCTION_VERSION",
	"AWS_LAMBDA_INITIALIZATION_TYPE",
	"AWS_LAMBDA_LOG_GROUP_NAME",
	"AWS_LAMBDA_LOG_STREAM_NAME",
	"AWS_ACCESS_KEY",
	"AWS_ACCESS_KEY_ID",
	"AWS_SECRET_ACCESS_KEY",
	"AWS_SESSION_TOKEN",
	"AWS_LAMBDA_RUNTIME_API",
	"LAMBDA_TASK_ROOT",
	"LAMBDA_RUNTIME_DIR",
}

// Deploy makes the functions of a template.
func (s *Functions) Deploy(st *cloudformation.Stack) {
	s.mu.Lock()
	defer s.mu.Unlock()
	find := func(id, nameOrARN string) *function {
		for _, f := range s.functions {
			if kernel.SiteOf(f.arn) == (kernel.Site{Account: st.Account, Region: st.Region}) && f.name == nameOrARN ||
				f.arn == nameOrARN {
				return f
			}
		}
		st.Missing(id, "function", nameOrARN)
		return nil
	}
	cloudformation.Each(st, "AWS::Lambda::Function", func(id string, att map[string]string, spec functionSpec) {
		st.Wants(id, "role", spec.Role)
		f := &function{id: id, name: att["Ref"], arn: att["Arn"], deployed: s.codeOf(id, spec)}
		f.is.Store(&settings{spec: spec, code: f.deployed, changed: s.kernel.Began})
		s.functions[f.arn] = f
		s.kernel.Name(f.arn, cloudformation.ShortID(id))
		for _, value := range spec.Environment.Variables {
			s.kernel.Leak(value) // the environment is no place for a secret
		}
	})
	cloudformation.Each(st, "AWS::Lambda::Permission", func(id string, att map[string]string, spec permissionSpec) {
		if f := find(id, spec.FunctionName); f != nil {
			s.change(f, func(is *settings) {
				is.permissions = append(is.permissions, permission{permissionSpec: spec, id: att["Ref"]})
			})
		}
	})
	cloudformation.Each(st, "AWS::Lambda::EventInvokeConfig", func(id string, _ map[string]string, spec invokeConfigSpec) {
		if f := find(id, spec.FunctionName); f != nil {
			s.change(f, func(is *settings) { is.invokes = &spec })
			st.Has("queue", f.now().onFailure(), true)
		}
	})
	s.deployMappings(st, find)
	st.Holds("function", func(arn string, _ bool) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.functions[arn] != nil
	})
}

// Deployed is a function as a template has it.
type Deployed struct {
	Name, ARN   string
	Role        string // its ARN
	Environment map[string]string
}

// Deployed returns every function, in the order of their names.
func (s *Functions) Deployed() []Deployed {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Deployed
	for _, f := range s.functions {
		all = append(all, Deployed{f.name, f.arn, f.now().spec.Role, f.now().spec.Environment.Variables})
	}
	slices.SortFunc(all, func(a, b Deployed) int { return strings.Compare(a.Name, b.Name) })
	return all
}
