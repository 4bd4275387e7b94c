package localcloud

import (
	"fmt"
	"maps"
	"slices"

	trail "trailkeeper/events"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/cloudtrail"
	"trailkeeper/lambda/internal/localcloud/cloudwatch"
	"trailkeeper/lambda/internal/localcloud/dynamodb"
	"trailkeeper/lambda/internal/localcloud/events"
	"trailkeeper/lambda/internal/localcloud/iam"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/kms"
	"trailkeeper/lambda/internal/localcloud/lambda"
	"trailkeeper/lambda/internal/localcloud/organizations"
	"trailkeeper/lambda/internal/localcloud/s3"
	"trailkeeper/lambda/internal/localcloud/scheduler"
	"trailkeeper/lambda/internal/localcloud/sns"
	"trailkeeper/lambda/internal/localcloud/sqs"
	"trailkeeper/lambda/internal/localcloud/ssm"
)

// resourceTypes are the resource types of all services.
func resourceTypes() map[string]cloudformation.Type {
	all := map[string]cloudformation.Type{}
	for _, of := range []func() map[string]cloudformation.Type{
		cloudtrail.Types, cloudwatch.Types, dynamodb.Types, events.Types, iam.Types, kms.Types,
		lambda.Types, organizations.Types, s3.Types, scheduler.Types, sns.Types, sqs.Types, ssm.Types,
	} {
		maps.Copy(all, of())
	}
	return all
}

// Deploy makes what a template says, in an account and Region: each service its own resources, those first that others
// refer to. The error names everything that is not modelled or not there.
func (c *Cloud) Deploy(template []byte, account, region, stack string) error {
	at := cloudformation.Place{
		Place: trail.Place{Partition: c.options.Partition, Region: region, Account: account},
		Name:  stack,
	}
	st, err := cloudformation.Read(template, at, c.secrets.Texts(at.Place), resourceTypes())
	if err != nil {
		return err
	}
	c.keys.Deploy(st)
	c.roles.Deploy(st)
	c.Topics.Deploy(st, c.roles.Granted("sns:Publish"))
	c.Queues.Deploy(st)
	c.Tables.Deploy(st)
	c.buckets.Deploy(st)
	c.Functions.Deploy(st)
	c.Bus.Deploy(st)
	c.Schedules.Deploy(st)
	c.Monitor.Deploy(st)
	c.params.Deploy(st)
	c.org.Deploy(st)
	c.Trails.Deploy(st)
	if err := st.Err(); err != nil {
		return fmt.Errorf("template: %w", err)
	}
	c.knowCode(st)
	c.stacks.Add(st)
	c.secrets.Pin(at.Place, st.Pinned())
	c.mu.Lock()
	defer c.mu.Unlock()
	c.assumptions = append(c.assumptions, st.Assumptions()...)
	return nil
}

// knowCode has Lambda show the digests of packages that the stack's record of the deployment has, since nobody builds the
// packages here.
func (c *Cloud) knowCode(st *cloudformation.Stack) {
	name := deployment.ParameterName(st.Name)
	if record, err := deployment.ParseRecord([]byte(c.params.Value(st.ARN("ssm", "parameter/"+name)))); err == nil {
		c.Functions.SetCode(record.Code)
	}
}

// Deployment is what the templates deploy, as far as promises depend on it.
type Deployment struct {
	// Destination says that EventBridge itself can post to Slack; Topic, that there is a topic.
	Destination, Topic bool
	// Publishes says that EventBridge itself tells a topic of calls.
	Publishes bool
	// Protects says that EventBridge itself tells a topic of calls on the deployment.
	Protects bool
	// Table says that there is a state table; Schedule, that a schedule invokes a function.
	Table, Schedule bool
	// Organization says that a function's role has permissions for AWS Organizations or CloudTrail's service-linked role.
	Organization bool
	// OtherAccounts says that a function's role may restart trails of accounts besides its own.
	OtherAccounts bool
	// Filters are the metric filters of log groups.
	Filters []MetricFilter
	// Functions are the functions, in the order of their names.
	Functions []Function
	// Assumptions are sentences about what the template uses and does not hold.
	Assumptions []string
}

// Function is a function as a template has it.
type Function struct {
	Name        string
	Environment map[string]string // what the template gives it
	EventNames  []string          // the calls that the patterns of its rules list
}

// With returns the function whose environment has the variable; none: the zero value.
func (d Deployment) With(variable string) Function {
	for _, f := range d.Functions {
		if f.Environment[variable] != "" {
			return f
		}
	}
	return Function{}
}

// Deployment returns what the templates deploy.
func (c *Cloud) Deployment() Deployment {
	c.mu.Lock()
	defer c.mu.Unlock()
	rules := c.Bus.Deployed()
	d := Deployment{
		Destination: rules.Destinations > 0,
		Publishes:   rules.Publishes,
		Topic:       c.kernel.Has(":sns:"),
		Table:       c.kernel.Has(":dynamodb:"),
		Schedule:    c.Enabled() > 0,
		Filters:     c.Monitor.Filters(),
		Assumptions: c.assumptions,
	}
	for target, calls := range rules.EventNames {
		d.Protects = d.Protects || kernel.ARN(target).Service == "sns" && slices.Contains(calls, "DisableRule")
	}
	for _, f := range c.Functions.Deployed() {
		d.Functions = append(d.Functions, Function{f.Name, f.Environment, rules.EventNames[f.ARN]})
		d.Organization = d.Organization || c.roles.ForOrganizations(f.Role)
		d.OtherAccounts = d.OtherAccounts || c.roles.ForOthers(f.Role)
	}
	return d
}
