// Package objects reads what AWS sends about the objects of a bucket: S3's own notifications, straight or through an
// SNS topic, EventBridge's "Object Created" and "Object Deleted", CloudTrail's notices of delivered files, and batches
// of an SQS queue with any of these in them.
//
// It opens no object and knows no bucket of its own. What it reads is a hint: whoever may write to a queue or a topic
// writes it, so that everything is bounded and nothing is believed.
package objects

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// ErrOther says that a payload is about no object, or of a kind that is not known.
var ErrOther = errors.New("nothing that S3, SNS, SQS, EventBridge or CloudTrail sends about objects")

const (
	// maxKey is of S3, in bytes (Amazon S3 User Guide, "Naming Amazon S3 objects"), and as much has the ID of a version
	// ("How S3 Versioning works").
	maxKey = 1024
	// maxBucket was possible in us-east-1 before 2018; today it is 63.
	maxBucket = 255
	// maxObjects bounds the objects of a message. S3 sends one at a time.
	maxObjects = 1000
	// maxEnvelopes bounds envelopes in envelopes: SQS, SNS, and what they carry.
	maxEnvelopes = 3
	maxText      = 256 // bytes of any other text that is kept
)

// Object is one object that something happened to.
type Object struct {
	Bucket  string
	Key     string   // decoded
	Version string   // that was created; empty: the bucket has none, or it is not said
	Removed *Removal // nil: it was created
}

// Removal is what AWS says of an object that is not there any more.
type Removal struct {
	ID       string    // the same for the same removal, whichever way it is heard of; empty: not known
	By       string    // who removed it, as far as it is said: "AWS:AIDA…", an account's ID, a service
	SourceIP string    // from where
	Time     time.Time // zero: not known
	Hidden   bool      // only by a delete marker: its versions are still there
	Expired  bool      // by a rule of the bucket's lifecycle
}

// Message is what was sent at once, and is sent again as a whole.
type Message struct {
	ID      string // SQS's; empty where it came in no batch of a queue
	Body    []byte // as it was sent
	Objects []Object
	Err     error // what of it cannot be read: the rest is in Objects
}

// Delivery is what one payload holds.
type Delivery struct {
	Messages []Message
	Queued   bool // it is a batch of a queue, whose messages can fail one by one
}

// Read reads a payload of the function. The error, which wraps ErrOther where it is none of what this package knows, is
// about one of which nothing can be read; a message of a queue has an error of its own, and stops no other.
func Read(payload []byte) (Delivery, error) {
	batch, ok := queueBatch(payload)
	if !ok {
		r := reader{}
		err := r.read(payload, 0)
		if err != nil && len(r.found) == 0 {
			return Delivery{}, err
		}
		return Delivery{Messages: []Message{{Body: payload, Objects: r.found, Err: err}}}, nil
	}
	d := Delivery{Queued: true}
	for _, m := range batch {
		r := reader{}
		one := Message{ID: m.MessageID, Body: []byte(m.Body)}
		one.Err = r.read(one.Body, 1)
		one.Objects = r.found
		d.Messages = append(d.Messages, one)
	}
	return d, nil
}

// queued is a message in SQS's batch (Lambda Developer Guide, "Using Lambda with Amazon SQS").
type queued struct {
	MessageID   string `json:"messageId"`
	Body        string `json:"body"`
	EventSource string `json:"eventSource"`
}

// queueBatch reads a batch of SQS, all of whose messages say that they are. It reports false for anything else.
func queueBatch(payload []byte) ([]queued, bool) {
	var batch struct {
		Records []queued `json:"Records"`
	}
	if json.Unmarshal(payload, &batch) != nil || len(batch.Records) == 0 {
		return nil, false
	}
	for _, m := range batch.Records {
		if m.EventSource != "aws:sqs" || m.MessageID == "" {
			return nil, false
		}
	}
	return batch.Records, true
}

// reader collects the objects of one message.
type reader struct{ found []Object }

