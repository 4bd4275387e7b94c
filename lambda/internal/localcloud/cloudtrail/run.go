package cloudtrail

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/localcloud/kernel"
	table "trailkeeper/lambda/internal/trail"
)

// What a run sets up and looks at.

// TrailSeed is a trail that exists before anything is played.
type TrailSeed struct {
	ARN          string
	Logging      bool
	MultiRegion  bool
	Organization bool
}

// AddTrail puts a trail there as if it had been created a month ago. The error says what is wrong with the ARN.
func (s *Trails) AddTrail(seed TrailSeed) error {
	id, err := events.ParseTrailARN(seed.ARN)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	settings := map[string]any{
		"S3BucketName":               "log-archive-" + id.Account,
		"IncludeGlobalServiceEvents": true,
		"IsMultiRegionTrail":         seed.MultiRegion,
		"EnableLogFileValidation":    true,
		"IsOrganizationTrail":        seed.Organization,
	}
	s.seed(id, trailState{Settings: settings, Tags: map[string]string{}, Logging: seed.Logging})
	return nil
}

// Logging reports whether the trail exists and logs: the truth, not what a read would show.
func (s *Trails) Logging(arn string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.trails[arn]
	return ok && !t.state().Deleted && t.state().Logging
}

// AddTrailAs puts a trail there as a baseline has it, as if it had been created a month ago. The error says what is
// wrong with the ARN.
func (s *Trails) AddTrailAs(state baseline.State) error {
	id, err := events.ParseTrailARN(state.ARN)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seed(id, stateOf(state))
	return nil
}

// seed puts a trail there as if it had been created a month ago.
func (s *Trails) seed(id events.Trail, state trailState) {
	long := s.kernel.Began.Add(-30 * 24 * time.Hour)
	state.Started = long
	if !state.Logging {
		state.Stopped = s.kernel.Began
	}
	s.uses.resolveKey(state.Settings, id)
	s.uses.make(id, state)
	t := &trail{Trail: id, health: health{played: long}}
	t.change(state, long)
	s.trails[id.ARN()] = t
}

// stateOf is what CloudTrail keeps of a trail that is as a baseline has it.
func stateOf(in baseline.State) trailState {
	s := trailState{Tags: map[string]string{}, Logging: in.Logging, Settings: map[string]any{}}
	maps.Copy(s.Tags, in.Tags)
	for _, m := range table.Members(&in.Settings) {
		if m.Flag != nil {
			s.Settings[m.Name] = *m.Flag
		} else if *m.Text != "" {
			s.Settings[m.Name] = *m.Text
		}
	}
	var basic []basicSelector
	for _, b := range in.Selectors {
		sel := basicSelector{
			ReadWriteType:                 b.ReadWrite,
			IncludeManagementEvents:       &b.Management,
			ExcludeManagementEventSources: b.ExcludeSources,
		}
		for _, d := range b.DataResources {
			sel.DataResources = append(sel.DataResources, dataResource(d))
		}
		basic = append(basic, sel)
	}
	var advanced []advancedSelector
	for _, a := range in.Advanced {
		sel := advancedSelector{Name: a.Name}
		for _, f := range a.Fields {
			sel.FieldSelectors = append(sel.FieldSelectors, fieldSelector(f))
		}
		advanced = append(advanced, sel)
	}
	var insights []insightSelector
	for _, i := range in.Insights {
		insights = append(insights, insightSelector{InsightType: i.Type, EventCategories: i.Categories})
	}
	var aggregations []aggregation
	for _, a := range in.Events.Aggregations {
		aggregations = append(aggregations, aggregation{EventCategory: a.Category, Templates: a.Templates})
	}
	s.Selectors, s.Advanced, s.Insights, s.Aggregations = untyped(
		basic,
	), untyped(
		advanced,
	), untyped(
		insights,
	), untyped(aggregations)
	return s
}

// TrailTruth returns the trail as it is now, whatever a read would still show, in the form of a baseline; false: there
// is none.
func (s *Trails) TrailTruth(arn string) (baseline.State, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, state := s.known(arn)
	if t == nil {
		return baseline.State{}, false
	}
	s.uses.catchUp(t)
	out := t.truth()
	h := t.health
	out.Delivery = baseline.Delivery{
		Latest:            h.files.latest,
		LatestDigest:      h.digests.latest,
		LatestLogs:        h.logs.latest,
		LatestError:       h.files.err,
		LatestDigestError: h.digests.err,
		LatestLogError:    h.logs.err,
		Started:           state.Started,
		Stopped:           state.Stopped,
	}
	return out, true
}

// truth is the trail as it is now, without its deliveries.
func (t *trail) truth() baseline.State {
	state := t.state()
	out := state.asBaseline(t.ARN(), topicOf(t.Trail, state))
	out.Tags = maps.Clone(state.Tags)
	if len(out.Selectors)+len(out.Advanced) == 0 {
		out.Selectors = []baseline.Selector{{ReadWrite: "All", Management: true}} // as GetEventSelectors shows it
	}
	return out
}

// Write is one call of CloudTrail's API that changes something, or that was meant to.
type Write struct {
	At       time.Time
	Who      string // a user's or role's name
	Function bool   // the function made it
	Op       string
	Trail    string          // the ARN
	Request  json.RawMessage // the parameters as they were sent
	Err      string          // the error's code; empty: it was done
	After    *baseline.State // the trail when that was done, without its deliveries; nil: there is none
}

// Writes returns the writing calls of everybody, in order.
func (s *Trails) Writes() []Write {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.writes)
}

func (s *Trails) noteWrite(cl *kernel.Call, e kernel.Entry) {
	if !e.Write {
		return
	}
	w := Write{
		At:       s.kernel.Now(),
		Who:      e.Who,
		Function: e.Function,
		Op:       e.Op,
		Trail:    e.Subject,
		Request:  json.RawMessage(strings.TrimSpace(string(cl.Body))),
		Err:      e.Err,
	}
	if t, _ := s.known(e.Subject); t != nil {
		after := t.truth()
		w.After = &after
	}
	s.writes = append(s.writes, w)
}

// DelayHistory sets how long after a call its record shows in the event history, from now on.
func (s *Trails) DelayHistory(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.history.Delay = d
}
