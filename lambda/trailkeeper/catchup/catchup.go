// Package catchup is the command that has the watch decide the log files that no notification told it of.
//
// It decides nothing itself and reads no log file: it lists buckets, asks the watch's table what was decided, and hands
// the rest to the deployed function.
package catchup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"trailkeeper/lambda/internal/state/decided"
	"trailkeeper/lambda/trailkeeper/cli"
)

type options struct {
	cli.Operator
	function     string
	since, until string
	buckets      []string
	parallel     int
	dry, all     bool
	json         bool

	now  func() time.Time
	span span
}

// New makes the command.
func New() *cobra.Command { return newAt(time.Now) }

const maxParallel = 100

func newAt(now func() time.Time) *cobra.Command {
	f := options{now: now}
	cmd := &cobra.Command{
		Use:   "catch-up --function NAME --since TIME [flags]",
		Short: "Decide log files that the watch was not told of",
		Long: "After an outage, lists the log files that were delivered since then in the buckets that the watch\n" +
			"reads, and has the watch decide those that it did not decide. CloudTrail does not deliver in the order\n" +
			"of keys, and late by up to a day: so every key of these days, the day before and the day after is looked\n" +
			"at, by itself. It can be run again, and stopped, at any time: what is done is remembered.\n\n" +
			"What the watch decided is in its state table for 30 days. --all has every file decided, whatever the\n" +
			"table says. No record is reported twice that was reported within the last 15 days.\n\n" +
			"The function's name is the stack's output WatchFunctionName; its settings name buckets and table. It\n" +
			"needs lambda:GetFunctionConfiguration and lambda:InvokeFunction on it, s3:ListBucket on the buckets\n" +
			"and dynamodb:GetItem on the table, and kms:Decrypt on their customer keys, if any.\n\n" +
			"It exits with 1 if a file could not be decided, which is named, and with 2 if it could not go on.",
		Example: "  trailkeeper catch-up --function trailkeeper-Watch --since 2026-03-01 --dry-run\n" +
			"  trailkeeper catch-up --function trailkeeper-Watch --since 6h --profile audit",
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.Flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.function, "function", "", "name or ARN of the watch's function")
	flags.StringVar(&f.since, "since", "", "when the outage began: 2026-03-01, 2026-03-01T12:00:00Z, or 6h ago")
	flags.StringVar(&f.until, "until", "", "when it ended, in the same form (default: now)")
	flags.StringSliceVar(&f.buckets, "bucket", nil, "only these of the watch's buckets; repeatable")
	flags.IntVar(&f.parallel, "parallel", 4, "runs of the function at once, 1 to "+strconv.Itoa(maxParallel))
	flags.BoolVar(&f.all, "all", false, "also what the table says is decided")
	flags.BoolVar(&f.dry, "dry-run", false, "show what would be decided, and decide nothing")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

// span is when the files were delivered that are looked at.
type span struct{ since, until time.Time } // until is zero for now

func (f *options) check() error {
	now := f.now().UTC()
	var sinceOK, untilOK bool
	f.span.since, sinceOK = timeOf(f.since, now, 0)
	f.span.until, untilOK = timeOf(f.until, now, 24*time.Hour-time.Second)
	untilOK = untilOK || f.until == ""
	span := ""
	if sinceOK && untilOK {
		span = f.badSpan(now)
	}
	return cli.Check(
		cli.Bad(cli.IsName(f.function, 170, "-_:$."), "function", f.function, // Lambda API reference, Invoke
			"the name or the ARN of the watch's function, the stack's output WatchFunctionName"),
		cli.Bad(sinceOK, "since", f.since, wantTime), cli.Bad(untilOK, "until", f.until, wantTime), span,
		cli.Bad(f.parallel >= 1 && f.parallel <= maxParallel, "parallel", strconv.Itoa(f.parallel),
			"1 to "+strconv.Itoa(maxParallel)),
		cli.BadRegion(f.Region),
	)
}

// badSpan is what is wrong with a time that can be read.
func (f *options) badSpan(now time.Time) string {
	switch s := f.span; {
	case s.since.After(now):
		return fmt.Sprintf("--since %s is in the future; want when the outage began", f.since)
	case !s.until.IsZero() && s.until.Before(s.since):
		return fmt.Sprintf("--until %s is before --since %s", f.until, f.since)
	case !f.all && now.Sub(s.since) > decided.Keeping:
		return fmt.Sprintf("--since %s is more than 30 days ago, and what was decided then is not remembered; "+
			"add --all to decide every file again, also what was reported long ago", f.since)
	}
	return ""
}

const wantTime = "a day such as 2026-03-01, a time such as 2026-03-01T12:00:00Z, or how long ago, such as 6h"

// timeOf reads a time; a day, of which it is the moment so long after its beginning; or how long ago it was.
func timeOf(value string, now time.Time, after time.Duration) (time.Time, bool) {
	if day, err := time.Parse(time.DateOnly, value); err == nil {
		return day.Add(after), true
	}
	if ago, err := time.ParseDuration(value); err == nil && ago > 0 {
		return now.Add(-ago), true
	}
	at, err := time.Parse(time.RFC3339, value)
	return at.UTC(), err == nil
}

func (f *options) run(cmd *cobra.Command) error {
	if err := f.check(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
	defer stop()
	cfg, err := f.Config(ctx, 5)
	if err != nil {
		return err
	}
	d, err := find(ctx, cfg, f.function, f.buckets)
	if err != nil {
		return cli.Usage(err.Error())
	}
	w := &work{span: f.span, dry: f.dry, parallel: f.parallel, decide: d.decide, has: d.has}
	if f.all {
		w.has = func(context.Context, decided.Object) (bool, error) { return false, nil }
	}
	stderr := cmd.ErrOrStderr()
	end := cli.ShowProgress(stderr, cli.TerminalOf(stderr, "never", os.Getenv).Live, w.progress)
	err = w.run(ctx, d.buckets)
	end()
	if showErr := f.show(cmd.OutOrStdout(), w, err != nil); showErr != nil {
		return showErr
	}
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(cmd.ErrOrStderr(), "trailkeeper: interrupted; run it again to go on")
		return cli.Interrupted()
	case err != nil:
		return cli.Usage(err.Error())
	case len(w.failed) > 0:
		return cli.Failed("") // all is said
	}
	return nil
}
