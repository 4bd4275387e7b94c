package localcloud

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/localcloud/kernel"
)

// listening notes the records that are given to EventBridge, by their calls.
type listening struct {
	kernel.Services
	records map[string]object
}

func (l listening) Publish(e kernel.Event) {
	var ev struct{ Detail object }
	if json.Unmarshal(e.Payload, &ev) == nil {
		name, _ := ev.Detail["eventName"].(string)
		l.records[name] = ev.Detail
	}
}

func heard(c *Cloud) map[string]object {
	l := listening{c.kernel.Services, map[string]object{}}
	c.kernel.Services = l
	return l.records
}

// TestRecordsOfS3: a record has S3's own form: the bucket, the parameter of the call, and the body as in XML (Amazon S3
// User Guide, "Amazon S3 CloudTrail log file examples").
func TestRecordsOfS3(t *testing.T) {
	c := mustArchive(t, &worker{}, archiveResources())
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	records := heard(c)
	for request, status := range map[string]int{
		"PUT /logs?lifecycle\n<LifecycleConfiguration><Rule><ID>x</ID><Status>Enabled</Status><Filter/>" +
			"<Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>": 200,
		"PUT /logs?versioning\n<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>": 200,
		"DELETE /logs?policy": 204,
	} {
		if got, body := as(t, c, "operator", request); got != status {
			t.Errorf("%s: %d %s", request, got, body)
		}
	}
	const host = "logs.s3.eu-west-1.amazonaws.com"
	want := map[string]any{
		"PutBucketLifecycle": object{"bucketName": "logs", "Host": host, "lifecycle": "", "LifecycleConfiguration": object{
			"Rule": object{"ID": "x", "Status": "Enabled", "Filter": "", "Expiration": object{"Days": 1.0}},
		}},
		"PutBucketVersioning": object{"bucketName": "logs", "Host": host, "versioning": "", "VersioningConfiguration": object{"Status": "Suspended"}},
		"DeleteBucketPolicy":  object{"bucketName": "logs", "Host": host, "policy": ""},
	}
	for name, parameters := range want {
		if diff := cmp.Diff(parameters, records[name]["requestParameters"]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got, body := as(t, c, "operator", "GET /logs?versioning"); got != http.StatusOK || !strings.Contains(body, "<Status>Suspended</Status>") {
		t.Errorf("%d %s", got, body)
	}
}

// TestLifecycleIsChecked: what S3 would refuse, and who may not.
func TestLifecycleIsChecked(t *testing.T) {
	c := mustArchive(t, &worker{}, archiveResources())
	c.AddPrincipal(Principal{AccessKey: "no", Account: account, UserName: "no", Denied: map[string]string{
		"s3:PutLifecycleConfiguration": fmt.Sprintf(NoIdentityPolicy, "s3:PutLifecycleConfiguration"),
	}})
	c.AddPrincipal(Principal{AccessKey: "other", Account: member, UserName: "other"})
	lifecycle := func(rules string) string {
		return "PUT /logs?lifecycle\n<LifecycleConfiguration>" + rules + "</LifecycleConfiguration>"
	}
	const rule = "<Rule><ID>x</ID><Status>Enabled</Status><Filter/><Expiration><Days>1</Days></Expiration></Rule>"
	for _, test := range []struct {
		key, request string
		status       int
		says         string
	}{
		{"operator", "GET /logs?lifecycle", 404, "NoSuchLifecycleConfiguration"},
		{"no", lifecycle(rule), 403, "AccessDenied"},
		{"other", lifecycle(rule), 403, "AccessDenied"},
		{"operator", lifecycle(rule + rule), 400, "Rule ID must be unique"},
		{"operator", lifecycle("<Rule><Status>Enabled</Status><Filter/></Rule>"), 400, "At least one action"},
		{"operator", lifecycle("<Rule><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>"), 400, "MalformedXML"},
		{"operator", lifecycle(strings.Replace(rule, ">1<", ">0<", 1)), 400, "positive integer"},
		{"operator", "PUT /logs?versioning\n<VersioningConfiguration></VersioningConfiguration>", 400, "IllegalVersioningConfiguration"},
		{"operator", lifecycle(rule), 200, ""},
		{"operator", "GET /logs?lifecycle", 200, "<Days>1</Days>"},
	} {
		if got, body := as(t, c, test.key, test.request); got != test.status || !strings.Contains(body, test.says) {
			t.Errorf("%s: %s: %d %s", test.key, test.request, got, body)
		}
	}
}

// TestDataEvents: a call about an object has an event where a trail's selectors take it, and none in the history.
func TestDataEvents(t *testing.T) {
	objects := func(values ...string) []baseline.DataResource {
		return []baseline.DataResource{{Type: "AWS::S3::Object", Values: values}}
	}
	advanced := func(fields ...baseline.FieldSelector) baseline.State {
		return baseline.State{Advanced: []baseline.AdvancedSelector{{Fields: append(fields,
			baseline.FieldSelector{Field: "eventCategory", Equals: []string{"Data"}},
			baseline.FieldSelector{Field: "resources.type", Equals: []string{"AWS::S3::Object"}})}}}
	}
	for name, test := range map[string]struct {
		state baseline.State
		want  bool
	}{
		"no data events":  {baseline.State{Selectors: []baseline.Selector{{ReadWrite: "All", Management: true}}}, false},
		"all buckets":     {baseline.State{Selectors: []baseline.Selector{{ReadWrite: "All", DataResources: objects("arn:aws:s3")}}}, true},
		"the bucket":      {baseline.State{Selectors: []baseline.Selector{{ReadWrite: "WriteOnly", DataResources: objects("arn:aws:s3:::logs/")}}}, true},
		"another bucket":  {baseline.State{Selectors: []baseline.Selector{{ReadWrite: "All", DataResources: objects("arn:aws:s3:::reports/")}}}, false},
		"reads":           {baseline.State{Selectors: []baseline.Selector{{ReadWrite: "ReadOnly", DataResources: objects("arn:aws:s3")}}}, false},
		"advanced":        {advanced(), true},
		"advanced, names": {advanced(baseline.FieldSelector{Field: "eventName", Equals: []string{"DeleteObject"}}), true},
		"advanced, reads": {advanced(baseline.FieldSelector{Field: "readOnly", Equals: []string{"true"}}), false},
		"advanced, other": {advanced(baseline.FieldSelector{Field: "resources.ARN", NotStartsWith: []string{"arn:aws:s3:::logs/"}}), false},
		"advanced, user":  {advanced(baseline.FieldSelector{Field: "userIdentity.arn", NotEquals: []string{"x"}}), false},
	} {
		c := mustArchive(t, &worker{}, archiveResources())
		state := test.state
		state.ARN, state.Logging, state.Settings = mainTrail, true, baseline.Settings{S3Bucket: "trail-logs"}
		if err := c.AddTrailAs(state); err != nil {
			t.Fatal(err)
		}
		records := heard(c)
		as(t, c, "operator", "PUT /logs/AWSLogs/a\nhello")
		as(t, c, "operator", "DELETE /logs/AWSLogs/a")
		got := records["DeleteObject"]
		if (got != nil) != test.want {
			t.Errorf("%s: %v", name, got)
			continue
		}
		if got != nil && (got["eventCategory"] != "Data" || got["managementEvent"] != false) {
			t.Errorf("%s: %v", name, got)
		}
	}
}
