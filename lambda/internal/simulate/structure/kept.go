package structure

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/trail"
	"trailkeeper/lambda/internal/trail/coverage"
)

type scheduleProperties struct {
	State, ScheduleExpression string
	Target                    struct {
		Arn, Input       json.RawMessage
		DeadLetterConfig struct{ Arn json.RawMessage }
		RetryPolicy      struct{ MaximumRetryAttempts, MaximumEventAgeInSeconds *int }
	}
}

type tableProperties struct {
	BillingMode                      string
	DeletionProtectionEnabled        bool
	PointInTimeRecoverySpecification struct{ PointInTimeRecoveryEnabled bool }
	TimeToLiveSpecification          struct {
		AttributeName string
		Enabled       bool
	}
	ResourcePolicy struct{ PolicyDocument policy }
}

type trailProperties struct {
	S3BucketName                       json.RawMessage
	IsLogging, EnableLogFileValidation bool
	EventSelectors                     []struct {
		ReadWriteType                 string
		IncludeManagementEvents       *bool
		ExcludeManagementEventSources []string
	}
	AdvancedEventSelectors []baseline.AdvancedSelector // CloudFormation's names, but for their first letters
}

// retained reports whether a resource stays when the stack goes, and when CloudFormation puts another in its place.
func (r resource) retained() bool {
	return r.DeletionPolicy == "Retain" && r.UpdateReplacePolicy == "Retain"
}

// oldestSweep is how late Scheduler may start a sweep, in seconds: then the next one is due.
const oldestSweep = 60

// sweeps reports whether a schedule invokes a function of the template; the other kind puts an event on a bus.
func (p scheduleProperties) sweeps() bool { return attribute(p.Target.Arn) != "" }

// contested reports whether a schedule is the one that counts only while an incident is contested.
func (p scheduleProperties) contested() bool {
	return p.ScheduleExpression == "rate(1 minute)" && strings.Contains(string(p.Target.Input), events.ContestedSweep)
}

// ofWarden reports whether a schedule runs the warden.
func (p scheduleProperties) ofWarden() bool {
	return strings.Contains(string(p.Target.Input), events.WardenRun)
}

// SweepRates are how often the schedules have a sweep run, while no incident is contested.
func (s Template) SweepRates() []string {
	var rates []string
	for _, id := range s.ids("AWS::Scheduler::Schedule") {
		if p := s.Resources[id].Properties; p.sweeps() && !p.contested() && !p.ofWarden() {
			rates = append(rates, p.ScheduleExpression)
		}
	}
	return rates
}

// schedules says what is wrong with the first schedule. A sweep that did not start is not tried again: its dead letter
// says so, and the next one comes.
func (s Template) schedules() string {
	for _, id := range s.ids("AWS::Scheduler::Schedule") {
		p := s.Resources[id].Properties
		attempts, age := p.Target.RetryPolicy.MaximumRetryAttempts, p.Target.RetryPolicy.MaximumEventAgeInSeconds
		switch {
		case p.State == "DISABLED":
			return "the schedule " + id + " is disabled"
		case s.Resources[attribute(p.Target.DeadLetterConfig.Arn)].Type != "AWS::SQS::Queue":
			return "the schedule " + id + " has no dead-letter queue in the template"
		case p.sweeps() && (attempts == nil || *attempts != 0 || age == nil || *age > oldestSweep):
			return fmt.Sprintf("the schedule %s is retried, or starts sweeps later than %d s", id, oldestSweep)
		}
	}
	return ""
}

// tables says what is wrong with the first table.
func (s Template) tables() string {
	for _, id := range s.ids("AWS::DynamoDB::Table") {
		p := s.Resources[id].Properties
		switch {
		case !s.Resources[id].retained():
			return "the table " + id + " goes with the stack"
		case !p.DeletionProtectionEnabled:
			return "the table " + id + " can be deleted"
		case !p.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled:
			return "the table " + id + " cannot be restored to an earlier time"
		case !p.TimeToLiveSpecification.Enabled || p.TimeToLiveSpecification.AttributeName != "expires":
			return "the table " + id + " keeps what has expired"
		case p.BillingMode != "PAY_PER_REQUEST":
			return "the table " + id + " refuses writes beyond a capacity that was ordered"
		case !slices.ContainsFunc(p.ResourcePolicy.PolicyDocument.Statement, statement.deniesItemWrites):
			return "the policy of the table " + id + " does not deny every write of an item"
		}
	}
	return ""
}

// ItemWrites are the permissions that change an item (Service Authorization Reference, "Actions defined by Amazon
// DynamoDB").
var ItemWrites = []string{
	"PutItem",
	"UpdateItem",
	"DeleteItem",
	"BatchWriteItem",
	"PartiQLInsert",
	"PartiQLUpdate",
	"PartiQLDelete",
}

// deniesItemWrites reports whether a statement denies every write to everybody but those that it names.
func (st statement) deniesItemWrites() bool {
	if st.Effect != "Deny" || !strings.Contains(string(st.Principal), `"*"`) ||
		!strings.Contains(string(st.Condition), `"aws:PrincipalArn"`) {
		return false
	}
	all := strings.Contains(string(st.Action), `"dynamodb:*"`)
	return all ||
		!slices.ContainsFunc(
			ItemWrites,
			func(w string) bool { return !strings.Contains(string(st.Action), `"dynamodb:`+w+`"`) },
		)
}

// trails says what is wrong with the first trail that the stack makes.
func (s Template) trails() string {
	for _, id := range s.ids("AWS::CloudTrail::Trail") {
		p := s.Resources[id].Properties
		switch {
		case !s.Resources[id].retained():
			return "the trail " + id + " goes with the stack"
		case !p.IsLogging:
			return "the trail " + id + " does not log"
		case !p.EnableLogFileValidation:
			return "nothing proves that the log files of the trail " + id + " are whole"
		case !coverage.RecordsWrites(p.state()):
			return "the trail " + id + " does not record all write management events"
		}
		if why := bucketOf(s, id); why != "" {
			return why
		}
	}
	return ""
}

// bucketOf says what would become of the log files of a trail whose bucket is in the template.
func bucketOf(s Template, id string) string {
	bucket := logicalID(s.Resources[id].Properties.S3BucketName)
	if bucket == "" {
		return ""
	}
	if !s.Resources[bucket].retained() {
		return "the bucket " + bucket + " goes with the stack"
	}
	for _, p := range s.ids("AWS::S3::BucketPolicy") {
		if logicalID(s.Resources[p].Properties.Bucket) == bucket && !s.Resources[p].retained() {
			return "the policy of the bucket " + bucket + ", which lets the trail " + id + " write, goes with the stack"
		}
	}
	return ""
}

// state is what the trail records.
func (p trailProperties) state() trail.State {
	state := trail.State{Advanced: p.AdvancedEventSelectors}
	for _, e := range p.EventSelectors {
		management := e.IncludeManagementEvents == nil || *e.IncludeManagementEvents
		state.Selectors = append(state.Selectors, baseline.Selector{
			ReadWrite: e.ReadWriteType, Management: management, ExcludeSources: e.ExcludeManagementEventSources,
		})
	}
	return state
}

// logicalID returns the logical ID in a Ref, and "" for everything else.
func logicalID(raw json.RawMessage) string {
	var ref struct{ Ref string }
	if json.Unmarshal(raw, &ref) != nil {
		return ""
	}
	return ref.Ref
}
