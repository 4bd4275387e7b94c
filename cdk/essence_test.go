package main

import (
	"errors"
	"strings"
	"testing"
)

// TestEssence: of what CDK panics with, the sentences are left, and no trace.
func TestEssence(t *testing.T) {
	for name, tt := range map[string]struct {
		reason any
		want   string
	}{
		"validation": {
			errors.New("ValidationFailed: Validation failed. A copy of this report can be found in: " +
				"/tmp/x/validation-report.json\nERROR Type: Resource type 'AWS::Events::Connection' does not exist in " +
				"'xx-west-1' (CloudFormation Validate)\n   trailkeeper/Default/Slack/Connection (SlackConnection6C302821) " +
				"aws-cdk-lib.aws_events.CfnConnection\n   Acknowledge with 'CloudFormation-Validate::F3006'\n\nERROR Another " +
				"one\n   at /x\n"),
			"CDK refuses the stack: Type: Resource type 'AWS::Events::Connection' does not exist in 'xx-west-1' " +
				"(CloudFormation Validate)\nCDK refuses the stack: Another one",
		},
		"a trace": {
			errors.New("@jsii/kernel.RuntimeError: Error: There is already a Construct with name 'X' in App\n    at " +
				"Node.addChild (/tmp/jsii/lib/construct.js:1:2)\n    at new Node (/tmp/jsii/lib/construct.js:1:2)\n"),
			"CDK refuses the stack: There is already a Construct with name 'X' in App",
		},
		"a text": {"ENOENT: no such file or directory, open 'cdk.out'", "CDK refuses the stack: ENOENT: no such file or " +
			"directory, open 'cdk.out'"},
		"no Node": {errors.New(`exec: "node": executable file not found in $PATH`), "node is not on the PATH; CDK needs " +
			"Node.js 20 or newer"},
		"old Node": {
			errors.New("@jsii/kernel: no response received from child process"),
			"node ended without an answer; CDK needs Node.js 20 or newer, and room in the folder for temporary files",
		},
		"nothing": {errors.New("\n    at x (y.js:1:2)\n"), "CDK failed without a reason; run it again with --debug"},
	} {
		if got := essence(tt.reason).Error(); got != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, tt.want)
		}
		if got := essence(tt.reason).Error(); strings.Contains(got, ".js:") || strings.Contains(got, "goroutine") {
			t.Errorf("%s: a trace: %s", name, got)
		}
	}
}
