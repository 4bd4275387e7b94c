package localcloud

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/clock"
)

// Handler is the function's code, as Lambda calls it.
type Handler interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// FunctionEnv is all that a function gets from the cloud.
type FunctionEnv struct {
	// Getenv reads the environment that the template gives the function, and what Lambda adds to it.
	Getenv func(string) string
	Clock  clock.Clock
	Log    *slog.Logger
	// HTTP leads every request to the loopback endpoint, whatever its host.
	HTTP *http.Client
}

// Options say what to set up. Template, NewHandler, Account and Region are required.
type Options struct {
	// Template is a synthesized CloudFormation template.
	Template []byte
	// NewHandler makes the code of a function, at its first invocation. An error counts as a failed run.
	NewHandler func(ctx context.Context, env FunctionEnv) (Handler, error)

	Account   string
	Region    string
	Partition string // empty: the Region's
	Stack     string // the stack's name; empty: "trailkeeper"
	// ManagementAccount owns organization trails; empty: Account.
	ManagementAccount string
	// DelegatedAdministrators may change organization trails as well.
	DelegatedAdministrators []string
	// OrganizationID is what policies call the organization of Account, the two above and Members; empty: nobody is in one.
	OrganizationID string
	Members        []string

	// Secrets maps the names of secrets to their texts.
	Secrets map[string]string
	// Start is the virtual time at which the run begins; zero: Start.
	Start time.Time
	// Lag is how long a read still shows the old state after a change; zero: DefaultLag, and a part of it in real time.
	Lag time.Duration
	// HistoryDelay is how long after a call its record shows in the event history; zero: DefaultHistoryDelay.
	HistoryDelay time.Duration
	// RealTime runs on the machine's clock in place of a virtual one.
	RealTime bool
	// SchedulesEvery is how often schedules fire in real time; zero: by their rates.
	SchedulesEvery time.Duration
	// Listen is the loopback address to listen on; empty: any free port.
	Listen string
	// Fault, if set, is asked before every call and may make it fail. It is called with the cloud locked and must not call it.
	Fault func(FaultPoint) *Failure
	// Observe, if set, gets each entry as it happens. It is called with the cloud locked and must not call it.
	Observe func(Entry)
}

// DefaultLag is the lag of CloudTrail's reads behind its writes. AWS says only that changes "take time to become visible".
const DefaultLag = 400 * time.Millisecond

// FaultPoint is a call that may be made to fail.
type FaultPoint struct {
	Service  string // "cloudtrail", "dynamodb", "sns", "sqs", "secretsmanager", "slack", "lambda", "scheduler"
	Op       string
	Function bool // the function makes the call
	At       time.Time
}

// Failure is how a call fails: Code and Message in the service's own form, with the HTTP status.
type Failure struct {
	Status  int
	Code    string
	Message string
	// RetryAfter is a header of the answer, in whole seconds; 0: none, but for Slack's 429, which always has one.
	RetryAfter time.Duration
}

// Cloud is a running deployment. Its methods are safe for concurrent use.
type Cloud struct {
	opts  Options
	time  *timekeeper
	start time.Time
	http  *http.Server
	addr  string

	mu         sync.Mutex
	base       context.Context // of the function's runs
	stack      *stack
	trails     map[string]*trail // by ARN
	quotas     map[string]*bucket
	principals map[string]Principal // by access key
	metrics    map[metricKey]*series
	entries    []Entry
	writes     []Write
	step       int
	ticking    bool // the schedules fire by themselves
	concurrent bool // runs that are due at the same time go on side by side
	passing    int  // how often over, time passes with what is to happen in it
	closed     bool
	gone       map[string]bool // buckets, keys, roles, topics and log groups that were broken, by name or ARN
	dropping   int             // how many events more are lost on their way to EventBridge
	repeating  int             // how often the next event arrives once more
	ids        map[string]int
	injected   []*Injected
	channels   []*slackChannel
	history    []*kept
	leaks      bytes.Buffer // everything that left the function or the cloud as text, for the search for secrets
}

// Start is the virtual time at which a run begins, unless its options say otherwise.
var Start = time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC)

