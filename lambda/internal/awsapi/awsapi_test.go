package awsapi_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/awscall"
)

// client asks a server, whatever the service.
func client(url string) *awsapi.Client {
	return &awsapi.Client{
		HTTP: http.DefaultClient,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret", SessionToken: "token"}, nil
		}),
		Getenv: func(name string) string {
			if name == "AWS_ENDPOINT_URL" {
				return url
			}
			return ""
		},
		Now: func() time.Time { return time.Date(2026, 3, 2, 9, 15, 30, 0, time.UTC) },
	}
}

// TestProtocols: how each protocol asks, and reads what is answered.
func TestProtocols(t *testing.T) {
	for name, test := range map[string]struct {
		call   awsapi.Call
		want   string // method, path, target, content type and body
		answer string
		out    map[string]any
	}{
		"JSON 1.1": {
			awsapi.Call{Service: "events", Region: "eu-west-1", Operation: "DescribeRule", Input: map[string]any{"Name": "r"}},
			`POST / AWSEvents.DescribeRule application/x-amz-json-1.1 {"Name":"r"}`,
			`{"Name":"r","N":5}`,
			map[string]any{"Name": "r", "N": float64(5)},
		},
		"JSON 1.0": {
			awsapi.Call{Service: "sqs", Region: "eu-west-1", Operation: "ListQueues"},
			`POST / AmazonSQS.ListQueues application/x-amz-json-1.0 {}`, ``,
			map[string]any{},
		},
		"REST, a read": {
			awsapi.Call{
				Service: "scheduler", Region: "eu-west-1", Operation: "GET /schedules/{Name}",
				Input: map[string]any{"Name": "a b/c", "groupName": "x y"},
			},
			`GET /schedules/a%20b%2Fc?groupName=x%20y   `, `{"Name":"x"}`,
			map[string]any{"Name": "x"},
		},
		"REST, a write": {
			awsapi.Call{
				Service: "lambda", Region: "eu-west-1", Operation: "POST /2015-03-31/functions/{FunctionName}/policy",
				Input: map[string]any{"FunctionName": "arn:aws:lambda:eu-west-1:111122223333:function:f", "Action": "x"},
			},
			`POST /2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A111122223333%3Afunction%3Af/policy  application/json {"Action":"x"}`,
			`{}`,
			map[string]any{},
		},
		"query": {
			awsapi.Call{
				Service: "iam", Region: "eu-west-1", Operation: "GetRole",
				Input: map[string]any{"RoleName": "r", "L": []any{"a", map[string]any{"Key": "k", "N": 1}}},
			},
			`POST /  application/x-www-form-urlencoded; charset=utf-8 Action=GetRole&L.member.1=a&L.member.2.Key=k&L.member.2.N=1&RoleName=r&Version=2010-05-08`,
			`<GetRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetRoleResult><Role><Path>/</Path>
			  <Tags><member><Key>a</Key></member><member><Key>b</Key></member></Tags><Empty/></Role>
			  <Attributes><entry><key>Policy</key><value>{"a":&quot;b"}</value></entry></Attributes></GetRoleResult>
			  <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetRoleResponse>`,
			map[string]any{
				"Role": map[string]any{
					"Path": "/", "Tags": []any{map[string]any{"Key": "a"}, map[string]any{"Key": "b"}}, "Empty": "",
				},
				"Attributes": map[string]any{"Policy": `{"a":"b"}`},
			},
		},
		"query, nothing": {
			awsapi.Call{Service: "sns", Region: "eu-west-1", Operation: "SetTopicAttributes"},
			`POST /  application/x-www-form-urlencoded; charset=utf-8 Action=SetTopicAttributes&Version=2010-03-31`,
			`<SetTopicAttributesResponse><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></SetTopicAttributesResponse>`,
			map[string]any{"ResponseMetadata": map[string]any{"RequestId": "1"}},
		},
	} {
		var asked string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			h := r.Header
			asked = strings.Join([]string{r.Method, r.RequestURI, h.Get("X-Amz-Target"), h.Get("Content-Type"), string(body)}, " ")
			if !strings.HasPrefix(h.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260302/") ||
				h.Get("X-Amz-Security-Token") != "token" {
				t.Errorf("%s: signed %v", name, h)
			}
			_, _ = io.WriteString(w, test.answer)
		}))
		out, err := client(server.URL).Call(t.Context(), test.call)
		server.Close()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, asked); diff != "" {
			t.Errorf("%s: asked\n%s", name, diff)
		}
		if diff := cmp.Diff(test.out, out); diff != "" {
			t.Errorf("%s: answer\n%s", name, diff)
		}
	}
}

