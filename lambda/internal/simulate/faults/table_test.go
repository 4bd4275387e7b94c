package faults

import (
	"net/http"
	"time"

	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/act"
)

// faultCall is a call that goes wrong, and the attack under which the guard makes it.
type faultCall struct {
	name               string
	service, operation string
	by                 string // empty: the guard
	variant            string // of the golden templates
	// begin is done while all is well; attack is done under the fault.
	begin, attack act.Act
	// down are Slack's webhooks, so that there is something to park.
	down bool
	// tells says that the far end shows people what it accepts.
	tells bool
	// needed says that without the call nothing is restored, so that Lambda runs the event again.
	needed bool
	// twice has the event arrive twice at the same moment.
	twice bool
	// exceptions are what the operator has exempted.
	exceptions exception.List
}

// faultCalls are the calls of the issue, and path 1's post, each with the attack that leads to it.
func faultCalls() []faultCall {
	of := func(service, operation string) faultCall {
		return faultCall{
			name:      operation,
			service:   service,
			operation: operation,
			variant:   "default",
			attack:    act.StopLogging,
		}
	}
	under := func(attack act.Act, operation string, needed bool) faultCall {
		c := of("cloudtrail", operation)
		c.variant, c.attack, c.needed = "recreate", attack, needed
		return c
	}
	start, queue := of("cloudtrail", "StartLogging"), of("sqs", "SendMessage")
	start.needed, queue.down = true, true
	webhook, topic, destination := of("slack", "webhook"), of("sns", "Publish"), of("slack", "webhook")
	webhook.tells, topic.tells, destination.tells = true, true, true
	destination.name, destination.by = "API destination", localcloud.ViaDestination
	twice := webhook
	twice.name, twice.twice, twice.attack = "webhook, event twice", true, act.Repeated(1, act.StopLogging)
	later := queue
	// 11 minutes are beyond a webhook's window.
	later.name, later.begin = "SendMessage, later event", act.InTurn(11*time.Minute, act.StopLogging)
	history := under(
		act.WithoutDigests,
		"LookupEvents",
		false,
	) // by somebody else, while an approved change is waited for, which stays
	history.exceptions, history.begin = act.DeployMay("UpdateTrail"), act.AsDeploy(act.MoveBucket)
	post, update := of("slack", "chat.postMessage"), of("slack", "chat.update")
	post.variant, post.tells = "bot-token", true
	update.variant, update.begin = "bot-token", act.StopLogging // a message is updated by a second event of its incident
	return []faultCall{
		start, of("cloudtrail", "GetTrailStatus"),
		under(act.UpdateTrail, "DescribeTrails", false), under(act.PutSelectors, "GetEventSelectors", false),
		under(act.UpdateTrail, "UpdateTrail", true), under(act.PutSelectors, "PutEventSelectors", true),
		of("secretsmanager", "GetSecretValue"), of("dynamodb", "GetItem"), of("dynamodb", "PutItem"),
		history, webhook, twice, post, update, topic, queue, later, destination,
	}
}

// faultAt is one fault of a cell.
type faultAt struct {
	call faultCall
	kind faultKind
}

func (f faultAt) fault() localcloud.Fault {
	fault := f.kind.of(f.call.service)
	fault.Service, fault.Operation, fault.By = f.call.service, f.call.operation, f.call.by
	switch {
	case f.kind.name == "denied" && f.call.service == "slack" && f.call.operation != "webhook":
		fault.Status, fault.Code = http.StatusOK, "invalid_auth" // the Web API's errors come with status 200
	case f.kind.name == "garbage" && f.call.by == localcloud.ViaDestination:
		fault.Status = http.StatusBadGateway // with 200 EventBridge takes it for Slack's, and nobody can know better
	}
	return fault
}

// faultCell is one cell of the matrix.
type faultCell struct {
	name   string
	faults []faultAt
}

// faultRow is a call with every fault, or two of the three that tell and remember with every pair of faults.
type faultRow struct {
	name  string
	cells []faultCell
}

// faultRows is the matrix.
func faultRows() []faultRow {
	var rows []faultRow
	for _, call := range faultCalls() {
		row := faultRow{name: call.name}
		for _, kind := range faultKinds() {
			row.cells = append(row.cells, faultCell{call.name + " × " + kind.name, []faultAt{{call, kind}}})
		}
		rows = append(rows, row)
	}
	slack := faultCall{
		name:      "Slack",
		service:   "slack",
		operation: "webhook",
		variant:   "default",
		attack:    act.StopLogging,
		tells:     true,
	}
	sns := faultCall{
		name:    "SNS",
		service: "sns",
		variant: "default",
		attack:  act.StopLogging,
		tells:   true,
	}
	table := faultCall{
		name:    "table",
		service: "dynamodb",
		variant: "default",
		attack:  act.StopLogging,
	}
	bot := faultCall{
		name:      "Slack bot",
		service:   "slack",
		operation: "chat.postMessage",
		variant:   "bot-token",
		attack:    act.StopLogging,
		tells:     true,
	}
	return append(rows, faultPairs(slack, sns), faultPairs(slack, table), faultPairs(sns, table), faultPairs(bot, table))
}

func faultPairs(a, b faultCall) faultRow {
	row := faultRow{name: a.name + " + " + b.name}
	for _, one := range faultKinds() {
		for _, other := range faultKinds() {
			name := a.name + " × " + one.name + " + " + b.name + " × " + other.name
			row.cells = append(row.cells, faultCell{name, []faultAt{{a, one}, {b, other}}})
		}
	}
	return row
}

// first is the call that says how the cell is played.
func (c faultCell) first() faultCall { return c.faults[0].call }

// repeats says whether a message may come twice in the cell: somebody accepts one and the guard, or EventBridge, does
// not hear of it.
func (c faultCell) repeats() bool {
	for _, f := range c.faults {
		if f.kind.lost && f.call.tells {
			return true
		}
	}
	return false
}

// givesUp says whether the function is to fail each time, so that the event ends in the failure queue: nothing is
// restored and it may pass, or a message is neither delivered nor parked.
func (c faultCell) givesUp() bool {
	f := c.faults[0]
	return len(c.faults) == 1 && (f.call.needed && f.kind.passing || f.call.down && f.kind.lasting)
}

// inject puts the cell's faults to work.
func (c faultCell) inject(cloud *localcloud.Cloud) []*localcloud.Injected {
	var all []*localcloud.Injected
	for _, f := range c.faults {
		all = append(all, cloud.Inject(f.fault()))
	}
	if c.first().down {
		f := serverError("slack")
		f.Service, f.Operation = "slack", "webhook"
		all = append(all, cloud.Inject(f))
	}
	return all
}
