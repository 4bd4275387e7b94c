package s3

import (
	"cmp"
	"crypto/md5" //nolint:gosec // S3's own, for an ETag
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// mostKey is S3's limit on a key, in bytes ("Naming Amazon S3 objects").
const mostKey = 1024

// object is what a bucket holds under a key.
type object struct {
	body           []byte
	etag           string // without quotation marks
	kind           string // its content type
	encoding       string // its content encoding
	modified       time.Time
	algorithm, kms string // how it is encrypted, and the ARN of the key
	version        string // empty in a bucket without versions
	marker         bool   // it hides those before it
}

// objectActions are the actions of calls about one object or what is in a bucket.
var objectActions = map[string]string{
	"GetObject": "s3:GetObject", "HeadObject": "s3:GetObject", "PutObject": "s3:PutObject",
	"DeleteObject": "s3:DeleteObject", "ListObjectsV2": "s3:ListBucket",
}

// allows asks IAM whether a caller may do something in a bucket: of another account's, the bucket's policy must say so
// as well ("Cross-account policy evaluation logic").
func (s *Buckets) allows(cl *kernel.Call, b *bucket, action, resource string) *kernel.Error {
	a := policy.Access{Action: action, Resource: resource, Context: map[string]string{
		"aws:ResourceAccount": b.Account, "s3:ResourceAccount": b.Account, "s3:prefix": cl.Text("Prefix"),
	}}
	denied := func(why string) *kernel.Error {
		return refuse(http.StatusForbidden, "AccessDenied", s.kernel.NotAuthorized(cl, a, why))
	}
	if why, ok := s.kernel.Authorize(cl.Who, a, b.policies); !ok {
		return denied(why)
	}
	if b.Account == cl.Who.Account || b.Account == "" {
		return nil
	}
	if why, ok := s.kernel.Authorize(cl.Who, a, nil); !ok {
		return denied(why)
	}
	a.Who = cl.Who.IAMARN(s.kernel.Partition)
	if policy.OfResource(b.policies, a, cl.Who.Account) != policy.Allowed {
		return denied("no resource-based policy allows the " + action + " action")
	}
	return nil
}

// inBucket answers a call about what is in a bucket.
func (s *Buckets) inBucket(cl *kernel.Call, arn string, b *bucket) (any, *kernel.Error) {
	resource := arn
	if cl.Op != "ListObjectsV2" {
		resource += "/" + cl.Text("Key")
	}
	if owner := cl.Text("ExpectedBucketOwner"); owner != "" && owner != b.Account {
		return nil, refuse(http.StatusForbidden, "AccessDenied", "Access Denied")
	}
	action := objectActions[cl.Op]
	if cl.Text("VersionId") != "" {
		action = versionActions[cl.Op]
	}
	if failed := s.allows(cl, b, action, resource); failed != nil {
		return nil, failed
	}
	if failed := s.kernel.Refusal(cl); failed != nil {
		return nil, failed
	}
	key := cl.Text("Key")
	if cl.Op != "ListObjectsV2" && (key == "" || len(key) > mostKey || !utf8.ValidString(key)) {
		return nil, refuse(http.StatusBadRequest, "KeyTooLongError", "Your key is too long")
	}
	switch cl.Op {
	case "ListObjectsV2":
		return s.listObjects(cl, b)
	case "PutObject":
		return s.putObject(cl, arn, b)
	case "DeleteObject":
		return s.deleteObject(cl, arn, b)
	default:
		return s.getObject(cl, arn, b)
	}
}

// getObject gives an object. That there is none is said only to who may list the bucket (GetObject, "Permissions").
func (s *Buckets) getObject(cl *kernel.Call, arn string, b *bucket) (any, *kernel.Error) {
	o, missing := b.find(cl.Text("Key"), cl.Text("VersionId"))
	if o == nil {
		if failed := s.allows(cl, b, "s3:ListBucket", arn); failed != nil {
			return nil, failed
		}
		return nil, missing
	}
	if o.marker {
		return nil, refuse(http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource.")
	}
	if failed := s.useKey(cl, arn, o.kms, "kms:Decrypt"); failed != nil {
		return nil, failed
	}
	header := map[string]string{
		"Content-Type":   o.kind,
		"Content-Length": strconv.Itoa(len(o.body)),
		"ETag":           `"` + o.etag + `"`,
		"Last-Modified":  o.modified.UTC().Format(http.TimeFormat),

		"X-Amz-Server-Side-Encryption": o.algorithm,
	}
	if o.encoding != "" {
		header["Content-Encoding"] = o.encoding
	}
	if o.kms != "" {
		header["X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"] = o.kms
	}
	if o.version != "" {
		header["X-Amz-Version-Id"] = o.version
	}
	a := kernel.Answer{Status: http.StatusOK, Header: header}
	if cl.Op == "GetObject" {
		a.Body = o.body
	}
	return a, nil
}

// useKey asks KMS, which answers for S3 in S3's form ("KMS.DisabledException").
func (s *Buckets) useKey(cl *kernel.Call, arn, key string, action string) *kernel.Error {
	if key == "" {
		return nil
	}
	at := kernel.SiteOf(key)
	_, failed := s.kernel.UseKey(kernel.KeyUse{
		Key:     key,
		Site:    at,
		Who:     &cl.Who,
		Actions: []string{action},
		Context: map[string]string{
			"kms:ViaService":                   "s3." + at.Region + ".amazonaws.com",
			"kms:EncryptionContext:aws:s3:arn": arn + "/" + cl.Text("Key"),
			"kms:CallerAccount":                cl.Who.Account,
			"aws:ResourceAccount":              at.Account,
		},
	})
	switch {
	case failed == nil:
		return nil
	case failed.Code == kernel.KeyDenied:
		return refuse(http.StatusForbidden, "AccessDenied", "User: "+cl.Who.ARN(s.kernel.Partition)+
			" is not authorized to perform: "+action+" on the resource associated with this ciphertext because "+
			fmt.Sprintf(kernel.NoIdentityPolicy, action))
	case failed.Code == kernel.KeyDisabled:
		return refuse(http.StatusBadRequest, "KMS.DisabledException", key+" is disabled.")
	}
	return refuse(http.StatusBadRequest, "KMS.NotFoundException", "Key '"+key+"' does not exist")
}

// putObject stores an object, encrypted as the call or the bucket says.
func (s *Buckets) putObject(cl *kernel.Call, arn string, b *bucket) (any, *kernel.Error) {
	body := []byte(cl.Text("Body"))
	sum := md5.Sum(body) //nolint:gosec // as above
	if given := cl.Text("ContentMD5"); given != "" && given != base64.StdEncoding.EncodeToString(sum[:]) {
		return nil, refuse(http.StatusBadRequest, "BadDigest", "The Content-MD5 you specified did not match what we received.")
	}
	if strings.Contains(cl.Text("ContentEncoding"), "aws-chunked") {
		return nil, refuse(http.StatusNotImplemented, "NotImplemented", "the local run takes no body in chunks")
	}
	o := &object{
		body:      body,
		kind:      cmp.Or(cl.Text("ContentType"), "binary/octet-stream"),
		encoding:  cl.Text("ContentEncoding"),
		algorithm: cmp.Or(cl.Text("ServerSideEncryption"), b.algorithm, "AES256"),
	}
	if strings.HasPrefix(o.algorithm, "aws:kms") {
		name := cmp.Or(cl.Text("SSEKMSKeyId"), b.kms)
		if name == "" {
			return nil, refuse(http.StatusNotImplemented, "NotImplemented", "the local run has no key alias/aws/s3; name a key")
		}
		at := kernel.Site{Account: cmp.Or(b.Account, cl.Who.Account), Region: cmp.Or(b.Region, cl.Region)}
		o.kms, _ = s.kernel.UseKey(kernel.KeyUse{Key: name, Site: at})
		if failed := s.useKey(cl, arn, o.kms, "kms:GenerateDataKey"); failed != nil {
			return nil, failed
		}
	}
	s.store(arn, b, cl.Text("Key"), o, originOf(cl.Who, cl.Source, cl.RequestID))
	header := map[string]string{"ETag": `"` + o.etag + `"`, "X-Amz-Server-Side-Encryption": o.algorithm}
	if o.version != "" {
		header["X-Amz-Version-Id"] = o.version
	}
	return kernel.Answer{Status: http.StatusOK, Header: header}, nil
}

// origin is who made a change.
type origin struct{ principal, account, source, request string }

func originOf(who kernel.Principal, source, request string) origin {
	return origin{"AWS:" + who.ID(), who.Account, source, request}
}

// store keeps an object, and says so. Of one that is encrypted with a key, the ETag is no MD5 (API reference, Object).
func (s *Buckets) store(arn string, b *bucket, key string, o *object, by origin) {
	sum := md5.Sum(o.body) //nolint:gosec // as above
	o.etag, o.modified = hex.EncodeToString(sum[:]), s.kernel.Now()
	if o.kms != "" {
		o.etag = strings.ReplaceAll(kernel.UUID("etag", o.etag, key), "-", "")
	}
	s.keep(b, key, o)
	s.tell(arn, b, change{
		kind: "ObjectCreated", how: "Put", key: key, size: len(o.body), etag: o.etag, version: o.version, by: by,
	})
}

// Put stores an object in a bucket, by its ARN, whatever its policy says: as CloudTrail does, which Receive lets in.
func (s *Buckets) Put(arn, key string, body []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.at(arn)
	if b == nil {
		return false
	}
	o := &object{body: body, kind: "application/json", encoding: "gzip", algorithm: cmp.Or(b.algorithm, "AES256")}
	if strings.HasPrefix(o.algorithm, "aws:kms") {
		o.kms, _ = s.kernel.UseKey(kernel.KeyUse{Key: b.kms, Site: b.Site})
	}
	s.store(arn, b, key, o, origin{
		principal: "AWS:AROAEXAMPLE:regionalDeliverySession", account: b.Account, source: "203.0.113.1", request: s.kernel.ID("request"),
	})
	return true
}

// deleteObject deletes an object, or hides it where the bucket has versions: then there is a marker, also where there
// was no object (DeleteObject).
func (s *Buckets) deleteObject(cl *kernel.Call, arn string, b *bucket) (any, *kernel.Error) {
	header := map[string]string{}
	by := originOf(cl.Who, cl.Source, cl.RequestID)
	if version := cl.Text("VersionId"); version != "" {
		header["X-Amz-Version-Id"] = version
		s.removeVersion(arn, b, cl.Text("Key"), version, by)
		return kernel.Answer{Status: http.StatusNoContent, Header: header}, nil
	}
	if b.versions {
		header["X-Amz-Delete-Marker"] = "true"
	}
	if c := s.remove(arn, b, cl.Text("Key"), by); c.version != "" {
		header["X-Amz-Version-Id"] = c.version
	}
	return kernel.Answer{Status: http.StatusNoContent, Header: header}, nil
}

// Remove deletes an object of a bucket, by its ARN, for somebody who may.
func (s *Buckets) Remove(arn, key string, who kernel.Principal) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.at(arn)
	if b == nil || b.objects[key] == nil {
		return false
	}
	s.remove(arn, b, key, originOf(who, "203.0.113.24", s.kernel.ID("request")))
	return true
}

func (s *Buckets) remove(arn string, b *bucket, key string, by origin) change {
	c := change{kind: "ObjectRemoved", how: "Delete", key: key, by: by}
	if b.versions {
		marker := &object{marker: true, modified: s.kernel.Now()}
		s.keep(b, key, marker)
		c.how, c.version = "DeleteMarkerCreated", marker.version
	}
	if b.objects[key] != nil || b.versions {
		delete(b.objects, key)
		s.tell(arn, b, c)
	}
	return c
}
