package faults

import (
	"cmp"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/localcloud"
)

// faultFigures are what the matrix counts: cells, and in them trails that were restored under the fault, and messages
// by channel.
type faultFigures struct {
	cells, restored             int
	delivered, parked, redriven int
	lost, doubled, repeats      int
}

func (f *faultFigures) add(o faultFigures) {
	f.cells, f.restored = f.cells+o.cells, f.restored+o.restored
	f.delivered, f.parked, f.redriven = f.delivered+o.delivered, f.parked+o.parked, f.redriven+o.redriven
	f.lost, f.doubled, f.repeats = f.lost+o.lost, f.doubled+o.doubled, f.repeats+o.repeats
}

// guardChannels are the channels of the guard itself.
func guardChannels() []string { return []string{finding.ChannelSlack, finding.ChannelSNS} }

// judge judges what stands when all has come to rest under the faults.
func (r *faultRun) judge() {
	r.during = faultToldOf(r.cloud, r.attack.EventID)
	told, outcomes := r.during, r.during.outcomes()
	r.judgeRestore(outcomes)
	if len(outcomes) == 0 && !told.event {
		r.lost += len(guardChannels())
		r.bad("no channel is told, and no queue holds the event")
	}
	for _, channel := range guardChannels() {
		for _, o := range outcomes {
			switch {
			case len(told.shown.of(channel, o)) > 0:
				r.delivered++
			case len(told.waiting.of(channel, o)) > 0 || told.event:
				r.parked++
			default:
				r.lost++
				r.bad("%s: the message %q is neither shown nor in a queue", channel, o)
			}
		}
	}
	switch {
	case told.byDestination > 0:
		r.delivered++
	case told.destinationWaits:
		r.parked++
	default:
		r.lost++
		r.bad("path 1: the event is neither shown nor in its dead letters")
	}
	r.judgeOrder()
	r.judgeResult()
}

// judgeRestore wants the trail as it was, or people to be told that it is not.
func (r *faultRun) judgeRestore(outcomes []finding.Outcome) {
	differs := r.differs()
	switch {
	case differs == "":
		r.restored++
	case slices.Contains(outcomes, finding.OutcomeRestored):
		r.bad("told restored, and the trail is not as before: %s", differs)
	case !slices.ContainsFunc(outcomes, notRestored):
		r.bad("the trail is not as before: %s; nobody is told so, but %q", differs, outcomes)
	}
}

// notRestored are the outcomes that tell people that the trail is not as it was.
func notRestored(o finding.Outcome) bool {
	return slices.Contains([]finding.Outcome{
		finding.OutcomeRetrying, finding.OutcomeGaveUp, finding.OutcomeCannotRestore, finding.OutcomePartlyRestored,
	}, o)
}

// judgeOrder wants the guard to call CloudTrail before it tells or looks anything up.
func (r *faultRun) judgeOrder() {
	for _, e := range r.seen {
		lookup := e.Kind == localcloud.KindNote &&
			(e.Who == "Slack" || e.Who == "SNS" || e.Who == "Secrets Manager" || e.Who == "SQS")
		switch {
		case e.Kind == localcloud.KindCall && e.Function, e.Kind == localcloud.KindNote && e.Who == "CloudTrail":
			return
		case r.cell.first().by != "" && lookup: // path 1 is as quick as it can be
		case lookup, (e.Kind == localcloud.KindSlack || e.Kind == localcloud.KindSNS) && e.Via == localcloud.ViaFunction:
			r.bad("told before it restored: %s", cmp.Or(e.Text, e.Err))
			return
		}
	}
	r.bad("the guard did not call CloudTrail")
}

// judgeResult judges what the function returned: nothing more to do, or an error each time, after which the event is in
// the failure queue.
func (r *faultRun) judgeResult() {
	failures, last := 0, ""
	for _, e := range r.seen {
		switch {
		case e.Kind == localcloud.KindInvoked && e.Err != "":
			failures++
			last, _, _ = strings.Cut(e.Err, "\n")
		case e.Kind == localcloud.KindLost:
			r.bad("lost on the way: %s: %s", e.Subject, e.Err)
		}
	}
	const runs = 3 // the first and two retries, as the templates have it
	switch {
	case r.cell.givesUp() && (failures != runs || !r.during.event):
		r.bad("%d runs failed, the failure queue holds the event: %t; want %d and true", failures, r.during.event, runs)
	case r.cell.first().twice && failures <= 1: // the run that finds the other at work comes again
	case !r.cell.givesUp() && failures > 0:
		r.bad("%d runs failed: %.60s", failures, last)
	case !r.cell.givesUp() && r.during.event:
		r.bad("the event is in a queue, and no run failed")
	}
}

// judgeAfter judges what stands after the sweeps: everything is as before, and each channel was told once.
func (r *faultRun) judgeAfter() {
	told := faultToldOf(r.cloud, r.attack.EventID)
	if differs := r.differs(); differs != "" {
		r.bad("after the sweeps the trail is not as before: %s", differs)
	}
	for id, messages := range r.cloud.Queued() {
		if len(messages) > 0 {
			r.bad("after the sweeps there is something in %s: %.60s", id, messages[0].Body)
		}
	}
	outcomes := slices.Compact(slices.Sorted(slices.Values(slices.Concat(r.during.outcomes(), told.outcomes()))))
	if len(outcomes) == 0 {
		r.lost += len(guardChannels())
		r.bad("after the sweeps no channel is told")
	}
	for _, channel := range guardChannels() {
		for _, o := range outcomes {
			r.judgeOnce(channel, o, told.shown.of(channel, o))
		}
	}
	arrivals := 1
	if r.cell.first().twice {
		arrivals = 2 // path 1 has no code of ours: it tells what EventBridge delivers
	}
	switch n := told.byDestination - arrivals; {
	case n == 1 && r.cell.repeats():
		r.repeats++
	case n > 0:
		r.doubled += n
		r.bad("path 1 has told the event %d times too often", n)
	}
}

// judgeOnce wants one message on a channel, or one repeat of the same incident where an answer was lost.
func (r *faultRun) judgeOnce(channel string, o finding.Outcome, shown faultMessages) {
	n := len(shown)
	switch {
	case n == 0:
		r.lost++
		r.bad("after the sweeps %s never showed the message %q", channel, o)
	case n == 2 && r.cell.repeats() && shown[0].incident == shown[1].incident:
		r.repeats++
	case n > 1:
		r.doubled += n - 1
		r.bad("%s showed the message %q %d times", channel, o, n)
	case len(r.during.shown.of(channel, o)) == 0:
		r.redriven++
	}
}
