package localcloud

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// wants makes a call of the REST protocol as the operator, and wants a status.
func wants(t *testing.T, c *Cloud, service, request string, want int) string {
	t.Helper()
	status, body, _ := raw(t, c, service, "", strings.ReplaceAll(request, "{Guard}", nameIn(c, "Guard")))
	if status != want {
		t.Errorf("%s %s: %d %s; want %d", service, request, status, body, want)
	}
	return body
}

// nameIn is the physical name of a resource.
func nameIn(c *Cloud, id string) string {
	arn := c.ARNOf(id)
	return arn[strings.LastIndexAny(arn, ":/")+1:]
}

// stopped has the guard's rule match once.
func stopped(t *testing.T, c *Cloud) {
	t.Helper()
	c.Deliver("1", "StopLogging", []byte(`{"source":"aws.cloudtrail","detail":{"eventName":"StopLogging"}}`))
}

// copied are the events that were on the bus.
func copied(c *Cloud) string {
	var all strings.Builder
	for _, m := range c.Queued()["Copies"] {
		all.WriteString(m.Body)
	}
	return all.String()
}

// TestFunctionAttacks: what an attacker does to a function has the effect that it has in AWS, and its record.
func TestFunctionAttacks(t *testing.T) {
	const function = "/2015-03-31/functions/{Guard}"
	for _, tt := range []struct {
		name, request string
		status        int
		record        string // the name of the event
		runs          int    // of the function's own code for one event
		lost          string // in the timeline
	}{
		{"nothing", "GET " + function, 200, "", 1, ""},
		{
			"starved", "PUT /2017-10-31/functions/{Guard}/concurrency\n{\"ReservedConcurrentExecutions\":0}", 200,
			"PutFunctionConcurrency20171031", 0, "the function's concurrency is 0",
		},
		{
			"one at a time", "PUT /2017-10-31/functions/{Guard}/concurrency\n{\"ReservedConcurrentExecutions\":1}", 200,
			"PutFunctionConcurrency20171031", 1, "",
		},
		{"code replaced", "PUT " + function + "/code\n{\"ZipFile\":\"eA==\"}", 200, "UpdateFunctionCode20150331v2", 0, ""},
		{
			"code tried", "PUT " + function + "/code\n{\"ZipFile\":\"eA==\",\"DryRun\":true}", 200,
			"UpdateFunctionCode20150331v2", 1, "",
		},
		{
			"code as deployed", "PUT " + function + "/code\n{\"S3Bucket\":\"assets\",\"S3Key\":\"guard.zip\"}", 200,
			"UpdateFunctionCode20150331v2", 1, "",
		},
		{
			"environment lifted", "PUT " + function + "/configuration\n{\"Environment\":{\"Variables\":{\"OTHER\":\"x\"}}}", 200,
			"UpdateFunctionConfiguration20150331v2", 0, "",
		},
		{
			"permission removed", "DELETE " + function + "/policy/{sid}", 204, "RemovePermission20150331v2", 0,
			"no permission of the function lets the rule invoke it",
		},
		{
			"no retries", "PUT /2019-09-25/functions/{Guard}/event-invoke-config\n{\"MaximumRetryAttempts\":0}", 200,
			"PutFunctionEventInvokeConfig", 1, "",
		},
		{"deleted", "DELETE " + function, 204, "DeleteFunction20150331", 0, "the function does not exist"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			runs := 0
			c := newCloud(t, func(_ context.Context, env FunctionEnv, _ []byte) error {
				if env.Getenv("TOPIC") != "" {
					runs++
				}
				return nil
			})
			addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
			body := wants(t, c, "lambda", "GET "+function+"/policy", http.StatusOK)
			_, rest, _ := strings.Cut(body, `\"Sid\":\"`)
			sid, _, _ := strings.Cut(rest, `\"`)
			wants(t, c, "lambda", strings.ReplaceAll(tt.request, "{sid}", sid), tt.status)
			c.Pass(time.Minute)
			stopped(t, c)
			run(t, c)
			if runs != tt.runs {
				t.Errorf("the code ran %d times; want %d", runs, tt.runs)
			}
			told := slices.ContainsFunc(c.Entries(), func(e Entry) bool { return strings.Contains(e.Err, tt.lost) && tt.lost != "" })
			if told != (tt.lost != "") {
				t.Errorf("the timeline does not say %q: %v", tt.lost, c.Entries())
			}
			if tt.record != "" && !strings.Contains(copied(c), `"eventName":"`+tt.record+`"`) {
				t.Errorf("no record of %s", tt.record)
			}
		})
	}
}

