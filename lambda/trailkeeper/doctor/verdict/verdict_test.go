package verdict_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// TestRefused: a refused call is unknown, in a sentence that names the permission; what is no refusal asks for none.
func TestRefused(t *testing.T) {
	for _, test := range []struct {
		err      error
		says, do string
	}{
		{
			&smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not authorized."},
			"List the alarms: the permission cloudwatch:DescribeAlarms is missing, or a policy denies it (not authorized).",
			"Allow cloudwatch:DescribeAlarms to these credentials, and run it again.",
		},
		{&smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"}, "List the alarms: too many.", "Run it again;"},
		{&smithy.GenericAPIError{Code: "AuthorizationError", Message: "x"}, "List the alarms: ", "Allow cloudwatch:DescribeAlarms"},
		{&smithy.GenericAPIError{Code: "NotImplemented", Message: "x"}, "This endpoint, which is not AWS's, does not have cloudwatch:", "Look at it in AWS."},
		{errors.New("no\nroute"), "List the alarms: no", "Run it again;"},
	} {
		v := one(t, verdict.Refused("alarms", "list the alarms", "cloudwatch:DescribeAlarms", test.err, map[string]string{"Throttling": "too many"}))
		if v.Status != verdict.Unknown || !strings.HasPrefix(v.Says, test.says) || !strings.HasPrefix(v.Do, test.do) ||
			strings.Contains(v.Says, "\n") || !strings.HasSuffix(v.Says, ".") {
			t.Errorf("%v: %+v", test.err, v)
		}
	}
}

func one(t *testing.T, all []verdict.Verdict) verdict.Verdict {
	t.Helper()
	if len(all) != 1 {
		t.Fatalf("%d verdicts", len(all))
	}
	return all[0]
}

// TestWords: lists and errors are bounded, and a sentence begins and ends as one.
func TestWords(t *testing.T) {
	for got, want := range map[string]string{
		verdict.Names(nil):                          "",
		verdict.Names([]string{"a", "b", "c"}):      "a, b, c",
		verdict.Names([]string{"a", "b", "c", "d"}): "a, b, c and 1 more",
		verdict.OneLine(errors.New("a\nb.")):        "a; b",
		verdict.Sentence("list it: no.."):           "List it: no.",
		verdict.Sentence(""):                        "",
	} {
		if got != want {
			t.Errorf("%q; want %q", got, want)
		}
	}
	if got := verdict.Names([]string{strings.Repeat("x", 200)}); len([]rune(got)) > 100 {
		t.Errorf("a name of %d runes", len([]rune(got)))
	}
}
