package verdict_test

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// TestCommand: whatever an argument holds, a shell gives it back as it is.
func TestCommand(t *testing.T) {
	for _, args := range [][]string{
		{"printf", "%s", "plain-name_1/2:3"},
		{"printf", "%s", "it's"},
		{"printf", "%s", "$(id) `id` \"x\" \\ ; & | > <"},
		{"printf", "%s", ""},
		{"printf", "%s", "two\nlines"},
		{"printf", "%s", "*~!#"},
	} {
		out, err := exec.CommandContext(t.Context(), "sh", "-c", verdict.Command(args...)).Output() //nolint:gosec // what is tested
		if err != nil || string(out) != args[2] {
			t.Errorf("%q becomes %q, %v", args[2], out, err)
		}
	}
	if got := verdict.Command("aws", "sns", "--arn", "arn:aws:sns:x"); got != "aws sns --arn arn:aws:sns:x" {
		t.Errorf("what needs no quotes has some: %s", got)
	}
}

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
		{&smithy.GenericAPIError{Code: "NotImplemented", Message: "x"}, "This endpoint, which is not AWS's, does not have cloudwatch:", "Look at it in AWS."},
		{errors.New("no\nroute"), "List the alarms: no", "Run it again;"},
	} {
		v := verdict.Refused("alarms", "list the alarms", "cloudwatch:DescribeAlarms", test.err, map[string]string{"Throttling": "too many"})
		if v.Status != verdict.Unknown || !strings.HasPrefix(v.Says, test.says) || !strings.HasPrefix(v.Do, test.do) ||
			strings.Contains(v.Says, "\n") || !strings.HasSuffix(v.Says, ".") {
			t.Errorf("%v: %+v", test.err, v)
		}
	}
}
