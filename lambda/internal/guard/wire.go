package guard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/baselines"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/history"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/trail/reading"
)

// wiring is what the parts of a guard share.
type wiring struct {
	Options
	cfg      config.Guard
	problems config.Problems
	aws      aws.Config
	client   *http.Client
	trails   *regions
	table    *table // nil: there is none
	scope    assess.Scope
	base     finding.Finding // what every finding has: who speaks

	secretRegion string // of the secret; empty: the function's own
}

// table is the state table, and what it says of trails.
type table struct {
	documents state.Documents
	trails    *known.Book
	approvals *known.Approvals
}

// New makes the guard. It makes no request. The error names every setting that is wrong, if one of them is needed to
// restore; a setting that concerns a channel only makes that channel fail, so that the others report it.
func New(o Options) (*Guard, error) {
	cfg, err := config.FromEnv(o.Getenv)
	unknown := config.Unknown(o.Environ)
	cfg = cfg.With(o.Lists)
	problems, _ := errors.AsType[config.Problems](err)
	client := o.HTTPClient
	var clientErr error
	if client == nil {
		client, clientErr = awsenv.HTTPClient(o.Getenv)
	}
	awsCfg, awsErr := awsenv.Config(o.Getenv, client)
	if len(problems.About(config.EnvMode, config.EnvAccounts, config.EnvPartition)) > 0 || clientErr != nil ||
		awsErr != nil || unknown != nil {
		return nil, fmt.Errorf("settings: %w", errors.Join(err, unknown, clientErr, awsErr))
	}
	w := &wiring{
		Options:  o,
		cfg:      cfg,
		problems: problems,
		aws:      awsCfg,
		client:   client,
	}
	w.Metrics = cmp.Or(o.Metrics, o.Log)
	w.trails = &regions{cfg: awsCfg, clients: make(map[string]*cloudtrail.Client)}
	w.remember(cfg.Table)
	w.scope = assess.Scope{
		Mode:       cfg.Mode,
		Accounts:   cfg.Accounts,
		Partition:  cfg.Partition,
		RoleARN:    cfg.RoleARN,
		Stack:      cfg.Stack,
		Exceptions: o.Exceptions,
	}
	w.base = finding.Finding{
		Subject: finding.Subject{Partition: cfg.Partition, Account: cmp.Or(cfg.Accounts...), Region: awsCfg.Region},
		Stack:   cfg.Stack,
	}
	return w.guard(), nil
}

// remember makes what reads and writes the state table; without a name there is none.
func (w *wiring) remember(name string) {
	if name != "" {
		documents := &state.Store{Client: dynamodb.NewFromConfig(w.aws), Table: name, Clock: w.Clock}
		w.table = &table{documents, known.NewBook(documents, w.Clock), known.NewApprovals(documents, w.Clock)}
	}
}

// guard wires what answers each kind of event.
func (w *wiring) guard() *Guard {
	t := w.tools()
	r := w.way()
	g := &Guard{problems: w.problems, log: w.Log, warm: prewarmer{http: w.client, client: w.trails.client(w.aws.Region)}}
	g.signals = w.signals(r)
	g.queues = w.queues(t, r, g.fromQueue)
	g.sweeps = w.sweeps(t, r, g.queues)
	g.records = w.records(t, r, g.sweeps)
	g.evidence = w.evidence(r)
	return g
}

// tools are what reads and writes trails.
type tools struct {
	reader    *reading.Reader
	restarter *remediate.Restarter
	restorer  *remediate.Restorer
	history   *history.Reader
	judge     *approval.Judge
	baselines *baselines.Source
}

func (w *wiring) tools() tools {
	reader := &reading.Reader{Client: func(region string) reading.API { return w.trails.client(region) }, Clock: w.Clock}
	past := &history.Reader{Client: func(region string) history.API { return w.trails.client(region) }, Clock: w.Clock}
	t := tools{
		reader:    reader,
		restarter: &remediate.Restarter{Client: w.trails.api, Clock: w.Clock, Log: w.Log},
		restorer: &remediate.Restorer{
			Client: func(region string) remediate.RestoreAPI { return w.trails.client(region) },
			Clock:  w.Clock,
			Log:    w.Log,
			Reader: reader,
		},
		history:   past,
		judge:     &approval.Judge{History: past, Approvals: w.Exceptions.Approvals, Clock: w.Clock},
		baselines: &baselines.Source{Files: w.Baseline},
	}
	if w.table != nil && w.cfg.Recorded {
		t.baselines.Recorded = w.table.trails
	}
	return t
}

// measure writes metrics.
func (w *wiring) measure(ctx context.Context, figures ...metrics.Metric) {
	metrics.Write(ctx, w.Metrics, w.cfg.Stack, w.Clock.Now(), figures...)
}
