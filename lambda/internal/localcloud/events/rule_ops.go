package events

import (
	"cmp"
	"encoding/json"
	"slices"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/rules"
)

// putRule makes a rule or replaces one, whose targets stay (EventBridge API reference, PutRule: what is left out is not
// kept).
func (s *Bus) putRule(cl *kernel.Call, at onBus, r *rule) (any, *kernel.Error) {
	if cl.Text("EventPattern") == "" {
		return nil, kernel.Refuse("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
	}
	pattern, err := rules.ParsePattern([]byte(cl.Text("EventPattern")))
	if err != nil {
		return nil, kernel.Refuse("InvalidEventPatternException", "Event pattern is not valid. Reason: %s", err)
	}
	if at.bus != kernel.DefaultBus && !slices.ContainsFunc(s.rules, func(r *rule) bool { return r.bus == at.bus }) {
		return nil, kernel.Refuse("ResourceNotFoundException", "Event bus %s does not exist.", at.bus)
	}
	if r == nil {
		r = &rule{name: at.name, arn: at.arn, bus: at.bus}
		if at.bus != kernel.DefaultBus {
			r.name = at.bus + "|" + at.name
		}
		s.sites[cl.Site()] = true
		s.rules = append(s.rules, r)
	}
	state := cmp.Or(cl.Text("State"), enabled)
	r.spec.Description, r.pattern = cl.Text("Description"), pattern
	r.enabled, r.reads = state != disabled, state == enabledWithReads
	return map[string]any{"RuleArn": r.arn}, nil
}

// deleteRule deletes a rule without targets.
func (s *Bus) deleteRule(_ *kernel.Call, _ onBus, r *rule) (any, *kernel.Error) {
	if len(r.targets) > 0 {
		return nil, kernel.Refuse("ValidationException", "Rule can't be deleted since it has targets.")
	}
	s.rules = slices.DeleteFunc(s.rules, func(other *rule) bool { return other == r })
	return nil, nil
}

// putTargets gives a rule targets, all or none.
func (s *Bus) putTargets(cl *kernel.Call, at onBus, r *rule) (any, *kernel.Error) {
	given, _ := cl.Params["Targets"].([]any)
	all := slices.Clone(r.targets)
	for _, v := range given {
		t, failed := s.targetOf(cl, r, v)
		if failed != nil {
			return nil, failed
		}
		if i := slices.IndexFunc(all, func(other target) bool { return other.ID == t.ID }); i >= 0 {
			all[i] = t
		} else {
			all = append(all, t)
		}
	}
	if len(all) > mostTargets {
		return nil, kernel.Refuse("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
	}
	r.targets = all
	return map[string]any{"FailedEntryCount": 0, "FailedEntries": []any{}}, nil
}

// targetOf reads a target, whose role the caller must be allowed to pass ("Target" in the EventBridge API reference).
func (s *Bus) targetOf(cl *kernel.Call, r *rule, v any) (target, *kernel.Error) {
	var spec targetSpec
	raw, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(raw, &spec)
	}
	if err != nil {
		return target{}, kernel.Refuse("ValidationException", "The target cannot be read: %s", err)
	}
	inputs := 0
	for _, given := range []bool{spec.Input != nil, spec.InputPath != nil, spec.InputTransformer != nil} {
		if given {
			inputs++
		}
	}
	switch {
	case inputs > 1:
		return target{}, kernel.Refuse("ValidationException",
			"Only one of Input, InputPath, or InputTransformer must be provided for target %s.", spec.ID)
	case spec.Input != nil && !json.Valid([]byte(*spec.Input)):
		return target{}, kernel.Refuse("ValidationException", "JSON syntax error in Input for target %s.", spec.ID)
	case s.destinations[spec.Arn] != nil && spec.RoleArn == "":
		return target{}, kernel.Refuse("ValidationException", "RoleArn is required for target %s.", spec.Arn)
	}
	if spec.RoleArn != "" {
		pass := policy.Access{
			Action: "iam:PassRole", Resource: spec.RoleArn, Context: map[string]string{"iam:PassedToService": "events.amazonaws.com"},
		}
		if failed := s.kernel.Allow(cl, pass, nil); failed != nil {
			return target{}, failed
		}
	}
	t, err := newTarget(r, spec)
	if err != nil {
		return target{}, kernel.Refuse("ValidationException", "InputTemplate for target %s: %s", spec.ID, err)
	}
	return t, nil
}

// removeTargets takes targets from a rule; what it has not is left out without an error.
func (s *Bus) removeTargets(cl *kernel.Call, _ onBus, r *rule) (any, *kernel.Error) {
	ids := cl.Texts("Ids")
	r.targets = slices.DeleteFunc(slices.Clone(r.targets), func(t target) bool { return slices.Contains(ids, t.ID) })
	return map[string]any{"FailedEntryCount": 0, "FailedEntries": []any{}}, nil
}
