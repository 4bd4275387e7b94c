package distributed

import (
	"context"
	"fmt"

	"trailkeeper/lambda/internal/backtest"
)

// gather sees to it that every list and every shard has a report, and groups them.
func (s *step) gather(ctx context.Context) (any, error) {
	all, err := s.Results.List(ctx, s.folder(reports))
	if err != nil {
		return nil, err
	}
	there := make(map[string]bool, len(all))
	for _, key := range all {
		there[key] = true
	}
	for _, folder := range []string{lists, shards} {
		keys, err := s.Results.List(ctx, s.folder(folder))
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			id, err := s.idIn(folder, key)
			if err != nil {
				return nil, err
			}
			report := s.reportOf(folder, id)
			if there[report] {
				continue
			}
			if err := s.abandon(ctx, folder, id, "it has left no report; its child execution says why"); err != nil {
				return nil, err
			}
			all = append(all, report)
		}
	}
	for i := 0; i*s.Sizes.Group < len(all); i++ {
		some := all[i*s.Sizes.Group : min((i+1)*s.Sizes.Group, len(all))]
		if err := write(ctx, s.Results, s.key(groups, number(i+1)), some...); err != nil {
			return nil, err
		}
	}
	return none{}, nil
}

// merge makes one report of those of a group.
func (s *step) merge(ctx context.Context) (any, error) {
	id, err := s.idIn(groups, s.Item)
	if err != nil {
		return nil, err
	}
	keys, err := read[string](ctx, s.Results, s.Item)
	if err != nil {
		return nil, err
	}
	return none{}, s.fold(ctx, keys, s.key(merged, id))
}

// Place is where the report of an archive is.
type Place struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
}

// report makes the report of all groups.
func (s *step) report(ctx context.Context) (any, error) {
	all, err := s.Results.List(ctx, s.folder(groups))
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, key := range all {
		id, err := s.idIn(groups, key)
		if err != nil {
			return nil, err
		}
		keys = append(keys, s.key(merged, id)) // if it is not there, the run fails
	}
	to := Place{s.Results.Name, "runs/" + s.Run + "/report.json.gz"}
	return to, s.fold(ctx, keys, to.Key)
}

// fold merges reports one after the other: of all of them, one is in memory beside the result.
func (s *step) fold(ctx context.Context, keys []string, to string) error {
	var m backtest.Merger
	for _, key := range keys {
		all, err := read[*backtest.Report](ctx, s.Results, key)
		if err != nil {
			return err
		}
		for _, r := range all {
			if err := m.Add(r); err != nil {
				return fmt.Errorf("merge s3://%s/%s: %w", s.Results.Name, key, err)
			}
		}
	}
	return write(ctx, s.Results, to, m.Report())
}
