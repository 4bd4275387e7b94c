package kernel

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"

	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/vtime"
)

// Kernel is what every service gets.
type Kernel struct {
	*vtime.Clock
	*vtime.Agenda
	*Log
	*Faults
	*Principals
	*Names
	// Services are the others, set before anything runs.
	Services
	Trails
	Partition string
	Began     time.Time

	mu  sync.Mutex
	ids map[string]int
}

// Services is how a service reaches the others; each question goes to the one whose it is.
type Services interface {
	// Authorize asks IAM whether the principal may; resource holds the resource's own policies, if it has any. The text is
	// why not.
	Authorize(who Principal, a policy.Access, resource []policy.Document) (why string, ok bool)
	// Assume has a service assume a role for a source. The code is why not: NoResource for a role that is in no template.
	Assume(service, role string, source map[string]string) (Principal, *Error)
	// UseKey asks KMS for a key's ARN, and whether it can be used.
	UseKey(use KeyUse) (arn string, failed *Error)
	// Deliver hands something to the resource that d.To names, which may refuse it: with NoResource, NoPermission, or an
	// injected fault's code.
	Deliver(d Delivery) *Error
	// Publish puts an event on a bus.
	Publish(e Event)
	// Measure adds a data point to a metric.
	Measure(s Sample)
}

// Trails is CloudTrail, as the other services know it.
type Trails interface {
	// Record records a call of another service, and returns the ID of its event.
	Record(cl *Call, failed *Error) string
	// RecordData records a call about data, where a trail records it, and returns the ID of its event; empty: none does.
	RecordData(cl *Call, failed *Error) string
	// CatchUp makes the deliveries that are due, before something changes that trails use.
	CatchUp()
}

// The codes of refusals between services.
const (
	NoResource   = "NO_RESOURCE"
	NoPermission = "NO_PERMISSIONS"

	KeyNotFound = "KMSNotFoundException"
	KeyDisabled = "KMSDisabledException"
	KeyDenied   = "KMSAccessDeniedException"
)

// Delivery is something that one service hands to a resource of another.
type Delivery struct {
	To string // an ARN
	// By is the service's principal, and Source the ARN of what it acts for; Who, if set, is the role that it has assumed.
	By, Source string
	Account    string // of the source, where its ARN does not say it: a bucket's
	Who        *Principal

	Body       []byte
	Subject    string // of a message; of a file in a bucket, its key
	Attributes map[string]string
	// EventID and Via are what entries show.
	EventID, Via string
	// Probe only asks whether the resource would take it.
	Probe bool
}

// Owner is the account of what the service acts for.
func (d Delivery) Owner() string {
	if d.Account != "" {
		return d.Account
	}
	return ARN(d.Source).Account
}

// Polled is a message as Lambda's event source mapping takes it out of a queue.
type Polled struct {
	ID, Handle, Body, MD5 string
	Attributes            map[string]string // of SQS
	MessageAttributes     map[string]string // texts alone
}

// Post is an HTTP request that leaves the cloud for Slack.
type Post struct {
	Method, Host, Path string
	Header             http.Header
	Body               []byte
	Via                string
	Function           bool   // a function makes it
	Who                string // the role of the function; empty: EventBridge
	EventID            string
	Paths, Empty       []string // see Entry
	Try                int
}

// Sender is the header of a function's requests that has its role.
const Sender = "X-Localcloud-Sender"

// KeyUse is a question about a KMS key.
type KeyUse struct {
	Key  string // an ARN, an ID or an alias
	Site        // of whoever names it
	// Who uses it, or a service for a source; neither: the key is only looked up.
	Who     *Principal
	Service string
	Context map[string]string
	Actions []string // empty: all that writing and reading needs
	// Assumed lets a key be used that no template holds.
	Assumed bool
}

// Event is an event on a bus.
type Event struct {
	ID   string // of the CloudTrail record, or of the envelope where there is none
	Name string // for people: "StopLogging", or the detail-type
	Site
	Bus      string // empty: the default one, and where it is forwarded to
	Recorded bool   // of a call that CloudTrail recorded, and may be lost
	ReadOnly bool   // of a call
	Payload  []byte
}

// Site is where something is.
type Site struct{ Account, Region string }

// SiteOf is that of an ARN.
func SiteOf(arn string) Site {
	a := ARN(arn)
	return Site{a.Account, a.Region}
}

// Envelope is an event as a service puts it on a bus ("Events in Amazon EventBridge").
type Envelope struct {
	ID, Source, DetailType string
	Time                   time.Time
	Resources              []string
	Detail                 any
}

