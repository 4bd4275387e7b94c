package simulate

import (
	"context"
	"net/http"
	"time"

	"trailkeeper/lambda/internal/localcloud"
)

// faulty has calls go wrong in these ways while something is done, and for as long as the faults last.
func faulty(do act, faults ...localcloud.Fault) act {
	return func(ctx context.Context, s *stage) error {
		s.inject(faults...)
		return do(ctx, s)
	}
}

// inject has calls go wrong from now on, and returns what ends that.
func (s *stage) inject(faults ...localcloud.Fault) (end func()) {
	var injected []*localcloud.Injected
	for _, f := range faults {
		injected = append(injected, s.cloud.Inject(f))
	}
	s.faults = append(s.faults, injected...)
	return func() {
		for _, i := range injected {
			i.End()
		}
	}
}

// slackAnswers is Slack's answer to everybody's posts; times 0 is to all of them.
func slackAnswers(status int, code string, times int) localcloud.Fault {
	return localcloud.Fault{
		Service: "slack",
		By:      localcloud.AnyCaller,
		Kind:    localcloud.FaultError,
		Status:  status,
		Code:    code,
		Times:   times,
	}
}

// slackAnswersEach is the same so often to the guard, and so often to EventBridge.
func slackAnswersEach(status int, code string, times int, after time.Duration) []localcloud.Fault {
	one := slackAnswers(status, code, times)
	one.RetryAfter = after
	guard, rule := one, one
	guard.By, rule.By = "", localcloud.ViaDestination
	return []localcloud.Fault{guard, rule}
}

// sideBySide has runs of the guard go on side by side.
func sideBySide(do act) act {
	return func(ctx context.Context, s *stage) error {
		s.cloud.Concurrent(true)
		return do(ctx, s)
	}
}

// inTurn does one thing after the other, each when all has come to rest and a while has passed.
func inTurn(pause time.Duration, acts ...act) act {
	return func(ctx context.Context, s *stage) error {
		for _, do := range acts {
			if err := do(ctx, s); err != nil {
				return err
			}
			if err := s.cloud.Settle(); err != nil {
				return err
			}
			s.cloud.Pass(pause)
		}
		return nil
	}
}

// inTime does one thing after the other, and after each lets time pass as it does in a deployment.
func inTime(pause time.Duration, acts ...act) act {
	return func(ctx context.Context, s *stage) error {
		for _, do := range acts {
			if err := do(ctx, s); err != nil {
				return err
			}
			if err := s.cloud.RunFor(pause); err != nil {
				return err
			}
		}
		return nil
	}
}

// passes lets time pass as it does in a deployment: the schedules fire.
func passes(d time.Duration) act {
	return func(_ context.Context, s *stage) error { return s.cloud.RunFor(d) }
}

// whileFailing does something while calls go wrong, ends that, says so, and goes on.
func whileFailing(do act, over string, then act, faults ...localcloud.Fault) act {
	return func(ctx context.Context, s *stage) error {
		end := s.inject(faults...)
		if err := do(ctx, s); err != nil {
			return err
		}
		end()
		s.cloud.Note("operator", over)
		return then(ctx, s)
	}
}

// slackDown is Slack as it is while it is down, for everybody.
func slackDown() localcloud.Fault {
	return slackAnswers(http.StatusServiceUnavailable, "service_unavailable", 0)
}

// guardCutOff refuses EventBridge the guard.
func guardCutOff() localcloud.Fault {
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
