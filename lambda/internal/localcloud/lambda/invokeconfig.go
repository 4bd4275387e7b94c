package lambda

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
)

// invokeConfigSpec is how a function is invoked asynchronously.
type invokeConfigSpec struct {
	FunctionName, Qualifier  string
	MaximumRetryAttempts     *int
	MaximumEventAgeInSeconds *int
	DestinationConfig        struct {
		OnFailure struct{ Destination string }
	}
}

// Check refuses values that the service would refuse.
func (s invokeConfigSpec) Check() error {
	return errors.Join(
		cloudformation.OneOf("Qualifier", s.Qualifier, "$LATEST"),
		cloudformation.Within("MaximumRetryAttempts", s.MaximumRetryAttempts, 0, 2),
		cloudformation.Within("MaximumEventAgeInSeconds", s.MaximumEventAgeInSeconds, 60, 21600),
	)
}

func (s *invokeConfigSpec) retries() int {
	if s != nil && s.MaximumRetryAttempts != nil {
		return *s.MaximumRetryAttempts
	}
	return defaultRetries
}

func (s *invokeConfigSpec) age() time.Duration {
	if s != nil && s.MaximumEventAgeInSeconds != nil {
		return time.Duration(*s.MaximumEventAgeInSeconds) * time.Second
	}
	return defaultInvokeAge
}

// ofLatest answers a call about the configuration of the function itself: there are neither versions nor aliases here.
func ofLatest(run func(*kernel.Call, *function) (any, *kernel.Error)) func(*kernel.Call, *function) (any, *kernel.Error) {
	return func(cl *kernel.Call, f *function) (any, *kernel.Error) {
		if qualifier := cl.Text("Qualifier"); qualifier != "" && qualifier != "$LATEST" {
			return nil, notFound("The resource you requested does not exist.")
		}
		return run(cl, f)
	}
}

// getInvokeConfig answers GetFunctionEventInvokeConfig.
func getInvokeConfig(_ *kernel.Call, f *function) (any, *kernel.Error) { return f.invokeConfig() }

// invokeConfig is the answer of the calls about it.
func (f *function) invokeConfig() (any, *kernel.Error) {
	is := f.now()
	if is.invokes == nil {
		return nil, notFound("The function " + f.arn + ":$LATEST doesn't have an EventInvokeConfig")
	}
	destination := map[string]any{}
	if arn := is.invokes.DestinationConfig.OnFailure.Destination; arn != "" {
		destination["Destination"] = arn
	}
	out := map[string]any{
		"FunctionArn":       f.arn + ":$LATEST",
		"LastModified":      is.changed,
		"DestinationConfig": map[string]any{"OnSuccess": map[string]any{}, "OnFailure": destination},
	}
	if n := is.invokes.MaximumRetryAttempts; n != nil {
		out["MaximumRetryAttempts"] = *n
	}
	if n := is.invokes.MaximumEventAgeInSeconds; n != nil {
		out["MaximumEventAgeInSeconds"] = *n
	}
	return out, nil
}

// putInvokeConfig answers PutFunctionEventInvokeConfig, which replaces all, and UpdateFunctionEventInvokeConfig, which
// keeps what it does not name.
func (s *Functions) putInvokeConfig(cl *kernel.Call, f *function) (any, *kernel.Error) {
	var next invokeConfigSpec
	if before := f.now().invokes; cl.Op == "UpdateFunctionEventInvokeConfig" {
		if before == nil {
			return f.invokeConfig()
		}
		next = *before
	}
	content, err := json.Marshal(cl.Params)
	if err == nil {
		err = json.Unmarshal(content, &next)
	}
	if err != nil {
		return nil, invalid("the request cannot be read")
	}
	if failed := s.sends(f, next.DestinationConfig.OnFailure.Destination); failed != nil {
		return nil, failed
	}
	s.change(f, func(is *settings) { is.invokes, is.changed = &next, s.kernel.Now() })
	return f.invokeConfig()
}

// sends refuses a destination to which the function's role may not send.
func (s *Functions) sends(f *function, arn string) *kernel.Error {
	if arn == "" {
		return nil
	}
	who, failed := s.assumed(f)
	if failed == nil {
		failed = s.kernel.Deliver(kernel.Delivery{To: arn, Who: &who, Probe: true})
	}
	if failed != nil {
		return invalid("The function's execution role does not have permissions to call SendMessage on " + arn)
	}
	return nil
}

// deleteInvokeConfig answers DeleteFunctionEventInvokeConfig.
func (s *Functions) deleteInvokeConfig(_ *kernel.Call, f *function) (any, *kernel.Error) {
	if _, failed := f.invokeConfig(); failed != nil {
		return nil, failed
	}
	s.change(f, func(is *settings) { is.invokes, is.changed = nil, s.kernel.Now() })
	return kernel.Answer{Status: http.StatusNoContent}, nil
}
