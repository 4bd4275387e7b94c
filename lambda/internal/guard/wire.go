package guard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/notify"
	"trailkeeper/lambda/internal/notify/park"
	"trailkeeper/lambda/internal/notify/slack"
	"trailkeeper/lambda/internal/notify/sns"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/secret"
	"trailkeeper/lambda/internal/store"
	"trailkeeper/lambda/internal/sweep"
	"trailkeeper/lambda/internal/trail"
)

// Options is what a guard is made of. Nothing else enters: no environment, no clock, no client.
type Options struct {
	// Getenv reads the function's environment: config.Guard's variables, and those that Lambda sets.
	Getenv func(string) string
	Log    *slog.Logger
	Clock  clock.Clock
	// HTTPClient carries every request, to AWS and to Slack; nil makes one from the environment.
	HTTPClient *http.Client
	// Baseline finds the declared baseline of a trail by its ARN; the error is fs.ErrNotExist where there is none. Nil: there are none.
	Baseline func(arn string) (baseline.Baseline, error)
	// Baselines returns every declared baseline; nil: there are none.
	Baselines func() ([]baseline.Baseline, error)
	// Exceptions are the modes of single trails and calls, and the approved changes.
	Exceptions exception.List
}

// New makes the guard. It makes no request. The error names every setting that is wrong, if one of them is needed to restore; a setting
// that concerns a channel only makes that channel fail, so that the others tell of it.
func New(o Options) (*Handler, error) {
	cfg, err := config.FromEnv(o.Getenv)
	problems, _ := errors.AsType[config.Problems](err)
	client := o.HTTPClient
	var clientErr error
	if client == nil {
		client, clientErr = awsenv.HTTPClient(o.Getenv)
	}
	awsCfg, awsErr := awsenv.Config(o.Getenv, client)
	if len(problems.About(config.EnvMode, config.EnvAccounts, config.EnvPartition)) > 0 || clientErr != nil || awsErr != nil {
		return nil, fmt.Errorf("settings: %w", errors.Join(err, clientErr, awsErr))
	}
	trails := &regions{cfg: awsCfg, clients: make(map[string]*cloudtrail.Client)}
	reader := &trail.Reader{Client: func(region string) trail.API { return trails.client(region) }, Clock: o.Clock}
	h := &Handler{
		cfg: cfg, log: o.Log, clock: o.Clock, http: client, trails: trails, problems: problems,
		baseline: o.Baseline,
		restores: &remediate.Restorer{
			Client: func(region string) remediate.RestoreAPI { return trails.client(region) }, Clock: o.Clock, Log: o.Log, Reader: reader,
		},
		exceptions: o.Exceptions, reads: reader, region: awsCfg.Region, recorded: cfg.Recorded,
		restarts: &remediate.Restarter{Client: trails.api, Clock: o.Clock, Log: o.Log},
		parker:   park.New(sqs.NewFromConfig(awsCfg), cfg.FailureQueue, o.Clock),
	}
	sweeps := &sweep.Sweeper{
		Approvals: o.Exceptions.Approvals, Region: awsCfg.Region, Regions: cfg.SweepRegions, Accounts: cfg.Accounts, Trails: reader, Declared: o.Baselines, Recorded: cfg.Recorded,
		Excluded: func(arn string) bool { return o.Exceptions.Mode(arn, "", cfg.Mode) == exception.ModeExclude }, Clock: o.Clock, Log: o.Log,
	}
	if cfg.Table != "" {
		table := &store.Store{API: dynamodb.NewFromConfig(awsCfg), Table: cfg.Table, Clock: o.Clock}
		h.memory, sweeps.Memory = table, table
	}
	if cfg.SweepMinutes > 0 {
		h.sweeper = sweeps
	}
	if wrong := problems.About(config.EnvFailureQueue); len(wrong) > 0 {
		h.parker = broken{"", wrong}
	}
	fanout := &notify.Fanout{Notifiers: notifiers(cfg, problems, awsCfg, client, o.Clock), Parker: h.parker, Log: o.Log, Clock: o.Clock}
	if h.memory != nil {
		fanout.Ledger = ledger{h.memory}
	}
	h.notices = fanout
	return h, nil
}

// notifiers makes one for each channel that is configured.
func notifiers(cfg config.Guard, problems config.Problems, awsCfg aws.Config, client *http.Client, clk clock.Clock) []notify.Notifier {
	var all []notify.Notifier
	if wrong := problems.About(config.EnvSlackSecret, config.EnvSlackChannel, config.EnvSlackAPI); len(wrong) > 0 {
		all = append(all, broken{notify.ChannelSlack, wrong})
	} else if cfg.SlackSecret != "" {
		all = append(all, slack.New(slack.Options{
			HTTPClient: client, Secret: secret.New(secretsmanager.NewFromConfig(awsCfg), cfg.SlackSecret, clk), SecretName: cfg.SlackSecret,
			Channel: cfg.SlackChannel, API: cfg.SlackAPI, Clock: clk,
		}))
	}
	if wrong := problems.About(config.EnvTopicARN); len(wrong) > 0 {
		all = append(all, broken{notify.ChannelSNS, wrong})
	} else if cfg.TopicARN != "" {
		all = append(all, sns.New(awssns.NewFromConfig(awsCfg), cfg.TopicARN, clk))
	}
	return all
}

// broken stands for a channel or a queue whose settings are wrong: it refuses everything and says why.
type broken struct {
	name     string
	problems config.Problems
}

// Name is the channel's name.
func (b broken) Name() string { return b.name }

// Notify refuses.
func (b broken) Notify(context.Context, notify.Notification) error { return b.why() }

// Park refuses.
func (b broken) Park(context.Context, notify.Parked) error { return b.why() }

func (b broken) why() error {
	return fmt.Errorf("wrong settings: %s", strings.ReplaceAll(b.problems.Error(), "\n", "; "))
}

// regions keeps a CloudTrail client for each Region that a trail has called home.
type regions struct {
	cfg     aws.Config
	mu      sync.Mutex
	clients map[string]*cloudtrail.Client
}

func (r *regions) api(region string) remediate.API { return r.client(region) }

func (r *regions) client(region string) *cloudtrail.Client {
	r.mu.Lock()
	defer r.mu.Unlock()
	client, ok := r.clients[region]
	if !ok {
		cfg := r.cfg.Copy()
		cfg.Region = region
		client = cloudtrail.NewFromConfig(cfg)
		r.clients[region] = client
	}
	return client
}

// Prewarm opens the connection to CloudTrail in the function's own Region, so that the first StartLogging finds it open. It sends no
// credentials. Failing costs nothing: the first call then opens its own.
func (h *Handler) Prewarm(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	url, err := endpoint(ctx, h.trails.client(h.trails.cfg.Region))
	if err != nil {
		return
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return
	}
	resp, err := h.http.Do(req)
	if err != nil {
		h.log.DebugContext(ctx, "prewarm failed", "error", err.Error())
		return
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // a connection is kept only when its answer was read
}

// endpoint asks the SDK where the client's calls go.
func endpoint(ctx context.Context, client *cloudtrail.Client) (string, error) {
	o := client.Options()
	params := cloudtrail.EndpointParameters{
		Region: aws.String(o.Region), Endpoint: o.BaseEndpoint,
		UseFIPS:      aws.Bool(o.EndpointOptions.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled),
		UseDualStack: aws.Bool(o.EndpointOptions.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled),
	}
	e, err := o.EndpointResolverV2.ResolveEndpoint(ctx, params)
	if err != nil {
		return "", fmt.Errorf("resolve the CloudTrail endpoint: %w", err)
	}
	return e.URI.String(), nil
}
