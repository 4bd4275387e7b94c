package stack_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"trailkeeper/cdk/settings"
)

// annotations are what was said of a stack at its synth.
type annotations struct{ errors, warnings []string }

// annotated holds what was said of the stacks that fresh has made, with cdk-nag's findings.
var annotated = map[string]annotations{}

// annotationsOf reads what was said of a stack, and synthesizes it where nobody has.
func annotationsOf(t *testing.T, made awscdk.Stack) annotations {
	t.Helper()
	defer refused(t)
	all, anything := assertions.Annotations_FromStack(made), assertions.Match_StringLikeRegexp(jsii.String(".*"))
	return annotations{
		texts(*all.FindError(jsii.String("*"), anything)), texts(*all.FindWarning(jsii.String("*"), anything)),
	}
}

// texts are those of messages, whose type has moved from one of CDK's packages to another.
func texts[T any](found []T) []string {
	var all []string
	for _, f := range found {
		all = append(all, text(f))
	}
	return all
}

// checkedByNag has cdk-nag look at a stack when it is synthesized.
func checkedByNag(made awscdk.Stack) {
	awscdk.Aspects_Of(made).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Reports: jsii.Bool(false)}), nil)
}

// saidOfGolden is what was said of the stack of a golden template, cdk-nag's findings apart.
func saidOfGolden(name string) func(*testing.T) annotations {
	return func(t *testing.T) annotations {
		t.Helper()
		fresh(t, name)
		a := annotated[name]
		var own []string
		for _, w := range a.warnings {
			if !strings.Contains(w, "AwsSolutions-") {
				own = append(own, w)
			}
		}
		a.warnings = own
		return a
	}
}

// saidOf is what is said of a stack with these settings.
func saidOf(s settings.Settings) func(*testing.T) annotations {
	return func(t *testing.T) annotations {
		t.Helper()
		return annotationsOf(t, newStack(t, newAppWithout(t, validates), s))
	}
}
