// Package structure reads a synthesized template: where it is meant to be deployed, which secrets it needs, and whether
// what cannot be delivered has a place to go that somebody watches. It deploys nothing, and knows no run.
package structure

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/memo"
)

// Template is the part of a template that decides what becomes of what cannot be delivered, and of what is kept.
type Template struct {
	Resources map[string]resource

	kinds map[string][]string // the logical IDs of each type, in order
}

type resource struct {
	Type, DeletionPolicy, UpdateReplacePolicy string
	Properties                                struct {
		Targets []struct {
			ID               string `json:"Id"`
			Arn              json.RawMessage
			DeadLetterConfig struct{ Arn json.RawMessage }
			RetryPolicy      struct{ MaximumRetryAttempts, MaximumEventAgeInSeconds int }
		}
		PolicyDocument                   policy
		Policies                         []struct{ PolicyDocument policy }
		Queues                           json.RawMessage
		AlarmActions, OKActions          []json.RawMessage
		MetricName                       string
		Dimensions, EventPattern, Bucket json.RawMessage
		Name, EventBusName               json.RawMessage
		EventSourceArn                   json.RawMessage
		scheduleProperties
		tableProperties
		trailProperties
	}
}

type policy struct{ Statement []statement }

// statement is one of a policy.
type statement struct {
	Effect                                 string
	Action, Principal, Resource, Condition json.RawMessage
}

// Of reads a template. What it returns is everybody's who reads the same, and nobody may change it.
func Of(template []byte) (Template, error) {
	r := parsed.Of(sha256.Sum256(template), func() (r reading) {
		r.err = json.Unmarshal(template, &r.template)
		r.template.kinds = map[string][]string{}
		for _, id := range slices.Sorted(maps.Keys(r.template.Resources)) {
			kind := r.template.Resources[id].Type
			r.template.kinds[kind] = append(r.template.kinds[kind], id)
		}
		return r
	})
	return r.template, r.err
}

type reading struct {
	template Template
	err      error
}

// A run reads the same template for every scenario. What is read of it is kept by the digest of its content.
var parsed = memo.New[[sha256.Size]byte, reading](mostTemplates)

// mostTemplates is how many templates are kept: more than are played side by side.
const mostTemplates = 32

// Gap says what could get lost, and where: every target of every rule must be retried and have a dead-letter queue of
// its own that admits the rule, an alarm must watch every queue, and schedules, tables and trails must lose nothing.
func (s Template) Gap(topic bool) string {
	return cmp.Or(s.targets(), s.schedules(), s.tables(), s.trails(), s.watched(topic))
}

// TestBuses are the buses that the rules for test alerts listen to.
func (s Template) TestBuses() []string {
	var buses []string
	for _, id := range s.ids("AWS::Events::Rule") {
		p := s.Resources[id].Properties
		var pattern struct {
			DetailType []string `json:"detail-type"`
		}
		if json.Unmarshal(p.EventPattern, &pattern) != nil || !slices.Contains(pattern.DetailType, events.TestAlert) {
			continue
		}
		bus := "default"
		if p.EventBusName != nil && json.Unmarshal(p.EventBusName, &bus) != nil {
			continue // a bus that only AWS can name
		}
		buses = append(buses, bus)
	}
	return buses
}

// RecordsBaselines reports whether the guard's role may change trails that no baseline declares.
func (s Template) RecordsBaselines() bool {
	for _, id := range s.ids("AWS::IAM::Role") {
		for _, p := range s.Resources[id].Properties.Policies {
			if slices.ContainsFunc(p.PolicyDocument.Statement, statement.changesAnyTrail) {
				return true
			}
		}
	}
	return false
}

func (st statement) changesAnyTrail() bool {
	return st.Effect == "Allow" && strings.Contains(string(st.Action), `"cloudtrail:UpdateTrail"`) &&
		strings.Contains(string(st.Resource), `:trail/*"`)
}

