// Package sns has the topics and their subscriptions, and refuses what a topic's policy, its key or SNS's limits do not
// let through. Queues and functions of the templates get what their filters let through; all other subscribers take every
// message, and it knows nothing of how it reaches them.
package sns

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// Limits of Publish (SNS API reference).
const (
	mostPublished = 256 << 10 // bytes
	subjectBelow  = 100       // characters
)

// Topics are all topics of the cloud.
type Topics struct {
	kernel *kernel.Kernel
	wire.Front

	mu     sync.Mutex
	topics map[string]*topic // by ARN
}

type topic struct {
	arn, key      string
	display       string
	outside       bool // not in a template: assumed to let in who asks
	policies      []policy.Document
	subscriptions []*subscription
	delivery      string // the DeliveryPolicy, of which nothing comes here
}

// New returns SNS without a topic.
func New(k *kernel.Kernel) *Topics {
	s := &Topics{kernel: k, topics: map[string]*topic{}}
	s.Front = wire.New(k, "sns", s.answer, wire.Named("TopicArn"))
	s.Shown = true
	return s
}

// message is what a topic shows its subscribers.
type message struct {
	subject, text, raw, via, who, eventID string
	attributes                            map[string]string
}

// answer answers one call.
func (s *Topics) answer(cl *kernel.Call) (any, *kernel.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cl.Op != "Publish" {
		return s.administer(cl)
	}
	arn := cl.Text("TopicArn")
	m, failed := s.published(cl, arn)
	if failed != nil {
		s.kernel.Note(kernel.Entry{
			Kind:     kernel.KindSNS,
			Via:      cl.Via(),
			Who:      cl.Who.Name(),
			Function: cl.Function(),
			Subject:  cl.Text("Subject"),
			Err:      failed.Code,
			Text:     failed.Message,
			Topic:    arn,
		})
		return nil, failed
	}
	s.show(s.topics[arn], m)
	return map[string]any{"MessageId": s.kernel.ID("sns")}, nil
}

// published checks a Publish and returns what e-mail subscribers read.
func (s *Topics) published(cl *kernel.Call, arn string) (message, *kernel.Error) {
	t := s.topics[arn]
	if s.kernel.Deleted(arn) {
		t = nil
	}
	var policies []policy.Document
	if t != nil {
		policies = t.policies
	}
	if failed := s.kernel.Allow(cl, policy.Access{Action: "sns:Publish", Resource: arn}, policies); failed != nil {
		return message{}, unauthorized(failed)
	}
	if failed := s.admits(cl, t, "sns:Publish"); failed != nil {
		return message{}, failed
	}
	if t == nil {
		return message{}, &kernel.Error{Status: http.StatusNotFound, Code: "NotFound", Message: "Topic does not exist"}
	}
	if _, failed := s.kernel.UseKey(kernel.KeyUse{Key: t.key, Site: kernel.SiteOf(t.arn), Who: &cl.Who}); failed != nil {
		return message{}, kernel.Refuse(strings.TrimSuffix(failed.Code, "Exception"), "The topic's key cannot be used: %s",
			failed.Code)
	}
	if failed := s.kernel.Refusal(cl); failed != nil {
		return message{}, failed
	}
	subject := cl.Text("Subject")
	if _, given := cl.Params["Subject"]; given && !validSubject(subject) {
		return message{}, kernel.Refuse("InvalidParameter", "Invalid parameter: Subject")
	}
	text, failed := emailText(cl)
	if failed != nil {
		return message{}, failed
	}
	attributes, failed := messageAttributes(cl)
	if failed != nil {
		return message{}, failed
	}
	s.kernel.Leak(cl.Text("Message"))
	return message{
		subject:    subject,
		text:       text,
		raw:        cl.Text("Message"),
		via:        cl.Via(),
		who:        map[bool]string{true: cl.Who.Name()}[cl.Function()],
		attributes: attributes,
	}, nil
}

