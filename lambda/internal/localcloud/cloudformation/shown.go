package cloudformation

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/localcloud/kernel"
)

// Output is one of a stack.
type Output struct{ Key, Value, Description string }

// Resource is one of a stack, by its logical ID, its name or what else Ref gives, and its type.
type Resource struct{ ID, Name, Type string }

// ID is the stack's ARN.
func (s *Stack) ID() string {
	return s.ARN("cloudformation", "stack/"+s.Name+"/"+kernel.UUID("stack", s.Name))
}

// Template is the text of the template.
func (s *Stack) Template() string { return string(s.raw) }

// Outputs are those of the template whose values can be told here, in order. CloudFormation resolves no secret in them.
func (s *Stack) Outputs() []Output {
	var all []Output
	for _, key := range slices.Sorted(maps.Keys(s.outputs)) {
		output, _ := s.outputs[key].(map[string]any)
		v, err := s.eval(output["Value"])
		value, known := text(v)
		if err != nil || !known || strings.Contains(fmt.Sprint(output), "{{resolve:") {
			continue
		}
		about, _ := output["Description"].(string)
		all = append(all, Output{key, value, about})
	}
	return all
}

// Resources are those of the template, in order.
func (s *Stack) Resources() []Resource {
	var all []Resource
	for _, id := range slices.Sorted(maps.Keys(s.resources)) {
		name, _ := s.attribute(id, "Ref")
		physical, _ := name.(string)
		all = append(all, Resource{id, physical, s.resources[id].kind})
	}
	return all
}

// Deletes are the ARNs of what CloudFormation deletes with the stack: not what its DeletionPolicy retains, and not what
// has no ARN.
func (s *Stack) Deletes() []string {
	var all []string
	for _, id := range slices.Sorted(maps.Keys(s.resources)) {
		r := s.resources[id]
		if r.retained {
			continue
		}
		if name, err := s.name(r); r.kind == "AWS::SSM::Parameter" && err == nil {
			all = append(all, s.ARN("ssm", "parameter/"+strings.TrimPrefix(name, "/"))) // the type gives none
		}
		for _, attribute := range []string{"Arn", "TopicArn", "PolicyArn"} {
			value, err := s.attribute(id, attribute)
			if arn, _ := value.(string); err == nil && events.IsARN(arn) {
				all = append(all, strings.TrimSuffix(arn, ":*"))
				break
			}
		}
	}
	return all
}
