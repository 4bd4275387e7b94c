package localcloud

import (
	"time"

	"trailkeeper/events"
)

// trailState is what CloudTrail keeps of a trail. It is a value: a change makes a new one.
type trailState struct {
	Settings  map[string]any // CreateTrail's members by their API names, without Name and TagsList
	Selectors []any          // EventSelectors
	Advanced  []any          // AdvancedEventSelectors
	Insights  []any          // InsightSelectors
	Tags      map[string]string
	Logging   bool
	Started   time.Time
	Stopped   time.Time
	Deleted   bool
}

func (s trailState) on(name string) bool {
	b, _ := s.Settings[name].(bool)
	return b
}

func (s trailState) with(settings map[string]any) trailState {
	merged := make(map[string]any, len(s.Settings)+len(settings))
	for k, v := range s.Settings {
		merged[k] = v
	}
	for k, v := range settings {
		if v == "" {
			delete(merged, k) // an empty text removes (CloudTrail API reference, UpdateTrail)
			continue
		}
		merged[k] = v
	}
	s.Settings = merged
	return s
}

// trail is one trail with its past, since reads lag behind writes.
type trail struct {
	events.Trail
	versions []version // in order; the last is the truth
	busy     time.Time // until then, another change is refused with ConflictException
}

type version struct {
	visible time.Time
	state   trailState
}

func (t *trail) state() trailState { return t.versions[len(t.versions)-1].state }

// seen returns what a read shows, and false where it shows no trail yet or no more.
func (t *trail) seen(now time.Time) (trailState, bool) {
	for i := len(t.versions) - 1; i >= 0; i-- {
		if v := t.versions[i]; !v.visible.After(now) {
			return v.state, !v.state.Deleted
		}
	}
	return trailState{}, false
}

func (t *trail) change(s trailState, visible time.Time) {
	t.versions = append(t.versions, version{visible, s})
}

// logsWrites reports whether the trail feeds EventBridge with write management events: it logs, and its selectors take them.
func (s trailState) logsWrites() bool {
	if s.Deleted || !s.Logging {
		return false
	}
	if len(s.Advanced) > 0 {
		return advancedTakesWrites(s.Advanced)
	}
	if len(s.Selectors) == 0 {
		return true // the default selector
	}
	for _, v := range s.Selectors {
		sel, _ := v.(map[string]any)
		include, given := sel["IncludeManagementEvents"].(bool)
		mode, _ := sel["ReadWriteType"].(string)
		if (include || !given) && mode != "ReadOnly" {
			return true
		}
	}
	return false
}

// advancedTakesWrites looks for a selector with eventCategory Management that does not ask for readOnly true.
func advancedTakesWrites(selectors []any) bool {
	for _, v := range selectors {
		sel, _ := v.(map[string]any)
		fields, _ := sel["FieldSelectors"].([]any)
		management, readsOnly := false, false
		for _, f := range fields {
			field, _ := f.(map[string]any)
			values, _ := field["Equals"].([]any)
			for _, value := range values {
				management = management || field["Field"] == "eventCategory" && value == "Management"
				readsOnly = readsOnly || field["Field"] == "readOnly" && value == "true"
			}
		}
		if management && !readsOnly {
			return true
		}
	}
	return false
}

// TrailSeed is a trail that exists before anything is played.
type TrailSeed struct {
	ARN          string
	Logging      bool
	MultiRegion  bool
	Organization bool
}

// AddTrail puts a trail there as if it had been created a month ago. The error says what is wrong with the ARN.
func (c *Cloud) AddTrail(seed TrailSeed) error {
	id, err := events.ParseTrailARN(seed.ARN)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	long := c.start.Add(-30 * 24 * time.Hour)
	s := trailState{
		Settings: map[string]any{
			"S3BucketName": "log-archive-" + id.Account, "IncludeGlobalServiceEvents": true, "IsMultiRegionTrail": seed.MultiRegion,
			"EnableLogFileValidation": true, "IsOrganizationTrail": seed.Organization,
		},
		Tags: map[string]string{}, Logging: seed.Logging, Started: long,
	}
	if !seed.Logging {
		s.Stopped = c.start
	}
	t := &trail{Trail: id}
	t.change(s, long)
	c.trails[seed.ARN] = t
	return nil
}

// Logging reports whether the trail exists and logs: the truth, not what a read would show.
func (c *Cloud) Logging(arn string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok := c.trails[arn]
	return ok && !t.state().Deleted && t.state().Logging
}
