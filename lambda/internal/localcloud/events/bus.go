// Package events is EventBridge: rules match the events on their buses, and give them to targets with retries and
// dead-letter queues. It knows nothing of what an event means or what a target makes of it; Scheduler is a service of
// its own.
package events

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/wire"
	"trailkeeper/rules"
)

// eventLatency is the way of a record to the bus. AWS documents no figure ("near real-time"); seconds are usual.
const eventLatency = 2 * time.Second

// Bus is every bus of the cloud, with its rules and API destinations.
type Bus struct {
	kernel *kernel.Kernel
	wire.Front
	post func(kernel.Post) (kernel.Answer, *kernel.Injected)

	mu           sync.Mutex
	sites        map[kernel.Site]bool // that have a stack
	rules        []*rule
	destinations map[string]*destination // by ARN
	connections  map[string]*connection  // by ARN
	losing       int                     // how many events more are lost on their way
	repeating    int                     // how often the next event arrives once more
}

type rule struct {
	name, arn string
	bus       string
	spec      ruleSpec
	enabled   bool
	reads     bool // also takes read-only management events
	pattern   rules.Pattern
	targets   []target
}

// dims are those of the rule's metrics ("Monitoring Amazon EventBridge"): another bus than the default one is named.
func (r *rule) dims() []kernel.Dim {
	if r.bus == kernel.DefaultBus {
		return []kernel.Dim{{Name: "RuleName", Value: r.name}}
	}
	return []kernel.Dim{
		{Name: "EventBusName", Value: r.bus},
		{Name: "RuleName", Value: strings.TrimPrefix(r.name, r.bus+"|")},
	}
}

type target struct {
	targetSpec
	rule        *rule
	transformer *rules.Transformer
}

// New returns EventBridge without a rule. API destinations are reached by post.
func New(k *kernel.Kernel, post func(kernel.Post) (kernel.Answer, *kernel.Injected)) *Bus {
	s := &Bus{
		kernel:       k,
		post:         post,
		sites:        map[kernel.Site]bool{},
		destinations: map[string]*destination{},
		connections:  map[string]*connection{},
	}
	s.Front = wire.New(k, "events", s.answer, wire.Body)
	s.Bounds = true
	return s
}

// Publish implements kernel.Services: the event is on the bus after a while. Where there is no stack, no rule waits for
// it.
func (s *Bus) Publish(ev kernel.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ev.Recorded && !ev.ReadOnly && s.losing > 0 {
		s.losing--
		s.kernel.Note(kernel.Entry{
			Kind:    kernel.KindNote,
			Who:     "EventBridge",
			Text:    "the event of " + ev.Name + " is lost on its way",
			EventID: ev.ID,
		})
		return
	}
	if !s.sites[ev.Site] {
		return
	}
	for range 1 + s.repeating {
		s.kernel.After(eventLatency, func() { s.match(ev) })
	}
	s.repeating = 0
}

// match gives the event to the targets of every rule that matches.
func (s *Bus) match(ev kernel.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	matched := ev.ReadOnly // the many reads that no rule wants need no entry
	read := sync.OnceValues(func() (rules.Event, error) { return rules.ReadEvent(ev.Payload) })
	for _, r := range s.rules {
		if !r.hears(ev) {
			continue // before the event is read
		}
		if event, err := read(); err != nil || !r.pattern.Matches(event) {
			continue
		}
		matched = true
		s.count(r, "TriggeredRules")
		s.kernel.Note(kernel.Entry{
			Kind:    kernel.KindMatched,
			Subject: s.kernel.NameOf(r.arn),
			Op:      ev.Name,
			EventID: ev.ID,
		})
		for _, t := range quickFirst(r.targets) {
			d := &delivery{target: t, event: ev, since: s.kernel.Now()}
			s.kernel.After(0, func() { s.deliver(d) })
		}
	}
	if !matched {
		s.kernel.Note(kernel.Entry{Kind: kernel.KindMatched, Op: ev.Name, EventID: ev.ID})
	}
}

func (r *rule) hears(ev kernel.Event) bool {
	return r.enabled && kernel.SiteOf(r.arn) == ev.Site && (r.reads || !ev.ReadOnly) && (ev.Bus == "" || ev.Bus == r.bus)
}

// quickFirst puts the function last: targets are served side by side, and only a run of the function takes virtual
// time.
func quickFirst(targets []target) []target {
	slow := func(t target) int {
		if serviceOf(t) == "lambda" {
			return 1
		}
		return 0
	}
	return slices.SortedStableFunc(slices.Values(targets), func(a, b target) int { return slow(a) - slow(b) })
}

func (s *Bus) count(r *rule, metric string) { s.kernel.Count(r.arn, "AWS/Events", metric, r.dims()...) }

// What a run does and looks at.

// Deliver puts an event on the bus of a site as it is, as if AWS had sent it. The id and the name are how entries call
// it.
func (s *Bus) Deliver(at kernel.Site, id, name string, payload json.RawMessage) {
	s.Publish(kernel.Event{
		ID:      id,
		Name:    name,
		Site:    at,
		Payload: payload,
	})
}

// RepeatEvents has the next event arrive n times more: EventBridge delivers at least once.
func (s *Bus) RepeatEvents(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.repeating = n
}

// LoseEvents loses the next n events of calls on their way, as EventBridge promises no more than best effort: the call
// happens, its record exists, no rule sees it.
func (s *Bus) LoseEvents(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.losing = n
}

// DisableRule disables the rules of a logical ID without CDK's hash, or of a name, and returns how many.
func (s *Bus) DisableRule(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.rules {
		if name == r.name || name == s.kernel.NameOf(r.arn) {
			r.enabled = false
			n++
		}
	}
	return n
}
