package events

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/memo"
	"trailkeeper/rules"
)

// Types are the resource types of the service.
func Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{
		"AWS::Events::Rule": {
			Name:      "Name",
			Qualifier: "EventBusName",
			Qualified: func(bus, name string) string {
				if bus == "" || bus == kernel.DefaultBus {
					return name
				}
				return bus + "/" + name
			},
			// The name of a rule on another bus than the default one has the bus before it: "bus/rule".
			Attributes: func(p cloudformation.Place, _, name string) map[string]string {
				return map[string]string{"Ref": strings.Replace(name, "/", "|", 1), "Arn": p.ARN("events", "rule/"+name)}
			},
		},
		"AWS::Events::EventBusPolicy": {Attributes: cloudformation.RefToName},
		"AWS::Events::ApiDestination": {
			Name: "Name",
			Attributes: func(p cloudformation.Place, id, name string) map[string]string {
				arn := p.ARN("events", "api-destination/"+name)
				return map[string]string{"Ref": name, "Arn": arn + "/" + kernel.UUID(id, name), "ArnForPolicy": arn}
			},
		},
		"AWS::Events::Connection": {
			Name: "Name",
			Attributes: func(p cloudformation.Place, id, name string) map[string]string {
				arn := p.ARN("events", "connection/"+name)
				return map[string]string{
					"Ref":          name,
					"Arn":          arn + "/" + kernel.UUID(id, name),
					"ArnForPolicy": arn,
					"SecretArn":    p.ARN("secretsmanager", "secret:events!connection/"+name),
				}
			},
		},
	}
}

type ruleSpec struct {
	Name, Description, EventBusName, State string
	EventPattern                           json.RawMessage
	Targets                                []targetSpec
	Tags                                   cloudformation.Unused
}

// busPolicySpec admits other accounts to a bus. No other account plays here, so that it is read and has no effect.
type busPolicySpec struct {
	StatementID  string `json:"StatementId"`
	EventBusName string
	Statement    struct {
		Effect, Action, Resource string
		Principal                struct{ AWS string }
		Condition                map[string]map[string]string
	}
}

// Check refuses values that the service would refuse (EventBridge API reference, PutPermission).
func (s busPolicySpec) Check() error {
	var errs []error
	if !ruleName().MatchString(s.StatementID) || strings.Contains(s.StatementID, ".") {
		errs = append(errs, fmt.Errorf("the StatementId %q; want 1 to 64 of [A-Za-z0-9_-]", s.StatementID))
	}
	if s.Statement.Principal.AWS == "" || s.Statement.Resource == "" {
		errs = append(errs, errors.New("a statement without a principal or a resource"))
	}
	return errors.Join(append(errs,
		cloudformation.OneOf("Effect", s.Statement.Effect, "Allow", "Deny"),
		cloudformation.OneOf("Action", s.Statement.Action, "events:PutEvents", "events:PutRule", "events:PutTargets"))...)
}

type targetSpec struct {
	ID               string `json:"Id"`
	Arn, RoleArn     string
	Input, InputPath *string
	DeadLetterConfig struct{ Arn string }
	RetryPolicy      kernel.RetryPolicy
	InputTransformer *struct {
		InputPathsMap map[string]string
		InputTemplate string
	}
}

type apiDestinationSpec struct {
	Name, Description, ConnectionArn, HttpMethod, InvocationEndpoint string //nolint:revive // CloudFormation's names
	InvocationRateLimitPerSecond                                     *int
}

type connectionSpec struct {
	Name, Description, AuthorizationType string
	AuthParameters                       struct {
		ApiKeyAuthParameters *struct{ ApiKeyName, ApiKeyValue string } //nolint:revive // CloudFormation's names
	}
	KmsKeyIdentifier cloudformation.Unused
}

// Check refuses values that the service would refuse.
func (s apiDestinationSpec) Check() error {
	return errors.Join(
		cloudformation.OneOf("HttpMethod", s.HttpMethod, "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"),
		cloudformation.Within("InvocationRateLimitPerSecond", s.InvocationRateLimitPerSecond, 1, 300),
	)
}

// The states of a rule.
const (
	enabled          = "ENABLED"
	disabled         = "DISABLED"
	enabledWithReads = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
)

