package lambda

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// mostEnvironment is the limit of all variables of a function, in bytes ("Lambda quotas").
const mostEnvironment = 4 << 10

// configurationChange is the request of UpdateFunctionConfiguration: what is absent stays.
type configurationChange struct {
	Role, Handler, Description, Runtime *string
	Timeout, MemorySize                 *int
	KMSKeyArn                           *string
	VpcConfig                           *struct{ SubnetIds, SecurityGroupIds []string } //nolint:revive // Lambda's names
	Environment                         *struct{ Variables map[string]string }
	DeadLetterConfig                    *struct{ TargetArn string }
	Layers                              *[]string
	LoggingConfig                       *struct{ LogFormat, ApplicationLogLevel, SystemLogLevel, LogGroup string }
}

// updateConfiguration answers UpdateFunctionConfiguration.
func (s *Functions) updateConfiguration(cl *kernel.Call, f *function) (any, *kernel.Error) {
	var change configurationChange
	content, err := json.Marshal(cl.Params)
	if err == nil {
		err = json.Unmarshal(content, &change)
	}
	if err == nil {
		err = change.check()
	}
	if err != nil {
		return nil, invalid(err.Error())
	}
	next := *f.now()
	change.apply(&next)
	next.changed = s.kernel.Now()
	if failed := s.serves(cl, f, change, next); failed != nil {
		return nil, failed
	}
	for _, value := range next.spec.Environment.Variables {
		s.kernel.Leak(value)
	}
	f.is.Store(&next)
	f.idle = nil
	out := s.configuration(f)
	s.decrypt(cl, f, out)
	out["LastUpdateStatus"] = "InProgress"
	return out, nil
}

// check refuses values that the service would refuse.
func (c configurationChange) check() error {
	errs := []error{
		cloudformation.Within("Timeout", c.Timeout, 1, 900),
		cloudformation.Within("MemorySize", c.MemorySize, 128, 10240),
	}
	if c.Runtime != nil {
		errs = append(errs, cloudformation.OneOf("Runtime", *c.Runtime, "provided.al2023", "provided.al2"))
	}
	if c.Environment != nil {
		size := 0
		for _, name := range slices.Sorted(maps.Keys(c.Environment.Variables)) {
			size += len(name) + len(c.Environment.Variables[name])
			if slices.Contains(reservedVariables, name) {
				errs = append(errs, fmt.Errorf("the environment has reserved keys that cannot be set: %s", name))
			}
		}
		if size > mostEnvironment {
			errs = append(errs, errors.New("the environment variables exceed the 4KB limit"))
		}
	}
	return errors.Join(errs...)
}

// apply puts what is asked into the settings.
func (c configurationChange) apply(is *settings) {
	set(&is.spec.Role, c.Role)
	set(&is.spec.Handler, c.Handler)
	set(&is.spec.Description, c.Description)
	set(&is.spec.Runtime, c.Runtime)
	set(&is.spec.KmsKeyArn, c.KMSKeyArn)
	set(&is.layers, c.Layers)
	if c.Timeout != nil {
		is.spec.Timeout = c.Timeout
	}
	if c.MemorySize != nil {
		is.spec.MemorySize = c.MemorySize
	}
	if c.Environment != nil {
		is.spec.Environment.Variables = c.Environment.Variables
	}
	if c.DeadLetterConfig != nil {
		is.spec.DeadLetterConfig.TargetArn = c.DeadLetterConfig.TargetArn
	}
	if c.VpcConfig != nil {
		is.vpc = vpc{subnets: c.VpcConfig.SubnetIds, groups: c.VpcConfig.SecurityGroupIds}
	}
	if l := c.LoggingConfig; l != nil {
		is.spec.LoggingConfig.LogFormat, is.spec.LoggingConfig.ApplicationLogLevel = l.LogFormat, l.ApplicationLogLevel
		is.spec.LoggingConfig.LogGroup = l.LogGroup
	}
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// serves refuses settings with which the function could not run: a role that the caller may not pass or Lambda not
// assume, and one that may not do what the settings need.
func (s *Functions) serves(cl *kernel.Call, f *function, c configurationChange, next settings) *kernel.Error {
	if c.Role != nil {
		pass := policy.Access{
			Action: "iam:PassRole", Resource: *c.Role, Context: map[string]string{"iam:PassedToService": "lambda.amazonaws.com"},
		}
		if failed := s.allow(cl, pass); failed != nil {
			return failed
		}
	}
	tried := &function{name: f.name, arn: f.arn}
	tried.is.Store(&next)
	who, failed := s.assumed(tried)
	if failed != nil {
		return invalid("The role defined for the function cannot be assumed by Lambda.")
	}
	if len(next.vpc.subnets) > 0 {
		_, ok := s.kernel.Authorize(who, policy.Access{Action: "ec2:CreateNetworkInterface", Resource: "*"}, nil)
		if !ok {
			return invalid("The provided execution role does not have permissions to call CreateNetworkInterface on EC2")
		}
	}
	if c.DeadLetterConfig != nil && strings.Contains(c.DeadLetterConfig.TargetArn, ":sqs:") {
		return s.sends(tried, c.DeadLetterConfig.TargetArn)
	}
	return nil
}

// deleteFunction answers DeleteFunction. What waits for the function is lost.
func (s *Functions) deleteFunction(_ *kernel.Call, f *function) (any, *kernel.Error) {
	s.change(f, func(is *settings) { is.deleted = true })
	delete(s.functions, f.arn)
	s.kernel.Delete(f.arn, true)
	f.idle = nil
	return kernel.Answer{Status: 204}, nil
}
