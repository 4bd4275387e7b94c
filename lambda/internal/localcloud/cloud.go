package localcloud

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	trail "trailkeeper/events"
	"trailkeeper/lambda/internal/localcloud/cloudtrail"
	"trailkeeper/lambda/internal/localcloud/cloudwatch"
	"trailkeeper/lambda/internal/localcloud/dynamodb"
	"trailkeeper/lambda/internal/localcloud/events"
	"trailkeeper/lambda/internal/localcloud/heartbeat"
	"trailkeeper/lambda/internal/localcloud/iam"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/kms"
	"trailkeeper/lambda/internal/localcloud/lambda"
	"trailkeeper/lambda/internal/localcloud/organizations"
	"trailkeeper/lambda/internal/localcloud/s3"
	"trailkeeper/lambda/internal/localcloud/scheduler"
	"trailkeeper/lambda/internal/localcloud/secretsmanager"
	"trailkeeper/lambda/internal/localcloud/slack"
	"trailkeeper/lambda/internal/localcloud/sns"
	"trailkeeper/lambda/internal/localcloud/sqs"
	"trailkeeper/lambda/internal/localcloud/ssm"
	"trailkeeper/lambda/internal/localcloud/stacks"
	"trailkeeper/lambda/internal/localcloud/sts"
	"trailkeeper/lambda/internal/localcloud/telemetry"
	"trailkeeper/lambda/internal/localcloud/wire"
)

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
	// OrganizationID is what policies call the organization of Account, the two above and Members; empty: nobody is in
	// one.
	OrganizationID string
	Members        []string

	// Secrets maps the names of secrets to their texts.
	Secrets map[string]string
	// Start is the virtual time at which the run begins; zero: Start.
	Start time.Time
	// Lag is how long a read still shows the old state after a change; zero: 400 ms, and a part of it in real time.
	Lag time.Duration
	// HistoryDelay is how long after a call its record shows in the event history; zero: five minutes.
	HistoryDelay time.Duration
	// RealTime runs on the machine's clock in place of a virtual one.
	RealTime bool
	// SchedulesEvery is how often schedules fire in real time; zero: by their rates.
	SchedulesEvery time.Duration
	// Strict has nothing taken to exist that no template, no trail that was added, and no call has made.
	Strict bool
	// Listen is the loopback address to listen on; empty: any free port.
	Listen string
	// Page, if set, serves requests without an AWS signature that are not Slack's, such as a browser's.
	Page http.Handler
	// Fault, if set, is asked before every call and may make it fail. It must not call the cloud.
	Fault func(FaultPoint) *Failure
	// Observe, if set, gets each entry as it happens. It must not call the cloud.
	Observe func(Entry)
}

const (
	// defaultLag is the lag of CloudTrail's reads behind its writes. AWS says only that changes "take time to become
	// visible".
	defaultLag = 400 * time.Millisecond
	// defaultHistoryDelay is how long after a call its record shows in the event history. AWS promises no time: it names
	// about five minutes for the delivery of events ("How CloudTrail works").
	defaultHistoryDelay = 5 * time.Minute
)

// Start is the virtual time at which a run begins, unless its options say otherwise.
var Start = time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC)

func (o Options) complete() Options {
	lag := defaultLag
	if o.RealTime {
		lag /= 3
	}
	partition, ok := trail.PartitionOf(o.Region)
	if !ok {
		partition = "aws"
	}
	o.Partition = cmp.Or(o.Partition, partition)
	o.Stack = cmp.Or(o.Stack, "trailkeeper")
	o.ManagementAccount = cmp.Or(o.ManagementAccount, o.Account)
	o.Lag = cmp.Or(o.Lag, lag)
	o.HistoryDelay = cmp.Or(o.HistoryDelay, defaultHistoryDelay)
	if o.Start.IsZero() {
		o.Start = Start
	}
	return o
}

// organization is the ID of the organization that an account is in; empty: none.
func (o Options) organization(account string) string {
	ours := slices.Concat([]string{o.Account, o.ManagementAccount}, o.DelegatedAdministrators, o.Members)
	if slices.Contains(ours, account) {
		return o.OrganizationID
	}
	return ""
}

// Cloud is a running cloud: its services, each reached by its own methods. They are safe for concurrent use.
type Cloud struct {
	*cloudtrail.Trails
	*events.Bus
	*scheduler.Schedules
	*lambda.Functions
	*dynamodb.Tables
	*sqs.Queues
	*sns.Topics
	*slack.Workspace
	*cloudwatch.Monitor

	options Options
	kernel  *kernel.Kernel
	door    *kernel.Door
	roles   *iam.Roles
	keys    *kms.Keys
	buckets *s3.Buckets
	stacks  *stacks.Stacks
	org     *organizations.Organization
	secrets *secretsmanager.Secrets
	params  *ssm.Parameters

	mu          sync.Mutex
	assumptions []string
	start       sync.Once
	concurrent  bool // runs that are due at the same time go on side by side
}