// TestRecordsOfFunctions: neither code nor the values of variables are recorded.
func TestRecordsOfFunctions(t *testing.T) {
	c := newCloud(t, nil)
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	wants(t, c, "lambda", "PUT /2015-03-31/functions/{Guard}/code\n{\"ZipFile\":\"c2VjcmV0\"}", http.StatusOK)
	wants(t, c, "lambda", "PUT /2015-03-31/functions/{Guard}/configuration\n"+
		`{"Environment":{"Variables":{"OTHER":"hidden"}}}`, http.StatusOK)
	run(t, c)
	records := copied(c)
	if strings.Count(records, "20150331v2") != 2 || !strings.Contains(records, `"environment":{}`) ||
		strings.Contains(records, "c2VjcmV0") || strings.Contains(records, `"OTHER"`) {
		t.Errorf("%s", records)
	}
}

// TestFunctionCallsAreNoLaxer: what Lambda refuses is refused.
func TestFunctionCallsAreNoLaxer(t *testing.T) {
	const function = "/2015-03-31/functions/{Guard}"
	permission := `{"StatementId": "x", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}`
	for _, tt := range []struct {
		request, want string
		status        int
	}{
		{"GET /2015-03-31/functions/nobody", "Function not found: arn:aws:lambda:eu-west-1:111122223333:function:nobody", 404},
		{"GET /2015-03-31/functions/444455556666:function:{Guard}", "Function not found", 404},
		{"PUT /2017-10-31/functions/{Guard}/concurrency\n{}", "must not be null", 400},
		{"PUT /2017-10-31/functions/{Guard}/concurrency\n{\"ReservedConcurrentExecutions\": 901}", "below its minimum value", 400},
		{"PUT /2017-10-31/functions/{Guard}/concurrency\n{\"ReservedConcurrentExecutions\": -1}", "greater than or equal", 400},
		{"PUT " + function + "/code\n{}", "Please provide a source for function code.", 400},
		{"PUT " + function + "/code\n{\"ZipFile\": \"eA==\", \"S3Bucket\": \"assets\", \"S3Key\": \"x\"}", "ZipFile", 400},
		{"PUT " + function + "/code\n{\"ZipFile\": \"eA==\", \"Architectures\": [\"x86_64\"]}", "architecture", 400},
		{"PUT " + function + "/configuration\n{\"Timeout\": 901}", "Timeout is 901", 400},
		{"PUT " + function + "/configuration\n{\"Environment\": {\"Variables\": {\"AWS_REGION\": \"x\"}}}", "reserved keys", 400},
		{
			"PUT " + function + "/configuration\n{\"Environment\": {\"Variables\": {\"XX\": \"" + strings.Repeat("x", 4095) + "\"}}}",
			"4KB limit", 400,
		},
		{
			"PUT " + function + "/configuration\n{\"Role\": \"arn:aws:iam::111122223333:role/nobody\"}",
			"cannot be assumed by Lambda", 400,
		},
		{
			"PUT " + function + "/configuration\n{\"VpcConfig\": {\"SubnetIds\": [\"subnet-1\"], \"SecurityGroupIds\": [\"sg-1\"]}}",
			"CreateNetworkInterface", 400,
		},
		{
			"PUT " + function + "/configuration\n{\"DeadLetterConfig\": {\"TargetArn\": \"arn:aws:sqs:eu-west-1:111122223333:x\"}}",
			"SendMessage", 400,
		},
		{"POST " + function + "/policy\n" + strings.Replace(permission, `"x"`, `"a b"`, 1), "regular expression", 400},
		{"POST " + function + "/policy\n" + strings.Replace(permission, `"x"`, `"x", "RevisionId": "y"`, 1), "RevisionId", 412},
		{
			"POST " + function + "/policy\n" + strings.Replace(permission, `"Principal"`,
				`"SourceArn": "arn:aws:events:eu-west-1:111122223333:`+strings.Repeat("x", 9900)+`", "Principal"`, 1) + "\n", "", 201,
		},
		{"DELETE " + function + "/policy/nobodys", "Statement nobodys is not found", 404},
		{"PUT /2019-09-25/functions/{Guard}/event-invoke-config\n{\"MaximumRetryAttempts\": 3}", "less than or equal", 400},
		{
			"PUT /2019-09-25/functions/{Guard}/event-invoke-config\n" +
				`{"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:eu-west-1:111122223333:x"}}}`, "SendMessage", 400,
		},
	} {
		c := newCloud(t, nil)
		if body := wants(t, c, "lambda", tt.request, tt.status); !strings.Contains(body, tt.want) {
			t.Errorf("%.80s: %s; want %s", tt.request, body, tt.want)
		}
	}
	c := newCloud(t, nil)
	wants(t, c, "lambda", "POST "+function+"/policy\n"+permission, http.StatusCreated)
	wants(t, c, "lambda", "POST "+function+"/policy\n"+permission, http.StatusConflict)
	long := strings.Replace(permission, `"x"`, `"y", "SourceArn": "arn:aws:events:eu-west-1::`+strings.Repeat("x", 9900)+`"`, 1)
	wants(t, c, "lambda", "POST "+function+"/policy\n"+long, http.StatusCreated)
	wants(t, c, "lambda", "POST "+function+"/policy\n"+strings.Replace(long, `"y"`, `"z"`, 1), http.StatusBadRequest)
	wants(t, c, "lambda", "DELETE /2019-09-25/functions/{Guard}/event-invoke-config", http.StatusNoContent)
	wants(t, c, "lambda", "DELETE /2019-09-25/functions/{Guard}/event-invoke-config", http.StatusNotFound)
	wants(t, c, "lambda", "POST /2019-09-25/functions/{Guard}/event-invoke-config\n{\"MaximumRetryAttempts\":1}",
		http.StatusNotFound)
}

