package localcloud

import (
	"net/http"
	"strings"
	"testing"
)

// TestDeletedStack: a protected stack is not deleted; one that is has no rule, function or parameter any more.
func TestDeletedStack(t *testing.T) {
	c := newCloud(t, nil)
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	protect := func(on string) {
		if status, body, _ := raw(t, c, "cloudformation", "UpdateTerminationProtection",
			`{"StackName": "trailkeeper", "EnableTerminationProtection": "`+on+`"}`); status != http.StatusOK {
			t.Fatal(body)
		}
	}
	protect("true")
	status, body, _ := raw(t, c, "cloudformation", "DeleteStack", `{"StackName": "trailkeeper"}`)
	if status != http.StatusBadRequest || !strings.Contains(body, "cannot be deleted while TerminationProtection is enabled") {
		t.Errorf("protected: %d %s", status, body)
	}
	protect("false")
	if status, body, _ = raw(t, c, "cloudformation", "DeleteStack", `{"StackName": "trailkeeper"}`); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
	if status, body, _ = raw(t, c, "cloudformation", "DescribeStacks", `{"StackName": "trailkeeper"}`); status != http.StatusBadRequest ||
		!strings.Contains(body, "does not exist") {
		t.Errorf("%d %s", status, body)
	}
	must(t, stopMain(t, c))
	run(t, c)
	if got := len(of(c, KindInvoked)) + len(of(c, KindSlack)); got > 0 {
		t.Errorf("%d invocations and messages of a stack that is gone", got)
	}
	if _, body, _ = raw(t, c, "events", "ListRules", `{}`); !strings.Contains(body, `"Rules":[]`) {
		t.Error(body)
	}
}

// TestParameters: what PutParameter refuses, and that its record shows no value.
func TestParameters(t *testing.T) {
	c := newCloud(t, nil)
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	for _, test := range []struct{ request, want string }{
		{`{"Name": "a", "Value": "x"}`, "A parameter type is required"},
		{`{"Name": "a", "Value": "x", "Type": "SecureString"}`, "UnsupportedParameterType"},
		{`{"Name": "aws-a", "Value": "x", "Type": "String"}`, "is not allowed"},
		{`{"Name": "a/b", "Value": "x", "Type": "String"}`, "fully qualified"},
		{`{"Name": "a", "Value": "` + strings.Repeat("x", 4097) + `", "Type": "String"}`, "takes 1 to 4096"},
		{`{"Name": "a", "Value": "` + strings.Repeat("x", 4097) + `", "Type": "String", "Tier": "Advanced"}`, `"Tier":"Advanced"`},
		{`{"Name": "a", "Value": "x", "Type": "String"}`, "ParameterAlreadyExists"},
		{`{"Name": "a", "Value": "x", "Type": "StringList", "Overwrite": true}`, "HierarchyTypeMismatchException"},
		{`{"Name": "a", "Value": "tampered", "Overwrite": true}`, `"Version":2`},
	} {
		if _, body, _ := raw(t, c, "ssm", "PutParameter", test.request); !strings.Contains(body, test.want) {
			t.Errorf("%.80s: %s", test.request, body)
		}
	}
	if _, body, _ := raw(t, c, "ssm", "GetParameter", `{"Name": "b"}`); !strings.Contains(body, "ParameterNotFound") {
		t.Error(body)
	}
	run(t, c)
	for _, m := range c.Queued()["Copies"] {
		if strings.Contains(m.Body, "tampered") {
			t.Error("a record shows the value")
		}
	}
}
