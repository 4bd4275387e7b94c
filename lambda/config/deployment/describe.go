package deployment

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// WardenID begins the logical IDs of PartWarden: that of the construct which holds all that makes the warden.
const WardenID = "Warden"

// Template is one that makes a part of a deployment.
type Template struct {
	// Region is where it is deployed; empty: where the deployment's own stack is.
	Region string
	// Content is the template as CDK synthesizes it, in JSON.
	Content []byte
}

// described are the types of what is checked: what an event of a trail, an alert or a run passes through, and what says
// who may do what. Not dashboards, metric filters, trails and buckets: a trail is the sweep's business.
var described = []string{
	"AWS::CloudWatch::Alarm",
	"AWS::DynamoDB::Table",
	"AWS::Events::ApiDestination",
	"AWS::Events::Connection",
	"AWS::Events::Rule",
	"AWS::IAM::ManagedPolicy",
	"AWS::IAM::Policy",
	"AWS::IAM::Role",
	"AWS::KMS::Key",
	"AWS::Lambda::EventInvokeConfig",
	"AWS::Lambda::EventSourceMapping",
	"AWS::Lambda::Function",
	"AWS::Lambda::Permission",
	"AWS::Logs::LogGroup",
	"AWS::SNS::Subscription",
	"AWS::SNS::Topic",
	"AWS::SNS::TopicPolicy",
	"AWS::SQS::Queue",
	"AWS::SQS::QueuePolicy",
	"AWS::SSM::Parameter",
	"AWS::Scheduler::Schedule",
}

// Types lists the types of resources that a description has, in alphabetical order.
func Types() []string { return slices.Clone(described) }

// Describe makes the description of a deployment of its templates. Left out is what follows the description itself: where
// a function's package lies, whose hash changes with it, and the value of a parameter. So the templates of a first
// synth, whose functions have no program, have the same description as those that are deployed. Buckets are in it
// where others name them, for their names alone. The error names the template that cannot be read, or the logical ID
// that two of them have.
func Describe(stack string, of ...Template) (Description, error) {
	d := Description{Stack: stack, Resources: map[string]Resource{}}
	others := map[string]Resource{}
	for _, t := range of {
		all, err := t.resources()
		if err != nil {
			return Description{}, fmt.Errorf("the template of stack %s (Region %q) is no JSON: %w", stack, t.Region, err)
		}
		for _, id := range slices.Sorted(maps.Keys(all)) {
			r := all[id]
			if !slices.Contains(described, r.Type) {
				r.Properties = nameOnly(r)
				others[id] = r
				continue
			}
			if _, twice := d.Resources[id]; twice {
				return Description{}, fmt.Errorf("two templates of stack %s have the logical ID %s; want each once", stack, id)
			}
			d.Resources[id] = r
		}
	}
	for _, id := range d.referred() {
		if r, ok := others[id]; ok && hasName(r.Type) {
			d.Resources[id] = r
		}
	}
	return d, nil
}

// nameOnly are the properties of a resource that others name: that with its name.
func nameOnly(r Resource) map[string]any {
	f, _ := forms(r.Type)
	if name, ok := r.Properties[f.property]; ok && f.property != "" {
		return map[string]any{f.property: name}
	}
	return nil
}

// resources are those of a template.
func (t Template) resources() (map[string]Resource, error) {
	var template struct {
		Resources map[string]struct {
			Type       string
			Properties map[string]any
		}
	}
	if err := json.Unmarshal(t.Content, &template); err != nil {
		return nil, err
	}
	all := make(map[string]Resource, len(template.Resources))
	for id, r := range template.Resources {
		all[id] = Resource{Type: r.Type, Part: partOf(id), Region: t.Region, Properties: stable(r.Type, r.Properties)}
	}
	return all, nil
}

// referred lists the logical IDs that the resources name and the description does not have.
func (d Description) referred() []string {
	found := map[string]bool{}
	var look func(v any)
	look = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				look(item)
			}
		case map[string]any:
			if name, arg, ok := function(v); ok && (name == "Ref" || name == "Fn::GetAtt") {
				id, _ := arg.(string)
				if name == "Fn::GetAtt" {
					id, _ = pair(arg)
				}
				found[id] = true
				return
			}
			for _, value := range v {
				look(value)
			}
		}
	}
	for _, r := range d.Resources {
		look(r.Properties)
	}
	for id := range d.Resources {
		delete(found, id)
	}
	return slices.Sorted(maps.Keys(found))
}

func partOf(id string) Part {
	if strings.HasPrefix(id, WardenID) {
		return PartWarden
	}
	return PartGuard
}

// stable are the properties without those that change with the description.
func stable(kind string, properties map[string]any) map[string]any {
	switch kind {
	case "AWS::Lambda::Function":
		if code, ok := properties["Code"].(map[string]any); ok {
			delete(code, "S3Key")
		}
	case "AWS::SSM::Parameter":
		delete(properties, "Value")
	}
	return properties
}

// RecordID is the logical ID of the parameter that holds the record; empty: there is none.
func (d Description) RecordID() string {
	for _, id := range slices.Sorted(maps.Keys(d.Resources)) {
		if r := d.Resources[id]; r.Type == "AWS::SSM::Parameter" && r.Properties["Name"] == ParameterName(d.Stack) {
			return id
		}
	}
	return ""
}

// Unnamed lists the logical IDs of those whose names only CloudFormation knows, as the record must have them: "ID", or
// "ID.Arn" where the ARN cannot be made of the name.
func (d Description) Unnamed() []string {
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(d.Resources)) {
		r := d.Resources[id]
		f, ok := forms(r.Type)
		if !ok {
			continue
		}
		if _, given := r.Properties[f.property]; !given || f.property == "" {
			ids = append(ids, id)
		}
		if f.arn == nil && !f.nameless {
			ids = append(ids, id+".Arn")
		}
		if f.id != "" {
			ids = append(ids, id+"."+f.id)
		}
	}
	return ids
}
