package rules

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/spf13/cobra"

	"trailkeeper/lambda/internal/archive"
	"trailkeeper/lambda/internal/archive/s3client"
	"trailkeeper/lambda/internal/backtest/distributed"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/rules/distribute"
)

// remote are the flags of a backtest that a deployment carries out.
type remote struct {
	start     bool
	execution string
}

func (r *remote) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&r.start, "distributed", false, "have the deployed stack do it, on many machines (archive.backtest)")
	f.StringVar(&r.execution, "execution", "", "wait for what --distributed has started, by its ARN")
}

func (r *remote) asked() bool { return r.start || r.execution != "" }

// ours are the flags that say which rules to apply: a deployment applies its own.
var ours = []string{"rules", "only", "list", "all", "shard"}

// check names every flag that is wrong.
func (r *remote) check(cmd *cobra.Command, names []string) error {
	var problems []string
	refused := ours
	if r.execution != "" {
		_, ok := distribute.IsExecution(r.execution)
		problems = append(problems, cli.Bad(ok, "execution", r.execution,
			"the ARN of an execution, such as arn:aws:states:eu-west-1:111122223333:execution:trailkeeper-Backtest:NAME"),
			cli.Unless(!r.start && len(names) == 0, "--execution waits for what was started; name no archive with it"))
		refused = append([]string{"since", "until", "account", "region", "stack"}, ours...)
	} else {
		problems = append(problems, cli.Unless(len(names) == 1 && archive.IsBucket(names[0]),
			"--distributed takes one archive, as s3://BUCKET/PREFIX"))
	}
	for _, name := range refused {
		word := cli.Choose(r.execution != "", "--execution", "--distributed")
		problems = append(problems, cli.Unless(!cmd.Flags().Changed(name),
			"--%s cannot be used with %s: the deployed rules are applied, to what was asked for at the start", name, word))
	}
	return cli.Check(problems...)
}

// distribute has the deployment do it.
func (o *backtestOptions) distribute(cmd *cobra.Command, names []string, filter archive.Filter) error {
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
	defer stop()
	operator := o.operator
	execution := o.remote.execution
	if region, ok := distribute.IsExecution(execution); ok {
		operator.Region = region
	}
	cfg, err := operator.Config(ctx, 5)
	if err != nil {
		return err
	}
	api := sfn.NewFromConfig(cfg)
	if execution == "" {
		if execution, err = start(ctx, cfg, api, o.stack, distributed.NewRequest(names[0], filter)); err != nil {
			return err
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "started %s\n", execution)
	}
	terminal := cli.TerminalOf(cmd.ErrOrStderr(), "never", os.Getenv)
	report, err := distribute.Wait(ctx, distribute.Options{
		API:    api,
		Open:   opener(cfg),
		Now:    time.Now,
		Sleep:  clock.Real().Sleep,
		Stderr: cmd.ErrOrStderr(),
		Live:   terminal.Live,
	}, execution)
	if errors.Is(err, context.Canceled) {
		fmt.Fprintf(cmd.ErrOrStderr(), "trailkeeper: interrupted; it goes on without this command.\n"+
			"wait for it:  trailkeeper rules backtest --execution %s\n"+
			"stop it:      aws stepfunctions stop-execution --execution-arn %s\n", execution, execution)
		return cli.Interrupted()
	}
	if err != nil {
		return err
	}
	return o.write(cmd, report)
}

// start starts an execution with a name of its own.
func start(ctx context.Context, cfg aws.Config, api *sfn.Client, stack string, asked distributed.Request) (string, error) {
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", cli.Explain("find the account", "sts:GetCallerIdentity", err, nil)
	}
	name := "backtest-" + time.Now().UTC().Format("20060102T150405Z") + "-" + strings.ToLower(rand.Text()[:6])
	machine, err := distribute.StateMachine(aws.ToString(who.Arn), cfg.Region, stack)
	if err != nil {
		return "", err
	}
	return distribute.Start(ctx, api, machine, name, asked)
}

// opener opens objects of the bucket of results.
func opener(cfg aws.Config) func(ctx context.Context, bucket, key string) (io.ReadCloser, error) {
	return func(ctx context.Context, bucket, key string) (io.ReadCloser, error) {
		return s3client.Get(ctx, cfg, bucket, key)
	}
}
