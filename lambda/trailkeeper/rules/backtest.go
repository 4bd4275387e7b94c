package rules

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"trailkeeper/lambda/internal/archive"
	"trailkeeper/lambda/internal/archive/s3client"
	"trailkeeper/lambda/internal/backtest"
	"trailkeeper/lambda/trailkeeper/cli"
)

// backtestOptions are the flags of backtest.
type backtestOptions struct {
	options
	output
	operator            cli.Operator
	since, until, shard string
	accounts, regions   []string
	all                 bool
	remote              remote
}

func backtestCommand() *cobra.Command {
	var o backtestOptions
	cmd := &cobra.Command{
		Use:   "backtest [flags] FILE|DIR|s3://BUCKET/PREFIX...",
		Short: "Show what the rules would have found in history",
		Long: "Reads CloudTrail's log files, in any container that trailkeeper replay reads, from files, folders and\n" +
			"buckets, and shows what each rule would have found by day, who caused it, what the ignore rules\n" +
			"suppressed, and how many messages a week that would make. It needs s3:ListBucket and s3:GetObject.\n\n" +
			"A match is a record that a rule matches. A finding is what is left of the matches after the rule's\n" +
			"threshold, which counts by eventTime and each eventID once; a message is what is left after its dedupe.\n" +
			"A record that is in two files is two matches and one event. messages_per_week is the messages of the\n" +
			"days from the oldest to the newest record, both included, times seven.\n\n" +
			"--since, --until, --account and --region leave out files by their names, where they follow\n" +
			"CloudTrail's layout, and then records by eventTime, recipientAccountId and awsRegion. Log files come\n" +
			"up to a day later than what is in them, and are read for so long.\n\n" +
			"--shard 2/5 reads the second of five parts of the archive; trailkeeper rules backtest merge makes one\n" +
			"report of the JSON of all parts.\n\n" +
			"--distributed has the deployed stack do it, with the rules that it has, if its setting archive.backtest\n" +
			"is on: it starts the state machine, shows how far it is, and prints the report. Interrupted, it goes on,\n" +
			"and --execution waits for it again. It needs states:StartExecution, DescribeExecution, ListMapRuns and\n" +
			"DescribeMapRun, and s3:GetObject of the bucket of results.\n\n" +
			"What could not be read is named, and the exit code is 2; digest files are named, too, and are no fault.\n" +
			"Of a file, 2 GiB are read after unpacking, and of a record 4 MiB.",
		Example: "  trailkeeper rules backtest --html report.html s3://my-bucket/AWSLogs/\n" +
			"  trailkeeper rules backtest --only --rules my-rules --json events/testdata\n" +
			"  trailkeeper rules backtest --distributed --since 2026-01-01 s3://logs/AWSLogs/",
		Args: func(cmd *cobra.Command, names []string) error {
			if o.remote.execution != "" {
				return nil
			}
			return someFiles("backtest")(cmd, names)
		},
		RunE: func(cmd *cobra.Command, names []string) error { return o.run(cmd, names) },
	}
	o.options.flags(cmd)
	o.output.flags(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.all, "all", false, "apply the rules that are off, too")
	f.StringVar(&o.since, "since", "", "the first day, or time, of the records: 2026-03-01, 2026-03-01T12:00:00Z")
	f.StringVar(&o.until, "until", "", "the last day, or time, of the records; it is included")
	f.StringSliceVar(&o.accounts, "account", nil, "accounts of the records; repeatable")
	f.StringSliceVar(&o.regions, "region", nil, "Regions of the records; repeatable")
	f.StringVar(&o.shard, "shard", "", "read one part of the files, as I/N")
	o.remote.flags(cmd)
	o.operator.ProfileFlag(cmd)
	cmd.AddCommand(mergeCommand())
	return cmd
}

func (o *backtestOptions) run(cmd *cobra.Command, names []string) error {
	filter, shard, err := o.filter(names)
	if err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	if o.remote.asked() {
		if err := o.remote.check(cmd, names); err != nil {
			return err
		}
		return o.distribute(cmd, names, filter)
	}
	set, wrong, err := o.load(cmd.ErrOrStderr(), o.all)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
	defer stop()
	files, err := o.files(ctx, cmd.InOrStdin(), names, filter)
	if err != nil {
		return err
	}
	run := backtest.Options{
		Set:      set,
		Files:    files,
		Filter:   filter,
		Shard:    shard,
		Progress: &backtest.Progress{},
	}
	if slices.ContainsFunc(names, archive.IsBucket) {
		run.Workers = max(16, runtime.GOMAXPROCS(0)) // they wait for the network
	}
	end := showProgress(cmd.ErrOrStderr(), run.Progress)
	report, err := backtest.Run(ctx, run)
	end()
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(cmd.ErrOrStderr(), "trailkeeper: interrupted: "+soFar(run.Progress)+"; nothing is reported")
		return cli.Interrupted()
	}
	if err != nil {
		return err
	}
	return cmp.Or(o.write(cmd, report), wrong)
}

