package route

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/credential"
	"trailkeeper/lambda/config/nearest"
)

// The events that a route can name: the calls of the EventBridge rules, and the findings of package sweep. A test there
// and then compares them.
var (
	calls = []string{
		"StopLogging",
		"DeleteTrail",
		"UpdateTrail",
		"PutEventSelectors",
		"PutInsightSelectors",
		"StartLogging",
		"CreateTrail",
		"AddTags",
		"RemoveTags",
	}
	findings = []string{
		"not_logging",
		"weakened",
		"missing",
		"delivery_error",
		"stale",
		"no_trail",
		"cannot_see",
		"recovered",
		"confirmed",
		"recorded",
		"false_approval",
		"true_approval",
		"named",
	}
)

const (
	secretPrefix = "secret:"
	// maxKey bounds the name of a key of the secret.
	maxKey = 64
	// tokenKey is the key of the secret that holds no webhook.
	tokenKey = "bot_token"
)

// Check lists everything that is wrong: the field, its value, and what is wanted; routes that can never be reached; and
// routes that overlap.
//
// Two routes overlap if something fits both and they send it elsewhere. That is wrong unless the order says what is
// meant: the earlier one is a special case of the later (all that fits it fits the later, and not the other way round),
// or routes before both take all that fits both. By account two routes overlap only if they have an account in common,
// although an event of one account may be about a trail of another: of such the first route takes it.
func (l List) Check() []error { return l.CheckRead(nil, nil) }

// CheckRead is Check of what could be read: without the routes at these places, and without how those relate to others
// that name one of these groups.
func (l List) CheckRead(withoutRoutes []int, withoutGroups []string) []error {
	found, sound := l.each(withoutRoutes)
	for i, r := range l.Routes {
		sound[i] = sound[i] &&
			!slices.ContainsFunc(r.Accounts, func(name string) bool { return slices.Contains(withoutGroups, name) })
	}
	return append(found, l.relations(sound)...)
}

// each checks the groups and the routes one by one, and says of which routes the conditions are sound.
func (l List) each(without []int) (found []error, sound []bool) {
	c := &checker{list: l}
	for _, name := range slices.Sorted(maps.Keys(l.Groups)) {
		c.group(name)
	}
	sound = make([]bool, len(l.Routes))
	for i, r := range l.Routes {
		if slices.Contains(without, i) {
			continue
		}
		at := fmt.Sprintf("routes[%d]", i)
		before := len(c.found)
		c.name(at, i)
		c.conditions(at, r)
		sound[i] = len(c.found) == before && !r.byName()
		c.destinations(at, r)
	}
	return c.found, sound
}

type checker struct {
	list  List
	found []error
}

// want shows no value that looks like a credential.
func (c *checker) want(ok bool, field, value, want string) {
	if !ok {
		c.found = append(c.found, config.Problem{Variable: field, Value: value, Want: want})
	}
}

// maxName bounds the name of a route.
const maxName = 40

// name checks the name of a route, which a rule may give.
func (c *checker) name(at string, i int) {
	name := c.list.Routes[i].Name
	first := slices.IndexFunc(c.list.Routes, func(r Route) bool { return r.Name == name })
	c.want(
		len(name) <= maxName && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == "",
		at+".name",
		name,
		"lower-case letters, digits and -, at most 40 of them",
	)
	c.want(name == "" || first == i, at+".name", name, fmt.Sprintf("a name that routes[%d] does not have", first))
}

func (c *checker) group(name string) {
	c.want(
		strings.TrimSpace(name) != "" && !config.ValidAccount(name),
		"groups",
		name,
		"a name for the group that is no account ID",
	)
	for i, id := range c.list.Groups[name] {
		c.want(
			config.ValidAccount(id),
			fmt.Sprintf("groups[%.200q][%d]", config.Shown(name), i),
			id,
			"an account ID of 12 digits",
		)
	}
}

func (c *checker) conditions(at string, r Route) {
	for i, name := range r.Accounts {
		field := fmt.Sprintf("%s.accounts[%d]", at, i)
		accounts, known := c.list.Groups[name]
		c.want(
			known || config.ValidAccount(name),
			field,
			name,
			"an account ID of 12 digits or the name of a group"+c.groupNames(),
		)
		c.want(!known || config.ValidAccount(name) || len(accounts) > 0, field, name, "a group that has accounts")
	}
	c.want(
		r.Severity == "" || slices.Contains(severities, r.Severity),
		at+".severity",
		r.Severity,
		"low, medium, high or critical"+nearest.Mean(r.Severity, severities),
	)
	for i, name := range r.Events {
		known := slices.Contains(calls, name) || slices.Contains(findings, name)
		c.want(known, fmt.Sprintf("%s.events[%d]", at, i), name,
			"a call, one of "+strings.Join(calls, ", ")+"; or a finding, one of "+strings.Join(findings, ", "))
	}
	for i, arn := range r.Trails {
		_, err := events.ParseTrailARN(arn)
		c.want(
			err == nil,
			fmt.Sprintf("%s.trails[%d]", at, i),
			arn,
			"the ARN of a trail, such as arn:aws:cloudtrail:eu-west-1:111122223333:trail/main",
		)
	}
}

// groupNames says which groups there are.
func (c *checker) groupNames() string {
	if len(c.list.Groups) == 0 {
		return "; there is no group"
	}
	return ", of which there are " + listed(slices.Sorted(maps.Keys(c.list.Groups)))
}

func (c *checker) destinations(at string, r Route) {
	c.want(
		len(r.Slack)+len(r.Topics) > 0,
		at+".slack",
		"",
		"a Slack destination there, or a topic in "+at+".topics: what fits no route goes to the default ones",
	)
	for i, to := range r.Slack {
		field := fmt.Sprintf("%s.slack[%d]", at, i)
		if key, ok := strings.CutPrefix(to, secretPrefix); ok {
			c.want(
				validKey(key),
				field,
				to,
				"secret: and the name of a key that holds a webhook, of up to 64 letters, digits, _ and -",
			)
		} else {
			c.want(
				config.ValidChannel(to),
				field,
				to,
				"a channel ID such as C0123456789, or secret:KEY for the webhook under that key in the secret",
			)
		}
		c.want(slices.Index(r.Slack, to) == i, field, to, "each destination once")
	}
	for i, arn := range r.Topics {
		field := fmt.Sprintf("%s.topics[%d]", at, i)
		c.want(
			config.ValidTopic(arn),
			field,
			arn,
			"the ARN of an SNS topic, such as arn:aws:sns:eu-west-1:111122223333:security",
		)
		c.want(slices.Index(r.Topics, arn) == i, field, arn, "each destination once")
	}
}

func validKey(key string) bool {
	odd := strings.ContainsFunc(key, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
	})
	return key != "" && len(key) <= maxKey && !odd && key != tokenKey && !credential.Like(key)
}
