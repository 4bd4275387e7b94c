package stack

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/crosscheck"
	"trailkeeper/cdk/owntrail"
	"trailkeeper/cdk/warden"
)

// addWarden makes the warden in the deployment's own stack.
func (t *Trailkeeper) addWarden(props Props, key awskms.IKey) {
	if s := props.Settings; s.Warden.Enabled && !s.WardenElsewhere() {
		t.Warden = warden.New(t.Construct, warden.Props{
			Settings: s,
			Code:     props.Code,
			Home:     t.Construct,
			Keys:     t.keys(props, key),
			Key:      key,
			Topic:    t.Topic,
			Table:    t.Guard.Table,
		})
	}
}

// addWardenStack makes the warden in a stack of its own in another Region. It is deployed first: whoever deploys the
// stack alone has both.
func (t *Trailkeeper) addWardenStack(scope constructs.Construct, own awscdk.Stack, props Props) {
	s := props.Settings
	t.WardenStack = awscdk.NewStack(scope, jsii.String(crosscheck.Name(s)), &awscdk.StackProps{
		Description:           jsii.String("Trailkeeper: the warden, which checks the guard of " + s.StackName + " in " + s.Env.Region),
		Env:                   &awscdk.Environment{Account: jsii.String(s.Env.Account), Region: jsii.String(s.Warden.Region)},
		TerminationProtection: jsii.Bool(s.TerminationProtection),
		Synthesizer: awscdk.NewDefaultStackSynthesizer(
			&awscdk.DefaultStackSynthesizerProps{GenerateBootstrapVersionRule: jsii.Bool(false)},
		),
	})
	t.Warden = warden.New(t.WardenStack, warden.Props{Settings: s, Code: props.WardenCode, Home: t.Construct})
	tag(t.WardenStack, s)
	own.AddStackDependency(t.WardenStack, nil)
}

// keys are the ARNs of the keys that the stack makes.
func (t *Trailkeeper) keys(props Props, key awskms.IKey) []string {
	var arns []string
	if props.Settings.EncryptionKey == "create" {
		arns = append(arns, *key.KeyArn())
	}
	if t.Topic != nil && t.Topic.Key != nil {
		arns = append(arns, *t.Topic.Key.KeyArn())
	}
	for _, own := range []*owntrail.Trail{t.Canary, t.FirstTrail} {
		if own != nil && own.Key != nil {
			arns = append(arns, *own.Key.KeyArn())
		}
	}
	return arns
}

// ownStack refuses a warden for a deployment that is a part of another app's stack: names would not begin with the
// stack's.
func ownStack(scope constructs.Construct, id string, props Props) error {
	name := *awscdk.Stack_Of(scope).StackName()
	if props.Settings.Warden.Enabled && (id != ownID || name != props.Settings.StackName) {
		return fmt.Errorf("warden.enabled is true, and the deployment is a part of the stack %s; want a stack of its own, as "+
			"NewStack makes it, or warden.enabled false", name)
	}
	return nil
}
