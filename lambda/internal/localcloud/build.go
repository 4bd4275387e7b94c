package localcloud

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"trailkeeper/rules"
)

// builder fills a stack and gathers every problem.
type builder struct {
	*evaluator
	*stack
	errs   []error
	failed map[string]bool // what refers to resources that are refused themselves
}

func buildStack(e *evaluator) (*stack, error) {
	b := &builder{evaluator: e, failed: map[string]bool{}, stack: &stack{
		place: e.place, destinations: map[string]*destination{}, functions: map[string]*function{}, roles: map[string]*role{},
		topics: map[string]*topic{}, queues: map[string]*queue{}, keys: map[string]*key{}, tables: map[string]*table{},
		buckets: map[string]*logBucket{}, logGroups: map[string]bool{},
	}}
	b.keysAndRoles()
	b.messaging()
	b.grantedTopics()
	b.storage()
	b.lambdas()
	b.eventBridge()
	b.schedulesAndTrails()
	b.cloudWatch()
	slices.SortFunc(b.errs, func(x, y error) int { return strings.Compare(x.Error(), y.Error()) })
	return b.stack, errors.Join(b.errs...)
}

func (b *builder) fail(id string, err error) {
	if err != nil {
		b.errs = append(b.errs, fmt.Errorf("%s: %w", id, err))
	}
}

// missing says that something is not in the template, unless it is and was refused already.
func (b *builder) missing(id, what, name string) {
	if !b.failed[name] {
		b.fail(id, fmt.Errorf("the %s %s is not in the template", what, name))
	}
}

// each decodes every resource of a type and hands it on with its attributes.
func each[T any](b *builder, resourceType string, use func(id string, att map[string]string, spec T)) {
	for _, id := range b.ids(resourceType) {
		var spec T
		name, err := b.name(b.resources[id])
		if err != nil {
			err = fmt.Errorf("%s (%s): %w", id, resourceType, err)
		} else {
			err = decode(b.evaluator, id, &spec)
		}
		if err != nil {
			for _, value := range resourceTypes()[resourceType].attributes(b.evaluator.place, id, name) {
				b.failed[value] = true
			}
			b.errs = append(b.errs, err)
			continue
		}
		if s, ok := any(spec).(checked); ok {
			b.fail(id, s.check())
		}
		use(id, resourceTypes()[resourceType].attributes(b.evaluator.place, id, name), spec)
	}
}

func (b *builder) keysAndRoles() {
	each(b, "AWS::KMS::Key", func(id string, att map[string]string, s keySpec) {
		k := &key{arn: att["Arn"], enabled: s.Enabled == nil || *s.Enabled, policies: []policyDocument{s.KeyPolicy}}
		b.keys[att["Arn"]], b.keys[att["KeyId"]] = k, k
	})
	each(b, "AWS::KMS::Alias", func(id string, _ map[string]string, s aliasSpec) {
		if k, ok := b.keys[s.TargetKeyId]; ok {
			b.keys[s.AliasName] = k
			return
		}
		b.failed[s.AliasName] = true
		b.missing(id, "key", s.TargetKeyId)
	})
	each(b, "AWS::Logs::LogGroup", func(_ string, att map[string]string, _ logGroupSpec) { b.logGroups[att["Arn"]] = true })
	byName := map[string]*role{}
	each(b, "AWS::IAM::Role", func(id string, att map[string]string, s roleSpec) {
		r := &role{id: id, name: att["Ref"], arn: att["Arn"], roleID: att["RoleId"], trust: s.AssumeRolePolicyDocument}
		b.fail(id, s.AssumeRolePolicyDocument.check())
		b.boundary(id, s.PermissionsBoundary)
		for _, p := range s.Policies {
			b.fail(id, p.PolicyDocument.check())
			r.policies = append(r.policies, p.PolicyDocument)
		}
		for _, arn := range s.ManagedPolicyArns {
			if !strings.HasSuffix(arn, ":policy/service-role/AWSLambdaBasicExecutionRole") { // logs only
				b.fail(id, fmt.Errorf("the managed policy %s is not modelled", arn))
			}
		}
		b.roles[r.arn], byName[r.name] = r, r
	})
	attach := func(id string, d policyDocument, roles []string) {
		b.fail(id, d.check())
		for _, name := range roles {
			if r, ok := byName[name]; ok {
				r.policies = append(r.policies, d)
			} else {
				b.missing(id, "role", name)
			}
		}
	}
	each(b, "AWS::IAM::Policy", func(id string, _ map[string]string, s policySpec) { attach(id, s.PolicyDocument, s.Roles) })
	each(b, "AWS::IAM::ManagedPolicy", func(id string, _ map[string]string, s managedPolicySpec) { attach(id, s.PolicyDocument, s.Roles) })
}

