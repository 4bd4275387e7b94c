package events

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// mostListed is how many rules or targets EventBridge lists at once (ListRules, Limit).
const mostListed = 100

// operation is one that is about a rule of a bus, which is nil where there is none.
type operation struct {
	run func(s *Bus, cl *kernel.Call, at onBus, r *rule) (any, *kernel.Error)
	// without says that the call needs no rule that is there.
	without bool
}

// onBus is what a call names.
type onBus struct{ bus, name, arn string }

// operations are all but PutEvents and those of connections and API destinations.
var operations = sync.OnceValue(func() map[string]operation {
	return map[string]operation{
		"DeleteRule":            {run: (*Bus).deleteRule},
		"DescribeRule":          {run: (*Bus).describeRule},
		"DisableRule":           {run: (*Bus).switchRule},
		"EnableRule":            {run: (*Bus).switchRule},
		"ListRuleNamesByTarget": {run: (*Bus).listRuleNames, without: true},
		"ListRules":             {run: (*Bus).listRules, without: true},
		"ListTargetsByRule":     {run: (*Bus).listTargets},
		"PutRule":               {run: (*Bus).putRule, without: true},
		"PutTargets":            {run: (*Bus).putTargets},
		"RemoveTargets":         {run: (*Bus).removeTargets},
	}
})

// answer answers one call.
func (s *Bus) answer(cl *kernel.Call) (any, *kernel.Error) {
	if cl.Op == "PutEvents" {
		return s.putEvents(cl)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	op, ofRules := operations()[cl.Op]
	if !ofRules {
		return s.answerDestination(cl)
	}
	at := onBus{bus: busName(cl.Text("EventBusName")), name: cmp.Or(cl.Text("Name"), cl.Text("Rule"))}
	path := at.name
	if at.bus != kernel.DefaultBus {
		path = at.bus + "/" + at.name
	}
	at.arn = s.kernel.PlaceOf(cl).ARN("events", "rule/"+path)
	if failed := s.kernel.May(cl, policy.Access{Action: "events:" + cl.Op, Resource: at.arn}, nil); failed != nil {
		return nil, failed
	}
	var r *rule
	if i := slices.IndexFunc(s.rules, func(r *rule) bool { return r.arn == at.arn }); i >= 0 {
		r = s.rules[i]
	} else if !op.without {
		return nil, kernel.Refuse("ResourceNotFoundException", "Rule %s does not exist on EventBus %s.", at.name, at.bus)
	}
	return op.run(s, cl, at, r)
}

func (s *Bus) describeRule(_ *kernel.Call, _ onBus, r *rule) (any, *kernel.Error) {
	out := r.shown()
	out["CreatedBy"] = kernel.ARN(r.arn).Account
	return out, nil
}

// switchRule enables or disables a rule; one with reads loses them.
func (s *Bus) switchRule(cl *kernel.Call, _ onBus, r *rule) (any, *kernel.Error) {
	r.enabled, r.reads = cl.Op == "EnableRule", false
	return nil, nil
}

// busName is the name of a bus, which may be given by its ARN; none is the default one.
func busName(given string) string {
	return cmp.Or(given[strings.LastIndex(given, "/")+1:], kernel.DefaultBus)
}

// own is the rule's name without its bus.
func (r *rule) own() string { return strings.TrimPrefix(r.name, r.bus+"|") }

func (r *rule) shown() map[string]any {
	state := disabled
	switch {
	case r.enabled && r.reads:
		state = enabledWithReads
	case r.enabled:
		state = enabled
	}
	out := map[string]any{
		"Name":         r.own(),
		"Arn":          r.arn,
		"EventBusName": r.bus,
		"EventPattern": string(r.pattern.JSON()),
		"State":        state,
	}
	if r.spec.Description != "" {
		out["Description"] = r.spec.Description
	}
	return out
}

func (s *Bus) listRules(cl *kernel.Call, at onBus, _ *rule) (any, *kernel.Error) {
	var all []any
	inOrder := func(a, b *rule) int { return cmp.Compare(a.arn, b.arn) }
	for _, r := range slices.SortedFunc(slices.Values(s.rules), inOrder) {
		if kernel.SiteOf(r.arn) == cl.Site() && r.bus == at.bus &&
			strings.HasPrefix(r.own(), cl.Text("NamePrefix")) {
			all = append(all, r.shown())
		}
	}
	return page(cl, "Rules", all)
}

// listRuleNames are those of the rules that have a target.
func (s *Bus) listRuleNames(cl *kernel.Call, at onBus, _ *rule) (any, *kernel.Error) {
	var all []any
	for _, r := range s.rules {
		has := slices.ContainsFunc(r.targets, func(t target) bool { return t.Arn == cl.Text("TargetArn") })
		if has && kernel.SiteOf(r.arn) == cl.Site() && r.bus == at.bus {
			all = append(all, r.own())
		}
	}
	return page(cl, "RuleNames", all)
}

func (s *Bus) listTargets(cl *kernel.Call, _ onBus, r *rule) (any, *kernel.Error) {
	var all []any
	for _, t := range r.targets {
		shown := map[string]any{"Id": t.ID, "Arn": t.Arn}
		if t.RoleArn != "" {
			shown["RoleArn"] = t.RoleArn
		}
		if t.DeadLetterConfig.Arn != "" {
			shown["DeadLetterConfig"] = map[string]any{"Arn": t.DeadLetterConfig.Arn}
		}
		retry := map[string]any{}
		if n := t.RetryPolicy.MaximumRetryAttempts; n != nil {
			retry["MaximumRetryAttempts"] = *n
		}
		if n := t.RetryPolicy.MaximumEventAgeInSeconds; n != nil {
			retry["MaximumEventAgeInSeconds"] = *n
		}
		if len(retry) > 0 {
			shown["RetryPolicy"] = retry
		}
		if t.Input != nil {
			shown["Input"] = *t.Input
		}
		if t.InputPath != nil {
			shown["InputPath"] = *t.InputPath
		}
		if it := t.InputTransformer; it != nil {
			shown["InputTransformer"] = map[string]any{"InputPathsMap": it.InputPathsMap, "InputTemplate": it.InputTemplate}
		}
		all = append(all, shown)
	}
	return page(cl, "Targets", all)
}

func page(cl *kernel.Call, member string, all []any) (any, *kernel.Error) {
	return wire.List(cl, member, all, "NextToken", wire.Paging{
		Limit:   "Limit",
		Token:   "NextToken",
		Most:    mostListed,
		Invalid: "ValidationException",
	})
}
