package watch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/detection"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/logfile"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/redrive/runs"
	"trailkeeper/lambda/internal/reporting"
	"trailkeeper/lambda/internal/s3read"
	"trailkeeper/lambda/internal/signal"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/decided"
)

// wiring is what the parts of a watch share.
type wiring struct {
	Options
	cfg       config.Watch
	documents state.Documents // nil: no table
	way       reporting.Options
}

// New makes the watch. It makes no request. The error names every setting that is wrong, if one of them is needed to
// apply the rules; a setting that concerns a channel only makes that channel fail, so that the others report it.
func New(o Options) (*Watch, error) {
	cfg, err := config.WatchFromEnv(o.Getenv)
	unknown := config.WatchUnknown(o.Environ)
	cfg = cfg.With(o.Lists)
	problems, _ := errors.AsType[config.Problems](err)
	client := o.HTTPClient
	var clientErr error
	if client == nil {
		client, clientErr = awsenv.HTTPClient(o.Getenv)
	}
	awsCfg, awsErr := awsenv.Config(o.Getenv, client)
	if o.Rules == nil {
		o.missing = cmp.Or(o.missing, errors.New("there are no rules"))
	}
	if len(problems.About(config.EnvAccounts, config.EnvPartition)) > 0 || clientErr != nil || awsErr != nil ||
		unknown != nil || o.Rules == nil {
		return nil, fmt.Errorf("settings: %w", errors.Join(err, unknown, clientErr, awsErr, o.missing))
	}
	w := &wiring{Options: o, cfg: cfg}
	w.Metrics = cmp.Or(o.Metrics, o.Log)
	dynamo := dynamodb.NewFromConfig(awsCfg)
	if cfg.Table != "" {
		w.documents = &state.Store{Client: dynamo, Table: cfg.Table, Clock: o.Clock}
	}
	w.way = reporting.Options{
		Config:    cfg.Reporting,
		Problems:  problems,
		AWS:       awsCfg,
		Client:    client,
		Documents: w.documents,
		Routes:    o.Routes,
		Scheduled: cfg.RedriveMinutes > 0,
		Base: finding.Finding{
			Subject: finding.Subject{Partition: cfg.Partition, Account: cmp.Or(cfg.Accounts...), Region: awsCfg.Region},
			Stack:   cfg.Stack,
		},
		Measure: w.measure,
		Clock:   o.Clock,
		Log:     o.Log,
	}
	handler := w.watch()
	w.readFiles(awsCfg, client, handler)
	handler.problems, handler.log, handler.warm = problems, o.Log, prewarmer{client, dynamo}
	return handler, nil
}

// watch wires what answers each kind of event.
func (w *wiring) watch() *Watch {
	r := reporting.New(w.way)
	handler := &Watch{summaries: r.Summaries, files: files{breaker: r.Breaker}}
	handler.records = w.records(r)
	if matters := handler.records.Matters; matters != nil {
		r.Summaries.Matter = matters.Matter
	}
	handler.signals = &signal.Responder{
		Reporter: r.Reporter,
		Parker:   r.Parker,
		Deliver:  r.Fanout.Redeliver,
		// A test of the watch is none of the guard's, whose alarm waits for it.
		Measure: func(context.Context, ...metrics.Metric) {},
		Base:    w.way.Base,
		Words:   signal.Words{Test: finding.NoteWatchTest, WhoInvoked: finding.NextWhoInvokedIts},
		Clock:   w.Clock,
		Log:     w.Log,
	}
	late := late{derive: handler.records.Late, deliver: r.Fanout.Redeliver}
	waiting := w.way.Waiting(handler.fromQueue, late.send)
	waiting.Takes = func(payload []byte) bool { return handler.files.takes(payload) }
	handler.queues = &runs.Redriver{
		Queues: waiting,
		Aside: runs.Aside{
			Base:     w.way.Base,
			Reporter: r.Reporter,
			Clock:    w.Clock,
			Log:      w.Log,
		},
		Measure: w.measure,
		Clock:   w.Clock,
	}
	return handler
}

// readFiles wires what reads log files, and the events of log groups.
func (w *wiring) readFiles(aws aws.Config, client *http.Client, handler *Watch) {
	s3 := &s3read.Client{
		HTTP:        client,
		Credentials: aws.Credentials,
		Region:      aws.Region,
		Endpoint:    awsenv.EndpointOf(w.Getenv, "S3"),
		Now:         w.Clock.Now,
	}
	f := &handler.files
	f.buckets, f.groups, f.removals = w.cfg.LogFileBuckets(), w.cfg.SubscribedLogGroups(), w.cfg.RemovedLogs
	f.open = s3.Open
	f.reader = logfile.Reader{Decide: handler.Records, Concerns: w.Rules.Concerns, Clock: w.Clock}
	if w.documents != nil {
		f.decided = decided.New(w.documents, w.Clock)
	}
}

// records wires what applies the rules.
func (w *wiring) records(r reporting.Way) *detection.Detector {
	d := &detection.Detector{
		Rules: w.Rules,
		Scope: detection.Scope{
			Accounts:        w.cfg.Accounts,
			GuardedAccounts: w.cfg.GuardedAccounts,
			GuardedRegions:  w.cfg.GuardedRegions,
			AnyLogged:       w.cfg.AnyLogAccount,
		},
		Once:     r.Once,
		Reporter: r.Reporter,
		Base:     w.way.Base,
		Measure:  w.measure,
		Clock:    w.Clock,
		Log:      w.Log,
	}
	if w.documents != nil {
		d.Counts = &detection.Counts{Documents: w.documents, Breaker: r.Breaker, Clock: w.Clock}
		d.Matters = &detection.Matters{
			Documents: w.documents,
			Breaker:   r.Breaker,
			Clock:     w.Clock,
			Log:       w.Log,
		}
	}
	if w.cfg.RuleErrors {
		d.Failures = &detection.Failures{
			Once:     r.Once,
			Reporter: r.Reporter,
			Base:     w.way.Base,
			Clock:    w.Clock,
		}
	}
	if w.cfg.RefusedNamespace != "" {
		d.Refused = func(ctx context.Context, account string, refused metrics.Refused) {
			metrics.WriteRefused(ctx, w.Metrics, w.cfg.RefusedNamespace, account, w.Clock.Now(), refused)
		}
	}
	return d
}

// measure writes metrics.
func (w *wiring) measure(ctx context.Context, figures ...metrics.Metric) {
	metrics.Write(ctx, w.Metrics, w.cfg.Stack, w.Clock.Now(), figures...)
}
