package s3

import (
	"encoding/json"
	"net/http"
	"slices"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// mostRules is S3's limit on the rules of a lifecycle (Amazon S3 API reference, PutBucketLifecycleConfiguration).
const mostRules = 1000

// lifecycleOps answer the calls on a bucket's lifecycle and versioning; false: it is another call. Nothing of it comes to
// pass: the local run expires no object.
func (s *Buckets) lifecycleOps(cl *kernel.Call, b *bucket) (any, *kernel.Error, bool) {
	switch cl.Op {
	case "PutBucketLifecycleConfiguration":
		return nil, b.putLifecycle(cl), true
	case "GetBucketLifecycleConfiguration":
		if len(b.lifecycle) == 0 {
			return nil, refuse(http.StatusNotFound, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"), true
		}
		return map[string]any{"Rules": b.lifecycle}, nil, true
	case "DeleteBucketLifecycle":
		b.lifecycle = nil
		return nil, nil, true
	case "PutBucketVersioning":
		given, _ := cl.Params["VersioningConfiguration"].(map[string]any)
		status, _ := given["Status"].(string)
		if status == "" {
			return nil, refuse(http.StatusBadRequest, "IllegalVersioningConfigurationException", "The Versioning element must be specified"), true
		}
		b.versions, b.versioned = status == "Enabled", true
		return nil, nil, true
	case "GetBucketVersioning":
		switch {
		case b.versions:
			return map[string]any{"Status": "Enabled"}, nil, true
		case b.versioned:
			return map[string]any{"Status": "Suspended"}, nil, true
		}
		return whole("application/xml", `<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>`), nil, true
	}
	return nil, nil, false
}

// putLifecycle takes a lifecycle whose rules each do something, with other IDs (LifecycleRule).
func (b *bucket) putLifecycle(cl *kernel.Call) *kernel.Error {
	given, _ := cl.Params["LifecycleConfiguration"].(map[string]any)
	rules, _ := given["Rules"].([]any)
	if len(rules) == 0 || len(rules) > mostRules {
		return refuse(http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	}
	invalid := func(why string) *kernel.Error { return refuse(http.StatusBadRequest, "InvalidRequest", why) }
	var ids []string
	for _, v := range rules {
		rule, _ := v.(map[string]any)
		id, _ := rule["ID"].(string)
		if id != "" && slices.Contains(ids, id) {
			return refuse(http.StatusBadRequest, "InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule")
		}
		ids = append(ids, id)
		if rule["Expiration"] == nil && rule["NoncurrentVersionExpiration"] == nil && rule["AbortIncompleteMultipartUpload"] == nil {
			return invalid("At least one action needs to be specified in a rule")
		}
		if rule["Filter"] == nil && rule["Prefix"] == nil || rule["Filter"] != nil && rule["Prefix"] != nil {
			return refuse(http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
		}
		for member, days := range map[string]string{"Expiration": "Days", "NoncurrentVersionExpiration": "NoncurrentDays"} {
			of, _ := rule[member].(map[string]any)
			if n, ok := of[days].(json.Number); ok {
				if i, err := n.Int64(); err != nil || i < 1 {
					return refuse(http.StatusBadRequest, "InvalidArgument", "'"+days+"' for "+member+" action must be a positive integer")
				}
			}
		}
	}
	b.lifecycle = rules
	return nil
}