// TestRefusals: package awscall reads what AWS answers.
func TestRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		service, header, body string
		status                int
		code                  string
		passing               bool
	}{
		"JSON":              {"events", "", `{"__type":"com.amazonaws#ResourceNotFoundException","message":"no"}`, 400, "ResourceNotFound", false},
		"a header":          {"lambda", "ResourceNotFoundException:http://internal/", `{"Message":"no"}`, 404, "ResourceNotFound", false},
		"a throttled call":  {"ssm", "", `{"__type":"ThrottlingException"}`, 400, "Throttling", true},
		"a failure":         {"ssm", "", `{"__type":"InternalServerError"}`, 500, "InternalServerError", true},
		"XML":               {"iam", "", `<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>no</Message></Error></ErrorResponse>`, 404, "NoSuchEntity", false},
		"no answer of AWS":  {"iam", "", `<html>Bad gateway`, 502, "", true},
		"a page of a proxy": {"events", "", `<html>`, 403, "", false},
		"no JSON":           {"events", "", `<html>`, 200, "", false},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if test.header != "" {
				w.Header().Set("X-Amzn-Errortype", test.header)
			}
			w.WriteHeader(test.status)
			_, _ = io.WriteString(w, test.body)
		}))
		_, err := client(server.URL).Call(t.Context(), awsapi.Call{Service: test.service, Region: "eu-west-1", Operation: "GET /x"})
		server.Close()
		if err == nil || awscall.Code(err) != test.code || awscall.Passing(err) != test.passing {
			t.Errorf("%s: %v: code %q, passing %v", name, err, awscall.Code(err), awscall.Passing(err))
		}
	}
}

// TestHostileAnswers: an answer without an end, or with elements in elements, ends in an error.
func TestHostileAnswers(t *testing.T) {
	for name, answer := range map[string]string{
		"large":                     `{"a":"` + strings.Repeat("x", 5<<20) + `"}`,
		"whole, and more behind it": `{"a":"b"}` + strings.Repeat(" ", 5<<20),
		"deep":                      strings.Repeat("<a>", 100_000),
		"cut":                       `<GetRoleResponse><GetRoleResult>`,
		"null":                      `null`,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) }))
		for _, service := range []string{"iam", "ssm"} {
			if _, err := client(server.URL).Call(t.Context(), awsapi.Call{Service: service, Region: "eu-west-1", Operation: "X"}); err == nil {
				t.Errorf("%s of %s is no error", name, service)
			}
		}
		server.Close()
	}
}

// TestWrongCalls are refused before anything is sent.
func TestWrongCalls(t *testing.T) {
	for name, call := range map[string]awsapi.Call{
		"service":     {Service: "ec2", Region: "eu-west-1"},
		"no Region":   {Service: "ssm"},
		"long":        {Service: "ssm", Region: strings.Repeat("x", 64)},
		"a host":      {Service: "ssm", Region: "x.example.com/"},
		"no name":     {Service: "lambda", Region: "eu-west-1", Operation: "GET /f/{FunctionName}"},
		"no text":     {Service: "lambda", Region: "eu-west-1", Operation: "GET /f/{FunctionName}", Input: map[string]any{"FunctionName": ""}},
		"a structure": {Service: "iam", Region: "eu-west-1", Operation: "X", Input: map[string]any{"A": struct{}{}}},
	} {
		if _, err := client("http://127.0.0.1:1").Call(t.Context(), call); err == nil || awscall.Unconnected(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, endpoint := range []string{"127.0.0.1", "/path", "%zz", "http://"} {
		_, err := client(endpoint).Call(t.Context(), awsapi.Call{Service: "ssm", Region: "eu-west-1", Operation: "X"})
		if err == nil || !strings.Contains(err.Error(), "is no address of ssm") {
			t.Errorf("the endpoint %s: %v", endpoint, err)
		}
	}
}
