package localcloud

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// The values that the services take (CloudFormation Template Reference, and the API reference of each service). What is refused here
// would fail to deploy, or would do something else than what is played.

// checked is a specification that knows which values are refused.
type checked interface{ check() error }

// within refuses a number outside of its bounds; nil is absent.
func within(name string, n *int, low, high int) error {
	if n == nil || (*n >= low && *n <= high) {
		return nil
	}
	return fmt.Errorf("%s is %d; want %d to %d", name, *n, low, high)
}

// oneOf refuses a text that is not in the list.
func oneOf(name, value string, wanted ...string) error {
	if slices.Contains(wanted, value) {
		return nil
	}
	return fmt.Errorf("%s is %q; want %s", name, value, strings.Join(wanted, " or "))
}

func (s apiDestinationSpec) check() error {
	return errors.Join(
		oneOf("HttpMethod", s.HttpMethod, "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"),
		within("InvocationRateLimitPerSecond", s.InvocationRateLimitPerSecond, 1, 300),
	)
}

func (s functionSpec) check() error {
	errs := []error{
		oneOf("Runtime", s.Runtime, "provided.al2023", "provided.al2"), oneOf("Handler", s.Handler, "bootstrap"), s.architecture(),
		within("MemorySize", s.MemorySize, 128, 10240), within("Timeout", s.Timeout, 1, 900),
	}
	if level := s.LoggingConfig.ApplicationLogLevel; level != "" {
		errs = append(errs, oneOf("ApplicationLogLevel", level, logLevels...), oneOf("LogFormat", s.LoggingConfig.LogFormat, "JSON"))
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
		return errors.New("the architecture is x86_64, but the function's asset is built for arm64; want Architectures [arm64]")
	default:
		return fmt.Errorf("property Architectures is %q; want [arm64]", s.Architectures)
	}
}

// reservedVariables cannot be set (Lambda Developer Guide, "Defined runtime environment variables": reserved).
var reservedVariables = []string{
	"_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
	"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME",
	"AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
	"AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
}

func (s invokeConfigSpec) check() error {
	return errors.Join(
		oneOf("Qualifier", s.Qualifier, "$LATEST"), within("MaximumRetryAttempts", s.MaximumRetryAttempts, 0, 2),
		within("MaximumEventAgeInSeconds", s.MaximumEventAgeInSeconds, 60, 21600),
	)
}

// mostTargets is EventBridge's limit on the targets of a rule.
const mostTargets = 5

var ruleName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[.A-Za-z0-9_-]{1,64}$`) })

func (s ruleSpec) check() error {
	var errs []error
	if s.Name != "" && !ruleName().MatchString(s.Name) {
		errs = append(errs, fmt.Errorf("the name %q; want 1 to 64 of [.A-Za-z0-9_-]", s.Name))
	}
	if len(s.Targets) > mostTargets {
		errs = append(errs, fmt.Errorf("%d targets; want at most %d", len(s.Targets), mostTargets))
	}
	seen := map[string]bool{}
	for _, t := range s.Targets {
		if seen[t.ID] || !ruleName().MatchString(t.ID) {
			errs = append(errs, fmt.Errorf("the target Id %q; want each once, of 1 to 64 of [.A-Za-z0-9_-]", t.ID))
		}
		seen[t.ID] = true
		errs = append(errs, within("target "+t.ID+": MaximumRetryAttempts", t.RetryPolicy.MaximumRetryAttempts, 0, defaultAttempts),
			within("target "+t.ID+": MaximumEventAgeInSeconds", t.RetryPolicy.MaximumEventAgeInSeconds, 60, 86400))
	}
	return errors.Join(errs...)
}

func (s queueSpec) check() error {
	return errors.Join(
		within("MessageRetentionPeriod", s.MessageRetentionPeriod, 60, 1209600), within("MaximumMessageSize", s.MaximumMessageSize, 1024, mostQueued),
		within("VisibilityTimeout", s.VisibilityTimeout, 0, mostHidden),
	)
}

func (s keySpec) check() error {
	errs := []error{s.KeyPolicy.check()}
	if s.KeyUsage != "" {
		errs = append(errs, oneOf("KeyUsage", s.KeyUsage, "ENCRYPT_DECRYPT"))
	}
	return errors.Join(errs...)
}

func (s alarmSpec) check() error {
	errs := []error{}
	if s.TreatMissingData != "" {
		errs = append(errs, oneOf("TreatMissingData", s.TreatMissingData, "breaching", "notBreaching", "ignore", "missing"))
	}
	if !slices.Contains([]int{10, 20, 30}, s.Period) && s.Period%60 != 0 {
		errs = append(errs, fmt.Errorf("property Period is %d; want 10, 20, 30 or a multiple of 60", s.Period))
	}
	if s.DatapointsToAlarm < 0 || s.DatapointsToAlarm > s.EvaluationPeriods {
		errs = append(errs, fmt.Errorf("DatapointsToAlarm is %d; want at most EvaluationPeriods, %d", s.DatapointsToAlarm, s.EvaluationPeriods))
	}
	return errors.Join(errs...)
}
