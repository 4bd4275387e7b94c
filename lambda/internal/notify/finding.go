package notify

// FindingAlarm is the finding of a message about one of the deployment's own alarms.
const FindingAlarm = "alarm"

// FindingLast is the finding of a message about what went to the last queue.
const FindingLast = "last_queue"

// found is what a sweep saw, to be followed by what became of it. The values are those of package sweep, and part of the SNS JSON.
func (n Notification) found() string {
	trail := n.cloudTrail()
	switch n.Finding {
	case "not_logging":
		return trail + " was found not logging"
	case "weakened":
		return trail + " was found weaker than its baseline"
	case "missing":
		return trail + " is gone"
	case "delivery_error":
		return trail + " cannot deliver its files"
	case "stale":
		return trail + " logs and delivers no digests"
	case "no_trail":
		if n.Partial {
			return "No trail is seen to record the management events of " + Bound(n.Region, maxCall)
		}
		return "No trail records the management events of " + Bound(n.Region, maxCall)
	case "cannot_see":
		return "The sweep cannot see all of " + Bound(n.Region, maxCall)
	case "recorded":
		return "The first baseline of " + n.trail() + " was recorded"
	case "confirmed":
		if n.Ended == "weakened" {
			return "The restore of " + n.trail() + " is confirmed"
		}
		return "Logging of " + n.trail() + " is confirmed"
	case "recovered":
		if n.Absent {
			return "There is no " + n.trail() + ", of which a record told"
		}
		return trail + " is in order again"
	case "false_approval":
		return "A record claimed an approval that CloudTrail does not know, for " + n.trail()
	case "true_approval":
		return "An approved change of " + n.trail() + " is confirmed"
	case "named":
		return "What was found on " + n.trail() + " was done by " + n.who()
	case FindingAlarm, FindingLast:
		return "Trailkeeper itself: " + firstSentence(n.Detail)
	}
	return "The sweep found " + Bound(n.Finding, maxCall) + " on " + trail
}

// foundShort is found without names, for the subject of an e-mail.
func (n Notification) foundShort() string {
	switch n.Finding {
	case "not_logging":
		return "CloudTrail found not logging"
	case "weakened":
		return "CloudTrail trail found weakened"
	case "missing":
		return "CloudTrail trail gone"
	case "delivery_error":
		return "CloudTrail cannot deliver"
	case "stale":
		return "CloudTrail delivers no digests"
	case "no_trail":
		if n.Partial {
			return "No trail is seen to record the management events of " + Bound(n.Region, maxCall)
		}
		return "No trail records management events"
	case "cannot_see":
		return "Sweep cannot see everything"
	case "recorded":
		return "CloudTrail baseline recorded"
	case "confirmed":
		if n.Ended == "weakened" {
			return "CloudTrail trail: restore confirmed"
		}
		return "CloudTrail logging confirmed"
	case "recovered":
		if n.Absent {
			return "No such CloudTrail trail"
		}
		return "CloudTrail trail in order again"
	case "false_approval":
		return "An approval that CloudTrail does not know"
	case "true_approval":
		return "Approved change confirmed"
	case "named":
		return "Who was behind a finding"
	case FindingAlarm:
		return "Trailkeeper alarm"
	case FindingLast:
		return "Trailkeeper laid messages aside"
	}
	return "CloudTrail sweep: " + Bound(n.Finding, maxCall)
}
