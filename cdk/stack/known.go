package stack

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/aws-cdk-go/awscdk/v2/cxapi"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config/deployment"
)

// Known is what guard and warden are to know of their deployment.
type Known struct {
	// Description is what Describe returned for the same settings.
	Description deployment.Description
	// Digest is that of the file deployment.FileName in the asset of Code; see deployment.Digest.
	Digest string
	// CodeSHA256 and WatchSHA256 are the SHA-256 of the packages of Props.Code and Props.WatchCode, in Base64.
	CodeSHA256, WatchSHA256 string
}

// Describe makes the stacks of the settings once, in an app of its own, and returns what a description has of them. The
// props need no Known, and any code. CDK does not write the description into what it deploys: whoever builds the code
// does.
func Describe(app awscdk.App, props Props) (deployment.Description, error) {
	props.Known, props.describing = nil, true
	made, t, err := NewStack(app, props)
	if err != nil {
		return deployment.Description{}, err
	}
	return DescribeMade(app.Synth(nil), made, t, props.Settings)
}

// DescribeMade describes the stacks that NewStack made, of what they were synthesized to.
func DescribeMade(
	assembly cxapi.CloudAssembly, made awscdk.Stack, t *Trailkeeper, s settings.Settings,
) (deployment.Description, error) {
	stacks := []awscdk.Stack{made}
	if t.WardenStack != nil {
		stacks = append(stacks, t.WardenStack)
	}
	var of []deployment.Template
	for i, one := range stacks {
		content, err := json.Marshal(assembly.GetStackArtifact(one.ArtifactId()).Template())
		if err != nil {
			return deployment.Description{}, fmt.Errorf("the template of stack %s: %w", *one.StackName(), err)
		}
		of = append(of, deployment.Template{Content: content})
		if i > 0 {
			of[i].Region = s.Warden.Region
		}
	}
	return deployment.Describe(s.StackName, of...)
}

// recordDeployment makes the parameter with what is known only once the stack is deployed. Nothing depends on it, and
// whoever reads it does so by its name.
func (t *Trailkeeper) recordDeployment(props Props) {
	value := jsii.String("{}")
	if props.Known != nil {
		value = awscdk.Fn_Sub(jsii.String(RecordText(*props.Known, t.code(*props.Known), props.Settings.SecretVersion)), nil)
	}
	awsssm.NewCfnParameter(t.Construct, jsii.String("Deployment"), &awsssm.CfnParameterProps{
		Name:        jsii.String(deployment.ParameterName(props.Settings.StackName)),
		Type:        jsii.String("String"),
		Tier:        jsii.String("Intelligent-Tiering"), // standard, free of charge, up to 4 KB
		Description: jsii.String("Trailkeeper: names of what is deployed, and digests of what the functions run"),
		Value:       value,
	})
}

// code are the digests of the functions' packages, by logical ID.
func (t *Trailkeeper) code(k Known) map[string]string {
	code := map[string]string{logicalID(t.Guard.Function): k.CodeSHA256}
	if t.Warden != nil {
		code[logicalID(t.Warden.Function)] = k.CodeSHA256
	}
	if t.Watch != nil {
		code[logicalID(t.Watch.Function)] = k.WatchSHA256
	}
	if t.Backtest != nil {
		code[logicalID(t.Backtest.Function)] = k.WatchSHA256
	}
	return code
}

func logicalID(of constructs.IConstruct) string {
	element := of.Node().DefaultChild().(awscdk.CfnElement)
	return *awscdk.Stack_Of(of).GetLogicalId(element)
}

// RecordText is the value of the parameter, in which Fn::Sub puts the names. Names that CloudFormation makes have nothing
// that JSON escapes.
func RecordText(k Known, code map[string]string, secretVersion string) string {
	r := deployment.Record{Description: k.Digest, Names: map[string]string{}, Code: code, SecretVersion: secretVersion}
	for _, id := range k.Description.Unnamed() {
		logical, _, _ := strings.Cut(id, ".")
		switch of := k.Description.Resources[logical]; {
		case of.Region != "":
			continue // of another stack
		case of.Type == "AWS::SQS::Queue":
			r.Names[id] = "${" + id + ".QueueName}"
		default:
			r.Names[id] = "${" + id + "}"
		}
	}
	return r.Line()
}
