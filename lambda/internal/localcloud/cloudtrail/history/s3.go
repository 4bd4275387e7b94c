package history

import (
	"encoding/json"
	"strings"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// s3Names are the names that records have for calls of S3, where those are not the operation's (Amazon S3 User Guide,
// "Amazon S3 CloudTrail events").
var s3Names = map[string]string{
	"GetBucketLifecycleConfiguration":    "GetBucketLifecycle",
	"PutBucketLifecycleConfiguration":    "PutBucketLifecycle",
	"GetBucketNotificationConfiguration": "GetBucketNotification",
	"PutBucketNotificationConfiguration": "PutBucketNotification",
}

// s3Requested is what a record shows of a request to S3: bucketName and key, the parameter that names what of the bucket
// is meant, with an empty text, the host, and the body in the form of its XML.
func s3Requested(cl *kernel.Call, host string) any {
	model := wire.Models()["s3"]
	in := map[string]any{"bucketName": cl.Text("Bucket"), "Host": host}
	_, query, _ := strings.Cut(model.Routes[cl.Op].URI, "?")
	if name, _, more := strings.Cut(query, "="); name != "" && !more {
		in[name] = ""
	}
	if key := cl.Text("Key"); key != "" {
		in["key"] = key
	}
	input := model.Shapes[model.Operations[cl.Op].Input]
	if input == nil || input.Payload == "" || cl.Params[input.Payload] == nil {
		return in
	}
	member := input.Members[input.Payload]
	switch body := cl.Params[input.Payload].(type) {
	case map[string]any:
		name := member.LocationName
		if name == "" {
			name = input.Payload
		}
		in[name] = asXML(model, model.Shapes[member.Shape], body)
	case string:
		var document any
		if input.Payload == "Policy" && json.Unmarshal([]byte(body), &document) == nil {
			in["bucketPolicy"] = document
		}
	}
	return in
}

// asXML has the names of a body's elements: one of a list is an object, and an empty element is an empty text.
func asXML(m *wire.Model, s *wire.Shape, v any) any {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			return ""
		}
		out := map[string]any{}
		for name, value := range v {
			member := s.Members[name]
			of := m.Shapes[member.Shape]
			tag := member.LocationName
			if tag == "" {
				tag = name
			}
			out[tag] = asXML(m, of, value)
		}
		return out
	case []any:
		if len(v) == 1 {
			return asXML(m, m.Shapes[s.Member.Shape], v[0])
		}
		out := make([]any, len(v))
		for i := range v {
			out[i] = asXML(m, m.Shapes[s.Member.Shape], v[i])
		}
		return out
	}
	return v
}
