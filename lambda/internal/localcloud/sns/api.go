package sns

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"sync"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// mostListed is how many SNS lists at once ("ListTopics", "ListSubscriptions").
const mostListed = 100

var topicName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`) })

// topicOps are the operations besides Publish. The topic is nil where the call names none, or none that there is.
var topicOps = sync.OnceValue(func() map[string]func(*Topics, *kernel.Call, *topic) (any, *kernel.Error) {
	return map[string]func(*Topics, *kernel.Call, *topic) (any, *kernel.Error){
		"CreateTopic":              (*Topics).createTopic,
		"DeleteTopic":              (*Topics).deleteTopic,
		"SetTopicAttributes":       (*Topics).setTopicAttributes,
		"GetTopicAttributes":       (*Topics).getTopicAttributes,
		"ListTopics":               (*Topics).listTopics,
		"ListSubscriptions":        (*Topics).listSubscriptions,
		"ListSubscriptionsByTopic": (*Topics).listSubscriptions,
		"Subscribe":                (*Topics).subscribe,
		"RemovePermission":         (*Topics).removePermission,
	}
})

// administer answers a call that publishes nothing.
func (s *Topics) administer(cl *kernel.Call) (any, *kernel.Error) {
	if _, ok := topicOps()[cl.Op]; !ok {
		return s.ofSubscription(cl)
	}
	arn := cl.Text("TopicArn")
	if cl.Op == "CreateTopic" {
		arn = s.kernel.PlaceOf(cl).ARN("sns", cl.Text("Name"))
	}
	t := s.known(arn)
	a := policy.Access{Action: "sns:" + cl.Op, Resource: arn}
	if arn == "" {
		a.Resource = "*"
	}
	var policies []policy.Document
	if t != nil {
		policies = t.policies
	}
	if failed := s.kernel.Allow(cl, a, policies); failed != nil {
		return nil, unauthorized(failed)
	}
	if failed := s.kernel.Refusal(cl); failed != nil {
		return nil, failed
	}
	if _, names := cl.Params["TopicArn"]; names {
		if failed := s.named(cl, arn, t); failed != nil {
			return nil, failed
		}
	}
	return topicOps()[cl.Op](s, cl, t)
}

// named refuses a topic that the call may not be about.
func (s *Topics) named(cl *kernel.Call, arn string, t *topic) *kernel.Error {
	at := kernel.ARN(arn)
	if at.Service != "sns" || !topicName().MatchString(at.Resource) {
		return invalid("TopicArn")
	}
	if t == nil {
		t = &topic{arn: arn}
	}
	if failed := s.admits(cl, t, "sns:"+cl.Op); failed != nil {
		return failed
	}
	if (s.known(arn) == nil || at.Region != cl.Region) && cl.Op != "DeleteTopic" {
		return &kernel.Error{Status: http.StatusNotFound, Code: "NotFound", Message: "Topic does not exist"}
	}
	return nil
}

// admits asks the topic's policy for a caller of another account, whom it must let in. A topic that no template holds
// is assumed to.
func (s *Topics) admits(cl *kernel.Call, t *topic, action string) *kernel.Error {
	if t == nil || kernel.ARN(t.arn).Account == cl.Who.Account || action == "sns:Publish" && t.outside {
		return nil
	}
	a := policy.Access{Who: cl.Who.IAMARN(s.kernel.Partition), Action: action, Resource: t.arn}
	if policy.OfResource(t.policies, a, kernel.ARN(t.arn).Account) == policy.Allowed {
		return nil
	}
	return unauthorized(kernel.Refuse("", "%s",
		s.kernel.NotAuthorized(cl, a, "no resource-based policy allows the "+action+" action")))
}

// unauthorized is a refusal in the service's words.
func unauthorized(failed *kernel.Error) *kernel.Error {
	failed.Code, failed.Status, failed.Recorded = "AuthorizationError", http.StatusForbidden, "AccessDenied"
	return failed
}

func invalid(parameter string) *kernel.Error {
	return kernel.Refuse("InvalidParameter", "Invalid parameter: %s", parameter)
}

// known is a topic that was not deleted; nil: there is none.
func (s *Topics) known(arn string) *topic {
	if s.kernel.Deleted(arn) {
		return nil
	}
	return s.topics[arn]
}

// createTopic is idempotent, as long as nothing else is asked for (CreateTopic).
func (s *Topics) createTopic(cl *kernel.Call, t *topic) (any, *kernel.Error) {
	arn := s.kernel.PlaceOf(cl).ARN("sns", cl.Text("Name"))
	if !topicName().MatchString(cl.Text("Name")) {
		return nil, invalid("Topic Name")
	}
	made := topic{arn: arn}
	attributes, _ := cl.Params["Attributes"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		value, _ := attributes[name].(string)
		if failed := made.set(name, value); failed != nil {
			return nil, failed
		}
	}
	switch {
	case t == nil:
		s.kernel.Make(arn, cl.Who.Account)
		s.topics[arn] = &made
	case len(attributes) > 0 && (made.key != t.key || made.display != t.display || made.policyText() != t.policyText()):
		return nil, kernel.Refuse("InvalidParameter",
			"Invalid parameter: Attributes Reason: Topic already exists with different attributes")
	}
	return map[string]any{"TopicArn": arn}, nil
}

// deleteTopic succeeds where there is no topic.
func (s *Topics) deleteTopic(_ *kernel.Call, t *topic) (any, *kernel.Error) {
	if t != nil {
		s.kernel.Delete(t.arn, true)
		delete(s.topics, t.arn)
	}
	return nil, nil
}

func (s *Topics) setTopicAttributes(cl *kernel.Call, t *topic) (any, *kernel.Error) {
	return nil, t.set(cl.Text("AttributeName"), cl.Text("AttributeValue"))
}

// set changes an attribute of a topic.
func (t *topic) set(name, value string) *kernel.Error {
	switch name {
	case "DisplayName":
		t.display = value
	case "KmsMasterKeyId":
		t.key = value
	case "Policy":
		given, err := policy.Parse([]byte(value))
		if err == nil {
			err = given.Check()
		}
		if err != nil {
			return kernel.Refuse("InvalidParameter", "Invalid parameter: Policy Error: %s", err)
		}
		t.policies, t.outside = []policy.Document{given}, false
	case "DeliveryPolicy":
		if value != "" && !json.Valid([]byte(value)) {
			return invalid("DeliveryPolicy: it is no JSON")
		}
		t.delivery = value
	default:
		return kernel.Refuse("InvalidParameter", "Invalid parameter: AttributeName: %.100s is not simulated; "+
			"the local run knows DeliveryPolicy, DisplayName, KmsMasterKeyId, Policy", name)
	}
	return nil
}

// removePermission takes the statement with a label out of the topic's policy.
func (s *Topics) removePermission(cl *kernel.Call, t *topic) (any, *kernel.Error) {
	label := cl.Text("Label")
	if label == "" {
		return nil, invalid("Label")
	}
	var all policy.Document
	for _, d := range t.policies {
		all.Version, all.Statement = d.Version, append(all.Statement, d.Statement...)
	}
	kept := slices.DeleteFunc(all.Statement, func(of policy.Statement) bool { return of.Sid == label })
	if len(kept) < len(all.Statement) {
		t.policies = []policy.Document{{Version: all.Version, Statement: kept}}
	}
	return nil, nil
}

// policyText is what lets its account in where a topic has no policy of its own ("Example cases for Amazon SNS access
// control").
func (t *topic) policyText() string {
	var all policy.Document
	for _, d := range t.policies {
		all.Version, all.Statement = d.Version, append(all.Statement, d.Statement...)
	}
	if len(t.policies) == 0 {
		all = policy.Document{Version: "2008-10-17", ID: "__default_policy_ID", Statement: policy.Statements{{
			Sid:       "__default_statement_ID",
			Effect:    "Allow",
			Principal: policy.Principals{"AWS": {"*"}},
			Action:    policy.Texts{"SNS:Publish", "SNS:SetTopicAttributes", "SNS:DeleteTopic"},
			Resource:  policy.Texts{t.arn},
			Condition: map[string]map[string]policy.Texts{
				"StringEquals": {"AWS:SourceOwner": {kernel.ARN(t.arn).Account}},
			},
		}}}
	}
	return all.Text()
}

func (s *Topics) getTopicAttributes(_ *kernel.Call, t *topic) (any, *kernel.Error) {
	attributes := map[string]string{
		"TopicArn":               t.arn,
		"Owner":                  kernel.ARN(t.arn).Account,
		"DisplayName":            t.display,
		"Policy":                 t.policyText(),
		"SubscriptionsConfirmed": fmt.Sprint(len(t.confirmed())),
		"SubscriptionsPending":   fmt.Sprint(len(t.subscriptions) - len(t.confirmed())),
		"SubscriptionsDeleted":   "0",
	}
	if t.key != "" {
		attributes["KmsMasterKeyId"] = t.key
	}
	if t.delivery != "" {
		attributes["DeliveryPolicy"] = t.delivery
	}
	return map[string]any{"Attributes": attributes}, nil
}

// here are the topics of the call's account and Region, in order.
func (s *Topics) here(cl *kernel.Call) []*topic {
	var all []*topic
	for _, arn := range slices.Sorted(maps.Keys(s.topics)) {
		if s.known(arn) != nil && kernel.SiteOf(arn) == cl.Site() {
			all = append(all, s.topics[arn])
		}
	}
	return all
}

func (s *Topics) listTopics(cl *kernel.Call, _ *topic) (any, *kernel.Error) {
	var all []any
	for _, t := range s.here(cl) {
		all = append(all, map[string]any{"TopicArn": t.arn})
	}
	return page(cl, "Topics", all)
}

func (s *Topics) listSubscriptions(cl *kernel.Call, t *topic) (any, *kernel.Error) {
	of := s.here(cl)
	if cl.Op == "ListSubscriptionsByTopic" {
		of = []*topic{t}
	}
	var all []any
	for _, t := range of {
		for _, sub := range t.subscriptions {
			arn := sub.arn
			if sub.pending {
				arn = "PendingConfirmation"
			}
			all = append(all, map[string]any{
				"SubscriptionArn": arn,
				"Owner":           kernel.ARN(t.arn).Account,
				"Protocol":        sub.Protocol,
				"Endpoint":        sub.Endpoint,
				"TopicArn":        t.arn,
			})
		}
	}
	return page(cl, "Subscriptions", all)
}

func page(cl *kernel.Call, member string, all []any) (any, *kernel.Error) {
	return wire.List(cl, member, all, "NextToken", wire.Paging{
		Token:   "NextToken",
		Most:    mostListed,
		Invalid: "InvalidParameter",
	})
}
