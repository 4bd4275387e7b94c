package guard

import (
	"context"

	"trailkeeper/events"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/evidence"
	"trailkeeper/lambda/internal/kmskey"
	"trailkeeper/lambda/internal/redrive"
	"trailkeeper/lambda/internal/redrive/runs"
	"trailkeeper/lambda/internal/reporting"
	"trailkeeper/lambda/internal/respond"
	"trailkeeper/lambda/internal/s3read"
	"trailkeeper/lambda/internal/signal"
	"trailkeeper/lambda/internal/sweep"
	"trailkeeper/lambda/internal/sweep/look"
)

// evidence wires what answers calls on a trail's evidence.
func (w *wiring) evidence(r reporting.Way) *evidence.Responder {
	return &evidence.Responder{
		Scope: w.scope, Baselines: w.Baselines, Enabler: w.enabler(), Reporter: r.Reporter, Log: w.Log,
	}
}

// keys makes what asks AWS KMS.
func (w *wiring) keys() *kmskey.Client {
	api := &awsapi.Client{HTTP: w.client, Credentials: w.aws.Credentials, Getenv: w.Getenv, Now: w.Clock.Now}
	return &kmskey.Client{Call: api.Call}
}

// enabler wires what enables a trail's key; nil: the settings do not ask for it.
func (w *wiring) enabler() *evidence.Enabler {
	if !w.cfg.EnableKeys {
		return nil
	}
	return &evidence.Enabler{Keys: w.keys(), Account: w.ownAccount(), Scope: w.scope, Clock: w.Clock}
}

// ownAccount is that of the function's role; empty: it is not known.
func (w *wiring) ownAccount() string {
	role, _ := events.ParseARN(w.cfg.RoleARN)
	return role.Account
}

// evidenceSweeper wires what compares the trails' buckets and keys.
func (w *wiring) evidenceSweeper(r reporting.Way) *evidence.Sweeper {
	return &evidence.Sweeper{
		Scope:     w.scope,
		Baselines: w.Baselines,
		Reader: &evidence.Reader{
			Buckets: func(region string) *s3read.Client {
				return &s3read.Client{
					HTTP: w.client, Credentials: w.aws.Credentials, Region: region, Endpoint: awsenv.EndpointOf(w.Getenv, "S3"), Now: w.Clock.Now,
				}
			},
			Keys:    w.keys(),
			Account: w.ownAccount(),
		},
		Enabler:  w.enabler(),
		Reporter: r.Reporter,
		Once:     r.Once,
		Clock:    w.Clock,
	}
}

// signals wires what answers test alerts, alarms and unreadable payloads.
func (w *wiring) signals(r reporting.Way) *signal.Responder {
	return &signal.Responder{
		Reporter: r.Reporter,
		Parker:   r.Parker,
		Deliver:  r.Fanout.Redeliver,
		Measure:  w.measure,
		Base:     w.base,
		Clock:    w.Clock,
		Log:      w.Log,
	}
}

// queues wires what takes up again what waits in the failure queue and the dead letters of EventBridge.
func (w *wiring) queues(t tools, r reporting.Way, handle func(context.Context, []byte) error) *runs.Redriver {
	events := &redrive.Events{Handler: handle, Regions: append([]string{w.aws.Region}, w.cfg.SweepRegions...)}
	messages := &redrive.Messages{
		Scope:  w.scope,
		Region: w.aws.Region,
		Standing: redrive.Standing{
			Scope:     w.scope,
			Logging:   t.restarter.Logging,
			Reader:    t.reader,
			Baselines: t.baselines,
		},
		Deliver: r.Fanout.Redeliver,
		Clock:   w.Clock,
	}
	if r.Incidents != nil {
		messages.Incidents = r.Incidents
	}
	return &runs.Redriver{
		Queues: w.reporting().Waiting(events.Handle, messages.Send),
		Aside: runs.Aside{
			Base:     w.base,
			Reporter: r.Reporter,
			Clock:    w.Clock,
			Log:      w.Log,
		},
		Measure: w.measure,
		Clock:   w.Clock,
	}
}

