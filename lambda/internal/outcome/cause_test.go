package outcome

import (
	"errors"
	"testing"

	"github.com/aws/smithy-go"

	"trailkeeper/lambda/internal/remediate"
)

// TestReasons: why a trail could not be put back is one of five.
func TestReasons(t *testing.T) {
	for code, reason := range map[string]string{
		"AccessDeniedException":                                  "denied",
		"UnauthorizedOperation":                                  "denied",
		"InsufficientDependencyServiceAccessPermissionException": "denied",
		"ThrottlingException":                                    "throttled",
		"TooManyRequestsException":                               "throttled",
		"RequestLimitExceeded":                                   "throttled",
		"ProvisionedThroughputExceededException":                 "throttled",
		"SlowDown":                                               "throttled",
		"SlowDowns":                                              "other",
		"NotAuthorized":                                          "denied",
		"TrailNotFoundException":                                 "gone",
		"S3BucketDoesNotExistException":                          "gone",
		"MaximumNumberOfTrailsExceededException":                 "limit",
		"TagsLimitExceededException":                             "limit",
		"OperationNotPermittedException":                         "other",
	} {
		if got := Cause(&smithy.GenericAPIError{Code: code}); got != reason {
			t.Errorf("%s: %q; want %q", code, got, reason)
		}
	}
	denied := &smithy.GenericAPIError{Code: "AccessDenied"}
	for name, test := range map[string]struct {
		res  remediate.Result
		want string
	}{
		"the cap, whatever else":   {remediate.Result{Capped: true, Err: denied}, "limit"},
		"an error":                 {remediate.Result{Missing: true, Err: denied}, "denied"},
		"gone":                     {remediate.Result{Missing: true}, "gone"},
		"gone, with such an error": {remediate.Result{Missing: true, Err: errors.New("x")}, "gone"},
		"none":                     {remediate.Result{}, "other"},
	} {
		if got := causeOf(test.res); got != test.want {
			t.Errorf("%s: %q; want %q", name, got, test.want)
		}
	}
	if got := Cause(nil); got != "" {
		t.Errorf("no error: %q", got)
	}
}
