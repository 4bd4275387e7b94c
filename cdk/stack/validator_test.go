package stack_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
)

// TestValidator: CDK looks at the templates of newApp, and refuses what CloudFormation would; without the validator
// nothing is said.
func TestValidator(t *testing.T) {
	for name, tt := range map[string]struct {
		app     func(*testing.T) awscdk.App
		timeout string // of the queue
		refuses bool
	}{
		"wrong":       {newApp, "Keep", true},
		"right":       {newApp, "120", false},
		"not checked": {func(t *testing.T) awscdk.App { return newAppWithout(t) }, "Keep", false},
	} {
		t.Run(name, func(t *testing.T) {
			made := awscdk.NewStack(tt.app(t), jsii.String("Queues"), nil)
			awscdk.NewCfnResource(made, jsii.String("Queue"), &awscdk.CfnResourceProps{
				Type:       jsii.String("AWS::SQS::Queue"),
				Properties: &map[string]any{"VisibilityTimeout": tt.timeout},
			})
			said := ""
			func() {
				defer func() {
					if reason := recover(); reason != nil {
						said = fmt.Sprint(reason)
					}
				}()
				assertions.Template_FromStack(made, nil)
			}()
			if got := said != ""; got != tt.refuses || got && !strings.Contains(said, "Validation failed") {
				t.Errorf("refused: %v, saying %s; want %v", got, said, tt.refuses)
			}
		})
	}
}
