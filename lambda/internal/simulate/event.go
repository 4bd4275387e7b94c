package simulate

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/simulate/stage"
	"trailkeeper/rules"
)

// PlayEvent puts an event on the bus of a deployment in the event's own account and Region, where the trail that it
// names is in the state that it implies, and shows what comes of it.
func PlayEvent(template []byte, name string, ev events.Event) (res result.Result, err error) {
	trail := trailOfEvent(ev)
	o := stage.Options(template)
	o.Account, o.Region = stage.Account, cmp.Or(ev.Region, stage.Region)
	if events.IsAccount(ev.Account) {
		o.Account = ev.Account
	}
	if trail != (events.Trail{}) {
		o.Partition = trail.Partition
		o.ManagementAccount = trail.Account
	}
	if at, ok := ev.Record.Time(); ok {
		o.Start = at
	}
	cloud, err := localcloud.New(o)
	if err != nil {
		return result.Result{}, err
	}
	defer func() { err = errors.Join(err, cloud.Close()) }()
	st := &stage.Stage{Cloud: cloud, Template: template, Region: o.Region, Deployed: cloud.Deployment()}
	if trail != (events.Trail{}) && exists(ev.Record) {
		st.Trail = trail.ARN()
		st.Declared = stage.DeclaredState(localcloud.TrailSeed{
			ARN:          st.Trail,
			Logging:      logs(ev.Record),
			MultiRegion:  true,
			Organization: trail.Account != o.Account,
		})
		if err := cloud.AddTrailAs(st.Declared); err != nil {
			return result.Result{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	cloud.Note("event", saying(ev, trail))
	cloud.Deliver(cmp.Or(ev.Record.EventID, ev.ID), cmp.Or(ev.Record.EventName, ev.DetailType), ev.JSON())
	if err := cloud.Run(); err != nil {
		return result.Result{}, fmt.Errorf("%s: %w", name, err)
	}
	r := check.Of(st)
	r.Attack = localcloud.Entry{EventID: cmp.Or(ev.Record.EventID, ev.ID), Op: ev.Record.EventName}
	res = r.Result(eventChecks(ev, o))
	res.Name, res.Title = name, titleOf(ev, o)
	return res, nil
}

// exists reports whether the trail exists after the call.
func exists(r events.Record) bool { return r.Refused() || r.EventName != "DeleteTrail" }

// logs reports whether the trail logs after the call.
func logs(r events.Record) bool {
	return r.Refused() || r.EventName != "StopLogging" && r.EventName != "CreateTrail"
}

// saying is the event in one line.
func saying(ev events.Event, trail events.Trail) string {
	if ev.Kind == events.KindScheduled {
		return ev.DetailType
	}
	s := ev.Record.EventName
	if trail.Name != "" {
		s += " " + trail.Name
	}
	s += " by " + ev.Record.Actor().String()
	if ev.Record.Refused() {
		s += ": refused, " + cmp.Or(ev.Record.ErrorCode, ev.Record.ErrorMessage)
	}
	return s
}

// trailOfEvent is the trail that the event is about, and the zero Trail where it is about none.
func trailOfEvent(ev events.Event) events.Trail {
	trail, err := ev.Trail()
	if err != nil || ev.Record.EventSource != "cloudtrail.amazonaws.com" {
		return events.Trail{}
	}
	return trail
}

func titleOf(ev events.Event, o localcloud.Options) string {
	title := ev.DetailType + ", account " + o.Account + ", " + o.Region
	if at, ok := ev.Record.Time(); ok {
		title += ", " + at.Format(time.RFC3339)
	}
	return sanitize.Clean(title)
}

// eventChecks are what must hold for an event of one's own, by what the guard's own assessment of it says: a stopped
// trail logs again, what is refused or none of ours leads to no call that changes anything, and what no rule is meant
// for is told to nobody.
func eventChecks(ev events.Event, o localcloud.Options) []check.Check {
	a := assess.Assess(ev, assess.Scope{Mode: config.ModeRestart, Accounts: []string{o.Account}, Partition: o.Partition})
	_, matched := rules.MatchingRule(ev.JSON())
	switch {
	case !matched || a.Decision == assess.Ignored:
		return check.All(check.SilentTowardsCloudTrail(), check.ToldToNobody(), check.Sound())
	case a.Decision == assess.Restart:
		return check.All(check.Restored(), check.RestartedFirst(), check.ToldByBoth(ev.Record.EventName), check.Sound())
	default:
		return check.All(check.Harmless(), check.ToldByBoth(ev.Record.EventName), check.Sound())
	}
}
