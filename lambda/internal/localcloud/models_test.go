package localcloud

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// model is one operation of a service's model.
type model struct {
	Errors, Required []string
	Members          map[string]*wire.Shape // by their paths: "TagsList[].Key"
}

func models(t *testing.T) map[string]map[string]model {
	t.Helper()
	all := map[string]map[string]model{}
	for service, of := range wire.Models() {
		all[service] = map[string]model{}
		for op, o := range of.Operations {
			m := model{Errors: o.Errors, Members: map[string]*wire.Shape{}}
			if input := of.Shapes[o.Input]; input != nil {
				m.Required = input.Required
				bounds(of, input, "", m.Members, 0)
			}
			all[service][op] = m
		}
	}
	return all
}

// bounds finds the members of a shape by their paths, down to where it holds itself.
func bounds(of *wire.Model, s *wire.Shape, path string, found map[string]*wire.Shape, depth int) {
	if path != "" {
		found[path] = s
	}
	if depth > 5 {
		return
	}
	for name, member := range s.Members {
		bounds(of, of.Shapes[member.Shape], strings.TrimPrefix(path+"."+name, "."), found, depth+1)
	}
	if s.Type == "list" {
		bounds(of, of.Shapes[s.Member.Shape], path+"[]", found, depth+1)
	}
}

// commonErrors are those that a service may answer to any call, and no model lists ("Common Error Types" of the API
// references).
var commonErrors = []string{
	"AccessDeniedException",
	"ThrottlingException",
	"SerializationException",
	"UnknownOperationException",
	"ValidationException",
	"ValidationError",
	"AuthorizationError",
	"InvalidParameterValue",
	"MissingParameter",
}

// send makes one call with the text of a request, and returns the code of the error; empty: it was taken.
func send(t *testing.T, c *Cloud, service, op, region, key, body string) string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Authorization",
		"AWS4-HMAC-SHA256 Credential="+key+"/20261001/"+region+"/"+service+"/aws4_request, SignedHeaders=host, Signature=x")
	r.Header.Set("X-Amz-Target", "x."+op)
	w := httptest.NewRecorder()
	c.door.ServeHTTP(w, r)
	if w.Code < 300 {
		return ""
	}
	if code := w.Header().Get("X-Amzn-Errortype"); code != "" {
		return code[strings.LastIndex(code, "#")+1:]
	}
	_, code, _ := strings.Cut(w.Body.String(), "<Code>")
	code, _, _ = strings.Cut(code, "</Code>")
	if code == "" {
		t.Errorf("%s %s %s: %d %s", service, op, body, w.Code, w.Body)
	}
	return code
}

// good are requests that CloudTrail takes of the trail main, and that fill the members that the model bounds.
var good = map[string]string{
	"CreateTrail":  `{"Name": "other", "S3BucketName": "logs", "TagsList": [{"Key": "a", "Value": "b"}]}`,
	"UpdateTrail":  `{"Name": "main", "S3BucketName": "logs"}`,
	"StartLogging": `{"Name": "main"}`,
	"StopLogging":  `{"Name": "main"}`,
	"DeleteTrail":  `{"Name": "main"}`,
	"PutEventSelectors": `{"TrailName": "main", "AdvancedEventSelectors": [{"Name": "n", "FieldSelectors": [
		{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
		{"Field": "eventName", "Equals": ["a"],
		"NotEquals": ["b"], "StartsWith": ["c"], "NotStartsWith": ["d"], "EndsWith": ["e"], "NotEndsWith": ["f"]}]}]}`,
	"PutInsightSelectors": `{"TrailName": "main", "InsightSelectors": [{"InsightType": "ApiCallRateInsight",
		"EventCategories": ["Management"]}]}`,
	"PutEventConfiguration": `{"TrailName": "main", "AggregationConfigurations": [{"EventCategory": "Data",
		"Templates": ["API_ACTIVITY"]}]}`,
	"GetEventConfiguration": `{"TrailName": "main"}`,
	"GetTrail":              `{"Name": "main"}`,
	"GetTrailStatus":        `{"Name": "main"}`,
	"GetEventSelectors":     `{"TrailName": "main"}`,
	"GetInsightSelectors":   `{"TrailName": "main"}`,
	"DescribeTrails":        `{}`,
	"ListTrails":            `{}`,
	"ListTags":              `{"ResourceIdList": ["` + mainTrail + `"]}`,
	"AddTags":               `{"ResourceId": "` + mainTrail + `", "TagsList": [{"Key": "a", "Value": "b"}]}`,
	"RemoveTags":            `{"ResourceId": "` + mainTrail + `", "TagsList": [{"Key": "a"}]}`,
	"ListPublicKeys":        `{}`,
	"ListEventDataStores":   `{}`,
	"GetEventDataStore":     `{"EventDataStore": "arn:aws:cloudtrail:eu-west-1:111122223333:eventdatastore/a-b"}`,
	"LookupEvents": `{"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "StopLogging"}],
		"MaxResults": 50}`,
}

