package guard

import (
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
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/notify"
	"trailkeeper/lambda/internal/notify/park"
	"trailkeeper/lambda/internal/notify/slack"
	"trailkeeper/lambda/internal/notify/sns"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/secret"
)

// Options is what a guard is made of. Nothing else enters: no environment, no clock, no client.
type Options struct {
	// Getenv reads the function's environment: config.Guard's variables, and those that Lambda sets.
	Getenv func(string) string
	Log    *slog.Logger
	Clock  clock.Clock
	// HTTPClient carries every request, to AWS and to Slack; nil makes one from the environment.
	HTTPClient *http.Client
}

// New makes the guard. It makes no request; the error names every setting that is wrong.
func New(o Options) (*Handler, error) {
	cfg, err := config.FromEnv(o.Getenv)
	client := o.HTTPClient
	if client == nil {
		var clientErr error
		client, clientErr = awsenv.HTTPClient(o.Getenv)
		err = errors.Join(err, clientErr)
	}
	awsCfg, awsErr := awsenv.Config(o.Getenv, client)
	if err := errors.Join(err, awsErr); err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	trails := &regions{cfg: awsCfg, clients: make(map[string]*cloudtrail.Client)}
	h := &Handler{
		cfg: cfg, log: o.Log, clock: o.Clock, http: client, trails: trails,
		restarts: &remediate.Restarter{Client: trails.api, Clock: o.Clock, Log: o.Log},
		parker:   park.New(sqs.NewFromConfig(awsCfg), cfg.FailureQueue, o.Clock),
	}
	h.notices = &notify.Fanout{Notifiers: notifiers(cfg, awsCfg, client, o.Clock), Parker: h.parker, Log: o.Log, Clock: o.Clock}
	return h, nil
}

// notifiers makes one for each channel that is configured.
func notifiers(cfg config.Guard, awsCfg aws.Config, client *http.Client, clk clock.Clock) []notify.Notifier {
	var all []notify.Notifier
	if cfg.SlackSecret != "" {
		all = append(all, slack.New(slack.Options{
			HTTPClient: client, Secret: secret.New(secretsmanager.NewFromConfig(awsCfg), cfg.SlackSecret, clk), SecretName: cfg.SlackSecret,
			Channel: cfg.SlackChannel, API: cfg.SlackAPI, Clock: clk,
		}))
	}
	if cfg.TopicARN != "" {
		all = append(all, sns.New(awssns.NewFromConfig(awsCfg), cfg.TopicARN, clk))
	}
	return all
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
