package lambda

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// listMappings answers ListEventSourceMappings.
func (s *Functions) listMappings(cl *kernel.Call) (any, *kernel.Error) {
	if failed := s.allow(cl, policy.Access{Action: "lambda:ListEventSourceMappings", Resource: "*"}); failed != nil {
		return nil, failed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	source, function := cl.Text("EventSourceArn"), cl.Text("FunctionName")
	all := []any{}
	for _, id := range slices.Sorted(maps.Keys(s.mappings)) {
		m := s.mappings[id]
		if m.site() == cl.Site() && (source == "" || m.spec.EventSourceArn == source) &&
			(function == "" || m.function.arn == function || strings.HasSuffix(m.function.arn, ":"+function)) {
			all = append(all, m.shown(""))
		}
	}
	return wire.List(cl, "EventSourceMappings", all, "NextMarker", wire.Paging{
		Limit:   "MaxItems",
		Token:   "Marker",
		Most:    100,
		Invalid: "InvalidParameterValueException",
	})
}

// ofMapping answers the calls about one mapping.
func (s *Functions) ofMapping(cl *kernel.Call) (any, *kernel.Error) {
	id := cl.Text("UUID")
	arn := s.kernel.PlaceOf(cl).ARN("lambda", "event-source-mapping:"+id)
	if failed := s.allow(cl, policy.Access{Action: "lambda:" + cl.Op, Resource: arn}); failed != nil {
		return nil, failed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.mappings[id]
	if m == nil || m.site() != cl.Site() {
		return nil, notFound("The resource you requested does not exist.")
	}
	switch cl.Op {
	case "UpdateEventSourceMapping":
		return s.updateMapping(cl, m)
	case "DeleteEventSourceMapping":
		m.set(func(m *mapping) { m.off = true })
		delete(s.mappings, id)
		return m.shown("Deleting"), nil
	default:
		return m.shown(""), nil
	}
}

// updateMapping answers UpdateEventSourceMapping: what is absent stays.
func (s *Functions) updateMapping(cl *kernel.Call, m *mapping) (any, *kernel.Error) {
	next := m.spec
	if f := cl.Params["FilterCriteria"]; f != nil {
		if filters, _ := f.(map[string]any)["Filters"].([]any); len(filters) > 0 {
			return nil, invalid("filters of event source mappings are not modelled")
		}
	}
	content, err := json.Marshal(cl.Params)
	if err == nil {
		err = json.Unmarshal(content, &next)
	}
	if err == nil {
		err = next.Check()
	}
	if err != nil {
		return nil, invalid(err.Error())
	}
	before := m.off
	m.set(func(m *mapping) { m.spec, m.off = next, next.Enabled != nil && !*next.Enabled })
	switch {
	case m.off && !before:
		return m.shown("Disabling"), nil
	case before && !m.off:
		m.wake()
		return m.shown("Enabling"), nil
	default:
		return m.shown("Updating"), nil
	}
}

// set changes a mapping between two polls.
func (m *mapping) set(edit func(*mapping)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	edit(m)
}

func (m *mapping) site() kernel.Site { return kernel.SiteOf(m.function.arn) }

// shown is the mapping as Lambda shows it; a state that is not given is the one in which it stays.
func (m *mapping) shown(state string) map[string]any {
	if state == "" {
		state = "Enabled"
		if m.off {
			state = "Disabled"
		}
	}
	place := kernel.ARN(m.function.arn).Place
	out := map[string]any{
		"UUID":                           m.id,
		"EventSourceMappingArn":          place.ARN("lambda", "event-source-mapping:"+m.id),
		"EventSourceArn":                 m.spec.EventSourceArn,
		"FunctionArn":                    m.function.arn,
		"BatchSize":                      m.spec.size(),
		"MaximumBatchingWindowInSeconds": int(m.spec.window().Seconds()),
		"State":                          state,
		"StateTransitionReason":          "USER_INITIATED",
		"LastModified":                   m.functions.kernel.Now(),
	}
	if len(m.spec.FunctionResponseTypes) > 0 {
		out["FunctionResponseTypes"] = m.spec.FunctionResponseTypes
	}
	if n := m.spec.ScalingConfig.MaximumConcurrency; n != nil {
		out["ScalingConfig"] = map[string]any{"MaximumConcurrency": *n}
	}
	return out
}
