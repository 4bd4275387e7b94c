package evidence_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"trailkeeper/rules"
	"trailkeeper/rules/evidence"
	"trailkeeper/rules/evidence/calls"
)

const (
	keyARN = "arn:aws:kms:eu-west-1:111122223333:key/0d4b0f0a-1111-2222-3333-444455556666"
	group  = "arn:aws:logs:eu-west-1:111122223333:log-group:CloudTrail/management"
)

func whole() evidence.Names {
	return evidence.Names{
		Buckets:   []evidence.Bucket{{"org-logs", "AWSLogs/"}, {"more-logs", "p/AWSLogs/"}},
		Keys:      []string{keyARN},
		LogGroups: []string{group + ":*"},
	}
}

func rulesOf(t *testing.T, n evidence.Names) []evidence.Rule {
	t.Helper()
	all, err := evidence.Rules(n)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

type object = map[string]any

// record is the event around a record of CloudTrail, in the account and Region of the key.
func record(source, event string, parameters, more object) []byte {
	detail := object{
		"eventSource": source, "eventName": event, "requestParameters": parameters, "awsRegion": "eu-west-1",
		"recipientAccountId": "111122223333", "readOnly": false,
	}
	for name, v := range more {
		detail[name] = v
	}
	raw, err := json.Marshal(object{
		"source": "aws." + strings.TrimSuffix(source, ".amazonaws.com"), "detail-type": "AWS API Call via CloudTrail",
		"account": "111122223333", "region": "eu-west-1", "detail": detail,
	})
	if err != nil {
		panic(err)
	}
	return raw
}

func matching(t *testing.T, all []evidence.Rule, event []byte) (names []string) {
	t.Helper()
	for _, r := range all {
		raw, err := json.Marshal(r.Pattern)
		if err != nil {
			t.Fatal(err)
		}
		p, err := rules.ParsePattern(raw)
		if err != nil {
			t.Fatalf("%s: %v", r.Name, err)
		}
		if ok, err := p.Match(event); err != nil {
			t.Fatal(err)
		} else if ok {
			names = append(names, r.Name)
		}
	}
	return names
}

// about are the records of a call on what the baselines name, and on something else.
func about(c calls.Call) (own, foreign []byte) {
	parameters := func(value string) object { return object{c.At: value} }
	switch c.Of {
	case calls.Bucket:
		return record(c.Source, c.Event, parameters("org-logs"), nil), record(c.Source, c.Event, parameters("org-logs2"), nil)
	case calls.LogFile:
		of := func(bucket, key string) object { return object{"bucketName": bucket, "key": key} }
		return record(c.Source, c.Event, of("more-logs", "p/AWSLogs/x"), nil), record(c.Source, c.Event, of("reports", "AWSLogs/x"), nil)
	case calls.Key:
		in := func(arn string) object {
			return object{"resources": []object{{"ARN": strings.Replace(arn, ":key/", ":alias/", 1)}, {"ARN": arn, "accountId": "111122223333"}}}
		}
		return record(c.Source, c.Event, nil, in(keyARN)), record(c.Source, c.Event, nil, in(keyARN+"7"))
	case calls.LogGroup:
		name := "CloudTrail/management"
		if c.At == "logGroupIdentifier" {
			name = group
		}
		return record(c.Source, c.Event, parameters(name), nil), record(c.Source, c.Event, parameters(name+"2"), nil)
	case calls.Administrator:
		if c.Source == calls.Organizations {
			return record(c.Source, c.Event, parameters("cloudtrail.amazonaws.com"), nil),
				record(c.Source, c.Event, parameters("config.amazonaws.com"), nil)
		}
	case calls.ServiceRole:
		return record(c.Source, c.Event, parameters(calls.ServiceRoleName), nil),
			record(c.Source, c.Event, parameters("AWSServiceRoleForConfig"), nil)
	}
	return record(c.Source, c.Event, parameters("x"), nil), record(c.Source, "Get"+c.Event, parameters("x"), nil)
}

// TestEveryCall: each call is matched by one rule where it is about what a baseline names, or needs none; otherwise, or
// without a baseline, by none.
func TestEveryCall(t *testing.T) {
	all, without := rulesOf(t, whole()), rulesOf(t, evidence.Names{})
	for _, c := range calls.All() {
		own, foreign := about(c)
		if got := matching(t, all, own); len(got) != 1 || strings.Contains(got[0], "attempt") {
			t.Errorf("%s %s: matched by %v", c.Source, c.Event, got)
		}
		if got := matching(t, all, foreign); len(got) > 0 {
			t.Errorf("%s %s of something else: matched by %v", c.Source, c.Event, got)
		}
		if got := matching(t, without, own); (len(got) == 1) == c.Of.Named() {
			t.Errorf("%s %s without a baseline: matched by %v", c.Source, c.Event, got)
		}
		forged := strings.Replace(string(own), `"source":"aws.`, `"source":"com.`, 1)
		if got := matching(t, all, []byte(forged)); len(got) > 0 {
			t.Errorf("%s %s from elsewhere: matched by %v", c.Source, c.Event, got)
		}
	}
}

// TestEitherName: what two calls of CloudWatch Logs are about stands in one of two members (CloudWatch Logs API reference,
// AssociateKmsKey, DisassociateKmsKey).
func TestEitherName(t *testing.T) {
	all := rulesOf(t, whole())
	for value, want := range map[string]int{
		group: 1, group + ":*": 1, group + "2": 0, "arn:aws:logs:eu-west-1:111122223333:query-result:*": 0, "CloudTrail/management": 0,
	} {
		for _, event := range []string{"AssociateKmsKey", "DisassociateKmsKey"} {
			if got := matching(t, all, record(calls.Logs, event, object{"resourceIdentifier": value}, nil)); len(got) != want {
				t.Errorf("%s of %s: matched by %v", event, value, got)
			}
		}
		if got := matching(t, all, record(calls.Logs, "PutRetentionPolicy", object{"resourceIdentifier": value}, nil)); len(got) > 0 {
			t.Errorf("PutRetentionPolicy, which has no such member, of %s: matched by %v", value, got)
		}
	}
}

// TestFiles: of an object, bucket and prefix must fit together.
func TestFiles(t *testing.T) {
	all := rulesOf(t, whole())
	for key, want := range map[string]int{
		"org-logs AWSLogs/111122223333/CloudTrail-Digest/x": 1, "org-logs p/AWSLogs/x": 0, "more-logs AWSLogs/x": 0,
		"more-logs p/AWSLogs/x": 1, "org-logs reports/x": 0, "org-logs awslogs/x": 0,
	} {
		bucket, key, _ := strings.Cut(key, " ")
		r := record(calls.S3, "DeleteObject", object{"bucketName": bucket, "key": key}, nil)
		if got := matching(t, all, r); len(got) != want {
			t.Errorf("%s of %s: matched by %v", key, bucket, got)
		}
	}
}

// TestAttempts: a refused call is matched by one rule for attempts, by its parameters where S3 keeps them, otherwise by
// its error message.
func TestAttempts(t *testing.T) {
	all := rulesOf(t, whole())
	const denied = "User: arn:aws:iam::111122223333:user/mallory is not authorized to perform: x on resource: %s because no " +
		"identity-based policy allows it"
	resource := map[calls.Of][2]string{
		calls.Key:         {keyARN, keyARN[:len(keyARN)-1]},
		calls.LogGroup:    {group + ":log-stream:x", group + "2:log-stream:x"},
		calls.ServiceRole: {"arn:aws:iam::111122223333:role/aws-service-role/x/" + calls.ServiceRoleName, "role/other"},
	}
	for _, c := range calls.All() {
		more := func(i int) object {
			return object{"errorCode": "AccessDenied", "errorMessage": fmt.Sprintf(denied, resource[c.Of][i])}
		}
		own, foreign := record(c.Source, c.Event, nil, more(0)), record(c.Source, c.Event, nil, more(1))
		if c.Source == calls.S3 {
			own = record(c.Source, c.Event, object{"bucketName": "more-logs", "key": "p/AWSLogs/x"}, more(0))
			foreign = record(c.Source, c.Event, object{"bucketName": "reports"}, more(1))
		}
		if got := matching(t, all, own); len(got) != 1 || !strings.Contains(got[0], "attempt") {
			t.Errorf("%s %s refused: matched by %v", c.Source, c.Event, got)
		}
		if got := matching(t, all, foreign); len(got) > 0 && (c.Of.Named() || c.Of == calls.ServiceRole) {
			t.Errorf("%s %s of something else refused: matched by %v", c.Source, c.Event, got)
		}
	}
}

// TestElsewhere: a log group of the same name in another account or Region is another one.
func TestElsewhere(t *testing.T) {
	all := rulesOf(t, whole())
	for _, more := range []object{{"recipientAccountId": "999999999999"}, {"awsRegion": "us-east-1"}} {
		r := record(calls.Logs, "DeleteLogGroup", object{"logGroupName": "CloudTrail/management"}, more)
		if got := matching(t, all, r); len(got) > 0 {
			t.Errorf("%v: matched by %v", more, got)
		}
	}
}

// TestMany: what one rule has no room for is in several, each admissible, and each resource in one of them.
func TestMany(t *testing.T) {
	var n evidence.Names
	for i := range 60 {
		n.Buckets = append(n.Buckets, evidence.Bucket{fmt.Sprintf("%063d", i), "AWSLogs/"})
		n.Keys = append(n.Keys, fmt.Sprintf("arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/mrk-%032d", i))
		n.LogGroups = append(n.LogGroups, fmt.Sprintf("arn:aws:logs:eu-west-1:111122223333:log-group:%0512d:*", i))
	}
	all := rulesOf(t, n)
	seen := map[string]bool{}
	for _, r := range all {
		// A stack's name has 20 characters at most, and a rule's 64 (EventBridge API reference, PutRule).
		if seen[r.Name] || len(r.Name) > 64-len("-12345678")-21 || r.Description == "" {
			t.Errorf("%s is there twice, has %d characters or no description", r.Name, len(r.Name))
		}
		seen[r.Name] = true
	}
	last := n.Keys[59]
	refused := object{"errorCode": "x", "errorMessage": "on resource: " + last + " because"}
	for _, r := range [][]byte{
		record(calls.S3, "DeleteBucket", object{"bucketName": n.Buckets[59].Name}, nil),
		record(calls.KMS, "DisableKey", nil, object{"resources": []object{{"ARN": last}}}),
		record(calls.KMS, "DisableKey", nil, refused),
	} {
		if got := matching(t, all, r); len(got) != 1 {
			t.Errorf("matched by %v: %s", got, r)
		}
	}
}

// TestTexts: what a rule says renders with a record that has nothing but what it matches, as valid JSON.
func TestTexts(t *testing.T) {
	for _, r := range rulesOf(t, whole()) {
		w := rules.Wording{Text: r.Text, Paths: r.Paths}
		if _, err := w.Transformer("").Render(record("x", "y", nil, nil), rules.Reserved{}); err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
		if strings.Contains(r.Text, ",,") || strings.Contains(r.Text, "  ") {
			t.Errorf("%s: %s", r.Name, r.Text)
		}
		t.Logf("%s: %s", r.Name, r.Text)
	}
}
