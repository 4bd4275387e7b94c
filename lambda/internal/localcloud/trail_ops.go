package localcloud

import (
	"maps"
	"slices"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
)

// settingMembers are the members that CreateTrail and UpdateTrail share.
var settingMembers = []string{
	"S3BucketName", "S3KeyPrefix", "SnsTopicName", "IncludeGlobalServiceEvents", "IsMultiRegionTrail", "EnableLogFileValidation",
	"CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn", "KmsKeyId", "IsOrganizationTrail",
}

// settingsOf are the settings that a call gives, each as CloudTrail keeps it.
func (c *Cloud) settingsOf(cl *call, id events.Trail) map[string]any {
	settings := map[string]any{}
	for _, name := range settingMembers {
		if v, ok := cl.params[name]; ok && v != nil {
			settings[name] = v
		}
	}
	c.resolveKey(settings, id)
	return settings
}

func (c *Cloud) createTrail(cl *call, _ *trail) (map[string]any, *awsError) {
	id, _ := c.named(cl, operation{})
	if failed := validTags(cl); failed != nil {
		return nil, failed
	}
	settings := c.settingsOf(cl, id)
	organization, _ := settings["IsOrganizationTrail"].(bool)
	existing, _ := c.known(id.ARN())
	switch {
	case existing != nil:
		return nil, refuse("TrailAlreadyExistsException", "Trail %s already exists for customer: %s", id.Name, id.Account)
	case c.trailsIn(id.Account, id.Region) >= trailsPerRegion:
		return nil, refuse("MaximumNumberOfTrailsExceededException", "User: %s already has %d trails in %s.", id.Account, trailsPerRegion, id.Region)
	case organization && !c.administers(id.Account):
		return nil, refuse("NotOrganizationMasterAccountException", "Cannot create an organization trail from account %s.", id.Account)
	}
	if _, ok := settings["IncludeGlobalServiceEvents"]; !ok {
		settings["IncludeGlobalServiceEvents"] = true
	}
	s := trailState{Settings: settings, Tags: tagsOf(cl, "TagsList")}
	if failed := c.acceptable(cl, id, s); failed != nil {
		return nil, failed
	}
	t, ok := c.trails[id.ARN()]
	if !ok {
		t = &trail{Trail: id}
		c.trails[id.ARN()] = t
	}
	t.health = health{played: c.time.Now()}
	c.changed(t, s)
	return describe(t, s), nil
}

// acceptable checks what CreateTrail and UpdateTrail would make of a trail, all of it and not only what the call changes.
func (c *Cloud) acceptable(cl *call, id events.Trail, s trailState) *awsError {
	if failed := taken(s.asBaseline(id.ARN(), topicOf(id, s)), baseline.PartSettings, baseline.PartTags); failed != nil {
		return failed
	}
	return c.depends(cl, id, s)
}

// trailsIn counts the trails of a Region: those at home there and the shadows of multi-Region trails.
func (c *Cloud) trailsIn(account, region string) int {
	n := 0
	for _, t := range c.trails {
		s := t.state()
		if !s.Deleted && t.Account == account && (t.Region == region || s.on("IsMultiRegionTrail")) {
			n++
		}
	}
	return n
}

func (c *Cloud) changed(t *trail, s trailState) {
	if len(t.versions) > 0 {
		c.catchUp(t)
	}
	t.change(s, c.time.Now().Add(c.opts.Lag))
}

func (c *Cloud) updateTrail(cl *call, t *trail) (map[string]any, *awsError) {
	settings := c.settingsOf(cl, t.Trail)
	if multi, given := settings["IsMultiRegionTrail"].(bool); given {
		if _, said := settings["IncludeGlobalServiceEvents"]; !said {
			settings["IncludeGlobalServiceEvents"] = multi // CloudTrail does this by itself
		}
	}
	if organization, given := settings["IsOrganizationTrail"].(bool); given && organization != t.state().on("IsOrganizationTrail") &&
		cl.who.Account != c.opts.ManagementAccount { // a delegated administrator cannot (UpdateTrail, IsOrganizationTrail)
		return nil, refuse("NotOrganizationMasterAccountException", "Only the management account can convert trail %s to or from an organization trail.", t.ARN())
	}
	s := t.state().with(settings)
	if failed := c.acceptable(cl, t.Trail, s); failed != nil {
		return nil, failed
	}
	c.changed(t, s)
	return describe(t, s), nil
}

func (c *Cloud) deleteTrail(_ *call, t *trail) (map[string]any, *awsError) {
	s := t.state()
	s.Deleted, s.Logging = true, false
	c.changed(t, s)
	return map[string]any{}, nil
}

