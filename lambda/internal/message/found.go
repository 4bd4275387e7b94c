package message

import (
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

// found is what a sweep saw, to be followed by what became of it. The values are those of package sweep, and part of the SNS JSON.
func found(n finding.Finding) string {
	trail := cloudTrailName(n)
	switch n.Kind {
	case finding.KindNotLogging:
		return trail + " was found not logging"
	case finding.KindWeakened:
		return trail + " was found weaker than its baseline"
	case finding.KindMissing:
		return trail + " is gone"
	case finding.KindDeliveryError:
		return trail + " cannot deliver its files"
	case finding.KindStale:
		return trail + " logs and delivers no digests"
	case finding.KindNoTrail:
		if n.Partial {
			return "No trail is seen to record the management events of " + sanitize.Bound(n.Region, maxCall)
		}
		return "No trail records the management events of " + sanitize.Bound(n.Region, maxCall)
	case finding.KindCannotSee:
		return "The sweep cannot see all of " + sanitize.Bound(n.Region, maxCall)
	case finding.KindRecorded:
		return "The first baseline of " + trailName(n) + " was recorded"
	case finding.KindConfirmed:
		if n.Ended == finding.KindWeakened {
			return "The restore of " + trailName(n) + " is confirmed"
		}
		return "Logging of " + trailName(n) + " is confirmed"
	case finding.KindRecovered:
		if n.Absent {
			return "There is no " + trailName(n) + ", of which a record told"
		}
		return trail + " is in order again"
	case finding.KindFalseApproval:
		return "A record claimed an approval that CloudTrail does not know, for " + trailName(n)
	case finding.KindTrueApproval:
		return "An approved change of " + trailName(n) + " is confirmed"
	case finding.KindNamed:
		return "What was found on " + trailName(n) + " was done by " + who(n)
	case finding.KindAlarm, finding.KindLastQueue:
		return "Trailkeeper itself: " + firstSentence(Detail(n))
	}
	return "The sweep found " + sanitize.Bound(string(n.Kind), maxCall) + " on " + trail
}

// foundShort is found without names, for the subject of an e-mail.
func foundShort(n finding.Finding) string {
	switch n.Kind {
	case finding.KindNotLogging:
		return "CloudTrail found not logging"
	case finding.KindWeakened:
		return "CloudTrail trail found weakened"
	case finding.KindMissing:
		return "CloudTrail trail gone"
	case finding.KindDeliveryError:
		return "CloudTrail cannot deliver"
	case finding.KindStale:
		return "CloudTrail delivers no digests"
	case finding.KindNoTrail:
		if n.Partial {
			return "No trail is seen to record the management events of " + sanitize.Bound(n.Region, maxCall)
		}
		return "No trail records management events"
	case finding.KindCannotSee:
		return "Sweep cannot see everything"
	case finding.KindRecorded:
		return "CloudTrail baseline recorded"
	case finding.KindConfirmed:
		if n.Ended == finding.KindWeakened {
			return "CloudTrail trail: restore confirmed"
		}
		return "CloudTrail logging confirmed"
	case finding.KindRecovered:
		if n.Absent {
			return "No such CloudTrail trail"
		}
		return "CloudTrail trail in order again"
	case finding.KindFalseApproval:
		return "An approval that CloudTrail does not know"
	case finding.KindTrueApproval:
		return "Approved change confirmed"
	case finding.KindNamed:
		return "Who was behind a finding"
	case finding.KindAlarm:
		return "Trailkeeper alarm"
	case finding.KindLastQueue:
		return "Trailkeeper laid messages aside"
	}
	return "CloudTrail sweep: " + sanitize.Bound(string(n.Kind), maxCall)
}
