package parts

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/checks"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

const (
	// maxEach bounds the check of one resource, and maxAll that of all.
	maxEach = 15 * time.Second
	maxAll  = 4 * time.Minute
)

// compared is what became of comparing resources.
type compared struct {
	differing, unread []string // by their types and names
	why               string   // the first of unread could not be read
	fix               []string
	gone              []string // names
	all, elsewhere    int      // resources, and differences that another check judges
}

// judged are the fields of resources, by their types, of which another check of doctor judges every one.
var judged = map[string][]string{
	"AWS::CloudWatch::Alarm":      {check.MissingField, "ActionsEnabled", "AlarmActions"},
	"AWS::Events::ApiDestination": {check.MissingField, "ApiDestinationState", "InvocationEndpoint"},
	"AWS::Events::Connection":     {check.MissingField, "ConnectionState"},
	"AWS::Events::Rule":           {check.MissingField, "State"},
}

// compare runs the warden's check of each resource.
func (c *compared) compare(
	ctx context.Context, d *deployed.Deployment, call awsapi.Caller, description deployment.Description, record deployment.Record,
) {
	ctx, cancel := context.WithTimeout(ctx, maxAll)
	defer cancel()
	place := events.Place{Partition: d.Partition, Region: d.Region(), Account: d.Account}
	var all []deployment.Deployed
	for _, part := range []deployment.Part{deployment.PartGuard, deployment.PartWarden} {
		all = append(all, description.Resolve(part, record, place, awsapi.Suffix(place.Region))...)
	}
	slices.SortStableFunc(all, func(a, b deployment.Deployed) int { return rank(a) - rank(b) }) // what is gone is known first
	types := checks.Types(checks.Tools{Call: call, Clock: clock.Real(), Record: record, All: all})
	for _, of := range all {
		c.all++
		c.look(ctx, d, types[of.Type], of)
	}
}

// rank has functions first: what else there is hangs on them.
func rank(of deployment.Deployed) int {
	if of.Type == "AWS::Lambda::Function" {
		return 0
	}
	return 1
}

// look compares one resource.
func (c *compared) look(ctx context.Context, d *deployed.Deployment, with check.Check, of deployment.Deployed) {
	switch {
	case with == nil:
		c.unseen(of, "there is no check for this type")
		return
	case of.Unresolved != nil:
		c.unseen(of, verdict.OneLine(of.Unresolved))
		return
	}
	ctx, cancel := context.WithTimeout(ctx, maxEach)
	defer cancel()
	differences, err := with(ctx, of)
	if err != nil {
		c.unseen(of, verdict.OneLine(err))
	}
	c.differ(d, of, differences)
}

// differ takes the differences of a resource that no other check judges. A command that names what is gone is none.
func (c *compared) differ(d *deployed.Deployment, of deployment.Deployed, differences []check.Difference) {
	var fields []string
	for _, one := range differences {
		if slices.Contains(judged[of.Type], one.Field) {
			c.elsewhere++
			continue
		}
		if one.Field == check.MissingField {
			one.Field = "gone"
			c.gone = append(c.gone, of.Name)
		}
		fields = append(fields, one.Field)
		if !slices.ContainsFunc(c.gone, func(name string) bool { return name != "" && strings.Contains(one.Next, name) }) {
			c.fix = append(c.fix, commands(d, one.Next)...)
		}
	}
	if len(fields) > 0 {
		c.differing = append(c.differing, named(of)+" ("+few(fields)+")")
	}
}

// few are fields in a few words.
func few(fields []string) string {
	const longest = 30
	all := strings.Join(fields, ", ")
	if len(fields) > 1 && len(all) > longest {
		return fmt.Sprintf("%s and %d more", fields[0], len(fields)-1)
	}
	return all
}

func (c *compared) unseen(of deployment.Deployed, why string) {
	if c.unread = append(c.unread, named(of)); c.why == "" {
		c.why = why
	}
}

// named is a resource by its type and name; where CloudFormation has named it, or it has no name, by its logical ID.
func named(of deployment.Deployed) string {
	const longest = 40
	called := of.Name
	if called == "" || len(called) > longest {
		called = of.ID
	}
	return strings.TrimPrefix(of.Type, "AWS::") + " " + called
}

// commands are those of what a person should do, where that is a command and nothing in it is left open.
func commands(d *deployed.Deployment, next string) []string {
	open := strings.ContainsAny(next, "…;`$<>|") || strings.Contains(next, "file://") || strings.Contains(next, ". ")
	if !strings.HasPrefix(next, "aws ") || open {
		return nil
	}
	return []string{d.Where(next)}
}