// targets says what is wrong with the first target that could lose an event.
func (s Template) targets() string {
	queueOf := map[string]string{}
	targetOf := map[string]string{} // each function, or other kind of target, and its dead-letter queue belong together
	for _, rule := range s.ids("AWS::Events::Rule") {
		for _, t := range s.Resources[rule].Properties.Targets {
			where := "target " + t.ID + " of " + rule
			queue, to := attribute(t.DeadLetterConfig.Arn), kind(s, t.Arn)
			switch {
			case t.RetryPolicy.MaximumRetryAttempts < 1 || t.RetryPolicy.MaximumEventAgeInSeconds < 60:
				return where + " is not retried"
			case s.Resources[queue].Type != "AWS::SQS::Queue":
				return where + " has no dead-letter queue in the template"
			case !s.admits(queue, rule):
				return "the policy of " + queue + " does not admit " + rule
			case queueOf[to] != "" && queueOf[to] != queue || targetOf[queue] != "" && targetOf[queue] != to:
				return where + " has the dead-letter queue of another target, " + queue
			}
			queueOf[to], targetOf[queue] = queue, to
		}
	}
	return ""
}

// kind is the type of a target that is in the template; a function, or what is elsewhere, is its own.
func kind(s Template, target json.RawMessage) string {
	id := cmp.Or(attribute(target), logicalID(target))
	switch r, ok := s.Resources[id]; {
	case !ok:
		return string(target)
	case r.Type == "AWS::Lambda::Function":
		return id
	default:
		return r.Type
	}
}

// admits reports whether a policy of the queue lets EventBridge send on behalf of the rule.
func (s Template) admits(queue, rule string) bool {
	for _, id := range s.ids("AWS::SQS::QueuePolicy") {
		p := s.Resources[id].Properties
		if !strings.Contains(string(p.Queues), `"`+queue+`"`) {
			continue
		}
		for _, st := range p.PolicyDocument.Statement {
			if st.Effect == "Allow" && strings.Contains(string(st.Action), `"sqs:SendMessage"`) &&
				strings.Contains(
					string(st.Principal),
					`"events.amazonaws.com"`,
				) && (strings.Contains(string(st.Condition), `"`+rule+`"`) || s.namesLike(st.Condition, rule)) {
				return true
			}
		}
	}
	return false
}

var ruleARNs = regexp.MustCompile(`:rule/(?:[^"/]*/)?([^"*]*)\*"`)

// namesLike reports whether a condition has an ARN with a wildcard at its end that stands for the rule.
func (s Template) namesLike(condition json.RawMessage, rule string) bool {
	var name string
	if json.Unmarshal(s.Resources[rule].Properties.Name, &name) != nil {
		return false
	}
	return slices.ContainsFunc(ruleARNs.FindAllSubmatch(condition, -1), func(m [][]byte) bool {
		return strings.HasPrefix(name, string(m[1]))
	})
}

// watched says which queue no alarm watches. Without a topic an alarm needs no actions: a rule tells of its states.
func (s Template) watched(topic bool) string {
	for _, queue := range s.ids("AWS::SQS::Queue") {
		why := "no alarm watches " + queue
		for _, id := range s.ids("AWS::CloudWatch::Alarm") {
			p := s.Resources[id].Properties
			switch {
			case !s.depth(p.MetricName, queue) || !strings.Contains(string(p.Dimensions), `"`+queue+`"`):
			case topic && (len(p.AlarmActions) == 0 || len(p.OKActions) == 0):
				why = id + ", which watches " + queue + ", tells nobody when it goes off or is over"
			default:
				why = ""
			}
		}
		if why != "" {
			return why
		}
	}
	return ""
}

// depth reports whether a metric says of a queue that something stays in it: messages, or, where a function takes them
// out, that they grow old.
func (s Template) depth(metric, queue string) bool {
	taken := slices.ContainsFunc(s.ids("AWS::Lambda::EventSourceMapping"), func(id string) bool {
		return attribute(s.Resources[id].Properties.EventSourceArn) == queue
	})
	return metric == map[bool]string{
		false: "ApproximateNumberOfMessagesVisible",
		true:  "ApproximateAgeOfOldestMessage",
	}[taken]
}

// ids returns the logical IDs of a type, in order.
func (s Template) ids(kind string) []string { return s.kinds[kind] }

// attribute returns the logical ID in a Fn::GetAtt, and "" for everything else.
func attribute(raw json.RawMessage) string {
	var get struct {
		GetAtt []string `json:"Fn::GetAtt"`
	}
	if json.Unmarshal(raw, &get) != nil || len(get.GetAtt) == 0 {
		return ""
	}
	return get.GetAtt[0]
}
