// Package doctor is the command that checks a deployment with the operator's credentials, and prints how it stands and
// what to do. It changes nothing; package checks asks, and package verdict is what each check says.
package doctor

import (
	"bufio"
	"context"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/doctor/checks"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/shell"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

type options struct {
	cli.Operator
	stack     string
	baselines string
	json, fix bool
	post      bool
}

// New makes the command.
func New() *cobra.Command {
	var f options
	cmd := &cobra.Command{
		Use:   "doctor [flags]",
		Short: "Check a deployment and say what to do",
		Long: "Checks a deployment with your AWS credentials: trail and home Region, guard, warden and concurrency,\n" +
			"baselines with the buckets and keys that they describe, rules, secret, webhook and bot token, API\n" +
			"destinations, subscriptions, alarms, queues, heartbeat, guardrail, delegated administrators, CloudTrail\n" +
			"Lake, CloudWatch's telemetry rules, and every part that guard and warden check of each other. It changes\n" +
			"nothing, posts nothing unless --post is given, and shows nothing of the secret.\n\n" +
			"Each check is ok, a warning, an error, or unknown: what could not be read as a whole is never ok, and\n" +
			"names the permission that is missing. Besides the stack itself (cloudformation:DescribeStacks and\n" +
			"ListStackResources) it needs none.\n\n" +
			"Slack is asked for the webhook with a message without a text, which it refuses without posting\n" +
			"anything, and for the bot token by auth.test. With AWS_ENDPOINT_URL on this machine, Slack is asked\n" +
			"there as well.\n\n" +
			"With --json, each line is an object with check, status (ok, unknown, warning or error), says, do and\n" +
			"fix (commands). --fix prints these commands alone, for a POSIX shell, and runs none.\n\n" +
			"It exits with 1 if a check found an error, with 0 if there are only warnings and unknowns, and with 2\n" +
			"if there is no such stack or it cannot be read.",
		Example: "  trailkeeper doctor --profile security --region eu-west-1\n" +
			"  trailkeeper doctor --stack trailkeeper --fix",
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.Flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.stack, "stack", "trailkeeper", "name of the stack")
	flags.StringVar(&f.baselines, "dir", "cdk/baselines", "folder of the declared baselines")
	flags.BoolVar(&f.post, "post", false, "post one message to the webhook, to see that its channel takes it")
	flags.BoolVar(&f.json, "json", false, "print one JSON object for each check instead")
	flags.BoolVar(&f.fix, "fix", false, "print the commands that would put things right, and run none")
	cmd.MarkFlagsMutuallyExclusive("json", "fix")
	return cmd
}

func (f *options) run(cmd *cobra.Command) error {
	if err := cli.Check(cli.BadRegion(f.Region), cli.BadStack(f.stack)); err != nil {
		return err
	}
	cfg, err := f.Config(cmd.Context(), 3)
	if err != nil {
		return err
	}
	d, err := deployed.Open(cmd.Context(), cfg, f.stack)
	if err != nil {
		return cli.Usage(err.Error())
	}
	d.Baselines, d.Folder, d.Post = os.DirFS(f.baselines), f.baselines, f.post
	d.Profile = f.Profile
	if d.HTTP, d.Emulator, err = slackClient(os.Getenv); err != nil {
		return cli.Usage(err.Error())
	}
	all := judge(cmd.Context(), d)
	out := bufio.NewWriter(cmd.OutOrStdout())
	switch {
	case f.json:
		err = writeJSON(out, all)
	case f.fix:
		writeFixes(out, d, all)
	default:
		write(out, d, all, again(cmd)+" --fix")
	}
	if err == nil {
		err = cli.Flush(out)
	}
	if err == nil && worst(all) == verdict.Error {
		err = cli.Failed("") // all is said
	}
	return err
}

// again is the command line that asks the same again, without what it was to print or post.
func again(cmd *cobra.Command) string {
	args := []string{"trailkeeper", "doctor"}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Value.Type() == "string" {
			args = append(args, "--"+f.Name, f.Value.String())
		}
	})
	return shell.Command(args...)
}

// judge asks every check, one after the other.
func judge(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	var all []verdict.Verdict
	for _, check := range checks.All() {
		all = append(all, check(ctx, d)...)
	}
	return all
}
