package wire

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// TestModels: every shape that a model names is there, and Go reads the patterns of what is asked but for these.
func TestModels(t *testing.T) {
	unreadable := map[string]bool{"PathParameter": true, "S3Bucket": true} // they look ahead or behind; nobody asks them
	for service, m := range Models() {
		named := func(where, shape string) {
			if shape != "" && m.Shapes[shape] == nil {
				t.Errorf("%s: %s names the shape %s, which is not there", service, where, shape)
			}
		}
		for name, op := range m.Operations {
			named(name, op.Input)
			named(name, op.Output)
			if m.Routes != nil && m.Routes[name].Method == "" {
				t.Errorf("%s: %s has no route", service, name)
			}
		}
		for name, s := range m.Shapes {
			for _, member := range s.Members {
				named(name, member.Shape)
			}
			for _, part := range []Member{s.Member, s.Key, s.Value} {
				named(name, part.Shape)
			}
			if s.matches(""); s.Pattern != "" && s.pattern == nil && !unreadable[name] {
				t.Errorf("%s: Go does not read the pattern of %s: %s", service, name, s.Pattern)
			}
		}
	}
}

// request is one in each protocol, of the same call.
func request(kind, op, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	switch kind {
	case "json":
		r.Header.Set("X-Amz-Target", "x."+op)
	case "cbor":
		r = httptest.NewRequest(http.MethodPost, "/service/x/operation/"+op, strings.NewReader(body))
		r.Header.Set("Smithy-Protocol", "rpc-v2-cbor")
	case "query":
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

// TestOneRequestInEveryProtocol: a client may speak JSON, CBOR or a form; the call is the same.
func TestOneRequestInEveryProtocol(t *testing.T) {
	want := map[string]any{
		"Namespace": "demo",
		"MetricData": []any{map[string]any{
			"MetricName": "m",
			"Value":      json.Number("2.5"),
			"Timestamp":  time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC),
			"Dimensions": []any{map[string]any{"Name": "a", "Value": "b"}},
		}},
	}
	inCBOR := string(cbor.Encode(cbor.Map{
		"Namespace": cbor.String("demo"),
		"MetricData": cbor.List{cbor.Map{
			"MetricName": cbor.String("m"),
			"Value":      cbor.Float64(2.5),
			"Timestamp":  &cbor.Tag{ID: 1, Value: cbor.Float64(1772442900)},
			"Dimensions": cbor.List{cbor.Map{"Name": cbor.String("a"), "Value": cbor.String("b")}},
		}},
	}))
	for kind, body := range map[string]string{
		"json": `{"Namespace": "demo", "MetricData": [{"MetricName": "m", "Value": 2.5, "Timestamp": 1772442900,
			"Dimensions": [{"Name": "a", "Value": "b"}]}]}`,
		"cbor": inCBOR,
		"query": "Action=PutMetricData&Namespace=demo&MetricData.member.1.MetricName=m&MetricData.member.1.Value=2.5" +
			"&MetricData.member.1.Timestamp=2026-03-02T09:15:00Z&MetricData.member.1.Dimensions.member.1.Name=a" +
			"&MetricData.member.1.Dimensions.member.1.Value=b",
	} {
		cl := &kernel.Call{Service: "monitoring", Body: []byte(body)}
		m := Models()["monitoring"]
		r := request(kind, "PutMetricData", body)
		given, failed := protocolOf(m, r, cl.Service).read(m, r, cl)
		if failed != nil || cl.Op != "PutMetricData" {
			t.Fatalf("%s: %s, %v", kind, cl.Op, failed)
		}
		got, failed := m.Read(cl.Op, given, true)
		if failed != nil {
			t.Fatalf("%s: %v", kind, failed)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
}

// TestMapsOfForms: entries have the names that the model gives them; what is no part of a map is refused.
func TestMapsOfForms(t *testing.T) {
	for form, want := range map[string]string{
		"Action=Publish&Message=m&MessageAttributes.entry.1.Name=a&MessageAttributes.entry.1.Value.DataType=String" +
			"&MessageAttributes.entry.1.Value.StringValue=b": "",
		"Action=Publish&Message=m&MessageAttributes.entry.1.Name=a&MessageAttributes.entry.1.Value.Nope=String": "Nope",
		"Action=Publish&Message=m&Nope=1":                    "Nope",
		"Action=Publish&Message=m&Nope.member.1=":            "Nope",
		"Action=Publish&Message=%zz":                         "no form",
		"Action=Publish&" + strings.Repeat("a.", 20) + "a=1": "more than 12 parts",
	} {
		m := Models()["sns"]
		cl := &kernel.Call{Service: "sns", Body: []byte(form)}
		given, failed := readQuery(m, nil, cl)
		if failed == nil {
			given, failed = m.Read(cl.Op, given, false)
		}
		if want == "" {
			attributes, _ := given["MessageAttributes"].(map[string]any)
			if failed != nil || attributes["a"] == nil {
				t.Errorf("%s: %v, %v", form, given, failed)
			}
		} else if failed == nil || !strings.Contains(failed.Message, want) {
			t.Errorf("%s: %v; want %s", form, failed, want)
		}
	}
}

// TestOldClients: what a service no longer lists among its protocols is refused in that protocol.
func TestOldClients(t *testing.T) {
	m := Models()["sqs"]
	cl := &kernel.Call{Service: "sqs", Body: []byte("Action=ListQueues")}
	r := request("query", "", "Action=ListQueues")
	_, failed := protocolOf(m, r, "sqs").read(m, r, cl)
	if failed == nil || failed.Code != "NotImplemented" {
		t.Errorf("a form for SQS: %v", failed)
	}
}

// TestAnswersAreTheModels: what the service's model does not have is no answer.
func TestAnswersAreTheModels(t *testing.T) {
	for op, result := range map[string]map[string]any{
		"ListTopics":         {"Topics": []any{map[string]any{"TopicArn": "x"}}},
		"GetTopicAttributes": {"Attributes": map[string]string{"a": "b"}},
	} {
		if _, err := Models()["sns"].fitted(op, result); err != nil {
			t.Error(err)
		}
	}
	for name, result := range map[string]any{
		"another member": map[string]any{"Nope": 1},
		"another type":   map[string]any{"Topics": "x"},
		"in a list":      map[string]any{"Topics": []any{map[string]any{"Arn": "x"}}},
		"a number":       map[string]any{"NextToken": 1},
		"no structure":   []any{},
	} {
		if got, err := Models()["sns"].fitted("ListTopics", result); err == nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestPages: every item once, in order, and no page for another request's token.
func TestPages(t *testing.T) {
	all := []any{"a", "b", "c", "d", "e"}
	p := Paging{
		Limit:   "Limit",
		Token:   "NextToken",
		Most:    3,
		Invalid: "ValidationException",
	}
	cl := &kernel.Call{Op: "ListRules", Params: map[string]any{"NamePrefix": "x", "Limit": json.Number("2")}}
	var got []any
	for range all {
		page, next, failed := Page(cl, all, p)
		if failed != nil {
			t.Fatal(failed)
		}
		got = append(got, page...)
		if cl.Params["NextToken"] = next; next == "" {
			break
		}
		delete(cl.Params, "Limit") // the next page may have another length
	}
	if diff := cmp.Diff(all, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	_, next, _ := Page(&kernel.Call{Op: "ListRules"}, all, p)
	for name, token := range map[string]string{
		"another request's": next,
		"out of range":      strings.Replace(next, "3.", "9.", 1),
		"negative":          strings.Replace(next, "3.", "-3.", 1),
		"none":              "x",
	} {
		cl.Params = map[string]any{"NamePrefix": "y", "NextToken": token}
		if _, _, failed := Page(cl, all, p); failed == nil || failed.Code != p.Invalid {
			t.Errorf("%s token: %v", name, failed)
		}
	}
}

// FuzzRequests: whatever is sent in whatever protocol, it is read or refused, and what is read fits the model.
func FuzzRequests(f *testing.F) {
	f.Add("cloudtrail", "json", "StopLogging", `{"Name": "main"}`)
	f.Add("monitoring", "cbor", "ListMetrics", string(cbor.Encode(cbor.Map{"Namespace": cbor.String("x")})))
	f.Add("sns", "query", "Publish", "Action=Publish&Message=m&MessageAttributes.entry.1.Name=a")
	f.Add("s3", "PUT /demo-logs", "", `<CreateBucketConfiguration><LocationConstraint>x</LocationConstraint></Create`)
	f.Add("lambda", "GET /2015-03-31/functions/?MaxItems=1", "", "")
	f.Fuzz(func(t *testing.T, service, kind, op, body string) {
		m := Models()[service]
		if m == nil {
			return
		}
		r := request(kind, "", body)
		r.Header.Set("X-Amz-Target", "x."+op)
		if method, path, ok := strings.Cut(kind, " "); ok {
			r.Method, r.URL.Path = method, path
		}
		cl := &kernel.Call{Service: service, Body: []byte(body)}
		p := protocolOf(m, r, service)
		given, failed := p.read(m, r, cl)
		if failed == nil {
			given, failed = m.Read(cl.Op, given, true)
		}
		if failed != nil {
			if a := p.refuse(m, r, cl, failed); a.Status < 400 {
				t.Errorf("refused with %d", a.Status)
			}
			return
		}
		if again, failed := m.Read(cl.Op, given, true); failed != nil || !cmp.Equal(given, again) {
			t.Errorf("read again: %v, %v; want %v", again, failed, given)
		}
	})
}
