package cloudtrail

import (
	"maps"
	"slices"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/localcloud/cloudtrail/history"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/wire"
	table "trailkeeper/lambda/internal/trail"
)

// settingMembers are the members that CreateTrail and UpdateTrail share.
func settingMembers() []string {
	var names []string
	for _, m := range table.Members(&baseline.Settings{}) {
		names = append(names, m.Name)
	}
	return names
}

// settingsOf are the settings that a call gives, each as CloudTrail keeps it.
func (s *Trails) settingsOf(cl *kernel.Call, id events.Trail) map[string]any {
	settings := map[string]any{}
	for _, name := range settingMembers() {
		if v, ok := cl.Params[name]; ok && v != nil {
			settings[name] = v
		}
	}
	s.uses.resolveKey(settings, id)
	return settings
}

func (s *Trails) createTrail(cl *kernel.Call, _ *trail) (map[string]any, *kernel.Error) {
	id, _ := s.named(cl, operation{})
	if failed := validTags(cl); failed != nil {
		return nil, failed
	}
	settings := s.settingsOf(cl, id)
	organization, _ := settings["IsOrganizationTrail"].(bool)
	existing, _ := s.known(id.ARN())
	switch {
	case existing != nil:
		return nil, kernel.Refuse("TrailAlreadyExistsException", "Trail %s already exists for customer: %s", id.Name,
			id.Account)
	case s.trailsIn(id.Account, id.Region) >= trailsPerRegion:
		return nil, kernel.Refuse("MaximumNumberOfTrailsExceededException", "User: %s already has %d trails in %s.",
			id.Account, trailsPerRegion, id.Region)
	case organization && !s.administers(id.Account):
		return nil, kernel.Refuse("NotOrganizationMasterAccountException",
			"Cannot create an organization trail from account %s.", id.Account)
	}
	if _, ok := settings["IncludeGlobalServiceEvents"]; !ok {
		settings["IncludeGlobalServiceEvents"] = true
	}
	state := trailState{Settings: settings, Tags: tagsOf(cl, "TagsList")}
	if failed := s.acceptable(cl, id, state); failed != nil {
		return nil, failed
	}
	t, ok := s.trails[id.ARN()]
	if !ok {
		t = &trail{Trail: id}
		s.trails[id.ARN()] = t
	}
	t.health = health{played: s.kernel.Now()}
	s.changed(t, state)
	return describe(t, state), nil
}

// acceptable checks what CreateTrail and UpdateTrail would make of a trail, all of it and not only what the call
// changes.
func (s *Trails) acceptable(cl *kernel.Call, id events.Trail, state trailState) *kernel.Error {
	if failed := taken(state.asBaseline(id.ARN(), topicOf(id, state)), baseline.PartSettings,
		baseline.PartTags); failed != nil {
		return failed
	}
	return s.uses.check(cl, id, state)
}

// trailsIn counts the trails of a Region: those at home there and the shadows of multi-Region trails.
func (s *Trails) trailsIn(account, region string) int {
	n := 0
	for _, t := range s.trails {
		state := t.state()
		if !state.Deleted && t.Account == account && (t.Region == region || state.on("IsMultiRegionTrail")) {
			n++
		}
	}
	return n
}

func (s *Trails) changed(t *trail, state trailState) {
	if len(t.versions) > 0 {
		s.uses.catchUp(t)
	}
	t.change(state, s.kernel.Now().Add(s.options.Lag))
}

func (s *Trails) updateTrail(cl *kernel.Call, t *trail) (map[string]any, *kernel.Error) {
	settings := s.settingsOf(cl, t.Trail)
	if multi, given := settings["IsMultiRegionTrail"].(bool); given {
		if _, said := settings["IncludeGlobalServiceEvents"]; !said {
			settings["IncludeGlobalServiceEvents"] = multi // CloudTrail does this by itself
		}
	}
	if organization, given := settings["IsOrganizationTrail"].(bool); given &&
		organization != t.state().on("IsOrganizationTrail") &&
		cl.Who.Account != s.options.ManagementAccount { // a delegated administrator cannot (UpdateTrail, IsOrganizationTrail)
		return nil, kernel.Refuse("NotOrganizationMasterAccountException",
			"Only the management account can convert trail %s to or from an organization trail.", t.ARN())
	}
	state := t.state().with(settings)
	if failed := s.acceptable(cl, t.Trail, state); failed != nil {
		return nil, failed
	}
	s.changed(t, state)
	return describe(t, state), nil
}

func (s *Trails) deleteTrail(_ *kernel.Call, t *trail) (map[string]any, *kernel.Error) {
	state := t.state()
	state.Deleted, state.Logging = true, false
	s.changed(t, state)
	return map[string]any{}, nil
}

// startLogging is idempotent: a trail that logs keeps the time at which it started.
func (s *Trails) startLogging(_ *kernel.Call, t *trail) (map[string]any, *kernel.Error) {
	if state := t.state(); !state.Logging {
		state.Logging, state.Started = true, s.kernel.Now()
		s.changed(t, state)
	}
	return map[string]any{}, nil
}

func (s *Trails) stopLogging(_ *kernel.Call, t *trail) (map[string]any, *kernel.Error) {
	if state := t.state(); state.Logging {
		state.Logging, state.Stopped = false, s.kernel.Now()
		s.changed(t, state)
	}
	return map[string]any{}, nil
}

