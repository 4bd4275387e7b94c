package deployed

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

// Declared is a resource as the stack's template has it. Functions of CloudFormation are not carried out.
type Declared struct {
	Type       string
	Properties map[string]any
}

// template is what was read of the stack's template.
type template struct {
	text      string
	resources map[string]Declared
	err       error
}

// errTemplate says that CloudFormation answered with what is no template in JSON, which a stack of Trailkeeper has.
var errTemplate = errors.New("CloudFormation's answer holds no template in JSON")

// Template reads the resources of the stack's template, by their logical IDs, once.
func (d *Deployment) Template(ctx context.Context) (map[string]Declared, error) {
	t := d.whole(ctx)
	return t.resources, t.err
}

// TemplateText is the stack's template in JSON, read once.
func (d *Deployment) TemplateText(ctx context.Context) (string, error) {
	t := d.whole(ctx)
	return t.text, t.err
}

func (d *Deployment) whole(ctx context.Context) *template {
	if d.template == nil {
		d.template = &template{}
		d.template.read(ctx, d)
	}
	return d.template
}

func (t *template) read(ctx context.Context, d *Deployment) {
	out, err := cloudformation.NewFromConfig(d.AWS).GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: aws.String(d.Stack)})
	if err != nil {
		t.err = err
		return
	}
	var all struct{ Resources map[string]Declared }
	if err := json.Unmarshal([]byte(aws.ToString(out.TemplateBody)), &all); err != nil || all.Resources == nil {
		t.err = errTemplate
		return
	}
	t.text, t.resources = aws.ToString(out.TemplateBody), all.Resources
}

// Named is what a value of the template names: a text, or the physical name of a resource that it refers to; false where it
// is something else.
func (d *Deployment) Named(value any) (string, bool) {
	if text, ok := value.(string); ok {
		return text, true
	}
	ref, ok := value.(map[string]any)
	if !ok || len(ref) != 1 {
		return "", false
	}
	at := slices.IndexFunc(d.Resources, func(r Resource) bool { return r.ID == ref["Ref"] })
	if at < 0 {
		return "", false
	}
	return d.Resources[at].Name, true
}
