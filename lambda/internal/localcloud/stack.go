package localcloud

import (
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

type target struct {
	targetSpec
	rule        *rule
	transformer *rules.Transformer
}

type destination struct {
	id, arn, endpoint, method string
	header, value             string // of the connection
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
	messages                []Message
	most                    int // bytes of a message
}

type key struct {
	arn      string
	outside  bool // not in the template: assumed to let in who asks
	enabled  bool
	policies []policyDocument
}