// sweeps wires what looks at the trails without being asked by an event.
func (w *wiring) sweeps(t tools, r reporting.Way, waiting *runs.Redriver) *sweep.Sweeper {
	actors := &look.Actors{
		History: t.history,
		Judge:   t.judge,
		Own:     w.scope.Own,
		Clock:   w.Clock,
	}
	s := &sweep.Sweeper{
		Reports: sweep.Reports{
			Scope:    w.scope,
			Region:   w.aws.Region,
			Reporter: r.Reporter,
			Once:     r.Once,
			Measure:  w.measure,
		},
		Repairs: sweep.Repairs{
			Scope:    w.scope,
			Minutes:  w.cfg.SweepMinutes,
			Restarts: t.restarter,
			Restores: t.restorer,
			Clock:    w.Clock,
			Log:      w.Log,
		},
		Claims: sweep.Claims{Approved: w.Exceptions.Approvals, Actors: actors, Log: w.Log},
		Ends: sweep.Ends{Scope: w.scope, Exists: func(ctx context.Context, arn string) error {
			_, err := t.reader.Read(ctx, arn)
			return err
		}},
		Records: sweep.Records{Baselines: w.cfg.Recorded, Log: w.Log},
		Names:   sweep.Names{Actors: actors, Once: r.Once},
		Redrive: waiting.AfterSweep,
		Clock:   w.Clock,
		Log:     w.Log,
	}
	if w.Baselines != nil {
		s.Evidence = w.evidenceSweeper(r)
	}
	if w.cfg.SweepMinutes > 0 {
		s.Looker, s.Outside = w.looker(t, actors), w.outside()
	}
	if w.cfg.WardenMode != "" {
		s.Deployment = checked{w.crosscheck(t, r)}
	}
	if w.table != nil {
		s.Repairs.Pending, s.Ends.Pending, s.Records.Table = w.table.trails, w.table.trails, w.table.trails
		s.Claims.Table = w.table.approvals
		s.Ends.Incidents, s.Names.Incidents, s.Summaries = r.Incidents, r.Incidents, r.Summaries
	}
	return s
}

// looker wires what looks at every trail.
func (w *wiring) looker(t tools, actors *look.Actors) *look.Looker {
	l := &look.Looker{
		Claims:   t.judge.Judge,
		Rival:    actors.Rival,
		Region:   w.aws.Region,
		Regions:  w.cfg.SweepRegions,
		Accounts: w.cfg.Accounts,
		Trails:   t.reader,
		Declared: w.Baselines,
		Recorded: w.cfg.Recorded,
		Excluded: func(arn string) bool { return w.scope.ModeOf(arn, "") == exception.ModeExclude },
		Clock:    w.Clock,
		Log:      w.Log,
	}
	if w.table != nil {
		l.Memory = w.table.trails
	}
	return l
}

// records wires what a record of a call leads to.
func (w *wiring) records(t tools, r reporting.Way, s *sweep.Sweeper) *respond.Responder {
	results := &respond.Results{Reporter: r.Reporter, Clock: w.Clock, Log: w.Log}
	claims := &respond.Claims{Judge: t.judge}
	retries := &respond.Retries{Async: w.cfg.AsyncRetries}
	approvals := &respond.Approvals{
		Scope:        w.scope,
		Judge:        t.judge,
		Baselines:    t.baselines,
		Stops:        respond.Stops{Claims: claims, Reader: t.reader, Log: w.Log},
		SweepMinutes: w.cfg.SweepMinutes,
		Clock:        w.Clock,
	}
	unnamed := &respond.Unnamed{Once: r.Once, Clock: w.Clock}
	if s.Looker != nil {
		unnamed.Sweep = s.Sweep
	}
	if w.table != nil {
		results.Table, claims.Table, approvals.Table = w.table.trails, w.table.trails, w.table.approvals
	}
	return &respond.Responder{
		Scope:     w.scope,
		Approvals: approvals,
		Restarts: &respond.Restarts{
			Scope:     w.scope,
			Restarter: t.restarter,
			Retries:   retries,
			Results:   results,
			Clock:     w.Clock,
		},
		Restores: &respond.Restores{
			Scope:     w.scope,
			Restorer:  t.restorer,
			Baselines: t.baselines,
			Claims:    claims,
			Retries:   retries,
			Escalates: &respond.Escalates{Once: r.Once, SweepMinutes: w.cfg.SweepMinutes},
			Results:   results,
			Clock:     w.Clock,
		},
		OwnCalls: &respond.OwnCalls{
			Scope:   w.scope,
			Logging: t.restarter.Logging,
			Once:    r.Once,
			Clock:   w.Clock,
			Log:     w.Log,
		},
		Unnamed: unnamed,
		Results: results,
	}
}