// New makes a cloud, deploys the template in it, and starts to listen on loopback. The error names everything in the
// template that is not modelled.
func New(o Options) (*Cloud, error) {
	o = o.complete()
	k := kernel.New(kernel.Options{
		Start:     o.Start,
		RealTime:  o.RealTime,
		Partition: o.Partition,
		Account:   o.Account,
		Strict:    o.Strict,
		Fault:     o.Fault,
		Observe:   o.Observe,
	})
	c := &Cloud{options: o, kernel: k, door: &kernel.Door{Kernel: k}}
	c.roles = iam.New(k, o.organization)
	c.keys = kms.New(k)
	c.buckets = s3.New(k)
	c.stacks = stacks.New(k)
	c.org = organizations.New(k, organizations.Options{
		ID:        o.OrganizationID,
		Master:    o.ManagementAccount,
		Delegated: o.DelegatedAdministrators,
		Members:   append([]string{o.Account}, o.Members...),
	})
	c.secrets = secretsmanager.New(k, o.Secrets)
	c.stacks.Removed = c.remove
	c.params = ssm.New(k)
	c.Topics = sns.New(k)
	c.Queues = sqs.New(k)
	c.Tables = dynamodb.New(k)
	c.Functions = lambda.New(k, c.door, c.Queues, o.NewHandler)
	c.Workspace = slack.New(k, o.Secrets, c.Endpoint)
	c.Bus = events.New(k, c.Take)
	c.Schedules = scheduler.New(k, o.SchedulesEvery)
	c.Monitor = cloudwatch.New(k)
	c.Trails = cloudtrail.New(k, cloudtrail.Options{
		Lag:                     o.Lag,
		HistoryDelay:            o.HistoryDelay,
		ManagementAccount:       o.ManagementAccount,
		DelegatedAdministrators: o.DelegatedAdministrators,
	})
	c.wire()
	if err := c.Deploy(o.Template, o.Account, o.Region, o.Stack); err != nil {
		return nil, err
	}
	return c, c.door.Listen(o.Listen)
}

// wire says which service is asked what.
func (c *Cloud) wire() {
	c.door.Slack, c.door.Page = c.Workspace.Serve, c.options.Page
	c.door.Outside = heartbeat.New(c.kernel, c.options.Secrets).Serve
	c.door.Refuse = wire.Refuse
	c.door.Serve = map[string]func(*http.Request, *kernel.Call) kernel.Answer{
		"cloudformation":     c.stacks.Serve,
		"cloudtrail":         c.Trails.Serve,
		"dynamodb":           c.Tables.Serve,
		"events":             c.Bus.Serve,
		"lambda":             c.Functions.Serve,
		"iam":                c.roles.Serve,
		"kms":                c.keys.Serve,
		"logs":               c.Monitor.Logs.Serve,
		"monitoring":         c.Monitor.Serve,
		"observabilityadmin": telemetry.New(c.kernel).Serve,
		"organizations":      c.org.Serve,
		"s3":                 c.buckets.Serve,
		"scheduler":          c.Schedules.Serve,
		"secretsmanager":     c.secrets.Serve,
		"sns":                c.Topics.Serve,
		"sqs":                c.Queues.Serve,
		"ssm":                c.params.Serve,
		"sts":                sts.New(c.kernel).Serve,
	}
	takes := map[string]func(kernel.Delivery) *kernel.Error{
		"lambda":    c.Functions.Receive,
		"logs":      c.Monitor.Receive,
		"s3":        c.buckets.Receive,
		"scheduler": c.Bus.Receive, // Scheduler's universal target
		"sns":       c.Topics.Receive,
		"sqs":       c.Queues.Receive,
	}
	c.kernel.Services = services{c.roles, c.keys, c.Bus, c.Monitor, takes}
	c.kernel.Trails = c.Trails
}

// remove deletes resources.
func (c *Cloud) remove(arns []string) {
	gone := map[string]bool{}
	for _, arn := range arns {
		gone[arn] = true
		c.kernel.Delete(arn, true)
	}
	is := func(arn string) bool { return gone[arn] }
	c.Bus.Remove(is)
	c.Schedules.Remove(is)
	c.Functions.Remove(is)
	c.Monitor.Remove(is)
	c.params.Remove(is)
}

// services implements kernel.Services: each question is answered by the service whose it is.
type services struct {
	*iam.Roles
	*kms.Keys
	*events.Bus
	*cloudwatch.Monitor
	// takes is who takes what is for a resource, by the service in its ARN.
	takes map[string]func(kernel.Delivery) *kernel.Error
}

// Deliver implements kernel.Services.
func (s services) Deliver(d kernel.Delivery) *kernel.Error {
	if take := s.takes[kernel.ARN(d.To).Service]; take != nil {
		return take(d)
	}
	return kernel.Refuse(kernel.NoResource, "%s is nothing that is modelled", d.To)
}

// Close stops listening.
func (c *Cloud) Close() error { return c.door.Close() }

// Endpoint is the URL that serves every service and Region.
func (c *Cloud) Endpoint() string { return c.door.Endpoint() }
