package scheduler

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// change is the request of CreateSchedule and UpdateSchedule. What an update does not name gets its default.
type change struct {
	scheduleSpec

	StartDate, EndDate    time.Time
	ActionAfterCompletion string
}

// answer answers one call.
func (s *Schedules) answer(cl *kernel.Call) (any, *kernel.Error) {
	name, group := cl.Text("Name"), cmp.Or(cl.Text("GroupName"), "default")
	arn := s.kernel.PlaceOf(cl).ARN("scheduler", "schedule/"+group+"/"+name)
	if failed := s.allow(cl, policy.Access{Action: "scheduler:" + cl.Op, Resource: arn}); failed != nil {
		return nil, failed
	}
	if cl.Op == "CreateSchedule" || cl.Op == "UpdateSchedule" {
		return s.put(cl, name, group, arn)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.find(arn)
	switch {
	case of == nil:
		return nil, refusal(http.StatusNotFound, "ResourceNotFoundException", "Schedule "+name+" does not exist.")
	case cl.Op == "DeleteSchedule":
		of.gone = true
		s.schedules = slices.DeleteFunc(s.schedules, func(other *schedule) bool { return other == of })
		return nil, nil
	default:
		return of.shown(), nil
	}
}

// allow asks the evaluator, and the faults.
func (s *Schedules) allow(cl *kernel.Call, a policy.Access) *kernel.Error {
	if failed := s.kernel.Allow(cl, a, nil); failed != nil {
		failed.Status = http.StatusForbidden
		return failed
	}
	return s.kernel.Refusal(cl)
}

func refusal(status int, code, message string) *kernel.Error {
	return &kernel.Error{Status: status, Code: code, Message: message}
}

func invalid(message string) *kernel.Error {
	return refusal(http.StatusBadRequest, "ValidationException", message)
}

// find is a schedule by its ARN; nil: there is none. The caller holds the lock.
func (s *Schedules) find(arn string) *schedule {
	for _, of := range s.schedules {
		if of.arn == arn {
			return of
		}
	}
	return nil
}

// put makes a schedule, or another one in its place.
func (s *Schedules) put(cl *kernel.Call, name, group, arn string) (any, *kernel.Error) {
	next, failed := s.read(cl, name, arn)
	if failed != nil {
		return nil, failed
	}
	s.mu.Lock()
	before := s.find(arn)
	switch {
	case group != "default" && !slices.ContainsFunc(s.schedules, func(of *schedule) bool { return of.group == group }):
		failed = refusal(http.StatusNotFound, "ResourceNotFoundException", "Schedule group "+group+" does not exist.")
	case before == nil && cl.Op == "UpdateSchedule":
		failed = refusal(http.StatusNotFound, "ResourceNotFoundException", "Schedule "+name+" does not exist.")
	case before != nil && cl.Op == "CreateSchedule":
		failed = refusal(http.StatusConflict, "ConflictException", "Schedule "+name+" already exists.")
	case before != nil:
		before.gone, next.made = true, before.made
		s.schedules[slices.Index(s.schedules, before)] = next
	default:
		s.schedules = append(s.schedules, next)
	}
	until, ticks := s.until, s.ticks
	s.mu.Unlock()
	if failed != nil {
		return nil, failed
	}
	if ticks {
		s.tick(next, s.following(next, s.kernel.Now()))
	} else {
		s.plan(next, until)
	}
	return map[string]any{"ScheduleArn": arn}, nil
}

// read checks what is asked: the caller passes the target's role, which Scheduler must be able to assume.
func (s *Schedules) read(cl *kernel.Call, name, arn string) (*schedule, *kernel.Error) {
	if target, _ := cl.Params["Target"].(map[string]any); target != nil {
		for parameter := range target {
			if strings.HasSuffix(parameter, "Parameters") {
				return nil, invalid("the target's " + parameter + " are not modelled")
			}
		}
	}
	var c change
	content, err := json.Marshal(cl.Params)
	if err == nil {
		err = json.Unmarshal(content, &c)
	}
	if err == nil {
		err = c.Check()
	}
	if err != nil {
		return nil, invalid(err.Error())
	}
	if !c.StartDate.IsZero() && !c.EndDate.IsZero() && !c.StartDate.Before(c.EndDate) {
		return nil, invalid("The EndDate you specify must come after the StartDate.")
	}
	pass := policy.Access{
		Action: "iam:PassRole", Resource: c.Target.RoleArn, Context: map[string]string{"iam:PassedToService": "scheduler.amazonaws.com"},
	}
	if failed := s.allow(cl, pass); failed != nil {
		return nil, failed
	}
	next := newSchedule(c.scheduleSpec, name, arn, s.kernel.Now())
	next.since, next.start, next.end = s.kernel.Now(), c.StartDate, c.EndDate
	if _, failed := s.assumed(next); failed != nil {
		return nil, invalid("The execution role you provide must allow AWS EventBridge Scheduler to assume the role.")
	}
	return next, nil
}

// shown is the schedule as GetSchedule answers it.
func (s *schedule) shown() map[string]any {
	state := "ENABLED"
	if !s.enabled {
		state = "DISABLED"
	}
	target := map[string]any{"Arn": s.Target.Arn, "RoleArn": s.Target.RoleArn, "RetryPolicy": map[string]any{
		"MaximumEventAgeInSeconds": or(s.Target.RetryPolicy.MaximumEventAgeInSeconds, 86400),
		"MaximumRetryAttempts":     or(s.Target.RetryPolicy.MaximumRetryAttempts, kernel.MaxAttempts),
	}}
	if s.Target.Input != "" {
		target["Input"] = s.Target.Input
	}
	if arn := s.Target.DeadLetterConfig.Arn; arn != "" {
		target["DeadLetterConfig"] = map[string]any{"Arn": arn}
	}
	out := map[string]any{
		"Arn":                        s.arn,
		"Name":                       s.name,
		"GroupName":                  s.group,
		"State":                      state,
		"ScheduleExpression":         s.ScheduleExpression,
		"ScheduleExpressionTimezone": cmp.Or(s.ScheduleExpressionTimezone, "UTC"),
		"FlexibleTimeWindow":         map[string]any{"Mode": s.FlexibleTimeWindow.Mode},
		"ActionAfterCompletion":      "NONE",
		"Target":                     target,
		"CreationDate":               s.made,
		"LastModificationDate":       s.changed,
	}
	for name, value := range map[string]string{"Description": s.Description, "KmsKeyArn": s.KmsKeyArn} {
		if value != "" {
			out[name] = value
		}
	}
	for name, at := range map[string]time.Time{"StartDate": s.start, "EndDate": s.end} {
		if !at.IsZero() {
			out[name] = at
		}
	}
	return out
}

func or(n *int, otherwise int) int {
	if n != nil {
		return *n
	}
	return otherwise
}
