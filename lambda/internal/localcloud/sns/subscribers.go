package sns

import (
	"encoding/json"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

const service = "sns.amazonaws.com"

// handOn gives a message to the queues and functions among the subscribers. One that is in no template takes it
// unseen.
func (s *Topics) handOn(t *topic, to []*subscription, m message) {
	id := s.kernel.ID("sns message")
	for _, sub := range to {
		if sub.Protocol != "sqs" && sub.Protocol != "lambda" {
			continue
		}
		d := kernel.Delivery{To: sub.Endpoint, By: service, Source: t.arn, Body: m.body(t, sub, id, s.now()), Via: "SNS"}
		if sub.raw() {
			d.Attributes = m.attributes
		}
		s.kernel.After(0, func() { s.give(d, sub) })
	}
}

func (s *Topics) now() string { return s.kernel.Now().UTC().Format("2006-01-02T15:04:05.000Z") }

// give delivers to one subscriber. What it refuses goes to the dead-letter queue of the subscription, or is lost.
func (s *Topics) give(d kernel.Delivery, sub *subscription) {
	failed := s.kernel.Deliver(d)
	if failed == nil || failed.Code == kernel.NoResource {
		return
	}
	e := kernel.Entry{Kind: kernel.KindLost, Subject: s.kernel.NameOf(d.To), Via: s.kernel.NameOf(d.Source), Err: failed.Message}
	if sub.RedrivePolicy != nil {
		d.To = sub.RedrivePolicy.DeadLetterTargetArn
		if s.kernel.Deliver(d) == nil {
			e.Kind, e.Subject = kernel.KindParked, s.kernel.NameOf(d.To)
		}
	}
	s.kernel.Note(e)
}

func (s *subscription) raw() bool {
	return s.Protocol == "sqs" && s.RawMessageDelivery != nil && *s.RawMessageDelivery
}

// body is what a subscriber gets ("Parsing Amazon SNS message formats", and "Using AWS Lambda with Amazon SNS").
func (m message) body(t *topic, sub *subscription, id, at string) []byte {
	text := m.text
	if m.raw != "" {
		text = m.raw
		var byProtocol map[string]any
		if json.Unmarshal([]byte(m.raw), &byProtocol) == nil && m.raw != m.text {
			for _, name := range []string{"default", sub.Protocol} {
				if of, ok := byProtocol[name].(string); ok {
					text = of
				}
			}
		}
	}
	if sub.raw() {
		return []byte(text)
	}
	envelope := map[string]any{
		"Type": "Notification", "MessageId": id, "TopicArn": t.arn, "Message": text, "Timestamp": at, "SignatureVersion": "1",
		"Signature": "local", "SigningCertURL": "https://sns.localhost/cert.pem",
	}
	if m.subject != "" {
		envelope["Subject"] = m.subject
	}
	attributes := map[string]any{}
	for name, value := range m.attributes {
		attributes[name] = map[string]string{"Type": "String", "Value": value}
	}
	if len(attributes) > 0 {
		envelope["MessageAttributes"] = attributes
	}
	var all any = envelope
	unsubscribe := "https://sns.localhost/?Action=Unsubscribe"
	if sub.Protocol == "lambda" {
		envelope["UnsubscribeUrl"], envelope["SigningCertUrl"] = unsubscribe, envelope["SigningCertURL"]
		delete(envelope, "SigningCertURL")
		all = map[string]any{"Records": []any{map[string]any{
			"EventSource": "aws:sns", "EventVersion": "1.0",
			"EventSubscriptionArn": sub.arn, "Sns": envelope,
		}}}
	} else {
		envelope["UnsubscribeURL"] = unsubscribe
	}
	body, err := json.Marshal(all)
	if err != nil {
		panic(err) // texts alone
	}
	return body
}
