package scheduler

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
)

// Types are the resource types of the service.
func Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{
		"AWS::Scheduler::Schedule": {
			Name:      "Name",
			Qualifier: "GroupName",
			Qualified: func(group, name string) string { return cmp.Or(group, "default") + "/" + name },
			// The name has the group before it: "group/schedule".
			Attributes: func(p cloudformation.Place, _, name string) map[string]string {
				return map[string]string{"Ref": name[strings.Index(name, "/")+1:], "Arn": p.ARN("scheduler", "schedule/"+name)}
			},
		},
	}
}

type scheduleSpec struct {
	Name, GroupName, Description, State            string
	ScheduleExpression, ScheduleExpressionTimezone string
	FlexibleTimeWindow                             struct {
		Mode                   string
		MaximumWindowInMinutes *int
	}
	Target struct {
		Arn, RoleArn, Input string
		DeadLetterConfig    struct{ Arn string }
		RetryPolicy         kernel.RetryPolicy
	}
	KmsKeyArn string
}

// newSchedule is a schedule that is made now. Its specification has been checked.
func newSchedule(spec scheduleSpec, name, arn string, now time.Time) *schedule {
	every, _ := spec.every()
	of := &schedule{
		scheduleSpec: spec,
		name:         name,
		arn:          arn,
		group:        cmp.Or(spec.GroupName, "default"),
		every:        every,
		enabled:      spec.State != "DISABLED",
		made:         now,
		changed:      now,
	}
	of.cron, _ = parseCron(spec.ScheduleExpression)
	return of
}

var rate = sync.OnceValue(
	func() *regexp.Regexp { return regexp.MustCompile(`^rate\(([1-9][0-9]*) (minutes?|hours?|days?)\)$`) },
)

// every is the period of a rate expression; false: it is none. Scheduler takes the singular and the plural for every
// number.
func (s scheduleSpec) every() (time.Duration, bool) {
	m := rate().FindStringSubmatch(s.ScheduleExpression)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	units := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}
	unit := units[strings.TrimSuffix(m[2], "s")]
	return time.Duration(n) * unit, err == nil && n <= 1<<20
}

// Check refuses values that the service would refuse.
func (s scheduleSpec) Check() error {
	errs := []error{
		cloudformation.OneOf("FlexibleTimeWindow.Mode", s.FlexibleTimeWindow.Mode, "OFF"),
		cloudformation.Within("MaximumRetryAttempts", s.Target.RetryPolicy.MaximumRetryAttempts, 0, kernel.MaxAttempts),
		cloudformation.Within("MaximumEventAgeInSeconds", s.Target.RetryPolicy.MaximumEventAgeInSeconds, 60, 86400),
	}
	if s.State != "" {
		errs = append(errs, cloudformation.OneOf("State", s.State, "ENABLED", "DISABLED"))
	}
	if s.FlexibleTimeWindow.MaximumWindowInMinutes != nil {
		errs = append(errs, errors.New("MaximumWindowInMinutes goes with the mode FLEXIBLE only"))
	}
	if zone := s.ScheduleExpressionTimezone; zone != "" {
		errs = append(errs, cloudformation.OneOf("ScheduleExpressionTimezone", zone, "UTC"))
	}
	if _, ok := s.every(); !ok {
		if _, err := parseCron(s.ScheduleExpression); err != nil {
			errs = append(
				errs,
				fmt.Errorf("ScheduleExpression %q is not modelled; want rate(5 minutes) or cron(7 9 ? * MON *)",
					s.ScheduleExpression),
			)
		}
	}
	if s.Name != "" && !scheduleName().MatchString(s.Name) {
		errs = append(errs, fmt.Errorf("the name %q; want 1 to 64 of [.A-Za-z0-9_-]", s.Name))
	}
	if s.Target.RoleArn == "" {
		errs = append(errs, errors.New("the target has no RoleArn"))
	}
	return errors.Join(errs...)
}

var scheduleName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[.A-Za-z0-9_-]{1,64}$`) })

// Deploy makes the schedules of a template.
func (s *Schedules) Deploy(st *cloudformation.Stack) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cloudformation.Each(st, "AWS::Scheduler::Schedule", func(id string, att map[string]string, spec scheduleSpec) {
		of := newSchedule(spec, att["Ref"], att["Arn"], s.kernel.Began)
		if !st.Has("function", spec.Target.Arn, false) && !of.putsEvents() {
			st.Missing(id, "target", spec.Target.Arn)
		}
		st.Wants(id, "role", spec.Target.RoleArn)
		if arn := spec.Target.DeadLetterConfig.Arn; arn != "" {
			st.Wants(id, "queue", arn)
		}
		if slices.ContainsFunc(s.schedules, func(other *schedule) bool { return other.arn == of.arn }) {
			st.Fail(id, fmt.Errorf("another schedule has the name %s as well", of.name))
		}
		if spec.Target.Input == "" {
			st.Fail(id, errors.New("the target has no Input; a function would get an event that nobody knows"))
		}
		s.schedules = append(s.schedules, of)
		s.kernel.Name(of.arn, cloudformation.ShortID(id))
	})
}

// Enabled is how many schedules are enabled.
func (s *Schedules) Enabled() int { return len(s.where(func(of *schedule) bool { return of.enabled })) }
