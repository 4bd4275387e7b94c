package s3read

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"trailkeeper/lambda/internal/sanitize"
)

// Error is S3's refusal to give an object.
type Error struct {
	Code   string // S3's, such as "NoSuchKey" or "KMS.DisabledException"; empty: it gave none
	Status int    // of HTTP
	// Message is in S3's words. Not bounded, and not escaped.
	Message string

	region string // where the bucket is, if S3 says so
}

// maxMessage bounds what is shown of S3's own words, in runes.
const maxMessage = 200

// Error says what is missing, in a sentence.
func (e *Error) Error() string {
	code := sanitize.Bound(cmp.Or(e.Code, fmt.Sprintf("HTTP %d", e.Status)), maxMessage)
	switch {
	case e.isKey():
		return code + ": the key of the object cannot be used; the function's role needs kms:Decrypt for it, " +
			"and the key must be enabled"
	case e.Code == "InvalidObjectState":
		return code + ": the object is archived; restore it first"
	case e.Status == http.StatusForbidden:
		return code + ": s3:GetObject, or s3:GetObjectVersion of a version, is refused, or the bucket is not of the account that is configured for it"
	case e.Code == "NoSuchBucket":
		return code + ": there is no such bucket"
	case e.Gone():
		return code + ": the object is not there"
	case e.region != "":
		return code + ": the bucket is in the Region " + e.region
	case e.Message == "":
		return code + ": S3 did not give the object"
	}
	return code + ": " + sanitize.Bound(e.Message, maxMessage)
}

// Gone reports whether there is no such object, or none any more.
func (e *Error) Gone() bool { return e.Code == "NoSuchKey" || e.Status == http.StatusNotFound }

// isKey reports whether it is about the KMS key that the object is encrypted with.
func (e *Error) isKey() bool {
	return strings.HasPrefix(e.Code, "KMS.") ||
		e.Status == http.StatusForbidden && strings.Contains(strings.ToLower(e.Message), "kms:")
}
