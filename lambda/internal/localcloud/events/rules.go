package events

import (
	"cmp"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// mostListed is how many rules or targets EventBridge lists at once (ListRules, Limit).
const mostListed = 100

// answer answers one call: PutEvents, or one about rules.
func (s *Bus) answer(cl *kernel.Call) (any, *kernel.Error) {
	if cl.Op == "PutEvents" {
		return s.putEvents(cl)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	bus := busName(cl.Text("EventBusName"))
	name := cmp.Or(cl.Text("Name"), cl.Text("Rule"))
	path := name
	if bus != kernel.DefaultBus {
		path = bus + "/" + name
	}
	arn := s.kernel.PlaceOf(cl).ARN("events", "rule/"+path)
	if failed := s.kernel.May(cl, policy.Access{Action: "events:" + cl.Op, Resource: arn}, nil); failed != nil {
		return nil, failed
	}
	if cl.Op == "ListRules" {
		return s.listRules(cl, bus)
	}
	at := slices.IndexFunc(s.rules, func(r *rule) bool { return r.arn == arn })
	if at < 0 {
		return nil, kernel.Refuse("ResourceNotFoundException", "Rule %s does not exist on EventBus %s.", name, bus)
	}
	r := s.rules[at]
	switch cl.Op {
	case "DescribeRule":
		out := r.shown()
		out["CreatedBy"] = kernel.ARN(r.arn).Account
		return out, nil
	case "ListTargetsByRule":
		return r.listTargets(cl)
	default: // DisableRule, EnableRule: one with reads loses them
		r.enabled, r.reads = cl.Op == "EnableRule", false
		return nil, nil
	}
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

func (s *Bus) listRules(cl *kernel.Call, bus string) (any, *kernel.Error) {
	var all []any
	inOrder := func(a, b *rule) int { return cmp.Compare(a.arn, b.arn) }
	for _, r := range slices.SortedFunc(slices.Values(s.rules), inOrder) {
		if kernel.SiteOf(r.arn) == cl.Site() && r.bus == bus &&
			strings.HasPrefix(r.own(), cl.Text("NamePrefix")) {
			all = append(all, r.shown())
		}
	}
	return page(cl, "Rules", all)
}

func (r *rule) listTargets(cl *kernel.Call) (any, *kernel.Error) {
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
