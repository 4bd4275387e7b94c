package archive

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Call is a call of S3, as far as its refusals differ from those of another.
type Call struct{ permission, gone string }

// The calls that reading an archive takes.
var (
	ListObjects = Call{"s3:ListBucket", "there is no such bucket"}
	GetObject   = Call{"s3:GetObject", "the object is gone: it was there when the bucket was listed"}
)

// Refused is a sentence for a refusal of S3: its code without "Exception", the HTTP status, or 0, and its own words. It
// is nil for a code that could come with any call.
func (c Call) Refused(code string, status int, said string) error {
	switch {
	case strings.HasPrefix(code, "KMS."):
		return fmt.Errorf("%s: the key of the object cannot be used", code)
	case strings.HasPrefix(code, "AccessDenied") || status == http.StatusForbidden:
		if strings.Contains(strings.ToLower(said), "kms") {
			return errors.New("AccessDenied: the permission kms:Decrypt for the key of the object is missing")
		}
		return fmt.Errorf("AccessDenied: the permission %s is missing, or a policy denies it", c.permission)
	case code == "NoSuchKey" || code == "NoSuchBucket" || status == http.StatusNotFound:
		return fmt.Errorf("%s: %s", cmp.Or(code, "NotFound"), c.gone)
	case code == "InvalidObjectState":
		return errors.New("InvalidObjectState: it is archived; restore it first")
	}
	return nil
}
