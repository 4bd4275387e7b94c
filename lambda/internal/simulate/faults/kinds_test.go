package faults

import (
	"net/http"
	"time"

	"trailkeeper/lambda/internal/localcloud"
)

// faultKind is a way in which a call goes wrong.
type faultKind struct {
	name string
	// lasting says that the call goes wrong until the fault ends, and passing that the guard may take it for something
	// that passes.
	lasting, passing bool
	// lost says that the far end accepts the call and the guard does not hear of it: the one class in which a message may
	// come twice.
	lost bool
	of   func(service string) localcloud.Fault
}

// faultTimes is after how many failures a call works again. Every client of the guard tries three times.
const faultTimes = 2

// faultKinds are the faults of the issue. A lost or late answer is one answer: what takes every message and never says
// so is told again by every retry, which nobody can tell from what does not take it.
func faultKinds() []faultKind {
	of := func(kind localcloud.FaultKind) func(string) localcloud.Fault {
		return func(string) localcloud.Fault { return localcloud.Fault{Kind: kind} }
	}
	lost := localcloud.Fault{Kind: localcloud.FaultLost, Times: 1}
	slow := localcloud.Fault{Kind: localcloud.FaultSlow, Delay: time.Minute, Times: 1}
	return []faultKind{
		{
			name:    "timeout",
			lasting: true,
			passing: true,
			of:      of(localcloud.FaultTimeout),
		},
		{
			name:    "throttling",
			lasting: true,
			passing: true,
			of:      throttling,
		},
		{
			name:    "5xx",
			lasting: true,
			passing: true,
			of:      serverError,
		},
		{name: "denied", lasting: true, of: denied},
		{
			name:    "connection closed",
			lasting: true,
			passing: true,
			of:      of(localcloud.FaultDropped),
		},
		{
			name:    "garbage",
			lasting: true,
			passing: true,
			of:      of(localcloud.FaultGarbage),
		},
		{name: "success after 2", of: func(service string) localcloud.Fault {
			f := serverError(service)
			f.Times = faultTimes
			return f
		}},
		{name: "answer lost", lost: true, of: func(string) localcloud.Fault { return lost }},
		{name: "slow until the deadline", lost: true, of: func(string) localcloud.Fault { return slow }},
	}
}

func failed(status int, code string) localcloud.Fault {
	return localcloud.Fault{
		Kind:    localcloud.FaultError,
		Status:  status,
		Code:    code,
		Message: "injected",
	}
}

// throttling is in the service's own words.
func throttling(service string) localcloud.Fault {
	switch service {
	case "dynamodb":
		return failed(http.StatusBadRequest, "ProvisionedThroughputExceededException")
	case "sqs":
		return failed(http.StatusBadRequest, "RequestThrottled")
	case "slack":
		f := failed(http.StatusTooManyRequests, "ratelimited")
		f.RetryAfter = time.Second
		return f
	}
	return failed(http.StatusBadRequest, "ThrottlingException")
}

func serverError(service string) localcloud.Fault {
	switch service {
	case "dynamodb", "secretsmanager":
		return failed(http.StatusInternalServerError, "InternalServerError")
	case "sns":
		return failed(http.StatusInternalServerError, "InternalError")
	case "slack":
		return failed(http.StatusServiceUnavailable, "service_unavailable")
	}
	return failed(http.StatusInternalServerError, "InternalFailure")
}

func denied(service string) localcloud.Fault {
	switch service {
	case "sns":
		return failed(http.StatusForbidden, "AuthorizationError")
	case "slack":
		return failed(http.StatusForbidden, "invalid_token")
	}
	return failed(http.StatusBadRequest, "AccessDeniedException")
}
