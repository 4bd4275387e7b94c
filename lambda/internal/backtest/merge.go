package backtest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/archive"
)

// Merge makes one report of several, of different parts of an archive or of different archives. The error names a
// report that was made with other rules or for something else, by its place in the list, from 0, or a part that is
// there twice.
func Merge(reports []*Report) (*Report, error) {
	var all Merger
	for i, r := range reports {
		if err := all.Add(r); err != nil {
			return nil, &MergeError{i, err}
		}
	}
	return all.Report(), nil
}

// Merger merges reports one by one, so that whoever has many need not keep them. The zero value has none.
type Merger struct{ merged *Report }

// Add adds a report, which is not used again. The error says why it does not fit those before it; it is left out then.
func (m *Merger) Add(r *Report) error {
	if m.merged == nil {
		m.merged = empty()
		m.merged.like(r)
	}
	if err := m.merged.fits(r); err != nil {
		return err
	}
	m.merged.add(r)
	return nil
}

// Report is that of the whole. The Merger is not used again.
func (m *Merger) Report() *Report {
	if m.merged == nil {
		return empty()
	}
	m.merged.finish()
	return m.merged
}

// MergeError is a report that cannot be merged with those before it.
type MergeError struct {
	Report int // in the list, from 0
	Err    error
}

func (e *MergeError) Error() string { return e.Err.Error() }
func (e *MergeError) Unwrap() error { return e.Err }

// like makes an empty report take those that were made as r was.
func (r *Report) like(other *Report) {
	r.Asked = other.Asked
	for id, rule := range other.Rules {
		if rule == nil {
			continue // fits says so
		}
		r.Rules[id] = &Rule{
			ByDay:       map[string]int64{},
			Severities:  map[string]int64{},
			Samples:     []Sample{},
			Severity:    rule.Severity,
			Description: rule.Description,
			Threshold:   rule.Threshold,
			Dedupe:      rule.Dedupe,
		}
		r.Kept[id] = &kept{}
	}
	for id := range other.Ignored {
		r.Ignored[id] = 0
	}
}

// fits says why another report cannot be added.
func (r *Report) fits(other *Report) error {
	if len(other.Kept) != len(other.Rules) {
		return errors.New("it is no report of rules backtest --json")
	}
	if !reflect.DeepEqual(r.Asked, other.Asked) {
		return errors.New("it was made with another --since, --until, --account or --region")
	}
	for _, id := range sorted(r.Rules) {
		if other.Rules[id] == nil {
			return fmt.Errorf("it was made with other rules: %.100q is not in it", id)
		}
	}
	for _, id := range sorted(other.Rules) {
		own, rule := r.Rules[id], other.Rules[id]
		switch {
		case rule == nil || other.Kept[id] == nil:
			return errors.New("it is no report of rules backtest --json")
		case own == nil:
			return fmt.Errorf("it was made with other rules: only it has %.100q", id)
		case own.Severity != rule.Severity || own.Dedupe != rule.Dedupe ||
			!reflect.DeepEqual(own.Threshold, rule.Threshold):
			return fmt.Errorf("it was made with other rules: %.100q differs", id)
		}
	}
	return r.fitsShards(other.Shards)
}

func (r *Report) fitsShards(shards []string) error {
	for _, s := range shards {
		shard, err := archive.ParseShard(s)
		if err != nil {
			return err
		}
		if slices.Contains(r.Shards, s) {
			return fmt.Errorf("the part %s is in an earlier report as well", s)
		}
		if len(r.Shards) > 0 {
			if first, _ := archive.ParseShard(r.Shards[0]); first.Of != shard.Of {
				return fmt.Errorf("it is part %s, and the earlier ones are of %d", s, first.Of)
			}
		}
	}
	return nil
}

// Missing are the parts that a report of parts does not have; nil where it is whole.
func (r *Report) Missing() []string {
	if len(r.Shards) == 0 {
		return nil
	}
	first, err := archive.ParseShard(r.Shards[0])
	if err != nil {
		return nil
	}
	var missing []string
	for part := 1; part <= first.Of && len(missing) < maxShown; part++ {
		if s := (archive.Shard{Part: part, Of: first.Of}).String(); !slices.Contains(r.Shards, s) {
			missing = append(missing, s)
		}
	}
	return missing
}

// add adds what another report, or a part of a run, has counted.
func (r *Report) add(other *Report) {
	r.Records += other.Records
	r.Bytes += other.Bytes
	r.Files += other.Files
	r.Left += other.Left
	r.Faults += other.Faults
	r.Digests += other.Digests
	r.keepSkipped(other.Skipped)
	r.First, r.Last = earlier(r.First, other.First), max(r.Last, other.Last)
	addCounts(r.ByDay, other.ByDay)
	addCounts(r.Ignored, other.Ignored)
	for id, f := range other.Errors {
		own := r.Errors[id]
		r.Errors[id] = Fault{own.Records + f.Records, earlier(own.Reason, f.Reason)}
	}
	for id, rule := range other.Rules {
		r.Rules[id].add(rule)
		r.Kept[id].add(other.Kept[id])
	}
	if len(other.Shards) > 0 {
		r.Shards = append(r.Shards, other.Shards...)
		slices.SortFunc(r.Shards, func(a, b string) int {
			return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
		})
	}
}

func (r *Rule) add(other *Rule) {
	r.Matches += other.Matches
	addCounts(r.ByDay, other.ByDay)
	addCounts(r.Severities, other.Severities)
	r.Samples = append(r.Samples, other.Samples...)
	slices.SortFunc(r.Samples, compareSamples)
	r.Samples = r.Samples[:min(len(r.Samples), maxSamples)]
}

func addCounts(to, from map[string]int64) {
	for key, n := range from {
		to[key] += n
	}
}

// earlier is the first of two texts in order, of those that are not empty.
func earlier(a, b string) string {
	if a == "" || b == "" {
		return max(a, b)
	}
	return min(a, b)
}

// compareSkips orders what was skipped by file, and by where in it.
func compareSkips(a, b Skip) int {
	return cmp.Or(strings.Compare(a.File, b.File), comparePositions(a.Position, b.Position),
		strings.Compare(a.Reason, b.Reason))
}

// compareSamples puts the newest first.
func compareSamples(a, b Sample) int {
	return cmp.Or(strings.Compare(b.Time, a.Time), strings.Compare(a.EventID, b.EventID), strings.Compare(a.File, b.File),
		comparePositions(a.Position, b.Position))
}

// comparePositions has record 9 before record 10.
func comparePositions(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// compareActors puts those with the most matches first.
func compareActors(a, b Actor) int {
	return cmp.Or(cmp.Compare(b.Matches, a.Matches), strings.Compare(a.Name, b.Name))
}

// sorted are the keys of a map in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
