package simulate

import (
	"fmt"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/rules"
)

// PlayEvent puts an event on the bus of a deployment in the event's own account and Region, where the trail that it
// names is in the state that it implies, and shows what comes of it.
func PlayEvent(template []byte, name string, ev events.Event) (res Result, err error) {
	trail := trailOfEvent(ev)
	o := options(template)
	o.Account, o.Region = firstOf(digits(ev.Account), account), firstOf(ev.Region, region)
	if trail != (events.Trail{}) {
		o.Partition = trail.Partition
		o.ManagementAccount = trail.Account
	}
	if at, ok := ev.Record.Time(); ok {
		o.Start = at
	}
	cloud, err := localcloud.New(o)
	if err != nil {
		return Result{}, err
	}
	defer func() {
		if closeErr := cloud.Close(); err == nil {
			err = closeErr
		}
	}()
	arn := ""
	if trail != (events.Trail{}) && exists(ev.Record) {
		arn = trail.ARN()
		seed := localcloud.TrailSeed{
			ARN:          arn,
			Logging:      logs(ev.Record),
			MultiRegion:  true,
			Organization: trail.Account != o.Account,
		}
		if err := cloud.AddTrail(seed); err != nil {
			return Result{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	cloud.Note("event", saying(ev, trail))
	cloud.Deliver(firstOf(ev.Record.EventID, ev.ID), firstOf(ev.Record.EventName, ev.DetailType), ev.JSON())
	if err := cloud.Run(); err != nil {
		return Result{}, fmt.Errorf("%s: %w", name, err)
	}
	res = result(cloud, Scenario{Name: name, Title: titleOf(ev, o)}, o.Region, arn)
	res.attack = localcloud.Entry{EventID: firstOf(ev.Record.EventID, ev.ID), Op: ev.Record.EventName}
	res.judge(eventChecks(ev, o))
	return res, nil
}

// digits returns an account ID, and nothing for what is none.
func digits(s string) string {
	if len(s) == 12 && strings.Trim(s, "0123456789") == "" {
		return s
	}
	return ""
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
		s += ": refused, " + firstOf(ev.Record.ErrorCode, ev.Record.ErrorMessage)
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
	return firstLine(title)
}

// eventChecks are what must hold for an event of one's own, by what the guard's own assessment of it says: a stopped
// trail logs again, what is refused or none of ours leads to no call that changes anything, and what no rule is meant
// for is told to nobody.
func eventChecks(ev events.Event, o localcloud.Options) []check {
	a := assess.Assess(ev, assess.Scope{Mode: config.ModeRestart, Accounts: []string{o.Account}, Partition: o.Partition})
	_, matched := rules.MatchingRule(ev.JSON())
	switch {
	case !matched || a.Decision == assess.Ignored:
		return checks(silentTowardsCloudTrail(), toldToNobody(), sound())
	case a.Decision == assess.Restart:
		return checks(restored(), restartedFirst(), toldByBoth(ev.Record.EventName), sound())
	default:
		return checks(harmless(), toldByBoth(ev.Record.EventName), sound())
	}
}
