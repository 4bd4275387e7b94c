package localcloud

import (
	"errors"
	"slices"
	"strings"
)

// knownKey wants the key to be in the template, or to be given by an ARN.
func (b *builder) knownKey(id, name string) {
	if _, ok := b.keys[name]; name == "" || ok {
		return
	}
	if !strings.HasPrefix(name, "arn:"+b.evaluator.Partition+":kms:") {
		b.missing(id, "key", name)
		return
	}
	b.keys[name] = &key{arn: name, enabled: true, outside: true}
	b.assume("the key " + name + ", which is not in the template, lets in every service and role that uses it")
}

// knownTopic returns a topic of the template, or one that is given by an ARN; otherwise nil.
func (b *builder) knownTopic(arn string) *topic {
	if t, ok := b.topics[arn]; ok {
		return t
	}
	if !strings.HasPrefix(arn, "arn:"+b.evaluator.Partition+":sns:") {
		return nil
	}
	b.topics[arn] = &topic{id: arn[strings.LastIndex(arn, ":")+1:], arn: arn, outside: true}
	b.assume("the topic " + arn + ", which is not in the template, has subscribers and lets in every service and role that publishes to it")
	return b.topics[arn]
}

// grantedTopics assumes that the topics exist that a role may publish to by their full ARNs: destinations that only the function's asset names.
func (b *builder) grantedTopics() {
	for _, r := range b.roles {
		for _, d := range r.policies {
			for _, s := range d.Statement {
				if s.Effect != "Allow" || !matchAny(s.Action, "sns:Publish", true) {
					continue
				}
				for _, arn := range s.Resource {
					if !strings.ContainsAny(arn, "*?") {
						b.knownTopic(arn)
					}
				}
			}
		}
	}
}

// knownQueue assumes that a failure queue exists that is given by an ARN.
func (b *builder) knownQueue(arn string) {
	if _, ok := b.queues[arn]; ok || !strings.HasPrefix(arn, "arn:"+b.evaluator.Partition+":sqs:") {
		return
	}
	name := arn[strings.LastIndex(arn, ":")+1:]
	url := "https://sqs." + b.evaluator.Region + "." + b.evaluator.urlSuffix() + "/" + b.evaluator.Account + "/" + name
	b.queues[arn] = &queue{id: name, name: name, arn: arn, url: url, most: mostQueued, hides: defaultHidden}
	b.assume("the queue " + arn + ", which is not in the template, exists and lets in every role that may send to it")
}

// boundary takes a permissions boundary for granted, unless it is known to forbid everything.
func (b *builder) boundary(id, arn string) {
	switch {
	case arn == "":
	case strings.HasSuffix(arn, ":iam::aws:policy/AWSDenyAll"):
		b.fail(id, errors.New("the boundary AWSDenyAll forbids everything that the role does"))
	default:
		b.assume("the boundary " + arn + ", which is not in the template, allows what its roles do")
	}
}

func (b *builder) assume(what string) {
	if !slices.Contains(b.assumptions, what) {
		b.assumptions = append(b.assumptions, what)
	}
}
