package s3

import (
	"cmp"
	"encoding/xml"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// mostPolicy is S3's limit on a bucket's policy, in bytes ("Bucket policy"), and globalRegion is where its global
// endpoint is.
const (
	mostPolicy   = 20 << 10
	globalRegion = "us-east-1"
)

// refuse is an error of the caller's with one of S3's own statuses.
func refuse(status int, code, message string) *kernel.Error {
	return &kernel.Error{Status: status, Code: code, Message: message}
}

// permissions are the actions of calls that have another name.
var permissions = map[string]string{
	"ListBuckets": "ListAllMyBuckets", "HeadBucket": "ListBucket",
	"PutBucketNotificationConfiguration": "PutBucketNotification",
	"GetBucketNotificationConfiguration": "GetBucketNotification",
	"PutBucketLifecycleConfiguration":    "PutLifecycleConfiguration",
	"GetBucketLifecycleConfiguration":    "GetLifecycleConfiguration",
	"DeleteBucketLifecycle":              "PutLifecycleConfiguration",
}

// answer answers one call: about all buckets, about one that is not there yet, or about one.
func (s *Buckets) answer(cl *kernel.Call) (any, *kernel.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := cl.Text("Bucket")
	arn := "*"
	if name != "" {
		arn = events.Place{Partition: s.kernel.Partition}.ARN("s3", name)
	}
	b := s.at(arn)
	var policies []policy.Document
	if b != nil {
		policies = b.policies
	}
	if objectActions[cl.Op] != "" {
		if b == nil {
			return nil, refuse(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
		}
		return s.inBucket(cl, arn, b)
	}
	a := policy.Access{Action: "s3:" + cmp.Or(permissions[cl.Op], cl.Op), Resource: arn}
	if failed := s.kernel.Allow(cl, a, policies); failed != nil {
		return nil, refuse(http.StatusForbidden, "AccessDenied", failed.Message)
	}
	if failed := s.kernel.Refusal(cl); failed != nil {
		return nil, failed
	}
	switch {
	case cl.Op == "ListBuckets":
		return s.list(cl)
	case cl.Op == "CreateBucket":
		return s.create(cl, arn, b)
	case b == nil:
		return nil, refuse(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
	case b.Account != cl.Who.Account && b.Account != "", cmp.Or(cl.Text("ExpectedBucketOwner"), b.Account) != b.Account:
		return nil, refuse(http.StatusForbidden, "AccessDenied", "Access Denied")
	}
	return s.about(cl, arn, b)
}

func (s *Buckets) about(cl *kernel.Call, arn string, b *bucket) (any, *kernel.Error) {
	if result, failed, is := s.lifecycleOps(cl, b); is {
		return result, failed
	}
	switch cl.Op {
	case "DeleteBucket":
		if len(b.objects)+len(b.history) > 0 {
			return nil, refuse(http.StatusConflict, "BucketNotEmpty", "The bucket you tried to delete is not empty")
		}
		if b.used {
			return nil, refuse(http.StatusConflict, "BucketNotEmpty",
				"The bucket you tried to delete is not empty: CloudTrail has written to it, and the local run deletes no objects")
		}
		s.kernel.Delete(arn, true)
		delete(s.buckets, arn)
		return nil, nil
	case "HeadBucket":
		return map[string]any{"BucketRegion": cmp.Or(b.Region, cl.Region)}, nil
	case "GetBucketLocation":
		location := strings.Replace(cmp.Or(b.Region, cl.Region), globalRegion, "", 1)
		return whole("text/xml", xml.Header+`<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">`+
			location+`</LocationConstraint>`), nil
	case "GetBucketPolicy":
		if len(b.policies) == 0 && !b.outside {
			return nil, refuse(http.StatusNotFound, "NoSuchBucketPolicy", "The bucket policy does not exist")
		}
		return whole("application/json", b.policy(arn).Text()), nil
	case "PutBucketNotificationConfiguration":
		return s.putNotifications(cl, arn, b)
	case "GetBucketNotificationConfiguration":
		return b.getNotifications(), nil
	case "DeleteBucketPolicy":
		b.policies, b.outside = nil, false
		return nil, nil
	default:
		return s.putPolicy(cl, arn, b)
	}
}

func whole(contentType, body string) kernel.Answer {
	return kernel.Answer{
		Status: http.StatusOK,
		Header: map[string]string{"Content-Type": contentType},
		Body:   []byte(body),
	}
}

func (s *Buckets) list(cl *kernel.Call) (any, *kernel.Error) {
	var all []any
	for _, arn := range slices.Sorted(maps.Keys(s.buckets)) {
		b := s.at(arn)
		region := cl.Text("BucketRegion")
		if b == nil || b.Account != cl.Who.Account || !strings.HasPrefix(b.name, cl.Text("Prefix")) ||
			region != "" && region != b.Region {
			continue
		}
		all = append(all, map[string]any{
			"Name":         b.name,
			"BucketArn":    arn,
			"BucketRegion": b.Region,
			"CreationDate": b.created,
		})
	}
	page, next, failed := wire.Page(cl, all, wire.Paging{
		Limit:   "MaxBuckets",
		Token:   "ContinuationToken",
		Most:    10_000,
		Invalid: "InvalidArgument",
	})
	if failed != nil {
		return nil, failed
	}
	out := map[string]any{"Buckets": page, "Owner": map[string]any{"ID": kernel.UUID("canonical user", cl.Who.Account)}}
	if next != "" {
		out["ContinuationToken"] = next
	}
	return out, nil
}

// create makes a bucket, in the Region of the call.
func (s *Buckets) create(cl *kernel.Call, arn string, b *bucket) (any, *kernel.Error) {
	name := cl.Text("Bucket")
	configuration, _ := cl.Params["CreateBucketConfiguration"].(map[string]any)
	location, _ := configuration["LocationConstraint"].(string)
	if !validName(name) {
		return nil, refuse(http.StatusBadRequest, "InvalidBucketName", "The specified bucket is not valid.")
	}
	if failed := located(cl.Region, location); failed != nil {
		return nil, failed
	}
	created := map[string]any{"Location": "/" + name}
	switch {
	case b == nil:
	case b.Account == cl.Who.Account && cl.Region == globalRegion:
		return created, nil
	case b.Account == cl.Who.Account:
		return nil, refuse(http.StatusConflict, "BucketAlreadyOwnedByYou",
			"Your previous request to create the named bucket succeeded and you already own it.")
	default:
		return nil, refuse(http.StatusConflict, "BucketAlreadyExists",
			"The requested bucket name is not available. The bucket namespace is shared by all users of the system. "+
				"Please select a different name and try again.")
	}
	s.kernel.Make(arn, cl.Who.Account)
	s.buckets[arn] = &bucket{
		Site:    kernel.Site{Account: cl.Who.Account, Region: cmp.Or(location, cl.Region)},
		name:    name,
		created: s.kernel.Now(),
	}
	return created, nil
}

// located refuses a location that the endpoint of a Region does not take (CreateBucket, LocationConstraint).
func located(region, location string) *kernel.Error {
	switch {
	case region == globalRegion && location == globalRegion:
		return refuse(http.StatusBadRequest, "InvalidLocationConstraint", "The specified location-constraint is not valid")
	case region == globalRegion, region == location:
		return nil
	}
	return refuse(http.StatusBadRequest, "IllegalLocationConstraintException",
		"The "+cmp.Or(location, "unspecified")+" location constraint is incompatible for the region specific endpoint "+
			"this request was sent to.")
}

// validName goes by S3's rules ("General purpose bucket naming rules").
func validName(name string) bool {
	_, err := netip.ParseAddr(name)
	if err == nil || !bucketName().MatchString(name) || strings.Contains(name, "..") {
		return false
	}
	for _, prefix := range []string{"xn--", "sthree-", "amzn-s3-demo-"} {
		if strings.HasPrefix(name, prefix) {
			return false
		}
	}
	return !slices.ContainsFunc([]string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"},
		func(suffix string) bool { return strings.HasSuffix(name, suffix) })
}

// policy is the bucket's policy as GetBucketPolicy shows it: for one that lets everything in, what CloudTrail's user
// guide says a trail's bucket needs.
func (b *bucket) policy(arn string) policy.Document {
	if len(b.policies) > 0 {
		var all policy.Document
		for _, d := range b.policies {
			all.Version, all.Statement = d.Version, append(all.Statement, d.Statement...)
		}
		return all
	}
	statement := func(action, resource string) policy.Statement {
		return policy.Statement{
			Effect:    "Allow",
			Principal: policy.Principals{"Service": {"cloudtrail.amazonaws.com"}},
			Action:    policy.Texts{action},
			Resource:  policy.Texts{resource},
		}
	}
	return policy.Document{Version: "2012-10-17", Statement: policy.Statements{
		statement("s3:GetBucketAcl", arn), statement("s3:PutObject", arn+"/*"),
	}}
}

// putPolicy replaces the bucket's policy. A new bucket blocks public ones ("Blocking public access to your Amazon S3
// storage").
func (s *Buckets) putPolicy(cl *kernel.Call, arn string, b *bucket) (any, *kernel.Error) {
	text := cl.Text("Policy")
	malformed := func(why string) *kernel.Error { return refuse(http.StatusBadRequest, "MalformedPolicy", why) }
	if len(text) > mostPolicy {
		return nil, malformed("The policy is larger than 20 KB")
	}
	given, err := policy.Parse([]byte(text))
	if err == nil {
		err = given.Check()
	}
	if err != nil {
		return nil, malformed(err.Error())
	}
	for _, st := range given.Statement {
		switch {
		case len(st.Principal) == 0:
			return nil, malformed("Missing required field Principal")
		case len(st.Action) == 0, len(st.Resource) == 0:
			return nil, malformed("Missing required field Action or Resource")
		case slices.ContainsFunc(st.Resource, func(r string) bool { return r != arn && !strings.HasPrefix(r, arn+"/") }):
			return nil, malformed("Policy has invalid resource")
		case st.Effect == "Allow" && slices.Contains(st.Principal["AWS"], "*") && len(st.Condition) == 0:
			return nil, refuse(http.StatusForbidden, "AccessDenied", "User: "+cl.Who.ARN(s.kernel.Partition)+
				" is not authorized to perform: s3:PutBucketPolicy on resource: "+arn+
				" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.")
		}
	}
	b.policies, b.outside = []policy.Document{given}, false
	return nil, nil
}