// Event is the envelope on a bus of a site; an empty bus is the default one, and where it is forwarded to.
func (e Envelope) Event(at Site, bus string) Event {
	resources := e.Resources
	if resources == nil {
		resources = []string{}
	}
	payload, err := json.Marshal(map[string]any{
		"version":     "0",
		"id":          e.ID,
		"source":      e.Source,
		"detail-type": e.DetailType,
		"account":     at.Account,
		"region":      at.Region,
		"time":        e.Time.UTC().Format(time.RFC3339),
		"resources":   resources,
		"detail":      e.Detail,
	})
	if err != nil {
		payload = []byte(`{}`) // maps of texts always encode
	}
	return Event{
		ID:      e.ID,
		Name:    e.DetailType,
		Site:    at,
		Bus:     bus,
		Payload: payload,
	}
}

// Sample is a value of a metric. Without a Name it only says that what the dimensions name is in use.
type Sample struct {
	Site
	Namespace, Name string
	Dims            []Dim
	Value           float64
	Away            bool // of a queue's depth: messages are hidden from it
}

// Dim is a dimension of a metric.
type Dim struct{ Name, Value string }

// DefaultBus is the name of the bus that every account has.
const DefaultBus = "default"

// Options are what a kernel is told.
type Options struct {
	Start     time.Time
	RealTime  bool
	Partition string
	Account   string // of whoever is not known
	Strict    bool   // see localcloud.Options
	Fault     func(FaultPoint) *Failure
	Observe   func(Entry)
}

// New returns a kernel without services.
func New(o Options) *Kernel {
	k := &Kernel{Partition: o.Partition, ids: map[string]int{}}
	k.Clock = vtime.NewClock(o.Start, o.RealTime)
	k.Agenda = vtime.NewAgenda(k.Clock)
	k.Log = &Log{clock: k.Clock, observe: o.Observe}
	k.Faults = &Faults{clock: k.Clock, log: k.Log, hook: o.Fault}
	k.Principals = &Principals{partition: o.Partition, home: o.Account, known: map[string]Principal{}}
	k.Names = &Names{
		strict:  o.Strict,
		ids:     map[string]string{},
		deleted: map[string]bool{},
		owners:  map[string]string{},
	}
	k.Began = k.Now()
	return k
}

// ID returns the next UUID of a kind; each kind counts for itself.
func (k *Kernel) ID(kind string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ids[kind]++
	return UUID(kind, strconv.Itoa(k.ids[kind]))
}

// Count adds 1 to a metric of whoever has the resource of an ARN.
func (k *Kernel) Count(arn, namespace, name string, dims ...Dim) {
	k.Measure(Sample{
		Site:      SiteOf(arn),
		Namespace: namespace,
		Name:      name,
		Dims:      dims,
		Value:     1,
	})
}

// Allow asks IAM for a call, and answers for a refusal as most services do.
func (k *Kernel) Allow(cl *Call, a policy.Access, resource []policy.Document) *Error {
	if why, ok := k.Authorize(cl.Who, a, resource); !ok {
		return Refuse("AccessDeniedException", "%s", k.NotAuthorized(cl, a, why))
	}
	return nil
}

// May is Allow, and then what the faults say.
func (k *Kernel) May(cl *Call, a policy.Access, resource []policy.Document) *Error {
	if failed := k.Allow(cl, a, resource); failed != nil {
		return failed
	}
	return k.Refusal(cl)
}

// Refusal is how the faults have a call refused; nil: they do not.
func (k *Kernel) Refusal(cl *Call) *Error {
	f := k.Asked(cl.Service, cl.Op, cl.Function())
	if f == nil {
		f = cl.Injected.Failure()
	}
	if f == nil {
		return nil
	}
	return f.Error()
}

// Admit asks for a delivery whether the service, or the role that it has assumed, may do something with the resource
// and its key.
func (k *Kernel) Admit(d Delivery, action string, policies []policy.Document, key string) *Error {
	use := KeyUse{Key: key, Site: SiteOf(d.To), Who: d.Who}
	a := policy.Access{Action: action, Resource: d.To}
	if d.Who == nil {
		a.Who, a.Context = d.By, policy.Source(d.Source, d.Owner())
		use.Service, use.Context = a.Who, a.Context
		if policy.OfResource(policies, a, use.Account) != policy.Allowed {
			return Refuse(NoPermission, "the policy of the resource does not let %s in", d.By)
		}
	} else if why, ok := k.Authorize(*d.Who, a, policies); !ok {
		return Refuse(NoPermission, "%s", why)
	}
	if _, failed := k.UseKey(use); failed != nil {
		return Refuse(NoPermission, "the key of the resource cannot be used: %s", failed.Code)
	}
	return nil
}
