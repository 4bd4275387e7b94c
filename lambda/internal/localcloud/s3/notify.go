package s3

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// notification is one entry of a bucket's notification configuration ("Amazon S3 Event Notifications").
type notification struct {
	id, to         string // to is the ARN of a queue, a topic or a function
	events         []string
	prefix, suffix string
}

// notificationLatency is the way of a notification; AWS says "typically in seconds".
const notificationLatency = time.Second

const service = "s3.amazonaws.com"

// change is what happened to an object.
type change struct {
	kind, how string // ObjectCreated, Put
	key       string
	size      int
	etag      string
	version   string // empty in a bucket without
	by        origin
}

// event is what the change is called in a notification configuration.
func (c change) event() string { return "s3:" + c.kind + ":" + c.how }

func (n notification) wants(c change) bool {
	return strings.HasPrefix(c.key, n.prefix) && strings.HasSuffix(c.key, n.suffix) &&
		slices.ContainsFunc(n.events, func(e string) bool {
			return e == c.event() || e == "s3:"+c.kind+":*"
		})
}

// tell sends notifications of a change, and puts its event on the bus.
func (s *Buckets) tell(arn string, b *bucket, c change) {
	b.sequence++
	sequencer, now := fmt.Sprintf("%018X", b.sequence), s.kernel.Now()
	for _, n := range b.notifications {
		if n.wants(c) {
			s.kernel.After(notificationLatency, func() { s.send(arn, b, n, b.record(arn, n, c, sequencer, now)) })
		}
	}
	if b.bridge {
		e := kernel.Envelope{
			ID: s.kernel.ID("s3 event"), Source: "aws.s3", DetailType: "Object Created", Time: now, Resources: []string{arn},
		}
		e.Detail, e.DetailType = b.detail(c, sequencer)
		s.kernel.Publish(e.Event(b.Site, kernel.DefaultBus))
	}
}

// send hands a notification to its destination. One that is refused is lost.
func (s *Buckets) send(arn string, b *bucket, n notification, body []byte) {
	failed := s.kernel.Deliver(kernel.Delivery{
		To: n.to, By: service, Source: arn, Account: b.Account, Body: body, Via: "S3",
	})
	if failed != nil {
		s.kernel.Note(kernel.Entry{
			Kind: kernel.KindLost, Subject: s.kernel.NameOf(n.to), Via: b.name, Err: "a notification of S3: " + failed.Message,
		})
	}
}

// record is a notification's body ("Event message structure"), in which the key is encoded as in a form.
func (b *bucket) record(arn string, n notification, c change, sequencer string, at time.Time) []byte {
	o := map[string]any{"key": strings.ReplaceAll(url.QueryEscape(c.key), "%2F", "/"), "sequencer": sequencer}
	if c.kind == "ObjectCreated" {
		o["size"], o["eTag"] = c.size, c.etag
	}
	if c.version != "" {
		o["versionId"] = c.version
	}
	body, err := json.Marshal(map[string]any{"Records": []any{map[string]any{
		"eventVersion":      "2.1",
		"eventSource":       "aws:s3",
		"awsRegion":         b.Region,
		"eventTime":         at.UTC().Format("2006-01-02T15:04:05.000Z"),
		"eventName":         c.kind + ":" + c.how,
		"userIdentity":      map[string]any{"principalId": c.by.principal},
		"requestParameters": map[string]any{"sourceIPAddress": c.by.source},
		"responseElements":  map[string]any{"x-amz-request-id": c.by.request, "x-amz-id-2": c.by.request},
		"s3": map[string]any{
			"s3SchemaVersion": "1.0",
			"configurationId": n.id,
			"bucket": map[string]any{
				"name": b.name, "ownerIdentity": map[string]any{"principalId": kernel.UUID("canonical user", b.Account)}, "arn": arn,
			},
			"object": o,
		},
	}}})
	if err != nil {
		panic(err) // texts and numbers alone
	}
	return body
}

// detail is an event's ("EventBridge event message structure"), in which the key is as it is.
func (b *bucket) detail(c change, sequencer string) (detail map[string]any, detailType string) {
	o := map[string]any{"key": c.key, "sequencer": sequencer}
	detail = map[string]any{
		"version":           "0",
		"bucket":            map[string]any{"name": b.name},
		"object":            o,
		"request-id":        c.by.request,
		"requester":         c.by.account,
		"source-ip-address": c.by.source,
	}
	if c.version != "" {
		o["version-id"] = c.version
	}
	if c.kind == "ObjectCreated" {
		o["size"], o["etag"], detail["reason"] = c.size, c.etag, "PutObject"
		return detail, "Object Created"
	}
	detail["reason"], detail["deletion-type"] = "DeleteObject", "Permanently Deleted"
	if c.how == "DeleteMarkerCreated" {
		detail["deletion-type"] = "Delete Marker Created"
	}
	return detail, "Object Deleted"
}

// configure replaces the notification configuration. S3 asks each destination whether it may send there, and sends a
// test to queues and topics.
func (s *Buckets) configure(arn string, b *bucket, all []notification, bridge bool) *kernel.Error {
	invalid := func(format string, args ...any) *kernel.Error {
		return refuse(http.StatusBadRequest, "InvalidArgument", fmt.Sprintf(format, args...))
	}
	for i, n := range all {
		for _, other := range all[:i] {
			if n.overlaps(other) {
				return invalid("Configurations overlap. Configurations on the same bucket cannot share a common event type.")
			}
		}
		if at := kernel.SiteOf(n.to); at.Region != b.Region {
			return invalid("The notification destination service region is not valid for the bucket location constraint")
		}
		d := kernel.Delivery{To: n.to, By: service, Source: arn, Account: b.Account, Probe: true, Via: "S3"}
		if failed := s.kernel.Deliver(d); failed != nil {
			return invalid("Unable to validate the following destination configurations: %s: %s", n.to, failed.Message)
		}
	}
	b.notifications, b.bridge = all, bridge
	for _, n := range all {
		if kernel.ARN(n.to).Service == "lambda" {
			continue
		}
		body, err := json.Marshal(map[string]string{
			"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": s.kernel.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
			"Bucket": b.name, "RequestId": s.kernel.ID("request"), "HostId": s.kernel.ID("host"),
		})
		if err != nil {
			panic(err) // texts alone
		}
		s.send(arn, b, n, body)
	}
	return nil
}

func (n notification) overlaps(o notification) bool {
	share := slices.ContainsFunc(n.events, func(e string) bool {
		return slices.ContainsFunc(o.events, func(f string) bool { return covers(e, f) || covers(f, e) })
	})
	return share && (strings.HasPrefix(n.prefix, o.prefix) || strings.HasPrefix(o.prefix, n.prefix)) &&
		(strings.HasSuffix(n.suffix, o.suffix) || strings.HasSuffix(o.suffix, n.suffix))
}

func covers(event, other string) bool {
	kind, all := strings.CutSuffix(event, "*")
	return event == other || all && strings.HasPrefix(other, kind)
}
