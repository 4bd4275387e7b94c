// Package lambda has the functions: it invokes them asynchronously, with retries and an on-failure destination, and by
// hand, and takes their logs. It knows nothing of a function's code beyond Handler.
package lambda

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// Handler is the function's code, as Lambda calls it.
type Handler interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// FunctionEnv is all that a function gets from the cloud.
type FunctionEnv struct {
	// Getenv reads the environment that the template gives the function, and what Lambda adds to it.
	Getenv func(string) string
	// Environ is all of it, as os.Environ gives it.
	Environ []string
	Clock   clock.Clock
	Log     *slog.Logger
	// HTTP leads every request to the loopback endpoint, whatever its host.
	HTTP *http.Client
}

// Functions are all functions of the cloud.
type Functions struct {
	kernel *kernel.Kernel
	wire.Front
	door   *kernel.Door
	queues Queues
	create func(context.Context, FunctionEnv) (Handler, error)

	mu        sync.Mutex
	base      context.Context      // of the runs
	functions map[string]*function // by ARN
	mappings  map[string]*mapping  // by UUID
	digests   map[string]string    // of packages, by logical ID
}

// New returns Lambda without a function. The code of a function is made at its first invocation; an error counts as a
// failed run.
func New(
	k *kernel.Kernel, door *kernel.Door, queues Queues, create func(context.Context, FunctionEnv) (Handler, error),
) *Functions {
	s := &Functions{
		kernel:    k,
		door:      door,
		queues:    queues,
		create:    create,
		base:      context.Background(),
		functions: map[string]*function{},
		mappings:  map[string]*mapping{},
		digests:   map[string]string{},
	}
	s.Front = wire.New(k, "lambda", s.answer, wire.Named("FunctionName"))
	s.Bounds = true
	return s
}

// Until has runs end with a context.
func (s *Functions) Until(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.base = ctx
}

// Receive queues an event, if the function lets the service or its role invoke it.
func (s *Functions) Receive(d kernel.Delivery) *kernel.Error {
	s.mu.Lock()
	f := s.functions[d.To]
	s.mu.Unlock()
	if f == nil {
		return kernel.Refuse(kernel.NoResource, "the function does not exist")
	}
	if d.Who != nil {
		if why, ok := s.kernel.Authorize(*d.Who, policy.Access{Action: "lambda:InvokeFunction", Resource: f.arn}, nil); !ok {
			return kernel.Refuse(kernel.NoPermission, "%s", why)
		}
	} else {
		if !slices.ContainsFunc(f.now().permissions, func(p permission) bool { return p.lets(d) }) {
			return kernel.Refuse(kernel.NoPermission, "no permission of the function lets the rule invoke it")
		}
		if d.Probe {
			return nil // no fault of a run is about what was asked when the stack was made
		}
		if fault := s.kernel.Own(kernel.Step{
			Service: "lambda",
			Op:      "Permission",
			By:      d.Via,
			About:   f.arn,
		}); fault != nil {
			return kernel.Refuse(kernel.NoPermission, "%s", fault.Message)
		}
	}
	if !d.Probe {
		s.queue(f, d.Body)
	}
	return nil
}

// function is a Lambda function with its asynchronous queue.
type function struct {
	id        string // the logical one
	name, arn string
	deployed  code // of the template
	is        atomic.Pointer[settings]
	log       []string  // the lines that Lambda lets through
	idle      []Handler // the environments that wait for an event
}

// Lambda's defaults ("Asynchronous invocation").
const (
	defaultRetries   = 2
	defaultInvokeAge = 6 * time.Hour
	defaultTimeout   = 3 * time.Second
	defaultMemory    = 128
	// pause is how long Lambda waits with an event that has no concurrency; AWS documents none.
	pause = 5 * time.Minute
)

// invocation is one event on its way through the function's asynchronous queue.
type invocation struct {
	function  *function
	requestID string
	payload   []byte
	since     time.Time
	runs      int
	err       error
}

// queue puts an event into a function's queue.
func (s *Functions) queue(f *function, payload []byte) {
	inv := &invocation{
		function:  f,
		requestID: s.kernel.ID("invocation"),
		payload:   payload,
		since:     s.kernel.Now(),
	}
	s.kernel.Invoke(0, func() { s.run(inv) })
}

// off reports whether the function's concurrency is 0, and counts what is refused for that.
func (s *Functions) off(f *function) bool {
	n := f.now().spec.ReservedConcurrentExecutions
	if n == nil || *n != 0 {
		return false
	}
	s.count(f, "Throttles")
	return true
}

func (s *Functions) count(f *function, metric string) {
	s.kernel.Count(f.arn, "AWS/Lambda", metric, kernel.Dim{Name: "FunctionName", Value: f.name})
}

// run invokes the function, and after an error plans the next run: Lambda waits one minute and then two. It holds no
// lock: the code calls the cloud.
func (s *Functions) run(inv *invocation) {
	f := inv.function
	if f.now().deleted {
		s.kernel.Note(kernel.Entry{Kind: kernel.KindLost, Subject: s.kernel.NameOf(f.arn), Err: "the function was deleted"})
		return
	}
	tooOld := func(after time.Duration) bool {
		return s.kernel.Now().Add(after).Sub(inv.since) > f.now().invokes.age()
	}
	if s.off(f) {
		if tooOld(pause) {
			s.abandon(inv, "EventAgeExceeded", "the function's concurrency is 0")
			return
		}
		s.kernel.After(pause, func() { s.run(inv) })
		return
	}
	inv.runs++
	s.count(f, "Invocations")
	_, inv.err = s.execute(inv)
	e := kernel.Entry{Kind: kernel.KindInvoked, Subject: s.kernel.NameOf(f.arn), Text: fmt.Sprintf("run %d", inv.runs)}
	if inv.err == nil {
		s.kernel.Note(e)
		return
	}
	e.Err = inv.err.Error()
	s.kernel.Note(e)
	s.count(f, "Errors")
	backoff := time.Duration(inv.runs) * time.Minute
	switch {
	case inv.runs > f.now().invokes.retries():
		s.abandon(inv, "RetriesExhausted", inv.err.Error())
	case tooOld(backoff):
		s.abandon(inv, "EventAgeExceeded", inv.err.Error())
	default:
		s.kernel.Invoke(backoff, func() { s.run(inv) })
	}
}
