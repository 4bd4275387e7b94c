package deployed_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"trailkeeper/lambda/trailkeeper/doctor/deployed"
)

// TestCommands: a command asks where the deployment is, with the operator's profile, and quotes what a shell would read.
func TestCommands(t *testing.T) {
	for profile, want := range map[string][2]string{
		"":           {"aws sns x 'a b' --region eu-west-1", "trailkeeper x"},
		"it's":       {`aws sns x 'a b' --region eu-west-1 --profile 'it'\''s'`, `trailkeeper x --profile 'it'\''s'`},
		"production": {"aws sns x 'a b' --region eu-west-1 --profile production", "trailkeeper x --profile production"},
	} {
		d := &deployed.Deployment{AWS: aws.Config{Region: "eu-west-1"}, Profile: profile}
		if got := [2]string{d.AWSCommand("sns", "x", "a b"), d.Command("x")}; got != want {
			t.Errorf("%q: %q; want %q", profile, got, want)
		}
	}
}

// TestNamed: a value of the template names what it says, or the resource that it refers to; nothing else.
func TestNamed(t *testing.T) {
	d := &deployed.Deployment{Resources: []deployed.Resource{{ID: "Topic", Name: "arn:x"}}}
	for name, test := range map[string]struct {
		value any
		want  string
		ok    bool
	}{
		"a text":             {"arn:y", "arn:y", true},
		"a reference":        {map[string]any{"Ref": "Topic"}, "arn:x", true},
		"of nothing":         {map[string]any{"Ref": "Other"}, "", false},
		"another function":   {map[string]any{"Fn::GetAtt": []any{"Topic", "Arn"}}, "", false},
		"two functions":      {map[string]any{"Ref": "Topic", "Fn::If": "x"}, "", false},
		"a list":             {[]any{"arn:y"}, "", false},
		"no value":           {nil, "", false},
		"a reference to a 1": {map[string]any{"Ref": 1}, "", false},
	} {
		if got, ok := d.Named(test.value); got != test.want || ok != test.ok {
			t.Errorf("%s: %q, %v", name, got, ok)
		}
	}
}
