package localcloud

import (
	"encoding/json"
	"strings"
	"time"

	trail "trailkeeper/events"
	"trailkeeper/lambda/internal/localcloud/cloudtrail"
	"trailkeeper/lambda/internal/localcloud/cloudwatch"
	"trailkeeper/lambda/internal/localcloud/dynamodb"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/lambda"
	"trailkeeper/lambda/internal/localcloud/slack"
)

// The words of the services that a run uses.
type (
	// Handler is the function's code, as Lambda calls it.
	Handler = lambda.Handler
	// FunctionEnv is all that a function gets from the cloud.
	FunctionEnv = lambda.FunctionEnv
	// Entry is one thing that happened in the cloud.
	Entry = kernel.Entry
	// Kind says what an Entry is about.
	Kind = kernel.Kind
	// Principal is somebody who may call the cloud with an access key.
	Principal = kernel.Principal
	// Fault is how calls go wrong.
	Fault = kernel.Fault
	// FaultKind says how the far end of a call goes wrong.
	FaultKind = kernel.FaultKind
	// FaultPoint is a call that may be made to fail.
	FaultPoint = kernel.FaultPoint
	// Failure is how a call fails.
	Failure = kernel.Failure
	// Injected is a fault at work.
	Injected = kernel.Injected
	// TrailSeed is a trail that exists before anything is played.
	TrailSeed = cloudtrail.TrailSeed
	// Write is one call of CloudTrail's API that changes something, or that was meant to.
	Write = cloudtrail.Write
	// Item is an item of a table.
	Item = dynamodb.Item
	// Metric is a metric of the cloud.
	Metric = cloudwatch.Metric
	// MetricFilter is a metric filter of a log group.
	MetricFilter = cloudwatch.Filter
	// Posted is a message in a channel of Slack, as it is now.
	Posted = slack.Posted
)

// The kinds of entries, the ways of messages, the kinds of faults, and AWS's words for a refusal; see package kernel.
const (
	KindCall    = kernel.KindCall
	KindNote    = kernel.KindNote
	KindMatched = kernel.KindMatched
	KindFired   = kernel.KindFired
	KindInvoked = kernel.KindInvoked
	KindSlack   = kernel.KindSlack
	KindSNS     = kernel.KindSNS
	KindParked  = kernel.KindParked
	KindLost    = kernel.KindLost
	KindAlarm   = kernel.KindAlarm
	KindPing    = kernel.KindPing

	ViaDestination = kernel.ViaDestination
	ViaFunction    = kernel.ViaFunction
	ViaRule        = kernel.ViaRule
	ViaAlarm       = kernel.ViaAlarm

	FaultError   = kernel.FaultError
	FaultSlow    = kernel.FaultSlow
	FaultGarbage = kernel.FaultGarbage
	FaultLost    = kernel.FaultLost
	FaultDropped = kernel.FaultDropped
	FaultTimeout = kernel.FaultTimeout
	AnyCaller    = kernel.AnyCaller

	NoIdentityPolicy = kernel.NoIdentityPolicy
	DeniedBySCP      = kernel.DeniedBySCP
)

// Began returns the time at which the run began.
func (c *Cloud) Began() time.Time { return c.kernel.Began }

// Now returns the cloud's time.
func (c *Cloud) Now() time.Time { return c.kernel.Now() }

// Pass lets virtual time pass, as somebody does who waits between two calls.
func (c *Cloud) Pass(d time.Duration) { c.kernel.Pass(d) }

// Note adds an entry about something that is not done through the cloud.
func (c *Cloud) Note(who, text string) { c.kernel.Note(Entry{Kind: KindNote, Who: who, Text: text}) }

// NoteCall adds an entry about a call that is not made through the cloud, and whose event the run delivers itself.
func (c *Cloud) NoteCall(who, op, eventID, text string) {
	c.kernel.Note(Entry{Kind: KindNote, Who: who, Op: op, EventID: eventID, Text: text})
}

// Entries returns what happened, in order.
func (c *Cloud) Entries() []Entry { return c.kernel.Entries() }

