package checks_test

import (
	"strings"
	"testing"

	"trailkeeper/lambda/config/deployment"
)

func TestParameter(t *testing.T) {
	of := deployment.Deployed{
		ID: "Parameter", Type: "AWS::SSM::Parameter", Name: "trailkeeper-deployment",
		Properties: map[string]any{"Type": "String", "Value": "{}"},
	}
	for name, test := range map[string]struct {
		answer any
		want   string
	}{
		"as deployed": {object(t, `{"Parameter": {"Type": "String", "DataType": "text", "Value": "{}"}}`), ""},
		"gone":        {refused("ParameterNotFound"), "resource: the parameter trailkeeper-deployment -> none"},
		"a secret": {
			object(t, `{"Parameter": {"Type": "SecureString", "DataType": "text", "Value": "{}"}}`), "Type: String -> SecureString",
		},
		"another value": {object(t, `{"Parameter": {"Type": "String", "Value": "{\"x\":1}"}}`), "Value: sha256:"},
	} {
		s := &service{answers: map[string]any{"GetParameter": test.answer}}
		found, err := s.check(t, of)
		if got := text(found); err != nil || !strings.HasPrefix(got, test.want) || (got == "") != (test.want == "") {
			t.Errorf("%s: %v %s", name, err, got)
		}
	}
}
