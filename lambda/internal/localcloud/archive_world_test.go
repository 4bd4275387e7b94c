package localcloud

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

type object = map[string]any

func roleOf(statements ...any) object {
	return object{"Type": "AWS::IAM::Role", "Properties": object{
		"AssumeRolePolicyDocument": object{"Statement": []any{object{
			"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": object{"Service": "lambda.amazonaws.com"},
		}}},
		"Policies": []any{object{"PolicyName": "p", "PolicyDocument": object{"Statement": statements}}},
	}}
}

func letting(service, action, target, source string) object {
	return object{"Statement": []any{object{
		"Effect": "Allow", "Principal": object{"Service": service}, "Action": action, "Resource": target,
		"Condition": object{
			"ArnEquals": object{"aws:SourceArn": source}, "StringEquals": object{"aws:SourceAccount": account},
		},
	}}}
}

const (
	logsBucket  = "arn:aws:s3:::logs"
	objectQueue = "arn:aws:sqs:eu-west-1:111122223333:objects"
	deadQueue   = "arn:aws:sqs:eu-west-1:111122223333:dead"
	logsTopic   = "arn:aws:sns:eu-west-1:111122223333:logs"
	logsGroup   = "arn:aws:logs:eu-west-1:111122223333:log-group:trail"
	workARN     = "arn:aws:lambda:eu-west-1:111122223333:function:work"
)

// archiveResources are a bucket that tells a queue, from which a function takes batches, and a topic of the same queue.
func archiveResources() object {
	return object{
		"Role": roleOf(object{
			"Effect": "Allow", "Resource": objectQueue,
			"Action": []any{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"},
		}),
		"Work": object{"Type": "AWS::Lambda::Function", "Properties": object{
			"FunctionName": "work", "Runtime": "provided.al2023", "Handler": "bootstrap", "Architectures": []any{"arm64"},
			"Role": object{"Fn::GetAtt": []any{"Role", "Arn"}}, "Code": object{}, "Timeout": 60,
		}},
		"Objects": object{"Type": "AWS::SQS::Queue", "Properties": object{
			"QueueName": "objects", "VisibilityTimeout": 360,
			"RedrivePolicy": object{"deadLetterTargetArn": deadQueue, "maxReceiveCount": 3},
		}},
		"Dead": object{"Type": "AWS::SQS::Queue", "Properties": object{"QueueName": "dead"}},
		"ObjectsPolicy": object{"Type": "AWS::SQS::QueuePolicy", "Properties": object{
			"Queues": []any{object{"Ref": "Objects"}},
			"PolicyDocument": object{"Statement": []any{
				letting("s3.amazonaws.com", "sqs:SendMessage", objectQueue, logsBucket)["Statement"].([]any)[0],
				letting("sns.amazonaws.com", "sqs:SendMessage", objectQueue, logsTopic)["Statement"].([]any)[0],
			}},
		}},
		"Mapping": object{"Type": "AWS::Lambda::EventSourceMapping", "Properties": object{
			"EventSourceArn": objectQueue, "FunctionName": object{"Ref": "Work"}, "BatchSize": 10,
			"FunctionResponseTypes": []any{"ReportBatchItemFailures"},
		}},
		"Bucket": object{"Type": "AWS::S3::Bucket", "Properties": object{
			"BucketName": "logs",
			"NotificationConfiguration": object{"QueueConfigurations": []any{
				object{"Event": "s3:ObjectCreated:*", "Queue": objectQueue, "Filter": object{"S3Key": object{
					"Rules": []any{object{"Name": "prefix", "Value": "AWSLogs/"}},
				}}},
				object{"Event": "s3:ObjectRemoved:*", "Queue": objectQueue},
			}},
		}},
		"Topic": object{"Type": "AWS::SNS::Topic", "Properties": object{"TopicName": "logs"}},
		"TopicPolicy": object{"Type": "AWS::SNS::TopicPolicy", "Properties": object{
			"Topics":         []any{object{"Ref": "Topic"}},
			"PolicyDocument": letting("s3.amazonaws.com", "sns:Publish", logsTopic, logsBucket),
		}},
		"ToQueue": object{"Type": "AWS::SNS::Subscription", "Properties": object{
			"TopicArn": object{"Ref": "Topic"}, "Protocol": "sqs", "Endpoint": objectQueue,
		}},
	}
}

// worker is the function: it notes what it gets, and answers as it is told.
type worker struct {
	mu     sync.Mutex
	got    []string
	answer func(payload string) (string, error) // nil: nothing
}

func (w *worker) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.got = append(w.got, string(payload))
	if w.answer == nil {
		return nil, nil
	}
	answer, err := w.answer(string(payload))
	return []byte(answer), err
}

// batches are the bodies of each batch that the function got.
func (w *worker) batches(t *testing.T) (all [][]string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, payload := range w.got {
		var in struct{ Records []struct{ Body string } }
		if err := json.Unmarshal([]byte(payload), &in); err != nil {
			t.Fatal(err)
		}
		var bodies []string
		for _, r := range in.Records {
			bodies = append(bodies, r.Body)
		}
		all = append(all, bodies)
	}
	return all
}

// archiveCloud sets the resources up; the error is what CloudFormation would say.
func archiveCloud(t *testing.T, w *worker, resources object) (*Cloud, error) {
	t.Helper()
	template, err := json.Marshal(object{"Resources": resources})
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Options{
		Template: template, Account: account, Region: region, Members: []string{member},
		NewHandler: func(context.Context, FunctionEnv) (Handler, error) { return w, nil },
	})
	if err == nil {
		t.Cleanup(func() { _ = c.Close() })
		err = c.Run()
	}
	return c, err
}

func mustArchive(t *testing.T, w *worker, resources object) *Cloud {
	t.Helper()
	c, err := archiveCloud(t, w, resources)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// as makes a request to S3 with somebody's key.
func as(t *testing.T, c *Cloud, key, request string, header ...string) (int, string) {
	t.Helper()
	status, _, body := asked(t, c, key, request, header...)
	return status, body
}

// asked is as, with the answer's header.
func asked(t *testing.T, c *Cloud, key, request string, header ...string) (int, http.Header, string) {
	t.Helper()
	first, body, _ := strings.Cut(request, "\n")
	method, path, _ := strings.Cut(first, " ")
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20261001/"+region+"/s3/aws4_request, Signature=x")
	for pair := range slices.Chunk(header, 2) {
		r.Header.Set(pair[0], pair[1])
	}
	w := httptest.NewRecorder()
	c.door.ServeHTTP(w, r)
	return w.Code, w.Header(), w.Body.String()
}
