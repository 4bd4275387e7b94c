package checks_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/deployment"
)

const queueURL = "https://sqs.eu-west-1.amazonaws.com/111122223333/trailkeeper-dead"

// changed is an object with some members replaced; nil takes one away.
func changed(of map[string]any, with map[string]any) map[string]any {
	out := maps.Clone(of)
	maps.Copy(out, with)
	maps.DeleteFunc(out, func(_ string, v any) bool { return v == nil })
	return out
}

func TestQueue(t *testing.T) {
	of := deployment.Deployed{
		ID: "Dead", Type: "AWS::SQS::Queue", Name: "trailkeeper-dead", Ref: queueURL,
		Properties: object(t, `{"MessageRetentionPeriod": 1209600, "SqsManagedSseEnabled": true,
			"RedriveAllowPolicy": {"redrivePermission": "denyAll"},
			"RedrivePolicy": {"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:111122223333:last", "maxReceiveCount": 5}}`),
	}
	there := object(t, `{"MessageRetentionPeriod": "1209600", "SqsManagedSseEnabled": "true", "VisibilityTimeout": "30",
		"DelaySeconds": "0", "ReceiveMessageWaitTimeSeconds": "0", "MaximumMessageSize": "262144",
		"RedriveAllowPolicy": "{\"redrivePermission\":\"denyAll\"}",
		"RedrivePolicy": "{\"maxReceiveCount\":\"5\",\"deadLetterTargetArn\":\"arn:aws:sqs:eu-west-1:111122223333:last\"}"}`)
	for name, test := range map[string]struct {
		with map[string]any
		want string
	}{
		"as deployed":   {nil, ""},
		"a new queue":   {map[string]any{"MaximumMessageSize": "1048576"}, ""},
		"kept a minute": {map[string]any{"MessageRetentionPeriod": "60"}, "MessageRetentionPeriod: 1209600 -> 60"},
		"hidden":        {map[string]any{"VisibilityTimeout": "43200"}, "VisibilityTimeout: 30 -> 43200"},
		"late":          {map[string]any{"DelaySeconds": "900"}, "DelaySeconds: 0 -> 900"},
		"small":         {map[string]any{"MaximumMessageSize": "1024"}, "MaximumMessageSize: none -> 1024"},
		"unencrypted":   {map[string]any{"SqsManagedSseEnabled": "false"}, "SqsManagedSseEnabled: true -> false"},
		"another key": {
			map[string]any{"SqsManagedSseEnabled": "false", "KmsMasterKeyId": "alias/evil"},
			"SqsManagedSseEnabled: true -> false\nKmsMasterKeyId: none -> alias/evil",
		},
		"no dead letters": {
			map[string]any{"RedrivePolicy": nil},
			`RedrivePolicy: {"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:last","maxReceiveCount":5} -> none`,
		},
		"one more try": {
			map[string]any{"RedriveAllowPolicy": nil}, `RedriveAllowPolicy: {"redrivePermission":"denyAll"} -> none`,
		},
	} {
		s := &service{answers: map[string]any{"GetQueueAttributes": map[string]any{"Attributes": changed(there, test.with)}}}
		found, err := s.check(t, of)
		if diff := cmp.Diff(test.want, fields(found)); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
	for answer, want := range map[string]string{
		"QueueDoesNotExist": "resource: the queue trailkeeper-dead -> none", "AccessDeniedException": "",
	} {
		s := &service{answers: map[string]any{"GetQueueAttributes": refused(answer)}}
		if found, err := s.check(t, of); text(found) != want || (err != nil) != (want == "") {
			t.Errorf("%s: %v %s", answer, err, text(found))
		}
	}
}

// TestQueueWithAKey: SQS's own encryption is off where the queue has a key.
func TestQueueWithAKey(t *testing.T) {
	of := deployment.Deployed{
		ID: "Dead", Type: "AWS::SQS::Queue", Ref: queueURL, Properties: map[string]any{"KmsMasterKeyId": "arn:k"},
	}
	for key, want := range map[string]string{"arn:k": "", "alias/evil": "KmsMasterKeyId: arn:k -> alias/evil"} {
		s := &service{answers: map[string]any{"GetQueueAttributes": map[string]any{
			"Attributes": map[string]any{"SqsManagedSseEnabled": "false", "KmsMasterKeyId": key},
		}}}
		if found, err := s.check(t, of); err != nil || fields(found) != want {
			t.Errorf("%s: %v %s", key, err, text(found))
		}
	}
}

const queuePolicy = `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sqs:*",
	"Resource": "arn:q", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}`

func TestQueuePolicy(t *testing.T) {
	of := deployment.Deployed{ID: "DeadPolicy", Type: "AWS::SQS::QueuePolicy", Properties: map[string]any{
		"Queues": []any{queueURL}, "PolicyDocument": object(t, queuePolicy),
	}}
	open := `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"}]}`
	for name, test := range map[string]struct {
		answer  any
		want    string
		repairs bool
	}{
		"as deployed":    {map[string]any{"Policy": queuePolicy}, "", false},
		"as SQS has it":  {map[string]any{"Policy": strings.ReplaceAll(queuePolicy, `"sqs:*"`, `["SQS:*"]`)}, "", false},
		"opened":         {map[string]any{"Policy": open}, "PolicyDocument: 1 statements, of which only here: ", true},
		"taken away":     {map[string]any{}, "PolicyDocument: 1 statements, of which only here: ", true},
		"no policy":      {map[string]any{"Policy": "{"}, "PolicyDocument: 1 statements", true},
		"64 KB":          {map[string]any{"Policy": strings.Replace(open, "sqs:*", strings.Repeat("é", 32<<10), 1)}, "PolicyDocument: ", true},
		"the queue gone": {refused("QueueDoesNotExist"), "", false},
	} {
		s := &service{answers: map[string]any{"SetQueueAttributes": map[string]any{}}}
		s.answers["GetQueueAttributes"] = test.answer
		if attributes, ok := test.answer.(map[string]any); ok {
			s.answers["GetQueueAttributes"] = map[string]any{"Attributes": attributes}
		}
		found, err := s.check(t, of)
		got := text(found)
		if err != nil || !strings.HasPrefix(got, test.want) || (got == "") != (test.want == "") || len(got) > 2000 {
			t.Errorf("%s: %v %s", name, err, got)
		}
		asked := s.repair(t, found)
		if (len(asked) == 1) != test.repairs {
			t.Errorf("%s: repaired by %v", name, asked)
		}
		want := `eu-west-1 SetQueueAttributes {"Attributes":{"Policy":"{\"Statement\":[{\"Action\":\"sqs:*\",` +
			`\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}},\"Effect\":\"Deny\",\"Principal\":\"*\",\"Resource\":\"arn:q\"}],` +
			`\"Version\":\"2012-10-17\"}"},"QueueUrl":"` + queueURL + `"}`
		if len(asked) == 1 && asked[0] != want {
			t.Errorf("%s: %s", name, cmp.Diff(want, asked[0]))
		}
	}
}
