package main

import (
	"bufio"
	"fmt"
	"io"

	"trailkeeper/lambda/internal/notify"
	"trailkeeper/lambda/internal/redrive"
)

// showRedrive writes the report for people, 100 columns wide.
func showRedrive(w io.Writer, r redrive.Report) error {
	out := bufio.NewWriter(w)
	read, settled := 0, 0
	for _, q := range r.Queues {
		fmt.Fprintln(out, orElse(notify.Bound(q.Name, 98), "(a queue without a name)"))
		showQueue(out, q)
		read, settled = read+q.Read, settled+q.Settled
	}
	if len(r.Queues) > 0 {
		fmt.Fprintln(out)
	}
	fmt.Fprintln(out, redriveTotal(r, read, settled))
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the output: %w", err)
	}
	return nil
}

func showQueue(out io.Writer, q redrive.QueueReport) {
	if q.Read == 0 && q.Refused == "" && !q.More {
		row(out, "empty", "nothing waits here")
	}
	if q.Sent > 0 {
		row(out, "sent", counted(q.Sent, "message that was parked", "messages that were parked"))
	}
	if q.Handled > 0 {
		row(out, "handled", counted(q.Handled, "event", "events"))
	}
	if q.Settled > 0 {
		row(out, "settled", counted(q.Settled, "failed sweep, which later ones made good", "failed sweeps, which later ones made good"))
	}
	for _, l := range q.Left {
		row(out, "LEFT", leftWords(l))
	}
	for _, l := range q.Aside {
		row(out, "ASIDE", leftWords(l))
	}
	if q.Refused != "" {
		row(out, "REFUSED", "The queue could not be read: "+q.Refused+".")
	}
	if q.More {
		row(out, "MORE", "There may be more than one run takes: run this again.")
	}
}

// leftWords is such as "2 messages for slack, the oldest since 2026-03-10 12:00 UTC" and why.
func leftWords(l redrive.Left) string {
	text := counted(l.Count, "message", "messages")
	if l.Channel != "" {
		text += " for " + notify.Bound(l.Channel, 100)
	}
	if !l.Oldest.IsZero() {
		text += yes(l.Count == 1, ", since ", ", the oldest since ") + l.Oldest.UTC().Format("2006-01-02 15:04 UTC")
	}
	return text + ": " + notify.Bound(l.Reason, 500) + "."
}

// redriveTotal is the last line.
func redriveTotal(r redrive.Report, read, settled int) string {
	switch {
	case len(r.Queues) == 0:
		return "The guard has no queue to empty."
	case read == 0 && !remains(r):
		return "Nothing waits in the queues."
	case !remains(r):
		return fmt.Sprintf("%s sent or handled. Nothing is left.", counted(r.Redriven()+settled, "message", "messages"))
	}
	total := fmt.Sprintf("%s sent or handled, %d left in the queues.", counted(r.Redriven()+settled, "message", "messages"), r.Remaining())
	if n := r.Aside(); n > 0 {
		total += fmt.Sprintf(" %d went to the last queue.", n)
	}
	return total + "\nThe next sweep tries again, but not what is in the last queue."
}

func counted(n int, one, many string) string { return fmt.Sprintf("%d %s", n, yes(n == 1, one, many)) }
