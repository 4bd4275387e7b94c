// Package deployed is a deployment as AWS shows it to an operator: its stack's resources and outputs, what the guard was
// told, and its secret. It only reads, and judges nothing.
package deployed

import (
	"context"
	"errors"
	"io/fs"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/doctor/pages"
)

// Resource is one that the stack has made.
type Resource struct {
	ID   string // logical
	Name string // physical: what Ref gives
	Type string // CloudFormation's, such as "AWS::SQS::Queue"
}

// Deployment is what is checked. Its fields are set once.
type Deployment struct {
	AWS  aws.Config   // the operator's
	HTTP *http.Client // for Slack
	// Emulator is the host and port of an emulator of AWS on this machine, which stands for Slack as well; empty: there is
	// none.
	Emulator string
	// Baselines is the folder of the declared baselines, and Folder its name.
	Baselines fs.FS
	Folder    string
	Post      bool // a message may be posted to Slack
	// Profile is the operator's, for commands; empty: none was named.
	Profile string

	Stack, StackID, Status string
	Protected              bool // from deletion
	Account, Partition     string
	Outputs                map[string]string
	Resources              []Resource
	Guard                  Function[config.Guard]
	Warden                 Function[config.Warden] // without a name where it is in another stack, or there is none

	secret   *Secret // what was read
	trails   *trails
	template *template
}

// Region is the stack's.
func (d *Deployment) Region() string { return d.AWS.Region }

// Of lists the resources of a type.
func (d *Deployment) Of(kind string) []Resource {
	var found []Resource
	for _, r := range d.Resources {
		if r.Type == kind {
			found = append(found, r)
		}
	}
	return found
}

// Open reads what the stack is made of. The error is one sentence for whoever called the command: without the stack
// there is nothing to check.
func Open(ctx context.Context, cfg aws.Config, stack string) (*Deployment, error) {
	d := &Deployment{AWS: cfg, Stack: stack, Outputs: map[string]string{}}
	api := cloudformation.NewFromConfig(cfg)
	out, err := api.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String(stack)})
	if err != nil {
		return nil, cli.Explain("describe the stack "+stack, "cloudformation:DescribeStacks", err, map[string]string{
			"ValidationError": "there is no such stack in this account and Region; name another with --stack, --region or --profile",
		})
	}
	if len(out.Stacks) != 1 {
		return nil, errors.New("describe the stack " + stack + ": CloudFormation shows none; name another with --stack")
	}
	d.describe(out.Stacks[0])
	if err := d.list(ctx, api); err != nil {
		return nil, err
	}
	d.readFunctions(ctx)
	return d, nil
}

// list reads what the stack has made, and has not deleted since.
func (d *Deployment) list(ctx context.Context, api *cloudformation.Client) error {
	more, err := pages.Read(func(token *string) (*string, error) {
		page, err := api.ListStackResources(ctx, &cloudformation.ListStackResourcesInput{
			StackName: aws.String(d.Stack), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		for _, r := range page.StackResourceSummaries {
			if r.ResourceStatus == types.ResourceStatusDeleteComplete {
				continue
			}
			d.Resources = append(d.Resources, Resource{
				ID: aws.ToString(r.LogicalResourceId), Name: aws.ToString(r.PhysicalResourceId), Type: aws.ToString(r.ResourceType),
			})
		}
		return page.NextToken, nil
	})
	if err != nil {
		return cli.Explain("list the resources of "+d.Stack, "cloudformation:ListStackResources", err, nil)
	}
	if more {
		return errors.New("list the resources of " + d.Stack + ": there are more than a stack can have; name another with --stack")
	}
	return nil
}

func (d *Deployment) describe(s types.Stack) {
	d.StackID, d.Status = aws.ToString(s.StackId), string(s.StackStatus)
	d.Protected = aws.ToBool(s.EnableTerminationProtection)
	if a, err := events.ParseARN(d.StackID); err == nil {
		d.Account, d.Partition = a.Account, a.Partition
	}
	for _, o := range s.Outputs {
		d.Outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
}