// Emitted returns every text that left the function or the cloud: logs, messages and queued bodies. No secret may be in
// it.
func (c *Cloud) Emitted() string { return c.kernel.Emitted() }

// Inject has calls go wrong from now on.
func (c *Cloud) Inject(f Fault) *Injected { return c.kernel.Inject(f) }

// AddPrincipal lets somebody call. Whoever calls with a key that was not added is the IAM user "operator" of the
// stack's account.
func (c *Cloud) AddPrincipal(p Principal) { c.kernel.AddPrincipal(p) }

// ARNOf is the ARN of a resource, by its logical ID without CDK's hash; empty: there is none.
func (c *Cloud) ARNOf(id string) string { return c.kernel.ARNOf(id) }

// PoliciesOfOrganization are the IDs of the organization policies that the stack attaches.
func (c *Cloud) PoliciesOfOrganization() []string { return c.org.Policies() }

func (c *Cloud) home() kernel.Site {
	return kernel.Site{Account: c.options.Account, Region: c.options.Region}
}

// Deliver puts an event on the stack's bus as it is, as if AWS had sent it. The id and the name are how entries call
// it.
func (c *Cloud) Deliver(id, name string, payload json.RawMessage) {
	c.Bus.Deliver(c.home(), id, name, payload)
}

// Flood uses up the quota of writing calls of the stack's account and Region for a time, as somebody does who calls
// AddTags in a loop.
func (c *Cloud) Flood(d time.Duration) { c.Trails.Flood(c.home(), d) }

// What an attacker does to the things that trails depend on. Each call is a fact: nobody is told, no API is called, and
// the trails find out at their next delivery. What was due before is delivered before.

// DeleteBucket deletes a bucket, by its name.
func (c *Cloud) DeleteBucket(name string) { c.Delete(c.bucket(name)) }

// KeyState is the state of a key, as DescribeKey has it.
func (c *Cloud) KeyState(arn string) string { return c.keys.State(arn) }

// EmptyBucket deletes all that is in a bucket, what CloudTrail has written included: then DeleteBucket takes it.
func (c *Cloud) EmptyBucket(name string) {
	c.CatchUp()
	c.buckets.Empty(c.bucket(name))
}

// DenyBucket puts a statement into a bucket's policy that refuses CloudTrail; AllowBucket takes it out and makes a
// deleted bucket again.
func (c *Cloud) DenyBucket(name string) {
	c.CatchUp()
	c.buckets.Deny(c.bucket(name), "cloudtrail.amazonaws.com")
}

// AllowBucket undoes DeleteBucket and DenyBucket.
func (c *Cloud) AllowBucket(name string) {
	c.CatchUp()
	c.buckets.Allow(c.bucket(name))
}

// PutObject puts an object into a bucket, as CloudTrail does, encrypted as the bucket says. It reports false where there
// is no such bucket.
func (c *Cloud) PutObject(bucket, key string, body []byte) bool {
	return c.buckets.Put(c.bucket(bucket), key, body)
}

// RemoveObject deletes an object, as the IAM user "operator" does, or hides it where the bucket has versions. It reports
// false where there is none.
func (c *Cloud) RemoveObject(bucket, key string) bool {
	return c.buckets.Remove(c.bucket(bucket), key, c.kernel.Caller("operator"))
}

func (c *Cloud) bucket(name string) string {
	return trail.Place{Partition: c.options.Partition}.ARN("s3", name)
}

// DisableKey disables a key, by its ARN; EnableKey undoes it.
func (c *Cloud) DisableKey(arn string) {
	c.CatchUp()
	c.keys.Disable(arn, true)
}

// EnableKey undoes DisableKey.
func (c *Cloud) EnableKey(arn string) {
	c.CatchUp()
	c.keys.Disable(arn, false)
}

// Delete deletes a bucket, a key, a role, a topic, a queue, a log group or a table, by its ARN, a log group's with or
// without ":*" at its end.
func (c *Cloud) Delete(arn string) {
	c.CatchUp()
	c.kernel.Delete(strings.TrimSuffix(arn, ":*"), true)
}