// situations are what may be wrong with a call, each with a cloud of its own.
func situations(t *testing.T) map[string]func(op, body string) string {
	cloud := func(change ...func(*Options)) *Cloud {
		c := newCloud(t, nil, change...)
		fullTrail(t, c)
		if err := c.AddTrailAs(baseline.State{
			ARN: organizationTrail, Logging: true,
			Settings: baseline.Settings{S3Bucket: "logs", Organization: true},
		}); err != nil {
			t.Fatal(err)
		}
		return c
	}
	in := func(region, old, changed string, prepare func(*Cloud)) func(op, body string) string {
		return func(op, body string) string {
			c := cloud()
			if prepare != nil {
				prepare(c)
			}
			return send(t, c, "cloudtrail", op, region, "operator", strings.ReplaceAll(body, old, changed))
		}
	}
	return map[string]func(op, body string) string{
		"as it should be": in(region, "", "", nil),
		"nothing": func(op,
			_ string,
		) string {
			return send(t, cloud(), "cloudtrail", op, region, "operator", `{}`)
		},
		"no JSON":           func(op, _ string) string { return send(t, cloud(), "cloudtrail", op, region, "operator", `[`) },
		"another Region":    in("us-east-1", `"main"`, `"`+mainTrail+`"`, nil),
		"no such trail":     in(region, "main", "nobodys", nil),
		"a bad name":        in(region, `"main"`, `"x"`, nil),
		"a bad ARN":         in(region, "trail/main", "trail/", nil),
		"not an ARN":        in(region, "main", "arn:aws:sns:eu-west-1:111122223333:x", nil),
		"somebody else's":   in(region, "111122223333", "444455556666", nil),
		"an organization's": in(region, "main", organizationTrail, nil),
		"busy": in(region, "", "", func(c *Cloud) {
			c.Occupy(mainTrail, time.Hour)
		}),
		"too many calls": in(region, "", "", func(c *Cloud) {
			c.Trails.Flood(c.home(), time.Minute, "read", "write", "lookup")
		}),
		"everything gone": in(region, "", "", func(c *Cloud) {
			c.DeleteBucket("logs")
			for _, arn := range []string{logKey, logTopic, logGroup, logRole} {
				c.Delete(arn)
			}
		}),
		"the bucket refuses": in(region, "", "", func(c *Cloud) { c.DenyBucket("logs") }),
		"the key is off":     in(region, "", "", func(c *Cloud) { c.DisableKey(logKey) }),
		"the topic is gone":  in(region, "", "", func(c *Cloud) { c.Delete(logTopic) }),
		"the role is gone":   in(region, "", "", func(c *Cloud) { c.Delete(logRole) }),
		"both kinds":         in(region, `"AdvancedEventSelectors"`, `"EventSelectors": [{}], "AdvancedEventSelectors"`, nil),
		"a data store's":     in(region, `"TrailName"`, `"EventDataStore": "x", "MaxEventSize": "Large", "TrailName"`, nil),
		"a whole name":       in(region, `"main"`, `"`+mainTrail+`"`, nil),
		"conversion":         in(region, `"S3BucketName"`, `"IsOrganizationTrail": true, "S3BucketName"`, nil),
	}
}

const organizationTrail = "arn:aws:cloudtrail:eu-west-1:999988887777:trail/organization"

// TestCloudTrailErrorsAreTheModels: whatever is wrong with a call, CloudTrail is played with a code that the service's
// model lists for the operation, and with none that the documentation says is no longer in use.
func TestCloudTrailErrorsAreTheModels(t *testing.T) {
	all := models(t)["cloudtrail"]
	retired := []string{"KmsKeyDisabledException", "TrailNotProvidedException"}
	met := map[string]int{}
	for _, op := range wire.Models()["cloudtrail"].Played() {
		m, ok := all[op]
		if !ok || good[op] == "" {
			t.Errorf("%s is played, and the models or the requests lack it: see .ci/models.py", op)
			continue
		}
		for name, call := range situations(t) {
			code := call(op, good[op])
			met[code]++
			if code != "" && (!slices.Contains(m.Errors, code) && !slices.Contains(commonErrors, code) ||
				slices.Contains(retired, code)) {
				t.Errorf("%s, %s: %s is none of its errors: %v", op, name, code, m.Errors)
			}
			if name == "nothing" && len(m.Required) > 0 && code == "" {
				t.Errorf("%s was taken without %v", op, m.Required)
			}
		}
	}
	for _, code := range []string{
		"", "ConflictException", "InvalidHomeRegionException", "TrailNotFoundException", "InvalidTrailNameException",
		"CloudTrailARNInvalidException", "ResourceNotFoundException", "S3BucketDoesNotExistException",
		"InsufficientS3BucketPolicyException", "KmsException", "ThrottlingException",
	} {
		if met[code] == 0 {
			t.Errorf("no situation was answered with %q: %v", code, met)
		}
	}
}

