package redrive

import (
	"bufio"
	"cmp"
	"fmt"
	"io"

	"trailkeeper/lambda/internal/redrive/queues"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/trailkeeper/cli"
)

// show writes the report for people, 100 columns wide.
func show(w io.Writer, r queues.Report) error {
	out := bufio.NewWriter(w)
	read, settled := 0, 0
	for _, q := range r.Queues {
		fmt.Fprintln(out, cmp.Or(sanitize.Bound(q.Name, 98), "(a queue without a name)"))
		showQueue(out, q)
		read, settled = read+q.Read, settled+q.Settled
	}
	if len(r.Queues) > 0 {
		fmt.Fprintln(out)
	}
	fmt.Fprintln(out, total(r, read, settled))
	return cli.Flush(out)
}

func showQueue(out io.Writer, q queues.QueueReport) {
	if q.Read == 0 && q.Refused == "" && !q.More {
		cli.Row(out, "empty", "nothing waits here")
	}
	if q.Sent > 0 {
		cli.Row(out, "sent", cli.Count(q.Sent, "message that was parked", "messages that were parked"))
	}
	if q.Handled > 0 {
		cli.Row(out, "handled", cli.Count(q.Handled, "event", "events"))
	}
	if q.Settled > 0 {
		cli.Row(out, "settled", cli.Count(q.Settled, "failed sweep", "failed sweeps")+", which later ones made good")
	}
	for _, l := range q.Left {
		cli.Row(out, "LEFT", leftWords(l))
	}
	for _, l := range q.Aside {
		cli.Row(out, "ASIDE", leftWords(l))
	}
	if q.Refused != "" {
		cli.Row(out, "REFUSED", "The queue could not be read: "+q.Refused+".")
	}
	if q.More {
		cli.Row(out, "MORE", "There may be more than one run takes: run this again.")
	}
}

// leftWords is such as "2 messages for slack, the oldest since 2026-03-10 12:00 UTC" and why.
func leftWords(l queues.Left) string {
	text := cli.Count(l.Count, "message", "messages")
	if l.Channel != "" {
		text += " for " + sanitize.Bound(l.Channel, 100)
	}
	if !l.Oldest.IsZero() {
		text += cli.Choose(l.Count == 1, ", since ", ", the oldest since ") + l.Oldest.UTC().Format("2006-01-02 15:04 UTC")
	}
	return text + ": " + sanitize.Bound(l.Reason, 500) + "."
}

// total is the last line.
func total(r queues.Report, read, settled int) string {
	redriven := cli.Count(r.Redriven()+settled, "message", "messages")
	switch {
	case len(r.Queues) == 0:
		return "The guard has no queue to empty."
	case read == 0 && !remains(r):
		return "Nothing waits in the queues."
	case !remains(r):
		return redriven + " sent or handled. Nothing is left."
	}
	text := fmt.Sprintf("%s sent or handled, %d left in the queues.", redriven, r.Remaining())
	if n := r.Aside(); n > 0 {
		text += fmt.Sprintf(" %d went to the last queue.", n)
	}
	return text + "\nThe next sweep tries again, but not what is in the last queue."
}