// Receive takes a message from a service, if the topic and its key let the service or its role publish. A probe is let
// in by a topic that no template holds.
func (s *Topics) Receive(d kernel.Delivery) *kernel.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.topics[d.To]
	switch {
	case s.kernel.Deleted(d.To), t == nil && (!d.Probe || !s.kernel.Made(d.To)):
		return kernel.Refuse(kernel.NoResource, "the topic does not exist")
	case t == nil:
		return nil
	}
	if d.Who != nil || !t.outside {
		if failed := s.kernel.Admit(d, "sns:Publish", t.policies, t.key); failed != nil {
			return failed
		}
	}
	if d.Probe {
		return nil
	}
	if f := s.kernel.Own(kernel.Step{
		Service: "sns",
		Op:      "Publish",
		By:      d.Via,
		About:   t.arn,
	}); f != nil {
		return f.Error()
	}
	s.show(t, message{
		subject: d.Subject,
		text:    string(d.Body),
		via:     d.Via,
		eventID: d.EventID,
	})
	return nil
}

// validSubject: UTF-8 without line breaks and control characters, less than 100 characters.
func validSubject(s string) bool {
	if s == "" || !utf8.ValidString(s) || utf8.RuneCountInString(s) >= subjectBelow {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) {
			return false
		}
	}
	return true
}

// emailText returns what the protocol "email" gets of a message; a structure without "default" is refused.
func emailText(cl *kernel.Call) (string, *kernel.Error) {
	text := cl.Text("Message")
	if text == "" || len(text) > mostPublished {
		return "", kernel.Refuse("InvalidParameter", "Invalid parameter: Message too long or empty")
	}
	switch cl.Text("MessageStructure") {
	case "":
		return text, nil
	case "json":
	default:
		return "", kernel.Refuse("InvalidParameter", "Invalid parameter: MessageStructure")
	}
	var byProtocol map[string]any
	if err := json.Unmarshal([]byte(text), &byProtocol); err != nil {
		return "", kernel.Refuse("InvalidParameter",
			"Invalid parameter: Message Structure - JSON message body failed to parse")
	}
	fallback, ok := byProtocol["default"].(string)
	if !ok {
		return "", kernel.Refuse("InvalidParameter",
			"Invalid parameter: Message Structure - No default entry in JSON message body")
	}
	if email, ok := byProtocol["email"].(string); ok {
		return email, nil
	}
	return fallback, nil
}

var attributeName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_.-]{1,256}$`) })

func messageAttributes(cl *kernel.Call) (map[string]string, *kernel.Error) {
	attributes := map[string]string{}
	given, _ := cl.Params["MessageAttributes"].(map[string]any)
	for name, v := range given {
		attribute, _ := v.(map[string]any)
		value, _ := attribute["StringValue"].(string)
		if !attributeName().MatchString(name) || value == "" || attribute["DataType"] == nil {
			return nil, kernel.Refuse("ParameterValueInvalid",
				"The message attribute '%s' must have a type and a value that is not empty.", name)
		}
		attributes[name] = value
	}
	return attributes, nil
}

// show delivers to the topic's subscribers that want the message.
func (s *Topics) show(t *topic, m message) {
	s.kernel.Leak(m.subject + "\n" + m.text)
	got := t.receivers(m)
	e := kernel.Entry{
		Kind:       kernel.KindSNS,
		Via:        m.via,
		Who:        m.who,
		Subject:    m.subject,
		Text:       m.text,
		Raw:        m.raw,
		Attributes: m.attributes,
		EventID:    m.eventID,
		Topic:      t.arn,
		Recipients: len(got),
	}
	if t.outside && len(t.subscriptions) == 0 {
		e.Recipients = 1
	}
	for _, sub := range got {
		if !slices.Contains(e.Protocols, sub.Protocol) {
			e.Protocols = append(e.Protocols, sub.Protocol)
		}
	}
	slices.Sort(e.Protocols)
	if out := len(t.confirmed()) - len(got); out > 0 {
		s.kernel.Measure(kernel.Sample{
			Site:      kernel.SiteOf(t.arn),
			Namespace: "AWS/SNS",
			Name:      "NumberOfNotificationsFilteredOut",
			Dims:      []kernel.Dim{{Name: "TopicName", Value: kernel.ARN(t.arn).Resource}},
			Value:     float64(out),
		})
	}
	s.kernel.Note(e)
	s.handOn(t, got, m)
}
