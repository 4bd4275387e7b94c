package localcloud

import (
	"strings"
	"time"

	"trailkeeper/rules"
)

// stack is what the template makes, ready to act. The maps go by ARN.
type stack struct {
	place
	rules        []*rule
	destinations map[string]*destination
	functions    map[string]*function
	roles        map[string]*role
	topics       map[string]*topic
	queues       map[string]*queue
	keys         map[string]*key
	alarms       []*alarm
	tables       map[string]*table
	buckets      map[string]*logBucket // by name
	logGroups    map[string]bool       // the ARNs of the template's
	schedules    []*schedule
	deployed     []deployedTrail
	assumptions  []string // about what is not in the template
}

const defaultBus = "default"

type rule struct {
	id, name, arn string
	bus           string // empty: the default one
	enabled       bool
	reads         bool // also takes read-only management events
	pattern       rules.Pattern
	targets       []target
}

// dims are those of the rule's metrics ("Monitoring Amazon EventBridge"): another bus than the default one is named.
func (r *rule) dims() []dim {
	if r.bus == "" {
		return []dim{{"RuleName", r.name}}
	}
	return []dim{{"EventBusName", r.bus}, {"RuleName", strings.TrimPrefix(r.name, r.bus+"|")}}
}

type target struct {
	targetSpec
	rule        *rule
	transformer *rules.Transformer
}

type destination struct {
	id, arn, endpoint, method string
	header, value             string // of the connection
	perSecond                 int
	next                      time.Time // when it may be invoked again
}

type role struct {
	id, name, arn, roleID string
	policies              []policyDocument
	trust                 policyDocument
}

type topic struct {
	id, arn, key  string
	outside       bool // not in the template: assumed to let in who asks
	policies      []policyDocument
	subscriptions []subscriptionSpec
}

type queue struct {
	id, name, arn, url, key string
	policies                []policyDocument
	called                  time.Time // when somebody called it last
	messages                []*stored
	most                    int           // bytes of a message
	hides                   time.Duration // how long a message that was received is not received again
}

type key struct {
	arn      string
	outside  bool // not in the template: assumed to let in who asks
	enabled  bool
	policies []policyDocument
}

type table struct {
	id, name, arn, key string
	keys               []keyAttribute // partition key, sort key
	ttl                string         // the attribute by which items expire; empty: none
	policies           []policyDocument
	items              map[string]Item // by the text of their keys
}

type keyAttribute struct{ name, kind string }

type schedule struct {
	scheduleSpec
	id, name, arn, group string
	every                time.Duration // of a rate
	cron                 *cron         // nil: a rate
	enabled              bool
}

// logBucket is a bucket that trails deliver to. One that is not in the template is assumed to exist and to let CloudTrail in.
type logBucket struct {
	id, name, arn string
	outside       bool
	policies      []policyDocument
}

// deployedTrail is a trail of the template.
type deployedTrail struct {
	id, arn string
	spec    trailSpec
}