// files are those of all names, in turn.
func (o *backtestOptions) files(
	ctx context.Context, stdin io.Reader, names []string, filter archive.Filter,
) (iter.Seq[archive.File], error) {
	var all []iter.Seq[archive.File]
	for _, name := range names {
		if !archive.IsBucket(name) {
			all = append(all, archive.Local(name, stdin))
			continue
		}
		cfg, err := o.operator.Load(ctx, 5)
		if err == nil {
			_, err = cli.Credentials(ctx, cfg)
		}
		if err != nil {
			return nil, err
		}
		bucket, err := s3client.Open(ctx, cfg, name)
		if err != nil {
			return nil, cli.Explain("list "+name, "s3:ListBucket", err, map[string]string{
				"NoSuchBucket": "there is no such bucket; check its name",
			})
		}
		all = append(all, bucket.Files(ctx, filter))
	}
	return func(yield func(archive.File) bool) {
		for _, files := range all {
			for f := range files {
				if !yield(f) {
					return
				}
			}
		}
	}, nil
}

// filter is what the flags ask for. The error names every wrong one.
func (o *backtestOptions) filter(names []string) (f archive.Filter, shard archive.Shard, err error) {
	var problems []string
	f.Since, problems = timeOf("since", o.since, 0, problems)
	f.Until, problems = timeOf("until", o.until, 24*time.Hour-1, problems)
	f.Accounts, f.Regions = o.accounts, o.regions
	for _, a := range o.accounts {
		digits := len(a) == 12 && strings.Trim(a, "0123456789") == ""
		problems = append(problems, cli.Bad(digits, "account", a, "an account ID of 12 digits"))
	}
	for _, r := range o.regions {
		problems = append(problems, cli.BadRegion(r))
	}
	if len(problems) == 0 && !f.Until.IsZero() && f.Until.Before(f.Since) {
		problems = append(problems, fmt.Sprintf("--until %s is before --since %s", o.until, o.since))
	}
	shard, wrong := archive.ParseShard(o.shard)
	if wrong != nil {
		problems = append(problems, "--shard: "+wrong.Error())
	}
	for _, name := range names {
		if archive.IsBucket(name) {
			if _, _, err := archive.ParseBucket(name); err != nil {
				problems = append(problems, err.Error())
			}
		}
	}
	slices.Sort(f.Accounts)
	slices.Sort(f.Regions)
	return f, shard, cli.Check(problems...)
}

// timeOf reads a time, or a day, of which it is the moment so long after its beginning.
func timeOf(flag, value string, after time.Duration, problems []string) (time.Time, []string) {
	if value == "" {
		return time.Time{}, problems
	}
	if day, err := time.Parse(time.DateOnly, value); err == nil {
		return day.Add(after), problems
	}
	at, err := time.Parse(time.RFC3339, value)
	return at.UTC(), append(problems, cli.Bad(err == nil, flag, value,
		"a day such as 2026-03-01 or a time such as 2026-03-01T12:00:00Z"))
}

func mergeCommand() *cobra.Command {
	var o output
	cmd := &cobra.Command{
		Use:   "merge [flags] REPORT.json...",
		Short: "Make one report of those of several parts",
		Long: "Reads reports that trailkeeper rules backtest --json wrote, of parts of an archive or of several\n" +
			"archives, and makes that of the whole: the same as of one run. They must be made with the same rules.",
		Example: "  trailkeeper rules backtest merge --html report.html part-1.json part-2.json",
		Args:    someFiles("backtest merge"),
		RunE:    func(cmd *cobra.Command, names []string) error { return o.merge(cmd, names) },
	}
	o.flags(cmd)
	return cmd
}

func (o *output) merge(cmd *cobra.Command, names []string) error {
	if err := o.check(); err != nil {
		return err
	}
	var reports []*backtest.Report
	var problems []string
	for _, name := range names {
		r, err := readReport(name, cmd.InOrStdin())
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		reports = append(reports, r)
	}
	if err := cli.Check(problems...); err != nil {
		return err
	}
	merged, err := backtest.Merge(reports)
	if at, ok := errors.AsType[*backtest.MergeError](err); ok {
		return cli.Usage(fmt.Sprintf("%s cannot be merged with the reports before it: %v", names[at.Report], err))
	}
	return o.write(cmd, merged)
}

// maxReport bounds a report that is read.
const maxReport = 2 << 30

func readReport(name string, stdin io.Reader) (*backtest.Report, error) {
	in := stdin
	if name != archive.Stdin {
		file, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("read the report %.200q: %w", name, errors.Unwrap(err))
		}
		defer file.Close() //nolint:errcheck // it is only read
		in = file
	}
	var r backtest.Report
	decoder := json.NewDecoder(io.LimitReader(in, maxReport))
	if err := decoder.Decode(&r); err != nil {
		return nil, fmt.Errorf("%.200q is no report of trailkeeper rules backtest --json: %w", name, err)
	}
	return &r, nil
}
