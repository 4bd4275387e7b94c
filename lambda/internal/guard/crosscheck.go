package guard

import (
	"cmp"
	"context"
	"io/fs"
	"sync"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/reporting"
	"trailkeeper/lambda/internal/warden"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/checks"
)

// crosscheck wires the check of the warden's resources, which the sweep makes.
func (w *wiring) crosscheck(t tools, r reporting.Way) *warden.Warden {
	of := w.checking(r)
	of.Part, of.Restores, of.Stack = deployment.PartWarden, w.cfg.WardenMode == config.ModeRestore, w.cfg.Stack
	of.Place = w.place(w.cfg.RoleARN, w.aws.Region)
	of.Suffix = awsapi.Suffix(of.Place.Region)
	of.Actors = &warden.History{Search: t.history, Own: w.scope.Own, Clock: w.Clock}
	return of
}

// checking is what guard and warden have in common in checking each other.
func (w *wiring) checking(r reporting.Way) *warden.Warden {
	client := &awsapi.Client{HTTP: w.client, Credentials: w.aws.Credentials, Getenv: w.Getenv, Now: w.Clock.Now}
	of := &warden.Warden{
		Description: sync.OnceValues(w.description),
		Call:        client.Call,
		Reporter:    r.Reporter,
		Once:        r.Once,
		Measure:     w.measure,
		Clock:       w.Clock,
		Log:         w.Log,
	}
	of.Checks = func(record deployment.Record, all []deployment.Deployed) map[string]check.Check {
		tools := checks.Tools{Call: client.Call, Clock: w.Clock, Record: record, All: all, Local: checks.IsLocal(w.Getenv)}
		if w.table != nil {
			tools.Documents = w.table.documents
		}
		return checks.Types(tools)
	}
	return of
}

// description reads what the asset says of the deployment. It is large, and the same as long as the function runs.
func (w *wiring) description() (deployment.Own, error) {
	if w.Deployment == nil {
		return deployment.Own{}, fs.ErrNotExist
	}
	content, err := w.Deployment()
	if err != nil {
		return deployment.Own{}, err
	}
	return deployment.ParseOwn(content)
}

// place is that of the deployment's stack, whose account is that of the function's role.
func (w *wiring) place(role, region string) events.Place {
	a, _ := events.ParseARN(role)
	return events.Place{
		Partition: w.cfg.Partition, Region: region, Account: cmp.Or(append([]string{a.Account}, w.cfg.Accounts...)...),
	}
}

// checked has the sweep check a part of the deployment.
type checked struct{ of *warden.Warden }

// Check implements sweep.Deployment.
func (c checked) Check(ctx context.Context, id string) (string, error) {
	result, err := c.of.Run(ctx, id)
	return result.Reason, err
}