// mostTargets is EventBridge's limit on the targets of a rule.
const mostTargets = 5

var ruleName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[.A-Za-z0-9_-]{1,64}$`) })

// Check refuses values that the service would refuse.
func (s ruleSpec) Check() error {
	var errs []error
	if s.Name != "" && !ruleName().MatchString(s.Name) {
		errs = append(errs, fmt.Errorf("the name %q; want 1 to 64 of [.A-Za-z0-9_-]", s.Name))
	}
	if len(s.Targets) > mostTargets {
		errs = append(errs, fmt.Errorf("%d targets; want at most %d", len(s.Targets), mostTargets))
	}
	seen := map[string]bool{}
	for _, t := range s.Targets {
		if seen[t.ID] || !ruleName().MatchString(t.ID) {
			errs = append(errs, fmt.Errorf("the target Id %q; want each once, of 1 to 64 of [.A-Za-z0-9_-]", t.ID))
		}
		seen[t.ID] = true
		errs = append(
			errs,
			cloudformation.Within("target "+t.ID+": MaximumRetryAttempts", t.RetryPolicy.MaximumRetryAttempts, 0,
				kernel.MaxAttempts),
			cloudformation.Within("target "+t.ID+": MaximumEventAgeInSeconds", t.RetryPolicy.MaximumEventAgeInSeconds, 60,
				86400),
		)
	}
	return errors.Join(errs...)
}

// Deploy makes the rules and API destinations of a template.
func (s *Bus) Deploy(st *cloudformation.Stack) {
	at := kernel.Site{Account: st.Account, Region: st.Region}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sites[at] = true
	cloudformation.Each(st, "AWS::Events::Connection", func(id string, att map[string]string, spec connectionSpec) {
		if spec.AuthorizationType != "API_KEY" || spec.AuthParameters.ApiKeyAuthParameters == nil {
			st.Fail(id, fmt.Errorf("the authorization type %s is not modelled", spec.AuthorizationType))
			st.Refuse(att["Arn"])
			return
		}
		s.kernel.Name(att["ArnForPolicy"], cloudformation.ShortID(id))
		key := spec.AuthParameters.ApiKeyAuthParameters
		s.connections[att["Arn"]] = &connection{
			name: att["Ref"], arn: att["Arn"], secret: att["SecretArn"], description: spec.Description, state: authorized,
			header: key.ApiKeyName, value: key.ApiKeyValue, made: s.kernel.Began, changed: s.kernel.Began, authorized: s.kernel.Began,
		}
	})
	cloudformation.Each(
		st,
		"AWS::Events::ApiDestination",
		func(id string, att map[string]string, spec apiDestinationSpec) {
			d := &destination{
				name:        att["Ref"],
				arn:         att["Arn"],
				description: spec.Description,
				endpoint:    spec.InvocationEndpoint,
				method:      spec.HttpMethod,
				connection:  spec.ConnectionArn,
				perSecond:   defaultRate,
				made:        s.kernel.Began,
				changed:     s.kernel.Began,
			}
			if spec.InvocationRateLimitPerSecond != nil {
				d.perSecond = *spec.InvocationRateLimitPerSecond
			}
			if s.connections[spec.ConnectionArn] == nil {
				st.Missing(id, "connection", spec.ConnectionArn)
			}
			s.destinations[d.arn] = d
			s.kernel.Name(att["ArnForPolicy"], cloudformation.ShortID(id))
		},
	)
	cloudformation.Each(st, "AWS::Events::EventBusPolicy", func(string, map[string]string, busPolicySpec) {})
	cloudformation.Each(st, "AWS::Events::Rule", func(id string, att map[string]string, spec ruleSpec) {
		st.Fail(id, s.addRule(st, id, att, spec))
	})
}

func (s *Bus) addRule(st *cloudformation.Stack, id string, att map[string]string, spec ruleSpec) error {
	if !slices.Contains([]string{"", enabled, disabled, enabledWithReads}, spec.State) {
		return fmt.Errorf("the state %s is not modelled", spec.State)
	}
	pattern, err := parsePattern(spec.EventPattern)
	if err != nil {
		return err
	}
	r := &rule{
		name:    att["Ref"],
		arn:     att["Arn"],
		bus:     cmp.Or(spec.EventBusName, kernel.DefaultBus),
		spec:    spec,
		enabled: spec.State != disabled,
		reads:   spec.State == enabledWithReads,
		pattern: pattern,
	}
	if r.bus != kernel.DefaultBus {
		st.Assume("CloudTrail's events are forwarded to the event bus " + r.bus)
	}
	for _, t := range spec.Targets {
		if err := s.addTarget(st, r, t); err != nil {
			return fmt.Errorf("target %s: %w", t.ID, err)
		}
	}
	if slices.ContainsFunc(s.rules, func(other *rule) bool { return other.arn == r.arn }) {
		return fmt.Errorf("another rule has the name %s as well", r.name)
	}
	s.rules = append(s.rules, r)
	s.kernel.Name(r.arn, cloudformation.ShortID(id))
	return nil
}

// patterns are those that were read: clouds are made of the same template again and again.
var patterns = memo.New[string, parsedPattern](1024)

type parsedPattern struct {
	pattern rules.Pattern
	err     error
}

func parsePattern(text []byte) (rules.Pattern, error) {
	p := patterns.Of(string(text), func() (p parsedPattern) {
		p.pattern, p.err = rules.ParsePattern(text)
		return p
	})
	return p.pattern, p.err
}

func (s *Bus) addTarget(st *cloudformation.Stack, r *rule, spec targetSpec) error {
	t, err := newTarget(r, spec)
	if err != nil {
		return err
	}
	if spec.Input != nil || spec.InputPath != nil {
		return errors.New("Input and InputPath are not modelled") //nolint:revive,staticcheck // names of properties
	}
	known := s.destinations[spec.Arn] != nil || st.Has("function", spec.Arn, false) || st.Has("queue", spec.Arn, false) ||
		st.Has("topic", spec.Arn, true)
	if !known && !st.Refused(spec.Arn) {
		return fmt.Errorf("%s is not in the template", spec.Arn)
	}
	r.targets = append(r.targets, t)
	return nil
}

// newTarget is a target of a rule; the error is what its transformer has wrong.
func newTarget(r *rule, spec targetSpec) (target, error) {
	t := target{targetSpec: spec, rule: r}
	if it := spec.InputTransformer; it != nil {
		t.transformer = &rules.Transformer{Paths: it.InputPathsMap, Template: it.InputTemplate}
		if err := t.transformer.Validate(); err != nil {
			return t, err
		}
	}
	return t, nil
}

// Deployed is what the rules do, as far as promises depend on it.
type Deployed struct {
	// Destinations is how many API destinations there are.
	Destinations int
	// Publishes says that a rule tells a topic of calls on trails.
	Publishes bool
	// EventNames are the calls that the rules' patterns list, by the ARNs of their targets.
	EventNames map[string][]string
}

// Deployed returns what the rules do.
func (s *Bus) Deployed() Deployed {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := Deployed{Destinations: len(s.destinations), EventNames: map[string][]string{}}
	for _, r := range s.rules {
		names := eventNames(r.pattern.JSON())
		for _, t := range r.targets {
			d.EventNames[t.Arn] = append(d.EventNames[t.Arn], names...)
		}
		d.Publishes = d.Publishes ||
			len(names) > 0 && ofCloudTrail(r.pattern.JSON()) && slices.ContainsFunc(r.targets, func(t target) bool { return serviceOf(t) == "sns" })
	}
	return d
}

// serviceOf is the service that has the target.
func serviceOf(t target) string { return kernel.ARN(t.Arn).Service }

// ofCloudTrail reports whether a pattern is about CloudTrail's own calls.
func ofCloudTrail(pattern json.RawMessage) bool {
	var p struct {
		Detail struct{ EventSource []any }
	}
	return json.Unmarshal(pattern, &p) == nil && slices.Contains(p.Detail.EventSource, any("cloudtrail.amazonaws.com"))
}

func eventNames(pattern json.RawMessage) []string {
	var p struct {
		Detail struct{ EventName []any }
	}
	if json.Unmarshal(pattern, &p) != nil {
		return nil // such a pattern lists no names
	}
	var names []string
	for _, v := range p.Detail.EventName {
		if name, ok := v.(string); ok {
			names = append(names, name)
		}
	}
	return names
}
