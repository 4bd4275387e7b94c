package objects

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// s3Record is a record of S3's notification.
func s3Record(name, bucket, key string) string {
	return fmt.Sprintf(`{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"eu-west-1",`+
		`"eventTime":"2026-03-02T09:15:27.000Z","eventName":%q,"userIdentity":{"principalId":"AWS:AIDAEXAMPLE"},`+
		`"requestParameters":{"sourceIPAddress":"198.51.100.7"},"s3":{"s3SchemaVersion":"1.0","bucket":{"name":%q,`+
		`"ownerIdentity":{"principalId":"A1"},"arn":"arn:aws:s3:::x"},"object":{"key":%q,"size":7,"sequencer":"0055AED6"}}}`,
		name, bucket, key)
}

func list(records ...string) string { return `{"Records":[` + strings.Join(records, ",") + `]}` }

// topicMessage is SNS's envelope as a queue gets it, and snsRecord as Lambda does.
func topicMessage(text string) string {
	return fmt.Sprintf(`{"Type":"Notification","MessageId":"m","TopicArn":"arn:aws:sns:eu-west-1:111122223333:logs",`+
		`"Subject":"Amazon S3 Notification","Message":%s,"Timestamp":"2026-03-02T09:15:27.000Z"}`, quoted(text))
}

func snsRecord(text string) string {
	return `{"EventSource":"aws:sns","EventVersion":"1.0",` +
		`"EventSubscriptionArn":"arn:aws:sns:eu-west-1:111122223333:logs:1","Sns":` + topicMessage(text) + `}`
}