// TestCloudTrailBoundsAreTheModels: every member that the model bounds is refused beyond its bounds and taken at them.
func TestCloudTrailBoundsAreTheModels(t *testing.T) {
	tried := 0
	try := func(op, path string, value any, taken bool) {
		var request any
		if err := json.Unmarshal([]byte(good[op]), &request); err != nil {
			t.Fatal(err)
		}
		if !set(request, strings.Split(strings.ReplaceAll(path, "[]", ".0"), "."), value) {
			return // of an event data store, or of the other kind of selectors
		}
		tried++
		body, err := json.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		c := newCloud(t, nil)
		addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
		c.Pass(2 * time.Second)
		code := send(t, c, "cloudtrail", op, region, "operator", string(body))
		if (code == "" || code == "EventDataStoreNotFoundException") != taken { // of a right form, and there is none
			t.Errorf("%s with %s of %.60v: %q; want it taken: %v", op, path, value, code, taken)
		}
	}
	for op, m := range models(t)["cloudtrail"] {
		for path, b := range m.Members {
			switch {
			case len(b.Enum) > 0:
				try(op, path, "x", false)
				try(op, path, strings.ToLower(b.Enum[0]), false)
				try(op, path, "", false)
			case b.Type == "string":
				if b.Max != nil && !strings.HasSuffix(path, ".Field") {
					try(op, path, strings.Repeat("x", int(*b.Max)), true)
					try(op, path, strings.Repeat("x", int(*b.Max)+1), false)
				}
				if b.Min != nil && *b.Min > 0 {
					try(op, path, "", false)
				}
			case b.Type == "list" && b.Min != nil && *b.Min > 0:
				try(op, path, []any{}, false)
			}
			for _, member := range b.Required {
				try(op, path+"."+member, nil, false)
			}
		}
	}
	if tried < 30 {
		t.Errorf("%d members were tried", tried)
	}
}

// set puts a value into a request at a path, in the last element of every list; false: the request has no such place.
func set(in any, path []string, value any) bool {
	switch at := in.(type) {
	case map[string]any:
		old, ok := at[path[0]]
		switch {
		case !ok:
			return false
		case len(path) > 1:
			if list, isList := old.([]any); isList && len(path) == 2 {
				if len(list) == 0 {
					return false
				}
				if _, isObject := list[0].(map[string]any); !isObject {
					list[len(list)-1] = value
					return true
				}
			}
			return set(old, path[1:], value)
		case value == nil:
			delete(at, path[0])
		default:
			at[path[0]] = value
		}
		return true
	case []any:
		if len(at) == 0 || len(path) < 2 {
			return false
		}
		return set(at[len(at)-1], path[1:], value)
	}
	return false
}

// TestOtherServicesErrorsAreTheModels: the other services refuse what lacks a required member, and answer with errors
// of their models.
func TestOtherServicesErrorsAreTheModels(t *testing.T) {
	const account = "111122223333"
	for service, ops := range models(t) {
		// The first has its own test, the others another protocol or Region.
		if slices.Contains([]string{"cloudtrail", "monitoring", "lambda", "s3", "iam", "scheduler", "observabilityadmin"}, service) {
			continue
		}
		for op, m := range ops {
			for name, body := range map[string]string{
				"nothing": `{}`,
				"unknown resources": fmt.Sprintf(`{"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/%[1]s/nope",
					"MessageBody": "x", "ReceiptHandle": "x", "QueueName": "nope",
					"SourceArn": "arn:aws:sqs:eu-west-1:%[1]s:nope", "Entries": [{"Id": "1", "ReceiptHandle": "x"}],
					"SecretId": "nope", "TableName": "nope",
					"VisibilityTimeout": 1, "Key": {"pk": {"S": "x"}, "sk": {"S": "y"}}, "Item": {"pk": {"S": "x"}, "sk": {"S": "y"}},
					"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "x"}},
					"UpdateExpression": "SET a = :p"}`, account),
			} {
				if service == "sns" {
					body = url.Values{"Action": {op}, "TopicArn": {map[string]string{"nothing": ""}[name]}}.Encode()
				}
				c := stateCloud(t, nil)
				code := send(t, c, service, op, region, "operator", body)
				if name == "nothing" && len(m.Required) > 0 && code == "" {
					t.Errorf("%s %s was taken without %v", service, op, m.Required)
				}
				if code != "" && !slices.Contains(m.Errors, code) && !slices.Contains(commonErrors, code) {
					t.Errorf("%s %s, %s: %s is none of its errors: %v", service, op, name, code, m.Errors)
				}
			}
		}
	}
}
