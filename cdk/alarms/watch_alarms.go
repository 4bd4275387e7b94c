package alarms

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"

	"trailkeeper/cdk/queue"
)

// watchAlarms watch the watch as the guard is watched, and that what it could not deliver does not grow old.
func watchAlarms(p Props) []alarm {
	if p.Watch == nil {
		return nil
	}
	const (
		look  = " The guard and its restores are not concerned. Look at the watch's log."
		again = " Fix the cause: the watch handles or sends what is there every few minutes. The alarm ends some minutes " +
			"after the queue is empty."
	)
	s, queues := p.Settings, p.Queues.Watch
	on := onFunction(p.Watch.Function)
	retries := minutesOfRetries(s.Watch.Timeout)
	remembers := max(retries, s.Sweep.Minutes+2)
	list := []alarm{
		on("watch-errors", "Errors", retries,
			"The watch failed on an event. Lambda tries again; until that succeeds, what a rule matches is not reported."+look),
		on("watch-throttles", "Throttles", retries,
			"Lambda had no room to run the watch: more records came than watch.reservedConcurrency or the account's quota "+
				"lets it handle at once. They wait, for up to function.maxEventAge, and are reported late."+look),
		on("watch-destination-failures", "DestinationDeliveryFailures", 1,
			"Lambda could not put an event that the watch gave up on into its failure queue: it is lost. Check the queue, "+
				"its key and the watch's role."+look),
		queued("watch-failures", queues.Failures, remembers,
			"The watch's failure queue holds an event that it gave up on, or a message that Slack or SNS refused."+again),
		queued("watch-dead-letters", queues.DeadLetters, remembers,
			"EventBridge could not hand a record to the watch, or Scheduler could not start its redelivery. The message's "+
				"attributes say why."+again),
		queued("watch-last-queue", queues.Last, 1,
			"Something was tried for a week, or can never be handled or delivered: the watch's last queue holds it for 14 days "+
				"and nothing tries it again."+byHand),
		{
			name:    "watch-redelivery-late",
			series:  waiting(queues.Failures),
			lasting: anHour,
			meaning: "The watch's failure queue has not been empty for an hour: either a channel still refuses what is there, " +
				"or nothing tries again. The message on the other channel and the watch's log say why; check the schedule " +
				s.StackName + "-redelivery.",
		},
	}
	if s.Place().Dropped {
		list = append(list, on("watch-events-dropped", "AsyncEventsDropped", 1,
			"Lambda dropped a record before the watch handled it: it was too old, as in a flood of records, or its retries "+
				"were used up. A copy should be in the watch's failure queue."+look))
	}
	return append(append(list, logFileAlarms(p, remembers)...), watchRuleAlarms(p)...)
}

// logFileAlarms watch the queue of notifications about log files. Its own messages grow old where the watch does not
// run, or is too slow; what fails every time is in the dead-letter queue before.
func logFileAlarms(p Props, remembers int) []alarm {
	queues := p.Queues.Watch
	if queues.LogFiles == nil {
		return nil
	}
	oldest := waiting(queues.LogFiles)
	oldest.metric = "ApproximateAgeOfOldestMessage"
	return []alarm{
		queued("watch-log-file-dead-letters", queues.LogFileDeadLetters, remembers,
			"The watch failed on a log file five times: it could not read it or decrypt it, or it is no log file; what could be "+
				"read of it was decided. Or EventBridge or SNS could not put a notification into the queue. The watch's log names "+
				"bucket, key and place, the message's attributes say the rest. Fix the cause: the watch reads the file again "+
				"every few minutes for a week. The alarm ends some minutes after the queue is empty."),
		{
			name:   "watch-log-files-late",
			series: oldest,
			lasting: &lasting{
				seconds: 300,
				periods: 3,
				needed:  3,
				above:   max(3600, 4*queue.LogFilesHidden(p.Settings)),
				missing: "notBreaching",
			},
			meaning: "A notification about a log file has waited for an hour or longer: the watch is throttled, fails, or more " +
				"files come than archive.concurrency lets it read. What is in them is reported late. Look at watch-errors, " +
				"watch-throttles and the watch's log.",
		},
	}
}

// anHour is several runs of the redelivery, whatever sweep.minutes is.
var anHour = &lasting{
	seconds: 300,
	periods: 12,
	needed:  12,
	missing: "notBreaching",
}

// watchRuleAlarms watch what EventBridge could neither hand to the watch nor park. What it parked, watch-dead-letters
// reports, whichever rule it was for: there are as many rules as the patterns need.
func watchRuleAlarms(p Props) []alarm {
	var list []alarm
	for i := 0; i < len(p.WatchRules); i += mostGreatest {
		some := p.WatchRules[i:min(i+mostGreatest, len(p.WatchRules))]
		a := alarm{
			name: "watch-lost",
			meaning: "EventBridge could not hand a record to the watch, and could not park it in the dead-letter queue " +
				"either: it is lost. Check the queue's policy and key, and the watch's permission.",
		}
		if i > 0 {
			a.name = fmt.Sprintf("watch-lost-%d", i/mostGreatest+1)
		}
		for _, r := range some {
			a.greatest = append(a.greatest, counts(r, "InvocationsFailedToBeSentToDlq"))
		}
		list = append(list, a)
	}
	return list
}

// mostGreatest is how many metrics an alarm may be on (CloudWatch User Guide, "Creating an alarm based on a metric math
// expression").
const mostGreatest = 10

// greatest makes an alarm of the greatest of several series. FILL and MAX are as in compare: a series without any value
// is left out.
func greatest(props *awscloudwatch.CfnAlarmProps, of []series) {
	var metrics []any
	var filled []string
	for i, s := range of {
		id := fmt.Sprintf("m%d", i+1)
		metrics = append(metrics, operand(id, s, 60))
		filled = append(filled, "FILL("+id+", 0)")
	}
	props.Metrics = append(metrics, expressed("greatest", of[0].metric, "MAX(["+strings.Join(filled, ", ")+"])"))
}
