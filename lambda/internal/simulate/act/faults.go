package act

import (
	"context"
	"net/http"
	"time"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/stage"
)

const (
	conflict = "ConflictException"
	changing = "The trail is being changed."
)

// The ways in which calls fail from the beginning, of whomever but the attacker.
var (
	CloudTrailStuck  = failing(0, "cloudtrail", "StartLogging", 400, conflict, changing)
	CloudTrailBusy   = failing(30*time.Second, "cloudtrail", "StartLogging", 400, conflict, changing)
	HistoryDenied    = failing(0, "cloudtrail", "LookupEvents", 400, "AccessDeniedException", "denied")
	GuardUninvokable = failing(0, "lambda", "Permission", 403, "AccessDenied", "the function's permission is gone")
	SchedulerCutOff  = failing(0, "scheduler", "Invoke", 403, "AccessDeniedException",
		"the schedule's role may not invoke the function")
	SlackHiccup    = failing(2500*time.Millisecond, "slack", "", 503, "service_unavailable", "")
	SlackAway      = failing(0, "slack", "", 503, "service_unavailable", "")
	WebhookRevoked = failing(0, "slack", "", 404, "no_service", "")
	SecretGone     = failing(0, "secretsmanager", "GetSecretValue", 400, "ResourceNotFoundException",
		"Secrets Manager can't find the specified secret.")
	TopicDown    = failing(0, "sns", "Publish", 500, "InternalError", "SNS is down.")
	TopicRefuses = failing(0, "sns", "Publish", 403, "AuthorizationError", "The topic's policy denies it.")
)

// failing makes every call of an operation fail that the attacker does not make, for a time; 0 is always.
func failing(d time.Duration, service, op string, status int, code, message string) func(*localcloud.Options) {
	return func(o *localcloud.Options) {
		o.Fault = func(p localcloud.FaultPoint) *localcloud.Failure {
			over := d > 0 && p.At.Sub(localcloud.Start) >= d
			if over || p.Service != service || op != "" && p.Op != op {
				return nil
			}
			return &localcloud.Failure{Status: status, Code: code, Message: message}
		}
	}
}

// Faulty has calls go wrong in these ways while something is done, and for as long as the faults last.
func Faulty(do Act, faults ...localcloud.Fault) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		inject(s, faults...)
		return do(ctx, s)
	}
}

// inject has calls go wrong from now on, and returns what ends that.
func inject(s *stage.Stage, faults ...localcloud.Fault) (end func()) {
	var injected []*localcloud.Injected
	for _, f := range faults {
		injected = append(injected, s.Cloud.Inject(f))
	}
	s.Faults = append(s.Faults, injected...)
	return func() {
		for _, i := range injected {
			i.End()
		}
	}
}

// during does something while calls go wrong, and ends that.
func during(do Act, faults ...localcloud.Fault) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		end := inject(s, faults...)
		defer end()
		return do(ctx, s)
	}
}

// WhileFailing does something while calls go wrong, ends that, says so, and goes on.
func WhileFailing(do Act, over string, then Act, faults ...localcloud.Fault) Act {
	return InOrder(during(do, faults...), note("operator", over), then)
}

// SlackAnswers is Slack's answer to everybody's posts; times 0 is to all of them.
func SlackAnswers(status int, code string, times int) localcloud.Fault {
	return localcloud.Fault{
		Service: "slack",
		By:      localcloud.AnyCaller,
		Kind:    localcloud.FaultError,
		Status:  status,
		Code:    code,
		Times:   times,
	}
}

// SlackLimits is Slack limiting the rate for a while, for the guard and EventBridge each.
func SlackLimits() []localcloud.Fault {
	return slackAnswersEach(http.StatusTooManyRequests, "rate_limited", 1, 3*time.Second)
}

// SlackFails is Slack failing twice, for the guard and EventBridge each.
func SlackFails() []localcloud.Fault {
	return slackAnswersEach(http.StatusInternalServerError, "server_error", 2, 0)
}

func slackAnswersEach(status int, code string, times int, after time.Duration) []localcloud.Fault {
	guard := SlackAnswers(status, code, times)
	guard.RetryAfter, guard.By = after, ""
	rule := guard
	rule.By = localcloud.ViaDestination
	return []localcloud.Fault{guard, rule}
}

// SlackDown is Slack as it is while it is down, for everybody.
func SlackDown() localcloud.Fault {
	return SlackAnswers(http.StatusServiceUnavailable, "service_unavailable", 0)
}

// GuardCutOff refuses EventBridge the guard.
func GuardCutOff() localcloud.Fault {
	return localcloud.Fault{
		Service:   "lambda",
		Operation: "Permission",
		By:        "EventBridge",
		Kind:      localcloud.FaultError,
		Status:    http.StatusForbidden,
		Code:      "AccessDenied",
		Message:   "the function's permission is gone",
	}
}

// cloudTrailRefuses makes the guard's calls of an operation fail.
func cloudTrailRefuses(operation, code, message string) localcloud.Fault {
	return localcloud.Fault{
		Service:   "cloudtrail",
		Operation: operation,
		Kind:      localcloud.FaultError,
		Status:    http.StatusBadRequest,
		Code:      code,
		Message:   message,
	}
}

// WhileThrottled has CloudTrail throttle the function's reads until all has come to rest.
func WhileThrottled(do Act) Act {
	var faults []localcloud.Fault
	for _, operation := range []string{
		"DescribeTrails", "GetTrailStatus", "GetEventSelectors", "GetInsightSelectors", "GetEventConfiguration",
		"ListTags", "GetTrail", "ListTrails",
	} {
		faults = append(faults, cloudTrailRefuses(operation, "ThrottlingException", "Rate exceeded"))
	}
	throttled := func(ctx context.Context, s *stage.Stage) error {
		met := s.Faults // not every read need be made
		defer func() { s.Faults = met }()
		return during(InOrder(do, Run), faults...)(ctx, s)
	}
	return InOrder(note("mallory", "uses up the ten reads of CloudTrail a second"), throttled)
}
