package guard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/bearing"
	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/history"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/report/channels"
	"trailkeeper/lambda/internal/report/claims"
	"trailkeeper/lambda/internal/report/park"
	"trailkeeper/lambda/internal/report/repeat"
	"trailkeeper/lambda/internal/store"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// Options is what a guard is made of. Nothing else enters: no environment, no clock, no client.
type Options struct {
	// Getenv reads the function's environment: config.Guard's variables, and those that Lambda sets.
	Getenv func(string) string
	Log    *slog.Logger
	// Metrics takes the metrics, as package metrics writes them; nil: Log does.
	Metrics *slog.Logger
	Clock   clock.Clock
	// HTTPClient carries every request, to AWS and to Slack; nil makes one from the environment.
	HTTPClient *http.Client
	// Baseline finds the declared baseline of a trail by its ARN; the error is fs.ErrNotExist where there is none. Nil: there are none.
	Baseline func(arn string) (baseline.Baseline, error)
	// Baselines returns every declared baseline; nil: there are none.
	Baselines func() ([]baseline.Baseline, error)
	// Lists are the accounts and Regions that the deployment was made for.
	Lists config.Lists
	// Exceptions are the modes of single trails and calls, and the approved changes.
	Exceptions exception.List
	// Routes say who is told of what; what fits none goes to the destinations of the environment.
	Routes route.List
}

// New makes the guard. It makes no request. The error names every setting that is wrong, if one of them is needed to restore; a setting
// that concerns a channel only makes that channel fail, so that the others tell of it.
func New(o Options) (*Handler, error) {
	cfg, err := config.FromEnv(o.Getenv)
	cfg = cfg.With(o.Lists)
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
		breaker: &circuit.Breaker{Clock: o.Clock}, cfg: cfg, log: o.Log, metrics: cmp.Or(o.Metrics, o.Log), clock: o.Clock, http: client, trails: trails, problems: problems,
		baseline: o.Baseline,
		restores: &remediate.Restorer{
			Client: func(region string) remediate.RestoreAPI { return trails.client(region) }, Clock: o.Clock, Log: o.Log, Reader: reader,
		},
		reads: reader, exceptions: o.Exceptions, region: awsCfg.Region, recorded: cfg.Recorded,
		restarts: &remediate.Restarter{Client: trails.api, Clock: o.Clock, Log: o.Log},
		parker:   park.New(sqs.NewFromConfig(awsCfg), cfg.FailureQueue, o.Clock),
	}
	h.there = func(ctx context.Context, arn string) error {
		_, err := reader.Read(ctx, arn)
		return err
	}
	past := &history.Reader{Client: func(region string) history.API { return trails.client(region) }, Clock: o.Clock}
	h.past, h.judge = past, &approval.Judge{History: past, Approvals: o.Exceptions.Approvals, Clock: o.Clock}
	sweeps := &look.Looker{
		Claims: h.judge.Judge, Rival: h.rival, Region: awsCfg.Region, Regions: cfg.SweepRegions, Accounts: cfg.Accounts,
		Trails: reader, Declared: o.Baselines, Recorded: cfg.Recorded,
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
		h.parker = channels.Broken{Problems: wrong}
	}
	to := channels.New(channels.Options{
		Config:   cfg,
		Problems: problems,
		AWS:      awsCfg,
		Client:   client,
		Threads:  h.memory,
		Breaker:  h.breaker,
		Log:      o.Log,
		Clock:    o.Clock,
	}, o.Routes)
	h.reportWith(&report.Fanout{
		Notifiers: to.Defaults,
		Further:   to.Further,
		Route:     to.Route,
		Parker:    h.parker,
		Log:       o.Log,
		Clock:     o.Clock,
	})
	h.redriver = h.newRedriver(cfg, sqs.NewFromConfig(awsCfg))
	return h, nil
}

// reportWith makes what reports of what delivers: with the table it has incidents, claims and summaries.
func (h *Handler) reportWith(fanout *report.Fanout) {
	fanout.Breaker = h.breaker
	h.once = &claims.Once{Breaker: h.breaker, Clock: h.clock, Log: h.log}
	h.book, h.summaries = nil, nil
	if h.memory != nil {
		h.once.Table = h.memory
		h.book = &incident.Book{Table: h.memory, Clock: h.clock, Log: h.log, Breaker: h.breaker}
		fanout.Claims, fanout.Collapse = claims.Events{Table: h.memory}, h.collapse(h.memory)
	}
	h.reporter, h.resend = bearing.Reporter{Next: report.New(fanout, h.book, h.measure, h.runbook())}, fanout.Redeliver
	if h.memory != nil {
		h.summaries = &repeat.Summaries{
			Table:     h.memory,
			Reporter:  h.reporter,
			Incidents: h.book,
			Base: finding.Finding{
				Subject: finding.Subject{Partition: h.cfg.Partition, Account: first(h.cfg.Accounts...), Region: h.region},
				Stack:   h.cfg.Stack,
			},
			Clock: h.clock,
			Log:   h.log,
		}
	}
}

// collapse reports what is left to a summary, where a sweep sends one.
func (h *Handler) collapse(table memory) func(context.Context, finding.Finding, string) bool {
	limiter := &repeat.Limiter{
		Table:     table,
		Once:      h.once,
		Breaker:   h.breaker,
		Log:       h.log,
		IsWebhook: func(destination string) bool { return channels.IsWebhook(h.cfg, destination) },
	}
	return func(ctx context.Context, n finding.Finding, destination string) bool {
		return h.sweeper != nil && limiter.Collapse(ctx, n, destination)
	}
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

// runbook is the setting, or nothing where it is wrong: a link is not worth a message.
func (h *Handler) runbook() string {
	if len(h.problems.About(config.EnvRunbook)) > 0 {
		return ""
	}
	return h.cfg.Runbook
}
