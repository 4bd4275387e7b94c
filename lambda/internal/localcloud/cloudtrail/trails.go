// Package cloudtrail has the trails: their operations, quotas and lagging reads, the deliveries they make and what
// these depend on, the record of every call, and the event history. What a trail may be it asks the checkers of the
// baseline files, so that neither knows a trail that the other does not. It knows nothing of the guard, and stores no
// log file: of a delivery it knows only whether it would work.
package cloudtrail

import (
	"net/http"
	"sync"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/localcloud/cloudtrail/history"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

const (
	// callTime is how long a call of CloudTrail takes in virtual time. Other services' calls take none, because the
	// function makes them side by side and their order must not show.
	callTime = 40 * time.Millisecond
	// conflictWindow is how long a trail is busy with a change in virtual time ("wait a few minutes" is AWS's upper end).
	// In real time it is not at all, because AWS lets tools through that create a trail and start it at once.
	conflictWindow = 500 * time.Millisecond
)

// Options say how CloudTrail behaves.
type Options struct {
	// Lag is how long a read still shows the old state after a change.
	Lag time.Duration
	// HistoryDelay is how long after a call its record shows in the event history.
	HistoryDelay time.Duration
	// ManagementAccount owns organization trails, and DelegatedAdministrators may change them as well.
	ManagementAccount       string
	DelegatedAdministrators []string
}

// Trails are all trails of the cloud, and the event history.
type Trails struct {
	kernel *kernel.Kernel
	wire.Front
	options Options

	mu      sync.Mutex
	trails  map[string]*trail // by ARN
	quotas  quotas
	uses    dependencies
	history history.History
	writes  []Write
}

// New returns CloudTrail without a trail.
func New(k *kernel.Kernel, o Options) *Trails {
	s := &Trails{
		kernel:  k,
		options: o,
		trails:  map[string]*trail{},
		quotas:  quotas{k, map[string]*tokens{}},
		uses:    dependencies{k},
	}
	s.history.Delay = o.HistoryDelay
	s.Front = wire.New(k, "cloudtrail", s.answer, wire.Body)
	s.Shown = true
	return s
}

// Serve answers a request.
func (s *Trails) Serve(r *http.Request, cl *kernel.Call) kernel.Answer {
	a := s.Front.Serve(r, cl)
	if i := cl.Injected; i != nil && i.Kind != kernel.FaultError && !i.Effective() {
		s.takes(callTime) // whoever tries again at once for ever comes to the end of his time
	}
	return a
}

// takes lets virtual time pass.
func (s *Trails) takes(d time.Duration) {
	if !s.kernel.Real() {
		s.kernel.Pass(d)
	}
}

// operation is one operation of CloudTrail's API.
type operation struct {
	write  bool
	member string // of the request, that names the trail; empty: none
	run    func(s *Trails, cl *kernel.Call, t *trail) (map[string]any, *kernel.Error)
}

// operations are those of the local run (CloudTrail API reference).
var operations = sync.OnceValue(func() map[string]operation {
	return map[string]operation{
		"CreateTrail":           {true, "", (*Trails).createTrail},
		"DeleteTrail":           {true, "Name", (*Trails).deleteTrail},
		"UpdateTrail":           {true, "Name", (*Trails).updateTrail},
		"StartLogging":          {true, "Name", (*Trails).startLogging},
		"StopLogging":           {true, "Name", (*Trails).stopLogging},
		"PutEventSelectors":     {true, "TrailName", (*Trails).putEventSelectors},
		"PutInsightSelectors":   {true, "TrailName", (*Trails).putInsightSelectors},
		"PutEventConfiguration": {true, "TrailName", (*Trails).putEventConfiguration},
		"GetEventConfiguration": {false, "TrailName", (*Trails).getEventConfiguration},
		"AddTags":               {true, "ResourceId", (*Trails).addTags},
		"RemoveTags":            {true, "ResourceId", (*Trails).removeTags},
		"GetTrail":              {false, "Name", (*Trails).getTrail},
		"GetTrailStatus":        {false, "Name", (*Trails).getTrailStatus},
		"GetEventSelectors":     {false, "TrailName", (*Trails).getEventSelectors},
		"GetInsightSelectors":   {false, "TrailName", (*Trails).getInsightSelectors},
		"DescribeTrails":        {false, "", (*Trails).describeTrails},
		"ListTrails":            {false, "", (*Trails).listTrails},
		"ListTags":              {false, "", (*Trails).listTags},
		"ListPublicKeys":        {false, "", (*Trails).listPublicKeys},
		"LookupEvents":          {false, "", (*Trails).lookupEvents},
		"ListEventDataStores":   {false, "", (*Trails).listEventDataStores},
		"GetEventDataStore":     {false, "", (*Trails).getEventDataStore},
	}
})

// answer answers one call, records it, and gives the record to EventBridge. Where no trail logs write management
// events, before the call or after it, EventBridge gets nothing ("AWS service events delivered via AWS CloudTrail"): it
// tells of the call that stops the only trail, and of no later one.
func (s *Trails) answer(cl *kernel.Call) (any, *kernel.Error) {
	op := operations()[cl.Op]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.takes(callTime)
	fed := s.feeds(cl)
	answer, id, failed := s.carryOut(cl, op)
	e := kernel.Entry{
		Kind:     kernel.KindCall,
		Who:      cl.Who.Name(),
		Function: cl.Function(),
		Op:       cl.Op,
		Write:    op.write,
		Subject:  id.ARN(),
		Account:  cl.Who.Account,
		Text:     inWords(cl.Op, answer),
	}
	if failed != nil {
		e.Err, e.Text = failed.Code, failed.Message
	}
	event := s.history.Record(s.kernel, cl, answer, failed)
	e.EventID = event.ID
	s.kernel.Note(e)
	s.noteWrite(cl, e)
	if fed || s.feeds(cl) {
		s.kernel.Publish(event)
	}
	return answer, failed
}

// Record implements kernel.Trails: it keeps the record of a call of another service, and gives it to EventBridge as
// those of CloudTrail's own. It returns the event's ID.
func (s *Trails) Record(cl *kernel.Call, failed *kernel.Error) string {
	if failed != nil && failed.Recorded == "" && failed.Code == "AccessDeniedException" {
		failed.Recorded = "AccessDenied"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	event := s.history.Record(s.kernel, cl, nil, failed)
	if s.feeds(cl) {
		s.kernel.Publish(event)
	}
	return event.ID
}

// carryOut authorizes, limits and runs the call. The trail is the one it names, as far as that can be told.
func (s *Trails) carryOut(cl *kernel.Call, op operation) (map[string]any, events.Trail, *kernel.Error) {
	id, badName := s.named(cl, op)
	resource := id.ARN()
	if resource == "" {
		resource = "*"
	}
	for _, resource := range tagged(cl, resource) {
		if failed := allow(s.kernel, cl, policy.Access{Action: "cloudtrail:" + cl.Op, Resource: resource}); failed != nil {
			return nil, id, failed
		}
	}
	if f := s.kernel.Refusal(cl); f != nil {
		return nil, id, f
	}
	if !s.quotas.take(cl.Who.Account, cl.Region, quotaOf(cl.Op, op)) {
		return nil, id, kernel.Refuse("ThrottlingException", "Rate exceeded")
	}
	if badName != nil {
		return nil, id, badName
	}
	var t *trail
	if op.member != "" {
		var failed *kernel.Error
		if t, failed = s.find(cl, op, id); failed != nil {
			return nil, id, failed
		}
		id = t.Trail
	}
	answer, failed := op.run(s, cl, t)
	if failed == nil && op.write && !s.kernel.Real() {
		if t == nil {
			t = s.trails[id.ARN()]
		}
		t.busy = s.kernel.Now().Add(conflictWindow)
	}
	return answer, id, failed
}

// allow asks IAM; a refusal is recorded with another word.
func allow(k *kernel.Kernel, cl *kernel.Call, a policy.Access) *kernel.Error {
	failed := k.Allow(cl, a, nil)
	if failed != nil {
		failed.Recorded = "AccessDenied"
	}
	return failed
}

// feeds reports whether a trail that logs write management events feeds the bus of the caller's account and Region.
func (s *Trails) feeds(cl *kernel.Call) bool {
	for _, t := range s.trails {
		state := t.state()
		here := t.Region == cl.Region || state.on("IsMultiRegionTrail")
		if here && mayKnow(cl.Who.Account, t, state) && state.logsWrites() {
			return true
		}
	}
	return false
}

// inWords says what a call answered, where that is worth a line.
func inWords(op string, answer map[string]any) string {
	if op != "GetTrailStatus" || answer == nil {
		return ""
	}
	if on, _ := answer["IsLogging"].(bool); on {
		return "logging"
	}
	return "not logging"
}