// startLogging is idempotent: a trail that logs keeps the time at which it started.
func (c *Cloud) startLogging(_ *call, t *trail) (map[string]any, *awsError) {
	if s := t.state(); !s.Logging {
		s.Logging, s.Started = true, c.time.Now()
		c.changed(t, s)
	}
	return map[string]any{}, nil
}

func (c *Cloud) stopLogging(_ *call, t *trail) (map[string]any, *awsError) {
	if s := t.state(); s.Logging {
		s.Logging, s.Stopped = false, c.time.Now()
		c.changed(t, s)
	}
	return map[string]any{}, nil
}

// describe is the answer of CreateTrail and UpdateTrail.
func describe(t *trail, s trailState) map[string]any {
	answer := map[string]any{"Name": t.Name, "TrailARN": t.ARN()}
	for _, name := range settingMembers {
		v, ok := s.Settings[name]
		if text, isText := v.(string); !ok || isText && text == "" {
			continue
		}
		if name == "EnableLogFileValidation" {
			name = "LogFileValidationEnabled"
		}
		answer[name] = v
	}
	for _, name := range []string{"IncludeGlobalServiceEvents", "IsMultiRegionTrail", "LogFileValidationEnabled", "IsOrganizationTrail"} {
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

func (c *Cloud) getTrail(cl *call, t *trail) (map[string]any, *awsError) {
	s, failed := c.read(cl, t)
	if failed != nil {
		return nil, failed
	}
	return map[string]any{"Trail": detailed(t, s)}, nil
}

// read returns the state that a read shows, which may be the old one.
func (c *Cloud) read(cl *call, t *trail) (trailState, *awsError) {
	s, ok := t.seen(c.time.Now())
	if !ok {
		return s, refuse("TrailNotFoundException", "Unknown trail: %s for the user: %s", t.ARN(), cl.who.Account)
	}
	return s, nil
}

func (c *Cloud) getTrailStatus(cl *call, t *trail) (map[string]any, *awsError) {
	s, failed := c.read(cl, t)
	if failed != nil {
		return nil, failed
	}
	answer := map[string]any{"IsLogging": s.Logging}
	if !s.Started.IsZero() {
		answer["StartLoggingTime"] = statusTime(s.Started)
		answer["TimeLoggingStarted"] = s.Started.UTC().Format("2006-01-02T15:04:05Z")
	}
	if !s.Stopped.IsZero() {
		answer["StopLoggingTime"] = statusTime(s.Stopped)
		answer["TimeLoggingStopped"] = s.Stopped.UTC().Format("2006-01-02T15:04:05Z")
	}
	c.catchUp(t)
	t.health.show(answer)
	return answer, nil
}

// visible yields the trails of the caller's Region in order, shadows included where asked for: a trail of another Region, and in a member account the
// organization's (DescribeTrails, IncludeShadowTrails).
func (c *Cloud) visible(cl *call, shadows bool) []*trail {
	var list []*trail
	for _, arn := range slices.Sorted(maps.Keys(c.trails)) {
		t := c.trails[arn]
		s, ok := t.seen(c.time.Now())
		if !ok || !c.mayKnow(cl.who.Account, t, s) {
			continue
		}
		home := t.Region == cl.region
		if home && (shadows || t.Account == cl.who.Account) || shadows && s.on("IsMultiRegionTrail") {
			list = append(list, t)
		}
	}
	return list
}

func (c *Cloud) describeTrails(cl *call, _ *trail) (map[string]any, *awsError) {
	shadows, given := cl.params["includeShadowTrails"].(bool)
	wanted, _ := cl.params["trailNameList"].([]any)
	found := []any{}
	for _, t := range c.visible(cl, shadows || !given || len(wanted) > 0) {
		named := slices.ContainsFunc(wanted, func(v any) bool { return v == t.ARN() || v == t.Name && t.Region == cl.region })
		if len(wanted) > 0 && !named {
			continue
		}
		s, _ := t.seen(c.time.Now())
		found = append(found, detailed(t, s))
	}
	return map[string]any{"trailList": found}, nil
}

// listTrails lists the trails of all Regions.
func (c *Cloud) listTrails(cl *call, _ *trail) (map[string]any, *awsError) {
	found := []any{}
	for _, arn := range slices.Sorted(maps.Keys(c.trails)) {
		t := c.trails[arn]
		if s, ok := t.seen(c.time.Now()); ok && c.mayKnow(cl.who.Account, t, s) {
			found = append(found, map[string]any{"TrailARN": arn, "Name": t.Name, "HomeRegion": t.Region})
		}
	}
	return map[string]any{"Trails": found}, nil
}
