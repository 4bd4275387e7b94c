// Package replay is the command that shows what the guard would do with recorded events, and which rules over
// CloudTrail match them. It decides nothing and calls nothing: it reads files and prints what the guard's own code
// decides.
package replay

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"trailkeeper/events"
	"trailkeeper/events/read"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/replay"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
)

type options struct {
	mode, partition, roleARN string
	accounts, rules          []string
	json, all, message       bool
}

// New makes the command.
func New() *cobra.Command {
	var flags options
	cmd := &cobra.Command{
		Use:   "replay [flags] FILE...",
		Short: "Show what the guard and the rules would do with recorded events",
		Long:  help(),
		Example: "  trailkeeper replay 111122223333_CloudTrail_eu-west-1_20260302T0915Z_a.json.gz\n" +
			"  aws cloudtrail lookup-events --query 'Events[].CloudTrailEvent' \\\n" +
			"    --output text | trailkeeper replay -",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("replay needs at least one file, or - for standard input")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, files []string) error {
			scope, err := flags.scope()
			if err != nil {
				return err
			}
			set, err := flags.ruleSet(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			return replayFiles(cmd, files, scope, set, flags)
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.mode, "mode", string(config.ModeRestart), "the guard's mode: "+config.ModeNames)
	cli.Complete(cmd, "mode", func() []string { return cli.Strings(config.Modes()) })
	f.StringSliceVar(&flags.accounts, "account", nil, "account that the deployment may act on; repeatable (default any)")
	f.StringVar(&flags.partition, "partition", "", "partition of the deployment, such as aws or aws-cn (default any)")
	f.StringVar(&flags.roleARN, "role-arn", "", "the guard's own role, to know its own StartLogging")
	f.StringArrayVar(&flags.rules, "rules", nil, "a folder with further rules over CloudTrail; repeatable")
	f.BoolVar(&flags.all, "all", false, "show ignored records, too")
	f.BoolVar(&flags.message, "message", false, "show the Slack text that EventBridge itself would send")
	f.BoolVar(&flags.json, "json", false, "print one JSON object for each record instead")
	f.SortFlags = false
	return cmd
}

const (
	readsText = "Reads CloudTrail records wherever people keep them, and shows for each what the guard would do: log\n" +
		"files and EventBridge events, lookup-events and CloudWatch Logs in any output of the AWS CLI, batches\n" +
		"of SQS, SNS, Kinesis and Firehose, rows of Athena and Lake, plain or in gzip (events/README.md has the\n" +
		"list). A directory stands for the files in it. Nothing is called. What cannot be read is named and\n" +
		"does not stop the rest.\n\nDecisions:\n"
	rulesText = "\nThe rules over CloudTrail that match are named as well: the watch function, where it is deployed,\n" +
		"reports those. A record that only they are about has \"rules\" for a decision. Thresholds are not\n" +
		"counted: see trailkeeper rules backtest.\n"
	jsonText = "\n" +
		"With --json, each object has event_id, event_name, event_source, trail (the ARN that the decision is\n" +
		"about, or empty), pattern (the EventBridge rule that matches, or empty), severity (empty when ignored),\n" +
		"decision, rules (IDs, sorted), ignored_by (ID or empty) and errors of rules; an unreadable or skipped one has " +
		"file, position and error as well. --message adds\n" +
		"slack_text."
)

func help() string {
	var decisions strings.Builder
	for _, d := range replay.Decisions() {
		fmt.Fprintf(&decisions, "  %-10s  %s\n", d, replay.Meaning(d))
	}
	return readsText + decisions.String() + rulesText + jsonText
}

var partition = regexp.MustCompile(`^aws[a-z-]*$`)

// scope checks the flags. The error names every wrong one.
func (f options) scope() (assess.Scope, error) {
	var problems []string
	for _, a := range f.accounts {
		problems = append(problems, cli.Bad(config.ValidAccount(a), "account", a, "an account ID of 12 digits"))
	}
	known := slices.Contains(config.Modes(), config.Mode(f.mode))
	named := f.partition == "" || partition.MatchString(f.partition)
	if err := cli.Check(append(problems,
		cli.Bad(known, "mode", f.mode, config.ModeNames),
		cli.Bad(named, "partition", f.partition, "a partition such as aws, aws-cn or aws-us-gov"),
		cli.Bad(f.roleARN == "" || events.FormRole.Matches(f.roleARN), "role-arn", f.roleARN, "the ARN of an IAM role"),
	)...); err != nil {
		return assess.Scope{}, err
	}
	scope := assess.Scope{
		Mode:      config.Mode(f.mode),
		Accounts:  f.accounts,
		Partition: f.partition,
		RoleARN:   f.roleARN,
	}
	return scope, nil
}

// ruleSet reads the rules over CloudTrail. The error names every problem in them.
func (f options) ruleSet(stderr io.Writer) (*detect.Set, error) {
	sources := []detect.Source{detections.Source()}
	var problems []string
	for _, folder := range f.rules {
		info, err := os.Stat(folder)
		problems = append(problems, cli.Bad(err == nil && info.IsDir(), "rules", folder, "a folder"))
		sources = append(sources, detect.Source{Name: folder, Files: os.DirFS(folder)})
	}
	if err := cli.Check(problems...); err != nil {
		return nil, err
	}
	set, wrong := detect.Load(detect.Options{
		Stack: "trailkeeper",
		Today: time.Now().UTC().Format(time.DateOnly),
	}, sources...)
	for _, p := range wrong {
		fmt.Fprintln(stderr, sanitize.Bound(p.Error(), 500))
	}
	if len(wrong) > 0 {
		return nil, cli.Usage(cli.Count(len(wrong), "problem", "problems") + " in the rules; nothing was read")
	}
	return set, nil
}

// printer shows results one by one.
type printer interface {
	result(r replay.Result) error
	end(s *replay.Summary) error
}

// replayFiles shows every record of the files. The error says how much could not be read, and which was the first.
func replayFiles(
	cmd *cobra.Command, files []string, scope assess.Scope, set *detect.Set, flags options,
) error {
	out := bufio.NewWriter(cmd.OutOrStdout())
	text := &textPrinter{out: out, all: flags.all, message: flags.message}
	if len(files) == 1 {
		text.file = files[0]
	}
	var p printer = text
	if flags.json {
		p = &jsonPrinter{out: out, message: flags.message}
	}
	var summary replay.Summary
	var first string
	judged := replay.Options{Scope: scope, Rules: set, Whole: flags.all || flags.json}
	for r := range replay.Read(read.Files(files, cmd.InOrStdin()), judged) {
		summary.Add(r)
		if r.Decision == assess.Unreadable && first == "" {
			first = place(r) + ": " + r.Reason()
		}
		if err := p.result(r); err != nil {
			return fmt.Errorf("write the output: %w", err)
		}
	}
	if err := errors.Join(p.end(&summary), cli.Flush(out)); err != nil {
		return err
	}
	switch n := summary.Count(assess.Unreadable); n {
	case 0:
		return nil
	case 1:
		return cli.Usage("unreadable: " + sanitize.Bound(first, 500))
	default:
		return cli.Usage(fmt.Sprintf("%d unreadable, the first: %s", n, sanitize.Bound(first, 500)))
	}
}

// place is a file's name and a position in it.
func place(r replay.Result) string {
	name := fileName(r.Place.File)
	if position := r.Place.Where(); position != "" {
		return name + ", " + position
	}
	return name
}

func fileName(file string) string {
	if file == read.Stdin {
		return "standard input"
	}
	return sanitize.Bound(file, 200)
}