// New reads the template, sets up what it says and starts to listen on loopback. The error names everything in the template that is not
// modelled.
func New(opts Options) (*Cloud, error) {
	if opts.Partition == "" {
		opts.Partition = partitionOf(opts.Region)
	}
	if opts.Stack == "" {
		opts.Stack = "trailkeeper"
	}
	if opts.ManagementAccount == "" {
		opts.ManagementAccount = opts.Account
	}
	if opts.Lag == 0 {
		opts.Lag = DefaultLag
		if opts.RealTime {
			opts.Lag /= 3
		}
	}
	if opts.HistoryDelay == 0 {
		opts.HistoryDelay = DefaultHistoryDelay
	}
	if opts.Start.IsZero() {
		opts.Start = Start
	}
	c := &Cloud{
		opts: opts, base: context.Background(), time: newTimekeeper(opts.Start, opts.RealTime), trails: make(map[string]*trail), quotas: make(map[string]*bucket),
		principals: make(map[string]Principal), metrics: make(map[metricKey]*series), ids: make(map[string]int),
		gone: make(map[string]bool),
	}
	c.start = c.time.Now()
	t, err := parseTemplate(opts.Template)
	if err != nil {
		return nil, err
	}
	e := &evaluator{
		template: t, place: place{opts.Account, opts.Region, opts.Partition, opts.Stack}, secrets: opts.Secrets, busy: make(map[string]bool),
	}
	if c.stack, err = buildStack(e); err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	if err := c.deployTrails(); err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	for _, f := range c.stack.functions {
		for _, value := range f.spec.Environment.Variables {
			c.leaks.WriteString(value + "\n") // the environment is no place for a secret
		}
	}
	return c, c.listen()
}

func (c *Cloud) listen() error {
	address := c.opts.Listen
	if address == "" {
		address = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listen on loopback: %w", err)
	}
	if tcp, ok := listener.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		return errors.Join(fmt.Errorf("listen on %s: want a loopback address such as 127.0.0.1:4566", address), listener.Close())
	}
	c.addr = listener.Addr().String()
	c.http = &http.Server{Handler: c, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = c.http.Serve(listener) }() // ends with ErrServerClosed
	return nil
}

// Close stops listening, and the schedules.
func (c *Cloud) Close() error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	return c.http.Close()
}

// Endpoint is the URL that serves every service and Region.
func (c *Cloud) Endpoint() string { return "http://" + c.addr }

// Began returns the time at which the run began.
func (c *Cloud) Began() time.Time { return c.start }

// Note adds an entry about something that is not done through the cloud.
func (c *Cloud) Note(who, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.note(Entry{Kind: KindNote, Who: who, Text: text})
}

// Pass lets virtual time pass, as somebody does who waits between two calls.
func (c *Cloud) Pass(d time.Duration) { c.time.pass(d) }

// Now returns the cloud's time.
func (c *Cloud) Now() time.Time { return c.time.Now() }

// Entries returns what happened, in order.
func (c *Cloud) Entries() []Entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	entries := slices.Clone(c.entries)
	slices.SortStableFunc(entries, Entry.compare)
	return entries
}

// Emitted returns every text that left the function or the cloud: logs, messages and queued bodies. No secret may be in it.
func (c *Cloud) Emitted() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leaks.String()
}

// note adds an entry. The cloud is locked.
func (c *Cloud) note(e Entry) {
	e.At, e.step, e.seq = c.time.Now(), c.step, len(c.entries)
	c.entries = append(c.entries, e)
	if c.opts.Observe != nil {
		c.opts.Observe(e)
	}
}

// id returns the next UUID of a kind; each kind counts for itself.
func (c *Cloud) id(kind string) string {
	c.ids[kind]++
	return uuidOf(kind, fmt.Sprint(c.ids[kind]))
}

func (c *Cloud) fault(service, op string, function bool) *Failure {
	if c.opts.Fault == nil {
		return nil
	}
	return c.opts.Fault(FaultPoint{Service: service, Op: op, Function: function, At: c.time.Now()})
}

func partitionOf(region string) string {
	if p, ok := events.PartitionOf(region); ok {
		return p
	}
	return "aws"
}
