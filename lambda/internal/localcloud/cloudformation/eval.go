package cloudformation

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// noValue stands for AWS::NoValue: the property is left out.
type noValue struct{}

func (s *Stack) eval(v any) (any, error) {
	switch v := v.(type) {
	case string:
		return s.dynamic(v)
	case []any:
		return s.list(v)
	case map[string]any:
		if len(v) == 1 {
			for name, arg := range v {
				if name == "Ref" || strings.HasPrefix(name, "Fn::") {
					return s.function(name, arg)
				}
			}
		}
		return s.object(v)
	default:
		return v, nil
	}
}

func (s *Stack) list(v []any) (any, error) {
	out := make([]any, 0, len(v))
	var errs []error
	for _, item := range v {
		value, err := s.eval(item)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if _, none := value.(noValue); !none {
			out = append(out, value)
		}
	}
	return out, errors.Join(errs...)
}

func (s *Stack) object(v map[string]any) (any, error) {
	out := make(map[string]any, len(v))
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(v)) {
		value, err := s.eval(v[key])
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", key, err))
			continue
		}
		if _, none := value.(noValue); !none {
			out[key] = value
		}
	}
	return out, errors.Join(errs...)
}

func (s *Stack) function(name string, arg any) (any, error) {
	switch name {
	case "Ref":
		id, _ := arg.(string)
		return s.ref(id)
	case "Fn::GetAtt":
		return s.getAtt(arg)
	case "Fn::Join":
		return s.join(arg)
	case "Fn::Sub":
		return s.sub(arg)
	default:
		return nil, fmt.Errorf("the function %s is not modelled", name)
	}
}

func (s *Stack) ref(id string) (any, error) {
	switch id {
	case "AWS::AccountId":
		return s.Account, nil
	case "AWS::Region":
		return s.Region, nil
	case "AWS::Partition":
		return s.Partition, nil
	case "AWS::URLSuffix":
		return URLSuffix(s.Partition), nil
	case "AWS::StackName":
		return s.Name, nil
	case "AWS::StackId":
		return s.ID(), nil
	case "AWS::NoValue":
		return noValue{}, nil
	}
	return s.attribute(id, "Ref")
}

func (s *Stack) getAtt(arg any) (any, error) {
	var id, att string
	switch arg := arg.(type) {
	case string:
		id, att, _ = strings.Cut(arg, ".")
	case []any:
		if len(arg) == 2 {
			id, _ = arg[0].(string)
			att, _ = arg[1].(string)
		}
	}
	if id == "" || att == "" {
		return nil, errors.New("Fn::GetAtt: want a resource and an attribute")
	}
	return s.attribute(id, att)
}

// attribute returns what Ref or Fn::GetAtt gives for a resource.
func (s *Stack) attribute(id, att string) (any, error) {
	r, ok := s.resources[id]
	if !ok {
		return nil, fmt.Errorf("%s refers to %s, which is not in the template", att, id)
	}
	name, err := s.name(r)
	if err != nil {
		return nil, err
	}
	value, ok := s.types[r.kind].Attributes(s.Place, id, name)[att]
	if !ok {
		return nil, fmt.Errorf("%s of %s (%s) is not modelled", att, id, r.kind)
	}
	return value, nil
}

// name gives the physical name: the one in the properties, or one that is made as CloudFormation makes it, and before
// it what qualifies it.
func (s *Stack) name(r resource) (string, error) {
	t := s.types[r.kind]
	name, err := s.named(r, t.Name)
	if err != nil {
		return "", err
	}
	if name == "" {
		name = generatedName(s.Name, r.id)
		if t.Lower {
			name = strings.ToLower(name)
		}
	}
	if t.Qualifier == "" {
		return name, nil
	}
	qualifier, err := s.named(r, t.Qualifier)
	if err != nil {
		return "", err
	}
	return t.Qualified(qualifier, name), nil
}

// named evaluates the property that gives a name, which may be absent.
func (s *Stack) named(r resource, property string) (string, error) {
	given, ok := r.properties[property]
	if !ok {
		return "", nil
	}
	if s.busy[r.id] {
		return "", fmt.Errorf("the name of %s depends on itself", r.id)
	}
	s.busy[r.id] = true
	defer delete(s.busy, r.id)
	v, err := s.eval(given)
	if err != nil {
		return "", err
	}
	name, ok := v.(string)
	if !ok || name == "" {
		return "", fmt.Errorf("the name of %s is no text", r.id)
	}
	return name, nil
}

// generatedName has the form of CloudFormation's names: stack, logical ID and twelve random characters, which are
// always the same here.
func generatedName(stack, id string) string {
	sum := sha256.Sum256([]byte(stack + "/" + id))
	return stack + "-" + id + "-" + base32.StdEncoding.EncodeToString(sum[:])[:12]
}

// text is a scalar as CloudFormation writes it into a text.
func text(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return fmt.Sprint(v), true
	default:
		return "", false
	}
}
