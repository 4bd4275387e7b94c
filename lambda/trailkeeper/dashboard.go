package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/spf13/cobra"

	"trailkeeper/lambda/internal/dashboard"
	"trailkeeper/lambda/internal/notify"
	"trailkeeper/lambda/internal/simulate"
)

// mostHours is how far back a page goes: 30 days.
const mostHours = 720

// dashboardFlags are the command's flags.
type dashboardFlags struct {
	operator
	stack, endpoint, out string
	hours                int
	queues               []string
	simulate             bool
}

func newDashboardCommand() *cobra.Command {
	var f dashboardFlags
	cmd := &cobra.Command{
		Use:   "dashboard [flags]",
		Short: "Draw what Trailkeeper measured of itself as one HTML page",
		Long: "Reads the metrics of a deployment from CloudWatch and draws them as one HTML page: the trails'\n" +
			"state, incidents, time to restore, delivery by channel, queues, sweeps and test alerts. The page\n" +
			"needs nothing else: it runs no script and loads nothing, so that it can be kept, sent or printed.\n\n" +
			"It needs cloudwatch:GetMetricData, and cloudwatch:ListMetrics to find the queues. CloudWatch\n" +
			"charges less than a cent for a page.\n\n" +
			"With --simulate the metrics are those of the attacks of \"trailkeeper simulate\", without an AWS\n" +
			"account. With --endpoint-url they are those of a \"trailkeeper simulate --listen\".",
		Example: "  trailkeeper dashboard --profile security --region eu-west-1\n" +
			"  trailkeeper dashboard --stack trailkeeper-eu --hours 168 --out week.html\n" +
			"  trailkeeper dashboard --simulate\n" +
			"  trailkeeper dashboard --endpoint-url http://127.0.0.1:4566 --hours 1",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.stack, "stack", "trailkeeper", "name of the stack")
	flags.IntVar(&f.hours, "hours", 24, "how many hours back the page goes, up to 720")
	flags.StringSliceVar(&f.queues, "queue", nil, "a further queue by its `NAME`, such as that of function.failureQueueArn")
	flags.StringVar(&f.endpoint, "endpoint-url", "", "`URL` to ask in place of CloudWatch's, such as that of a simulate --listen")
	flags.BoolVar(&f.simulate, "simulate", false, "play the attacks of simulate and draw their metrics")
	flags.StringVar(&f.out, "out", "dashboard.html", "file to write (- is standard output)")
	for _, other := range []string{"profile", "region", "stack", "hours", "queue", "endpoint-url"} {
		cmd.MarkFlagsMutuallyExclusive("simulate", other)
	}
	return cmd
}

func (f *dashboardFlags) run(cmd *cobra.Command) error {
	if problems := f.check(); len(problems) > 0 {
		return &exitError{exitUsage, strings.Join(problems, "; ")}
	}
	d, err := f.read(cmd.Context())
	if err != nil {
		return err
	}
	var page bytes.Buffer
	if err := dashboard.Render(&page, d); err != nil {
		return err
	}
	if f.out == "-" {
		_, err := cmd.OutOrStdout().Write(page.Bytes())
		return err
	}
	if err := os.WriteFile(f.out, page.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "Wrote %s: %s\n", f.out, d.Headline())
	showNotes(cmd.OutOrStdout(), d.Notes)
	return nil
}

// showNotes writes what the page says of itself, a note at a time.
func showNotes(w io.Writer, notes []string) {
	const width = 96 // of 100, behind the indentation
	for _, note := range notes {
		for i, line := range wrapAt(notify.Clean(note), width) {
			fmt.Fprintln(w, strings.Repeat("  ", 1+min(i, 1))+line)
		}
	}
}

// check says all that is wrong with the flags.
func (f *dashboardFlags) check() []string {
	problems := f.problems()
	if !isStackName(f.stack) {
		problems = append(problems, fmt.Sprintf("--stack is %.60q; want the name of a stack, such as trailkeeper", f.stack))
	}
	if f.hours < 1 || f.hours > mostHours {
		problems = append(problems, fmt.Sprintf("--hours is %d; want 1 to %d", f.hours, mostHours))
	}
	if f.out == "" {
		problems = append(problems, "--out is empty; want a file, or - for standard output")
	}
	if u, err := url.Parse(f.endpoint); f.endpoint != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil) {
		problems = append(problems, "--endpoint-url is no URL; want one such as http://127.0.0.1:4566")
	}
	for _, queue := range f.queues {
		if len(queue) == 0 || len(queue) > 80 || strings.ContainsFunc(strings.TrimSuffix(queue, ".fifo"), notNameRune) {
			problems = append(problems, fmt.Sprintf("--queue is %.100q; want the name of an SQS queue", queue))
		}
	}
	if len(f.queues) > mostQueues {
		problems = append(problems, fmt.Sprintf("--queue is given %d times; want at most %d", len(f.queues), mostQueues))
	}
	return problems
}

// isStackName goes by CloudFormation's rule for a stack's name.
func isStackName(s string) bool {
	return s != "" && len(s) <= 128 && !strings.ContainsFunc(s, notNameRune) && !strings.Contains(s, "_") && (s[0] > '9' && s[0] != '-')
}

func notNameRune(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
}

func (f *dashboardFlags) read(ctx context.Context) (dashboard.Data, error) {
	if f.simulate {
		return playForDashboard(ctx, f.templateOf, simulate.Scenarios())
	}
	cfg, err := f.cloudWatchConfig(ctx)
	if err != nil {
		return dashboard.Data{}, err
	}
	client := cloudwatch.NewFromConfig(cfg)
	origin := "CloudWatch in " + cfg.Region
	if f.endpoint != "" {
		origin = "The metrics at " + f.endpoint
	}
	reader := metricReader{data: client, list: client, stack: f.stack, queues: f.queues, origin: origin}
	from, to := dashboard.Align(time.Now(), time.Duration(f.hours)*time.Hour)
	return reader.read(ctx, from, to)
}

// cloudWatchConfig is the operator's, or for a cloud on loopback one with a key of no value, because any will do there.
func (f *dashboardFlags) cloudWatchConfig(ctx context.Context) (aws.Config, error) {
	if f.endpoint == "" {
		return f.config(ctx, 4)
	}
	u, err := url.Parse(f.endpoint)
	if err != nil {
		return aws.Config{}, err
	}
	var cfg aws.Config
	if simulate.CheckAddress(u.Host) == nil {
		cfg = aws.Config{Region: orElse(f.region, "eu-west-1"), Credentials: aws.CredentialsProviderFunc(localKey)}
	} else if cfg, err = f.config(ctx, 4); err != nil {
		return aws.Config{}, err
	}
	cfg.BaseEndpoint = aws.String(f.endpoint)
	return cfg, nil
}

func localKey(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
}
