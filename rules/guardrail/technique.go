package guardrail

import "slices"

// Kind is what an action is asked of: the deployment's own, or what its baselines name.
type Kind string

// The kinds.
const (
	Anything       Kind = "" // the action takes no resource
	Account        Kind = "account"
	AlarmOwn       Kind = "alarm"
	Bucket         Kind = "log bucket"
	BusOwn         Kind = "event bus"
	Channel        Kind = "channel"
	Connection     Kind = "connection"
	DashboardLake  Kind = "Lake dashboard"
	DashboardOwn   Kind = "dashboard"
	Destination    Kind = "API destination"
	EventDataStore Kind = "event data store"
	Function       Kind = "function"
	Key            Kind = "key"
	LogGroup       Kind = "log group"
	LogObject      Kind = "log file"
	LogStream      Kind = "log stream"
	ManagedPolicy  Kind = "managed policy"
	Parameter      Kind = "parameter"
	Queue          Kind = "queue"
	Role           Kind = "role"
	RoleCloudTrail Kind = "CloudTrail's service-linked role"
	Rule           Kind = "rule"
	Schedule       Kind = "schedule"
	Secret         Kind = "secret"
	Stack          Kind = "stack"
	StackSet       Kind = "stack set"
	Table          Kind = "table"
	Topic          Kind = "topic"
	TrailAny       Kind = "trail"
)

// Technique is a way to blind or degrade CloudTrail, or the deployment that guards it.
type Technique struct {
	// ID is a letter for what it is about (A trails, B CloudTrail Lake, C log bucket, D keys, E CloudWatch, F EventBridge,
	// G function, H notification and state, I IAM, J organization, K deployment) and a number.
	ID    string `json:"id"`
	What  string `json:"what"`
	Calls []Call `json:"calls"`
}

// Call is what the technique asks of IAM.
type Call struct {
	Action string `json:"action"` // such as cloudtrail:StopLogging; not always the name of the event
	On     Kind   `json:"on,omitempty"`
	Left   string `json:"left,omitempty"` // why the guardrail does not deny it; empty: it does
}

// Prevented reports whether the guardrail denies every call, and whether it denies any.
func (t Technique) Prevented() (whole, partly bool) {
	whole = len(t.Calls) > 0
	for _, c := range t.Calls {
		whole, partly = whole && c.Left == "", partly || c.Left == ""
	}
	return whole, partly
}

// Reason is why the guardrail does not deny some calls of a technique.
type Reason struct {
	Actions []string
	Why     string
}

// Reasons are why calls of the technique are not denied, in the order of the calls.
func (t Technique) Reasons() (all []Reason) {
	for _, c := range t.Calls {
		if c.Left == "" {
			continue
		}
		i := slices.IndexFunc(all, func(r Reason) bool { return r.Why == c.Left })
		if i < 0 {
			i = len(all)
			all = append(all, Reason{Why: c.Left})
		}
		all[i].Actions = append(all[i].Actions, c.Action)
	}
	return all
}

// The reasons.
const (
	managementOnly = "only the management account may call it, which no SCP binds, or an administrator to whom it delegated " +
		"policies"
	noResource  = "it takes no resource: denied at all, nobody could call it for anything of their own"
	dataPlane   = "data plane: denied, the deployment could not work; the resource's own policy names who may"
	anyFunction = "any function of the account takes concurrency; function.reservedConcurrency keeps some for the guard"
	notAWS      = "it is no call of AWS"
	mapping     = "IAM knows whose it is by a condition on the function alone, which the guardrail does not have"
	unnamedKey  = "a key that the stack makes has no name; the guardrail knows it once its ARN is given"
)

func denied(on Kind, actions ...string) []Call { return calls(on, "", actions) }

func left(why string, on Kind, actions ...string) []Call { return calls(on, why, actions) }

func calls(on Kind, why string, actions []string) []Call {
	var all []Call
	for _, a := range actions {
		all = append(all, Call{Action: a, On: on, Left: why})
	}
	return all
}