// envelope is all that tells one kind of text from the others.
type envelope struct {
	Records []json.RawMessage `json:"Records"` // of S3, and of SNS as Lambda gets it

	Type    string `json:"Type"`    // of SNS as SQS gets it
	Message string `json:"Message"` // of the same

	Event string `json:"Event"` // of S3's test

	Source     string          `json:"source"` // of EventBridge
	DetailType string          `json:"detail-type"`
	ID         string          `json:"id"`
	Time       string          `json:"time"`
	Detail     json.RawMessage `json:"detail"`

	Bucket string   `json:"s3Bucket"` // of CloudTrail
	Keys   []string `json:"s3ObjectKey"`
}

// read reads one text. Depth is how many envelopes were taken off.
func (r *reader) read(text []byte, depth int) error {
	if depth > maxEnvelopes {
		return fmt.Errorf("more than %d envelopes in each other: %w", maxEnvelopes, ErrOther)
	}
	var e envelope
	if err := json.Unmarshal(text, &e); err != nil {
		return fmt.Errorf("%w: %w", ErrOther, err)
	}
	switch {
	case e.Type != "":
		return r.topic(e.Type, e.Message, depth)
	case e.Source == "aws.s3":
		return r.event(e)
	case len(e.Records) > 0:
		return r.records(e.Records, depth)
	case e.Event == "s3:TestEvent":
		return nil
	case e.Bucket != "" && len(e.Keys) > 0:
		return r.delivered(e.Bucket, e.Keys)
	}
	return ErrOther
}

// delivered reads CloudTrail's notice, whose keys are as they are (CloudTrail User Guide, "Configuring Amazon SNS
// notifications for CloudTrail").
func (r *reader) delivered(bucket string, keys []string) error {
	var errs []error
	for _, key := range keys {
		if err := r.add(Object{Bucket: bucket, Key: key}); err != nil && len(errs) < maxNamed {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// topicTest is what CloudTrail publishes when it is given a topic.
const topicTest = "CloudTrail validation message."

// topic takes off SNS's envelope (Amazon SNS Developer Guide, "Parsing Amazon SNS message formats").
func (r *reader) topic(kind, message string, depth int) error {
	switch {
	case kind == "Notification" && message == topicTest:
		return nil
	case kind == "Notification":
		return r.read([]byte(message), depth+1)
	case kind == "SubscriptionConfirmation":
		return fmt.Errorf("a topic asks to confirm a subscription, which only its owner may want; confirm it by hand: %w",
			ErrOther)
	}
	return fmt.Errorf("an SNS message of type %.40q: %w", kind, ErrOther)
}

// maxNamed bounds the records of a list that are named because they cannot be read.
const maxNamed = 3

// records reads the list that S3 and SNS send. One that cannot be read stops no other.
func (r *reader) records(records []json.RawMessage, depth int) error {
	var errs []error
	for i, raw := range records {
		var one struct {
			Source string `json:"eventSource"`
			SNS    struct {
				Type, Message string
			} `json:"Sns"`
		}
		err := json.Unmarshal(raw, &one)
		switch {
		case err != nil:
			err = fmt.Errorf("%w: %w", ErrOther, err)
		case one.Source == "aws:s3":
			err = r.notification(raw)
		case one.Source == "aws:sns":
			err = r.topic(one.SNS.Type, one.SNS.Message, depth)
		default:
			err = ErrOther
		}
		if err != nil && len(errs) < maxNamed {
			errs = append(errs, fmt.Errorf("record %d of %d: %w", i+1, len(records), err))
		}
	}
	return errors.Join(errs...)
}

// add adds an object within the bounds.
func (r *reader) add(o Object) error {
	switch {
	case len(r.found) == maxObjects:
		return fmt.Errorf("more than %d objects in one message", maxObjects)
	case o.Bucket == "" || len(o.Bucket) > maxBucket || strings.Trim(o.Bucket, bucketChars) != "":
		return fmt.Errorf("%.80q is no bucket's name", o.Bucket)
	case o.Key == "" || len(o.Key) > maxKey || !utf8.ValidString(o.Key):
		return fmt.Errorf("%.80q in the bucket %s is no key: want 1 to %d bytes of UTF-8", o.Key, o.Bucket, maxKey)
	}
	if len(o.Version) > maxKey {
		return fmt.Errorf("%.80q in the bucket %s has a version of %d bytes; want %d at most", o.Key, o.Bucket, len(o.Version), maxKey)
	}
	r.found = append(r.found, o)
	return nil
}

const bucketChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"
