// Package dashboard is the command that draws what Trailkeeper measured of itself as one HTML page.
// It knows no chart: it asks CloudWatch, or plays the scenarios, and hands the figures to the page.
package dashboard

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/spf13/cobra"

	"trailkeeper/lambda/internal/dashboard"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/simulate/listen"
	"trailkeeper/lambda/internal/simulate/scenarios"
	"trailkeeper/lambda/trailkeeper/cli"
)

// maxHours is how far back a page goes: 30 days.
const maxHours = 720

// options are the command's flags.
type options struct {
	cli.Operator
	stack, endpoint, out string
	table                string
	hours                int
	queues               []string
	simulate             bool
}

// New makes the command.
func New() *cobra.Command {
	var f options
	cmd := &cobra.Command{
		Use:   "dashboard [flags]",
		Short: "Draw the deployment's metrics as one HTML page",
		Long: "Reads the metrics of a deployment from CloudWatch and draws them as one HTML page: the trails' state\n" +
			"and sweeps, incidents with their dark time and time to restore, deliveries, test alerts and queues.\n" +
			"The page is self-contained: it runs no script and loads nothing, so it can be kept, sent or printed.\n\n" +
			"It needs cloudwatch:GetMetricData, and cloudwatch:ListMetrics to find the queues. To name the trails,\n" +
			"accounts and actors of what is open it needs dynamodb:Query on the state table, and dynamodb:ListTables\n" +
			"to find that. CloudWatch charges less than a cent for a page.\n\n" +
			"With --simulate the metrics are those of the scenarios of \"trailkeeper simulate\", without an AWS\n" +
			"account. With --endpoint-url they are those of a \"trailkeeper simulate --listen\".",
		Example: "  trailkeeper dashboard --profile security --region eu-west-1\n" +
			"  trailkeeper dashboard --stack trailkeeper-eu --hours 168 --out week.html\n" +
			"  trailkeeper dashboard --simulate\n" +
			"  trailkeeper dashboard --endpoint-url http://127.0.0.1:4566 --hours 1",
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.Flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.stack, "stack", "trailkeeper", "name of the stack")
	flags.IntVar(&f.hours, "hours", 24, "how many hours back the page goes, up to 720")
	flags.StringSliceVar(&f.queues, "queue", nil,
		"a further queue by its `NAME`, such as that of function.failureQueueArn")
	flags.StringVar(&f.table, "table", "", "state table of the deployment (default: found by the stack's name)")
	flags.StringVar(&f.endpoint, "endpoint-url", "",
		"`URL` to ask in place of CloudWatch's, such as that of a simulate --listen")
	flags.BoolVar(&f.simulate, "simulate", false, "play the scenarios of simulate and draw their metrics")
	flags.StringVar(&f.out, "out", "dashboard.html", "file to write (- is standard output)")
	for _, other := range []string{"profile", "region", "stack", "hours", "queue", "table", "endpoint-url"} {
		cmd.MarkFlagsMutuallyExclusive("simulate", other)
	}
	return cmd
}

func (f *options) run(cmd *cobra.Command) error {
	if err := f.check(); err != nil {
		return err
	}
	if err := cli.CheckFile(f.out); err != nil && f.out != "-" {
		return cli.Usage(err.Error())
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
	if err := cli.WriteFile(f.out, page.Bytes()); err != nil {
		return cli.Failed(err.Error())
	}
	fmt.Fprintf(cmd.OutOrStdout(), "Wrote %s: %s\n", f.out, d.Headline())
	showNotes(cmd.OutOrStdout(), d.Notes)
	return nil
}

// showNotes writes what the page says of itself, a note at a time.
func showNotes(w io.Writer, notes []string) {
	const width = cli.Columns - 4 // behind the indentation
	for _, note := range notes {
		for i, line := range cli.Wrap(sanitize.Clean(note), width) {
			fmt.Fprintln(w, strings.Repeat("  ", 1+min(i, 1))+line)
		}
	}
}

// check says all that is wrong with the flags.
func (f *options) check() error {
	problems := []string{
		cli.BadRegion(f.Region),
		cli.BadStack(f.stack),
		cli.Unless(f.hours >= 1 && f.hours <= maxHours, "--hours is %d; want 1 to %d", f.hours, maxHours),
		cli.Unless(f.out != "", "--out is empty; want a file, or - for standard output"),
		cli.Unless(f.endpoint == "" || isURL(f.endpoint), "--endpoint-url is no URL; want one such as http://127.0.0.1:4566"),
		cli.Unless(len(f.queues) <= maxQueues, "--queue is given %d times; want at most %d", len(f.queues), maxQueues),
	}
	for _, queue := range f.queues {
		named := len(queue) <= 80 && cli.IsName(strings.TrimSuffix(queue, ".fifo"), 80, "-_")
		problems = append(problems, cli.Bad(named, "queue", queue, "the name of an SQS queue"))
	}
	return cli.Check(problems...)
}

// isURL reports whether a text is one of HTTP, without credentials in it.
func isURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
}

func (f *options) read(ctx context.Context) (dashboard.Data, error) {
	if f.simulate {
		return play(ctx, scenarios.All())
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
	r := reader{
		data:   client,
		list:   client,
		stack:  f.stack,
		queues: f.queues,
		origin: origin,
	}
	from, to := dashboard.Align(time.Now(), time.Duration(f.hours)*time.Hour)
	d, err := r.read(ctx, from, to)
	if err != nil {
		return dashboard.Data{}, err
	}
	if d.Open, err = f.open(ctx, cfg); err != nil {
		d.Notes = append(d.Notes, "What is open cannot be named: "+err.Error())
	}
	return d, nil
}

// cloudWatchConfig is the operator's, or for a cloud on loopback one with a key of no value, because any will do there.
func (f *options) cloudWatchConfig(ctx context.Context) (aws.Config, error) {
	if f.endpoint == "" {
		return f.Config(ctx, 4)
	}
	u, err := url.Parse(f.endpoint)
	if err != nil {
		return aws.Config{}, err
	}
	var cfg aws.Config
	if listen.CheckAddress(u.Host) == nil {
		cfg = aws.Config{Region: cmp.Or(f.Region, "eu-west-1"), Credentials: aws.CredentialsProviderFunc(localKey)}
	} else if cfg, err = f.Config(ctx, 4); err != nil {
		return aws.Config{}, err
	}
	cfg.BaseEndpoint = aws.String(f.endpoint)
	return cfg, nil
}

func localKey(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
}
