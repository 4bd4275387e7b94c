package localcloud

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Limits of Publish (SNS API reference).
const (
	mostPublished = 256 << 10 // bytes
	subjectBelow  = 100       // characters
)

// message is what a topic shows its subscribers.
type message struct {
	subject, text, raw, via, eventID string
	attributes                       map[string]string
}

// sns answers Publish (AWS query protocol).
func (c *Cloud) sns(cl *call, form url.Values) (string, *awsError) {
	if cl.op != "Publish" {
		cl.op = "Unknown"
		return "", refuse("InvalidAction", "the operation %s is not part of the local run", form.Get("Action"))
	}
	m, failed := c.published(cl, form)
	if failed != nil {
		c.note(Entry{
			Kind: KindSNS, Via: by(cl), Who: cl.who.name(), Function: cl.function(), Subject: form.Get("Subject"), Err: failed.Code,
			Text: failed.Message, Topic: form.Get("TopicArn"),
		})
		return "", failed
	}
	c.showOnTopic(c.stack.topics[form.Get("TopicArn")], m)
	var b bytes.Buffer
	b.WriteString("<MessageId>")
	escape(&b, c.id("sns"))
	b.WriteString("</MessageId>")
	return b.String(), nil
}

// published checks a Publish and returns what e-mail subscribers read.
func (c *Cloud) published(cl *call, form url.Values) (message, *awsError) {
	arn := form.Get("TopicArn")
	t := c.stack.topics[arn]
	if c.gone[arn] {
		t = nil
	}
	a := access{action: "sns:Publish", resource: arn}
	if t == nil {
		if why, ok := c.authorize(cl.who, a, nil); !ok {
			return message{}, c.snsDenied(cl, a, why)
		}
		return message{}, &awsError{Status: http.StatusNotFound, Code: "NotFound", Message: "Topic does not exist"}
	}
	if why, ok := c.authorize(cl.who, a, t.policies); !ok {
		return message{}, c.snsDenied(cl, a, why)
	}
	if why, ok := c.authorizeKey(cl.who, t.key, nil); !ok {
		code := "KMSAccessDenied"
		if why == "KMSDisabledException" {
			code = "KMSDisabled"
		}
		return message{}, refuse(code, "The topic's key cannot be used: %s", why)
	}
	if f := c.refusal(cl); f != nil {
		return message{}, f
	}
	subject := form.Get("Subject")
	if _, given := form["Subject"]; given && !validSubject(subject) {
		return message{}, refuse("InvalidParameter", "Invalid parameter: Subject")
	}
	text, failed := emailText(form)
	if failed != nil {
		return message{}, failed
	}
	attributes, failed := messageAttributes(form)
	if failed != nil {
		return message{}, failed
	}
	c.leaks.WriteString(form.Get("Message") + "\n")
	return message{subject: subject, text: text, raw: form.Get("Message"), via: by(cl), attributes: attributes}, nil
}

func (c *Cloud) snsDenied(cl *call, a access, why string) *awsError {
	return &awsError{Status: http.StatusForbidden, Code: "AuthorizationError", Message: c.notAuthorized(cl, a.action, a.resource, why)}
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
func emailText(form url.Values) (string, *awsError) {
	text := form.Get("Message")
	if text == "" || len(text) > mostPublished {
		return "", refuse("InvalidParameter", "Invalid parameter: Message too long or empty")
	}
	switch form.Get("MessageStructure") {
	case "":
		return text, nil
	case "json":
	default:
		return "", refuse("InvalidParameter", "Invalid parameter: MessageStructure")
	}
	var byProtocol map[string]any
	if err := json.Unmarshal([]byte(text), &byProtocol); err != nil {
		return "", refuse("InvalidParameter", "Invalid parameter: Message Structure - JSON message body failed to parse")
	}
	fallback, ok := byProtocol["default"].(string)
	if !ok {
		return "", refuse("InvalidParameter", "Invalid parameter: Message Structure - No default entry in JSON message body")
	}
	if email, ok := byProtocol["email"].(string); ok {
		return email, nil
	}
	return fallback, nil
}

var attributeName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_.-]{1,256}$`) })

func messageAttributes(form url.Values) (map[string]string, *awsError) {
	attributes := map[string]string{}
	for i := 1; ; i++ {
		prefix := "MessageAttributes.entry." + strconv.Itoa(i) + "."
		name := form.Get(prefix + "Name")
		if name == "" {
			return attributes, nil
		}
		value := form.Get(prefix + "Value.StringValue")
		if !attributeName().MatchString(name) || value == "" || form.Get(prefix+"Value.DataType") == "" {
			return nil, refuse("ParameterValueInvalid", "The message attribute '%s' must have a type and a value that is not empty.", name)
		}
		attributes[name] = value
	}
}

// showOnTopic delivers to the topic's subscribers that want the message.
func (c *Cloud) showOnTopic(t *topic, m message) {
	c.leaks.WriteString(m.subject + "\n" + m.text + "\n")
	got := t.receivers(m)
	e := Entry{
		Kind: KindSNS, Via: m.via, Subject: m.subject, Text: m.text, Raw: m.raw, Attributes: m.attributes, EventID: m.eventID, Topic: t.arn,
		Recipients: len(got),
	}
	if t.outside && len(t.subscriptions) == 0 {
		e.Recipients = 1
	}
	for _, s := range got {
		if !slices.Contains(e.Protocols, s.Protocol) {
			e.Protocols = append(e.Protocols, s.Protocol)
		}
	}
	slices.Sort(e.Protocols)
	if out := len(t.subscriptions) - len(got); out > 0 {
		c.measure("AWS/SNS", "NumberOfNotificationsFilteredOut", float64(out), dim{"TopicName", t.arn[strings.LastIndex(t.arn, ":")+1:]})
	}
	c.note(e)
}