func sqsRecord(id, body string) string {
	return fmt.Sprintf(`{"messageId":%q,"receiptHandle":"r","body":%s,"eventSource":"aws:sqs"}`, id, quoted(body))
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func bridge(detailType, more string) string {
	return `{"version":"0","id":"e-1","detail-type":"` + detailType + `","source":"aws.s3","account":"111122223333",` +
		`"time":"2026-03-02T09:15:27Z","region":"eu-west-1","detail":{"version":"0","bucket":{"name":"logs"},` +
		`"object":{"key":"AWSLogs/a+b%20c","size":7,"sequencer":"0055AED6"},"requester":"111122223333",` +
		`"source-ip-address":"198.51.100.7"` + more + `}}`
}

func TestRead(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 15, 27, 0, time.UTC)
	plain := func(keys ...string) (all []Object) {
		for _, key := range keys {
			all = append(all, Object{Bucket: "logs", Key: key})
		}
		return all
	}
	one := []Object{{Bucket: "logs", Key: "AWSLogs/a b+c/é.gz"}}
	asSent := s3Record("ObjectCreated:Put", "logs", "AWSLogs/a+b%2Bc/%C3%A9.gz")
	gone := func(change func(*Removal)) []Object {
		r := &Removal{
			ID:       "0055AED6",
			By:       "AWS:AIDAEXAMPLE",
			SourceIP: "198.51.100.7",
			Time:     at,
		}
		change(r)
		return []Object{{Bucket: "logs", Key: "k", Removed: r}}
	}
	byAccount := func(change func(*Removal)) []Object {
		all := gone(change)
		all[0].Key, all[0].Removed.By = "AWSLogs/a+b%20c", "111122223333"
		return all
	}
	for name, tt := range map[string]struct {
		payload string
		want    []Object
	}{
		"S3":              {list(asSent), one},
		"SNS to Lambda":   {list(snsRecord(list(asSent))), one},
		"SNS raw":         {topicMessage(list(asSent)), one},
		"two":             {list(asSent, asSent), append(one[:1:1], one[0])},
		"copied":          {list(s3Record("ObjectCreated:CompleteMultipartUpload", "logs", "k")), plain("k")},
		"named s3:":       {list(s3Record("s3:ObjectCreated:Put", "logs", "k")), plain("k")},
		"EventBridge":     {bridge("Object Created", `,"reason":"PutObject"`), plain("AWSLogs/a+b%20c")},
		"bridge to SNS":   {topicMessage(bridge("Object Created", "")), plain("AWSLogs/a+b%20c")},
		"CloudTrail":      {topicMessage(`{"s3Bucket":"logs","s3ObjectKey":["a+b","c"]}`), plain("a+b", "c")},
		"CloudTrail test": {topicMessage("CloudTrail validation message."), nil},
		"test": {
			`{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"logs","RequestId":"1","HostId":"2"}`,
			nil,
		},
		"S3, a version": {
			list(strings.Replace(asSent, `"size":7`, `"size":7,"versionId":"v.1_-"`, 1)),
			[]Object{{Bucket: "logs", Key: one[0].Key, Version: "v.1_-"}},
		},
		"EventBridge, a version": {
			strings.Replace(bridge("Object Created", ""), `"size":7`, `"size":7,"version-id":"v.1_-"`, 1),
			[]Object{{Bucket: "logs", Key: "AWSLogs/a+b%20c", Version: "v.1_-"}},
		},
		"hidden, with the marker's version": {
			list(strings.Replace(s3Record("ObjectRemoved:DeleteMarkerCreated", "logs", "k"), `"size":7`, `"versionId":"v"`, 1)),
			gone(func(r *Removal) { r.Hidden = true }),
		},
		"tags":     {list(s3Record("ObjectTagging:Put", "logs", "k")), nil},
		"restored": {list(s3Record("ObjectRestore:Completed", "logs", "k")), nil},
		"removed":  {list(s3Record("ObjectRemoved:Delete", "logs", "k")), gone(func(*Removal) {})},
		"hidden": {
			list(s3Record("ObjectRemoved:DeleteMarkerCreated", "logs", "k")), gone(func(r *Removal) { r.Hidden = true }),
		},
		"expired": {
			list(s3Record("LifecycleExpiration:Delete", "logs", "k")), gone(func(r *Removal) { r.Expired = true }),
		},
		"deleted": {
			bridge("Object Deleted", `,"reason":"DeleteObject","deletion-type":"Permanently Deleted"`),
			byAccount(func(*Removal) {}),
		},
		"deleted, marker": {
			bridge("Object Deleted", `,"reason":"DeleteObject","deletion-type":"Delete Marker Created"`),
			byAccount(func(r *Removal) { r.Hidden = true }),
		},
		"deleted, lifecycle": {
			bridge("Object Deleted", `,"reason":"Lifecycle Expiration","deletion-type":"Permanently Deleted"`),
			byAccount(func(r *Removal) { r.Expired = true }),
		},
	} {
		got, err := Read([]byte(tt.payload))
		if err != nil || got.Queued || len(got.Messages) != 1 {
			t.Errorf("%s: %+v, %v", name, got, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got.Messages[0].Objects); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		queued, err := Read([]byte(list(sqsRecord("m-1", "{"), sqsRecord("m-2", tt.payload))))
		if err != nil || !queued.Queued || len(queued.Messages) != 2 || queued.Messages[0].Err == nil ||
			queued.Messages[1].ID != "m-2" || string(queued.Messages[1].Body) != tt.payload {
			t.Fatalf("%s in a queue: %+v, %v", name, queued, err)
		}
		if diff := cmp.Diff(tt.want, queued.Messages[1].Objects); diff != "" || queued.Messages[1].Err != nil {
			t.Errorf("%s in a queue: %s, %v", name, diff, queued.Messages[1].Err)
		}
	}
}

// TestRefused: whatever is not what AWS sends says why, and takes no object along.
func TestRefused(t *testing.T) {
	deep := list(s3Record("ObjectCreated:Put", "logs", "k"))
	for range maxEnvelopes + 1 {
		deep = topicMessage(deep)
	}
	many := make([]string, maxObjects+1)
	for i := range many {
		many[i] = s3Record("ObjectCreated:Put", "logs", "k")
	}
	good := s3Record("ObjectCreated:Put", "logs", "k")
	for name, tt := range map[string]struct{ payload, want string }{
		"empty":         {"", "nothing that S3"},
		"no object":     {"[]", "nothing that S3"},
		"a record":      {`{"eventName":"StopLogging"}`, "nothing that S3"},
		"another batch": {list(`{"eventSource":"aws:kinesis"}`), "record 1 of 1"},
		"a log file":    {list(`{"eventSource":"s3.amazonaws.com","eventName":"PutObject"}`), "record 1 of 1"},
		"no record":     {list(`7`), "record 1 of 1"},
		"old":           {strings.Replace(list(good), `"2.1"`, `"1.0"`, 1), `version "1.0"`},
		"no version":    {strings.Replace(list(good), `"2.1"`, `""`, 1), `version ""`},
		"bad escape":    {list(s3Record("ObjectCreated:Put", "logs", "a%zz")), "not encoded"},
		"no bucket":     {list(s3Record("ObjectCreated:Put", "", "k")), "no bucket's name"},
		"odd bucket":    {list(s3Record("ObjectCreated:Put", "a/b", "k")), "no bucket's name"},
		"no key":        {list(s3Record("ObjectCreated:Put", "logs", "")), "is no key"},
		"long key":      {list(s3Record("ObjectCreated:Put", "logs", strings.Repeat("k", maxKey+1))), "is no key"},
		"long version": {
			list(strings.Replace(good, `"size":7`, `"versionId":"`+strings.Repeat("v", maxKey+1)+`"`, 1)), "has a version of 1025 bytes",
		},
		"no UTF-8": {list(s3Record("ObjectCreated:Put", "logs", "%ff")), "is no key"},
		"deep":     {deep, "envelopes in each other"},
		"confirmation": {
			strings.Replace(topicMessage("x"), "Notification", "SubscriptionConfirmation", 1), "confirm it by hand",
		},
		"a type":         {strings.Replace(topicMessage("x"), "Notification", "Other", 1), `type "Other"`},
		"no JSON in SNS": {topicMessage("x"), "nothing that S3"},
		"another event":  {bridge("AWS API Call via CloudTrail", ""), `"AWS API Call via CloudTrail"`},
		"no detail":      {`{"source":"aws.s3","detail-type":"Object Created"}`, "nothing that S3"},
		"keys no list":   {`{"s3Bucket":"logs","s3ObjectKey":"k"}`, "nothing that S3"},
	} {
		got, err := Read([]byte(tt.payload))
		if err == nil || !strings.Contains(err.Error(), tt.want) || len(got.Messages) > 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := Read([]byte(list(`{"eventSource":"aws:kinesis"}`))); !errors.Is(err, ErrOther) {
		t.Errorf("%v is not ErrOther", err)
	}
	// What is not read does not take the rest along.
	for want, payload := range map[string]string{
		"record 2 of 3":              list(good, sqsRecord("m", good), good),
		"more than 1000 objects":     list(many...),
		`in the bucket logs is no k`: `{"s3Bucket":"logs","s3ObjectKey":["a","","b"]}`,
	} {
		got, err := Read([]byte(payload))
		if err != nil || !strings.Contains(fmt.Sprint(got.Messages[0].Err), want) || len(got.Messages[0].Objects) < 2 {
			t.Errorf("%s: %v, %v", want, got.Messages[0].Err, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	good := list(s3Record("ObjectCreated:Put", "logs", "a+b"))
	for _, seed := range []string{
		good, list(snsRecord(good)), topicMessage(good), list(sqsRecord("m", topicMessage(good)), sqsRecord("n", "x")),
		bridge("Object Deleted", ""), `{"s3Bucket":"logs","s3ObjectKey":["k"]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		d, err := Read(payload)
		if err != nil && (d.Queued || len(d.Messages) > 0) || err == nil && len(d.Messages) == 0 {
			t.Fatalf("%+v with %v", d, err)
		}
		for _, m := range d.Messages {
			if d.Queued == (m.ID == "") {
				t.Fatalf("%+v", m)
			}
			for _, o := range m.Objects {
				if o.Bucket == "" || strings.Contains(o.Bucket, "/") || o.Key == "" || len(o.Key) > maxKey ||
					!utf8.ValidString(o.Key) {
					t.Fatalf("%+v", o)
				}
			}
		}
	})
}

// TestOtherEventsOfObjects: what is about no object that came or went says nothing, whichever way it comes.
func TestOtherEventsOfObjects(t *testing.T) {
	for _, payload := range []string{
		bridge("Object Tags Added", ""), bridge("Object Restore Completed", ""), bridge("Object ACL Updated", ""),
		list(s3Record("ObjectTagging:Put", "logs", "k")), list(s3Record("ObjectRestore:Completed", "logs", "k")),
	} {
		got, err := Read([]byte(payload))
		if err != nil || len(got.Messages) != 1 || len(got.Messages[0].Objects) > 0 || got.Messages[0].Err != nil {
			t.Errorf("%s: %+v, %v", payload, got, err)
		}
	}
}
