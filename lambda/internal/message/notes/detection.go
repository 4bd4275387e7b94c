package notes

import "trailkeeper/lambda/internal/finding"

// detectionWords are those on what a rule over records finds.
func detectionWords() map[finding.NoteID]string {
	return map[finding.NoteID]string{
		finding.NoteThreshold: "There were at least %s such events within %s, which is the threshold of the rule.",
		finding.NoteDistinct: "There were such events with at least %s different values within %s, which is the " +
			"threshold of the rule.",
		finding.NoteUncounted: "The rule reports %s such events within %s, and how many there were is not known: the state " +
			"table did not answer. So this one is reported by itself.",
		finding.NoteAggregated: "The record is no single call: it sums up calls of data events from %s to %s.",
		finding.NoteNotThisStack: "A rule matches a record that does not agree with this deployment: %s. It was not " +
			"counted and belongs to no thread.",
		finding.NoteRuleFailed: "The rule could not be applied to %s, event %s: %s. Every other rule was applied to it.",
		finding.NoteRuleGoesOn: "For an hour, nothing more is reported of this rule's failures; the metric RuleErrors " +
			"counts them.",
		finding.NoteWatchTest:  "This is a test: nothing has happened. It took the way of a record, through the watch.",
		finding.NoteLastOfRule: "That was event %s of what the rule %s found.",
		finding.NoteLogRemoved: "S3 says that it is removed from the bucket %s: %s.",
		finding.NoteLogExpired: "A rule of the bucket's lifecycle removed it.",
		finding.NoteLogAge:     "A rule of the bucket's lifecycle removed it. Its age in days: %s.",
		finding.NoteLogHidden:  "It is hidden by a delete marker: its versions are still there.",

		finding.NextUnlisted: "Find out who is behind this and whether it was authorized. CloudTrail's event history has " +
			"no such event: look for it in the trail's log files.",
		finding.NextCorrectRule: "Correct the rule, and deploy. With the record in a file, this shows what it makes of " +
			"it.\n$ trailkeeper rules explain --rule %s record.json",
		finding.NextAddWatched: "If the account is yours, add it to the setting accounts and deploy. Otherwise find out " +
			"who puts events on the bus or invokes the function.",
		finding.NextWhoRemovedLog: "Find out who removed it and whether it was meant. CloudTrail has the call where a trail " +
			"records the bucket's data events. A bucket with versions can bring the file back.",
		finding.NextLogRetention: "Nothing, if this bucket is meant to keep log files no longer: one message a day says so. Otherwise change its lifecycle, " +
			"and find out who set it: CloudTrail's event history has PutBucketLifecycle.",
		finding.NextLogLifecycle: "Check whether the bucket's lifecycle is meant to remove log files this early. If not, find " +
			"out who changed it: CloudTrail's event history has PutBucketLifecycle.",
		finding.NextWhoWroteLog: "Find out who wrote the log file: CloudTrail puts each record into a file of its " +
			"account and Region. Validate the trail's digest files, which name every file that CloudTrail wrote.",
		finding.NextWhoInvokedIts: "Find out who sent it: only this deployment's rules should invoke the watch. The " +
			"payload is in the failure queue, and later in the last queue.",
	}
}