// describe is the answer of CreateTrail and UpdateTrail.
func describe(t *trail, s trailState) map[string]any {
	answer := map[string]any{"Name": t.Name, "TrailARN": t.ARN()}
	for _, name := range settingMembers() {
		v, ok := s.Settings[name]
		if text, isText := v.(string); !ok || isText && text == "" {
			continue
		}
		if name == "EnableLogFileValidation" {
			name = "LogFileValidationEnabled"
		}
		answer[name] = v
	}
	for _, name := range []string{
		"IncludeGlobalServiceEvents", "IsMultiRegionTrail", "LogFileValidationEnabled", "IsOrganizationTrail",
	} {
		if _, ok := answer[name]; !ok {
			answer[name] = false
		}
	}
	if arn := topicOf(t.Trail, s); arn != "" {
		answer["SnsTopicARN"] = arn
	}
	return answer
}

// detailed is what GetTrail and DescribeTrails show.
func detailed(t *trail, s trailState) map[string]any {
	answer := describe(t, s)
	answer["HomeRegion"] = t.Region
	answer["HasCustomEventSelectors"] = len(s.Selectors) > 0 || len(s.Advanced) > 0
	answer["HasInsightSelectors"] = len(s.Insights) > 0
	return answer
}

func (s *Trails) getTrail(cl *kernel.Call, t *trail) (map[string]any, *kernel.Error) {
	state, failed := s.read(cl, t)
	if failed != nil {
		return nil, failed
	}
	return map[string]any{"Trail": detailed(t, state)}, nil
}

// read returns the state that a read shows, which may be the old one.
func (s *Trails) read(cl *kernel.Call, t *trail) (trailState, *kernel.Error) {
	state, ok := t.seen(s.kernel.Now())
	if !ok {
		return state, kernel.Refuse("TrailNotFoundException", "Unknown trail: %s for the user: %s", t.ARN(), cl.Who.Account)
	}
	return state, nil
}

func (s *Trails) getTrailStatus(cl *kernel.Call, t *trail) (map[string]any, *kernel.Error) {
	state, failed := s.read(cl, t)
	if failed != nil {
		return nil, failed
	}
	answer := map[string]any{"IsLogging": state.Logging}
	if !state.Started.IsZero() {
		answer["StartLoggingTime"] = state.Started
		answer["TimeLoggingStarted"] = history.Time(state.Started)
	}
	if !state.Stopped.IsZero() {
		answer["StopLoggingTime"] = state.Stopped
		answer["TimeLoggingStopped"] = history.Time(state.Stopped)
	}
	s.uses.catchUp(t)
	t.health.show(answer)
	return answer, nil
}

// visible yields the trails of the caller's Region in order, shadows included where asked for: a trail of another
// Region, and in a member account the organization's (DescribeTrails, IncludeShadowTrails).
func (s *Trails) visible(cl *kernel.Call, shadows bool) []*trail {
	var list []*trail
	for _, arn := range slices.Sorted(maps.Keys(s.trails)) {
		t := s.trails[arn]
		state, ok := t.seen(s.kernel.Now())
		if !ok || !mayKnow(cl.Who.Account, t, state) {
			continue
		}
		home := t.Region == cl.Region
		if home && (shadows || t.Account == cl.Who.Account) || shadows && state.on("IsMultiRegionTrail") {
			list = append(list, t)
		}
	}
	return list
}

func (s *Trails) describeTrails(cl *kernel.Call, _ *trail) (map[string]any, *kernel.Error) {
	shadows, given := cl.Params["includeShadowTrails"].(bool)
	wanted, _ := cl.Params["trailNameList"].([]any)
	found := []any{}
	for _, t := range s.visible(cl, shadows || !given || len(wanted) > 0) {
		named := slices.ContainsFunc(wanted, func(v any) bool { return v == t.ARN() || v == t.Name && t.Region == cl.Region })
		if len(wanted) > 0 && !named {
			continue
		}
		state, _ := t.seen(s.kernel.Now())
		found = append(found, detailed(t, state))
	}
	return map[string]any{"trailList": found}, nil
}

// listTrails lists the trails of all Regions.
func (s *Trails) listTrails(cl *kernel.Call, _ *trail) (map[string]any, *kernel.Error) {
	found := []any{}
	for _, arn := range slices.Sorted(maps.Keys(s.trails)) {
		t := s.trails[arn]
		if state, ok := t.seen(s.kernel.Now()); ok && mayKnow(cl.Who.Account, t, state) {
			found = append(found, map[string]any{"TrailARN": arn, "Name": t.Name, "HomeRegion": t.Region})
		}
	}
	return list(cl, "Trails", found, "ValidationException")
}

// list is a page of what was found. No list here is as long as CloudTrail's pages, whose length is not documented.
func list(cl *kernel.Call, member string, found []any, invalid string) (map[string]any, *kernel.Error) {
	out, failed := wire.List(cl, member, found, "NextToken", wire.Paging{
		Token:   "NextToken",
		Most:    1000,
		Invalid: invalid,
	})
	page, _ := out.(map[string]any)
	return page, failed
}

func (s *Trails) lookupEvents(cl *kernel.Call, _ *trail) (map[string]any, *kernel.Error) {
	return s.history.Lookup(cl, s.kernel.Now())
}