func (b *builder) messaging() {
	each(b, "AWS::SNS::Topic", func(id string, att map[string]string, s topicSpec) {
		b.topics[att["TopicArn"]] = &topic{id: id, arn: att["TopicArn"], key: s.KmsMasterKeyId}
		b.knownKey(id, s.KmsMasterKeyId)
	})
	each(b, "AWS::SNS::TopicPolicy", func(id string, _ map[string]string, s topicPolicySpec) {
		b.fail(id, s.PolicyDocument.check())
		for _, arn := range s.Topics {
			if t, ok := b.topics[arn]; ok {
				t.policies = append(t.policies, s.PolicyDocument)
			} else {
				b.missing(id, "topic", arn)
			}
		}
	})
	each(b, "AWS::SNS::Subscription", func(id string, _ map[string]string, s subscriptionSpec) {
		if t := b.knownTopic(s.TopicArn); t != nil {
			t.subscriptions = append(t.subscriptions, s)
		} else {
			b.missing(id, "topic", s.TopicArn)
		}
	})
	byURL := map[string]*queue{}
	each(b, "AWS::SQS::Queue", func(id string, att map[string]string, s queueSpec) {
		q := &queue{id: id, name: att["QueueName"], arn: att["Arn"], url: att["QueueUrl"], key: s.KmsMasterKeyId, most: mostQueued, hides: defaultHidden}
		if s.VisibilityTimeout != nil {
			q.hides = time.Duration(*s.VisibilityTimeout) * time.Second
		}
		if s.MaximumMessageSize != nil {
			q.most = *s.MaximumMessageSize
		}
		b.queues[q.arn], byURL[q.url] = q, q
		b.knownKey(id, s.KmsMasterKeyId)
	})
	each(b, "AWS::SQS::QueuePolicy", func(id string, _ map[string]string, s queuePolicySpec) {
		b.fail(id, s.PolicyDocument.check())
		for _, url := range s.Queues {
			if q, ok := byURL[url]; ok {
				q.policies = append(q.policies, s.PolicyDocument)
			} else {
				b.missing(id, "queue", url)
			}
		}
	})
}

func (b *builder) lambdas() {
	byName := func(nameOrARN string) *function {
		for _, f := range b.functions {
			if f.name == nameOrARN || f.arn == nameOrARN {
				return f
			}
		}
		return nil
	}
	each(b, "AWS::Lambda::Function", func(id string, att map[string]string, s functionSpec) {
		r, ok := b.roles[s.Role]
		if !ok {
			b.missing(id, "role", s.Role)
		}
		b.functions[att["Arn"]] = newFunction(id, att, s, r)
	})
	each(b, "AWS::Lambda::Permission", func(id string, _ map[string]string, s permissionSpec) {
		if f := byName(s.FunctionName); f != nil {
			f.permissions = append(f.permissions, s)
		} else {
			b.missing(id, "function", s.FunctionName)
		}
	})
	each(b, "AWS::Lambda::EventInvokeConfig", func(id string, _ map[string]string, s invokeConfigSpec) {
		if f := byName(s.FunctionName); f != nil {
			f.configure(s)
			b.knownQueue(f.onFailure)
		} else {
			b.missing(id, "function", s.FunctionName)
		}
	})
}

func (b *builder) eventBridge() {
	connections := map[string]connectionSpec{}
	each(b, "AWS::Events::Connection", func(id string, att map[string]string, s connectionSpec) {
		if s.AuthorizationType != "API_KEY" || s.AuthParameters.ApiKeyAuthParameters == nil {
			b.fail(id, fmt.Errorf("the authorization type %s is not modelled", s.AuthorizationType))
			b.failed[att["Arn"]] = true
			return
		}
		connections[att["Arn"]] = s
	})
	each(b, "AWS::Events::ApiDestination", func(id string, att map[string]string, s apiDestinationSpec) {
		d := &destination{id: id, arn: att["Arn"], endpoint: s.InvocationEndpoint, method: s.HttpMethod}
		if d.perSecond = defaultRate; s.InvocationRateLimitPerSecond != nil {
			d.perSecond = *s.InvocationRateLimitPerSecond
		}
		if con, ok := connections[s.ConnectionArn]; ok {
			d.header, d.value = con.AuthParameters.ApiKeyAuthParameters.ApiKeyName, con.AuthParameters.ApiKeyAuthParameters.ApiKeyValue
		} else {
			b.missing(id, "connection", s.ConnectionArn)
		}
		b.destinations[d.arn] = d
	})
	each(b, "AWS::Events::Rule", func(id string, att map[string]string, s ruleSpec) { b.fail(id, b.addRule(id, att, s)) })
}

func (b *builder) addRule(id string, att map[string]string, s ruleSpec) error {
	states := []string{"", "ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}
	if !slices.Contains(states, s.State) {
		return fmt.Errorf("the state %s is not modelled", s.State)
	}
	pattern, err := rules.ParsePattern(s.EventPattern)
	if err != nil {
		return err
	}
	r := &rule{id: id, name: att["Ref"], arn: att["Arn"], enabled: s.State != "DISABLED", reads: s.State == states[3], pattern: pattern}
	if s.EventBusName != "" && s.EventBusName != defaultBus {
		r.bus = s.EventBusName
		b.assume("CloudTrail's events are forwarded to the event bus " + s.EventBusName)
	}
	for _, spec := range s.Targets {
		t := target{targetSpec: spec, rule: r}
		if it := spec.InputTransformer; it != nil {
			t.transformer = &rules.Transformer{Paths: it.InputPathsMap, Template: it.InputTemplate}
			if err := t.transformer.Validate(); err != nil {
				return fmt.Errorf("target %s: %w", spec.ID, err)
			}
		}
		if spec.Input != nil || spec.InputPath != nil {
			return fmt.Errorf("target %s: Input and InputPath are not modelled", spec.ID)
		}
		if !b.reachable(spec.Arn) && !b.failed[spec.Arn] {
			return fmt.Errorf("target %s: %s is not in the template", spec.ID, spec.Arn)
		}
		r.targets = append(r.targets, t)
	}
	if slices.ContainsFunc(b.rules, func(other *rule) bool { return other.arn == r.arn }) {
		return fmt.Errorf("another rule has the name %s as well", att["Ref"])
	}
	b.rules = append(b.rules, r)
	return nil
}

func (b *builder) reachable(arn string) bool {
	return b.functions[arn] != nil || b.destinations[arn] != nil || b.queues[arn] != nil || b.knownTopic(arn) != nil
}
