package dashboard

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/dashboard"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/trailkeeper/cli"
)

// open reads the incidents that are not over from the state table.
func (f *options) open(ctx context.Context, cfg aws.Config) ([]dashboard.Incident, error) {
	table := f.table
	if table == "" {
		var err error
		if table, err = findTable(ctx, cfg, f.stack); err != nil {
			return nil, err
		}
	}
	book := incident.Book{
		Documents: state.NewStore(cfg, table, clock.Real()),
		Clock:     clock.Real(),
	}
	unsettled, err := book.Unsettled(ctx)
	var open []dashboard.Incident
	for arn, u := range unsettled {
		if !u.Closed.IsZero() {
			continue // only its message is missing
		}
		i := dashboard.Incident{
			Trail:  arn,
			Actor:  u.Incident.Last.Actor,
			State:  string(u.Incident.State),
			Opened: u.Incident.Opened,
			Dark:   u.Incident.Dark,
		}
		if t, err := events.ParseTrailARN(arn); err == nil {
			i.Trail, i.Account, i.Region = t.Name, t.Account, t.Region
		}
		open = append(open, i)
	}
	return open, err
}

// findTable finds the state table by the stack's name.
func findTable(ctx context.Context, cfg aws.Config, stack string) (string, error) {
	found, err := state.TablesOf(ctx, cfg, stack)
	switch {
	case err != nil:
		return "", cli.Explain("find the state table of "+stack, "dynamodb:ListTables", err, nil)
	case len(found) == 0:
		return "", errors.New("there is no table of a stack " + stack + "; name it with --table")
	case len(found) > 1:
		return "", errors.New("there are several tables of a stack " + stack + "; name one with --table")
	}
	return found[0], nil
}
