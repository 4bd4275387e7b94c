package alarms

// wardenAlarms watch that the warden runs, and what it could not do or deliver. An alarm is of one Region, so that one of
// another Region has none: the guard's sweep checks it.
func wardenAlarms(p Props) []alarm {
	if p.Warden == nil {
		return nil
	}
	const (
		secondsPerMinute = 60
		look             = " Events and trails are handled as before. Look at the warden's log."
	)
	minutes := p.Settings.Warden.Minutes
	on := onFunction(p.Warden.Function)
	there := waiting(p.Queues.Guard)
	missing := on("warden-missing", "Invocations", 1,
		"The warden has not run for three intervals: nobody checks the guard. Check the schedule "+
			p.Settings.StackName+"-warden and the function's concurrency; the guard's sweep reports what differs of them.")
	missing.after = p.Warden.Schedule.Schedule
	missing.lasting = &lasting{
		seconds: minutes * secondsPerMinute,
		periods: 3,
		needed:  3,
		below:   true,
		missing: "ignore",
		alive:   &there,
	}
	return []alarm{
		missing,
		on("warden-errors", "Errors", minutes+2,
			"The warden failed: a part of the guard's resources was not checked, or a message is missing. The next run comes by "+
				"itself."+look),
		queued("warden-queue", p.Warden.Queue, minutes+2,
			"The warden's queue holds a run that failed or could not be started, or a message that Slack or SNS refused. The "+
				"next run takes it up. The alarm ends some minutes after the queue is empty."+look),
	}
}
