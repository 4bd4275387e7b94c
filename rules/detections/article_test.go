package detections_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"trailkeeper/events"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
	"trailkeeper/rules/expression"
)

// article has the conditions for which metric filters on a trail's log group are usually made, as a filter decides: a
// comparison with a field that is missing is false.
var article = map[string]func(text func(path string) string) bool{
	"console-login-outside": func(text func(string) string) bool {
		from := text("sourceIPAddress")
		return text("eventName") == "ConsoleLogin" && from != "" && from != "198.51.100.7"
	},
	"console-login-any": func(text func(string) string) bool { return text("eventName") == "ConsoleLogin" },
	"root-console-login": func(text func(string) string) bool {
		return text("eventName") == "ConsoleLogin" && text("userIdentity.type") == "Root"
	},
	"console-login-failed": func(text func(string) string) bool {
		return text("eventName") == "ConsoleLogin" && text("errorMessage") == "Failed authentication"
	},
	"refused-calls": func(text func(string) string) bool {
		code := text("errorCode")
		return strings.HasSuffix(code, "UnauthorizedOperation") || strings.HasPrefix(code, "AccessDenied")
	},
	"large-instances": func(text func(string) string) bool {
		size := text("requestParameters.instanceType")
		return text("eventName") == "RunInstances" &&
			(strings.HasSuffix(size, ".8xlarge") || strings.HasSuffix(size, ".4xlarge"))
	},
	"iam-user-created": func(text func(string) string) bool { return text("eventName") == "CreateUser" },
}

// besides are records that no fixture is like, and on which of them a decision differs, and why.
var besides = map[string]struct {
	record string
	differ map[string]string
}{
	"signed in at the office": {record: `{"eventName":"ConsoleLogin","eventSource":"signin.amazonaws.com",
		"sourceIPAddress":"198.51.100.7","responseElements":{"ConsoleLogin":"Success"}}`},
	"signed in elsewhere": {record: `{"eventName":"ConsoleLogin","eventSource":"signin.amazonaws.com",
		"sourceIPAddress":"203.0.113.9","responseElements":{"ConsoleLogin":"Success"}}`},
	"signed in at the office, from another address": {
		record: `{"eventName":"ConsoleLogin","eventSource":"signin.amazonaws.com","sourceIPAddress":"198.51.100.8",
			"responseElements":{"ConsoleLogin":"Success"}}`,
		differ: map[string]string{"console-login-outside": "a list has networks, and an office more than one address"},
	},
	"root signs in": {record: `{"eventName":"ConsoleLogin","eventSource":"signin.amazonaws.com",
		"sourceIPAddress":"198.51.100.7","userIdentity":{"type":"Root"},"responseElements":{"ConsoleLogin":"Success"}}`},
	"wrong MFA code": {
		record: `{"eventName":"ConsoleLogin","eventSource":"signin.amazonaws.com","sourceIPAddress":"198.51.100.7",
			"responseElements":{"ConsoleLogin":"Failure"},"errorMessage":"Failed mfa"}`,
		differ: map[string]string{"console-login-failed": "it failed as well"},
	},
	"an anonymous caller": {
		record: `{"eventName":"GetObject","eventSource":"s3.amazonaws.com","errorCode":"AccessDenied",
			"userIdentity":{"type":"AWSAccount","accountId":"ANONYMOUS_PRINCIPAL"}}`,
		differ: map[string]string{"refused-calls": "scanners of open buckets are not the account's callers"},
	},
	"8xlarge": {record: `{"eventName":"RunInstances","eventSource":"ec2.amazonaws.com",
		"requestParameters":{"instanceType":"c5.8xlarge"}}`},
	"2xlarge": {record: `{"eventName":"RunInstances","eventSource":"ec2.amazonaws.com",
		"requestParameters":{"instanceType":"c5.2xlarge"}}`},
	"4xlarge": {
		record: `{"eventName":"RunInstances","eventSource":"ec2.amazonaws.com",
			"requestParameters":{"instanceType":"c5.4xlarge"}}`,
		differ: map[string]string{"large-instances": "what is large is the list large-instances, from 8xlarge on"},
	},
	"16xlarge": {
		record: `{"eventName":"RunInstances","eventSource":"ec2.amazonaws.com",
			"requestParameters":{"instanceType":"c5.16xlarge"}}`,
		differ: map[string]string{"large-instances": "what is larger is large as well"},
	},
	"8xlarge, refused": {
		record: `{"eventName":"RunInstances","eventSource":"ec2.amazonaws.com",
			"requestParameters":{"instanceType":"c5.8xlarge"},"errorCode":"Client.UnauthorizedOperation"}`,
		differ: map[string]string{"large-instances": "nothing was started"},
	},
	"a user": {record: `{"eventName":"CreateUser","eventSource":"iam.amazonaws.com"}`},
	"a user, refused": {
		record: `{"eventName":"CreateUser","eventSource":"iam.amazonaws.com","errorCode":"AccessDenied"}`,
		differ: map[string]string{"iam-user-created": "nobody was created"},
	},
	"a user of another service": {
		record: `{"eventName":"CreateUser","eventSource":"elasticache.amazonaws.com"}`,
		differ: map[string]string{"iam-user-created": "it is no IAM user"},
	},
}

// TestAsMetricFilters: on every fixture and on records besides, the decisions are those of the usual metric filters,
// but for what is meant.
func TestAsMetricFilters(t *testing.T) {
	set := load(t, detections.Tested())
	compare := func(name, record string, differ map[string]string) {
		parsed, err := expression.Parse([]byte(record))
		if err != nil {
			return // a schedule, or another event that is no record
		}
		d := set.Decide(parsed)
		for id, theirs := range article {
			ours := slices.ContainsFunc(d.Rules, func(r *detect.Rule) bool { return r.ID == id })
			same := ours == theirs(func(path string) string { return parsed.Text(strings.Split(path, ".")...) })
			if same != (differ[id] == "") {
				t.Errorf("%s: %s is %v here, meant to differ: %q", name, id, ours, differ[id])
			}
		}
	}
	files, err := fs.Glob(events.Fixtures(), "*.json")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	fixtures := map[string]map[string]string{
		"console-login-failed.json": {"console-login-outside": "it is of sign-ins that succeeded"},
	}
	for _, file := range files {
		text, err := fs.ReadFile(events.Fixtures(), file)
		if err != nil {
			t.Fatal(err)
		}
		compare(file, string(text), fixtures[file])
	}
	for name, one := range besides {
		compare(name, one.record, one.differ)
	}
}