// TestMappingAttacks: a mapping that is disabled or deleted takes no message, and one that is enabled again does.
func TestMappingAttacks(t *testing.T) {
	for name, tt := range map[string]struct {
		requests []string
		runs     int
	}{
		"nothing":           {nil, 1},
		"disabled":          {[]string{"PUT {mapping}\n{\"Enabled\":false}"}, 0},
		"deleted":           {[]string{"DELETE {mapping}"}, 0},
		"another size":      {[]string{"PUT {mapping}\n{\"BatchSize\":1}"}, 1},
		"enabled again":     {[]string{"PUT {mapping}\n{\"Enabled\":false}", "PUT {mapping}\n{\"Enabled\":true}"}, 1},
		"function off":      {[]string{"PUT /2017-10-31/functions/work/concurrency\n{\"ReservedConcurrentExecutions\":0}"}, 0},
		"function deleted":  {[]string{"DELETE /2015-03-31/functions/work"}, 0},
		"function replaced": {[]string{"PUT /2015-03-31/functions/work/code\n{\"ZipFile\":\"eA==\"}"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			runs := 0
			c := mustArchive(t, &worker{answer: func(string) (string, error) {
				runs++
				return `{}`, nil
			}}, archiveResources())
			body := wants(t, c, "lambda", "GET /2015-03-31/event-source-mappings?FunctionName=work", http.StatusOK)
			_, rest, _ := strings.Cut(body, `"UUID":"`)
			id, _, _ := strings.Cut(rest, `"`)
			for _, request := range tt.requests {
				status, body, _ := raw(t, c, "lambda", "",
					strings.ReplaceAll(request, "{mapping}", "/2015-03-31/event-source-mappings/"+id))
				if status >= 300 {
					t.Errorf("%s: %d %s", request, status, body)
				}
			}
			runs = 0 // S3's test of the notification
			c.PutObject("logs", "AWSLogs/x", []byte("x"))
			run(t, c)
			if runs != tt.runs {
				t.Errorf("%d runs; want %d", runs, tt.runs)
			}
			taken := tt.runs > 0 || name == "function replaced" // which says that it has handled everything
			if left := len(c.Queued()["Objects"]) + len(c.Queued()["Dead"]); (left == 0) != taken {
				t.Errorf("%d messages are left", left)
			}
		})
	}
}

// TestVariablesNeedTheirKey: whoever may not use the key of a function's variables gets an error in their place.
func TestVariablesNeedTheirKey(t *testing.T) {
	c := newCloud(t, nil)
	wants(t, c, "lambda", "PUT /2015-03-31/functions/{Guard}/configuration\n"+
		`{"KMSKeyArn":"`+c.ARNOf("Key")+`"}`, http.StatusOK)
	for statements, want := range map[string]string{
		`{"Effect":"Allow","Action":"lambda:*","Resource":"*"}`:                   `"Error":{"ErrorCode":"AccessDeniedException"`,
		`{"Effect":"Allow","Action":["lambda:*","kms:Decrypt"],"Resource":"*"}`:   `"Variables":{`,
		`{"Effect":"Allow","Action":["lambda:*","kms:Encrypt"],"Resource":"*"}`:   `"Error":{`,
		`{"Effect":"Allow","Action":["lambda:*","kms:Decrypt"],"Resource":"x:*"}`: `is not authorized to perform`,
	} {
		status, body := iamCall(t, c, "operator", "us-east-1", "Action", "PutRolePolicy", "RoleName", nameIn(c, "SlackRole"),
			"PolicyName", "x", "PolicyDocument", `{"Version":"2012-10-17","Statement":`+statements+`}`)
		if status != http.StatusOK {
			t.Fatal(body)
		}
		key := c.roles.Role(c.ARNOf("SlackRole")).AccessKey()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet,
			"/2015-03-31/functions/"+nameIn(c, "Guard")+"/configuration", nil)
		r.Header.Set("Authorization",
			"AWS4-HMAC-SHA256 Credential="+key+"/20261001/"+region+"/lambda/aws4_request, Signature=x")
		w := httptest.NewRecorder()
		c.door.ServeHTTP(w, r)
		if got := w.Body.String(); !strings.Contains(got, want) {
			t.Errorf("%s: %s; want %s", statements, got, want)
		}
	}
}
