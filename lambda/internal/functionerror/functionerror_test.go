package functionerror_test

import (
	"testing"

	"trailkeeper/lambda/internal/functionerror"
)

func TestMessage(t *testing.T) {
	for payload, want := range map[string]string{
		`{"errorMessage":"list s3://b/: AccessDenied","errorType":"RequestError"}`:                     "list s3://b/: AccessDenied",
		`{"errorMessage":"2026-03-10T12:00:00Z 8f5d Task timed out after 90.00 seconds. "}`:            "2026-03-10T12:00:00Z 8f5d Task timed out after 90.00 seconds",
		`{"errorMessage":"v1.2 is. old","errorType":"wrapError","stackTrace":[{"path":"a","line":1}]}`: "v1.2 is. old",
		`{"errorMessage":""}`: "", `{"errorMessage":null}`: "", `{"errorMessage":"..."}`: "",
		`{"errorMessage":7}`: "", `{"errorMessage":{"errorMessage":"x"}}`: "", `{"errorType":"Unhandled"}`: "",
		`{"errorMessage":"breaks off`: "", `{"errorMessage":"x"} and more`: "",
		`some cause`: "", `"text"`: "", `[]`: "", `null`: "", ``: "",
	} {
		if got := functionerror.Message([]byte(payload)); got != want {
			t.Errorf("%s: %q, want %q", payload, got, want)
		}
	}
}
